"""The owner of the platform's own accounts: the relayer, the redemption authority and the vault operator."""

from uuid import UUID

PLATFORM_TENANT = UUID(int=0)
"""The tenant that stands for the platform itself; no person or organisation has this id."""
