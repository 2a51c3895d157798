"""Open a person's vault with a passkey, where the device has the PRF extension."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from keystore.audit import AuditLog
from keystore.audit_log.sql import last_audit_entry
from keystore.sql import find_vault
from keystore.unlocked import OpenVault, UnlockedVaults, UnlockToken
from keystore.unlocking import sql
from keystore.unlocking.device_answer import wrap_for, wrapping_key_of
from keystore.vault import PERSON, WRAPPING, open_vault, wrapping_facts
from persistence.database import Database, Transaction
from primitives.errors import KeyNotFound, SealBroken, WrongPassphrase


class DeviceUnlocking:
    """Wrappings of a vault's master key by devices.

    Each has a hash chain of its own in the audit log. A wrapping that was removed, or an older one, opens nothing when
    somebody puts its row back: the log's last entry must name the very record.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        unlocked: UnlockedVaults,
        reopen: Callable[[UUID, str], Awaitable[OpenVault]],
    ) -> None:
        self._database = database
        self._audit = audit
        self._unlocked = unlocked
        self._reopen = reopen

    async def add(self, tenant_id: UUID, key_id: UUID, passphrase: str, answer: bytes) -> None:
        """Let a device open the vault from now on.

        Args:
            key_id: The passkey's id.
            answer: Of the device's pseudo-random function, 32 bytes.

        Raises:
            WrongPassphrase: The passphrase is asked again: a session alone must not add a way in.
            KeyNotFound: No passphrase is set.
            InvalidValue: The answer has not 32 bytes.
        """
        opened = await self._reopen(tenant_id, passphrase)
        try:
            async with self._database.transaction() as tx:
                vault = await find_vault(tx, tenant_id, PERSON)
            if vault is None:
                raise KeyNotFound("no passphrase is set yet: set one first")
            record = wrap_for(key_id, vault, answer, opened.master_key)
        finally:
            opened.wipe()

        async def store(tx: Transaction) -> None:
            await sql.put_unlock_key(tx, sql.UnlockKey(record, vault.id))

        facts = {**wrapping_facts(record), "vault": str(vault.id)}
        await self._audit.append(key_id, tenant_id, "unlock_key_added", facts, together_with=store)

    async def unlock(self, tenant_id: UUID, key_id: UUID, answer: bytes, ttl: timedelta) -> UnlockToken:
        """Open the vault for a while.

        Raises:
            KeyNotFound: This passkey opens no keys.
            WrongPassphrase: Not the answer that it was added with.
            SealBroken: The record was damaged, removed before, or is an older one.
            InvalidValue
        """
        async with self._database.transaction() as tx:
            found = await sql.find_unlock_key(tx, tenant_id, key_id)
            newest = await last_audit_entry(tx, key_id)
        if found is None:
            raise KeyNotFound("this passkey opens no keys: add it with your passphrase first", key=str(key_id))
        record = found.record
        record.check()
        if newest is None or newest.facts.get(WRAPPING) != record.checksum.hex():
            raise SealBroken(f"passkey {key_id} was removed, or its record is an older one", record=f"passkey {key_id}")
        with wrapping_key_of(answer, record.salt) as wrapping_key:
            try:
                master_key = open_vault(record, wrapping_key)
            except WrongPassphrase as error:
                raise WrongPassphrase("this device's answer does not open your keys") from error
        return self._unlocked.add(tenant_id, found.vault_id, master_key, ttl)

    async def remove(self, tenant_id: UUID, key_id: UUID) -> None:
        """The device opens nothing any more; what was not there is no error."""
        async with self._database.transaction() as tx:
            if await sql.find_unlock_key(tx, tenant_id, key_id) is None:
                return

        async def take(tx: Transaction) -> None:
            await sql.delete_unlock_key(tx, tenant_id, key_id)

        await self._audit.append(key_id, tenant_id, "unlock_key_removed", {}, together_with=take)

    async def list(self, tenant_id: UUID) -> Sequence[UUID]:
        """The passkeys that open the vault."""
        async with self._database.transaction() as tx:
            return await sql.unlock_keys_of(tx, tenant_id)
