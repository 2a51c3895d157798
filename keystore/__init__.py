"""Custody: words, derivation, the vault, key policy, the audit log and signing. Speaks to no network.

Keys go in and never come out, but for the audited reveal of a mnemonic that is not backed up yet.
"""

from uuid import UUID

PLATFORM_TENANT = UUID(int=0)
"""Owner of the platform's own service keys: relayer, redemption authority, vault operator."""

EVERY_TENANT = UUID(int=2**128 - 1)
"""In a key policy rule: whoever owns the key."""
