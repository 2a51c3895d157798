from tests.integration.keystore.conftest import audit_database, clock, key_file, keystore, tenant, token

__all__ = ["audit_database", "clock", "key_file", "keystore", "tenant", "token"]
