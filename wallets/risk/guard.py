"""What stands around a signature that no payment asks for: it is scored first, and never made during a freeze."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.signing import SigningScheme
from wallets.freeze.service import FreezeService
from wallets.risk.service import RiskService


class SignatureGuard:
    """For messages and documents of dApps."""

    def __init__(self, database: Database, risk: RiskService, freezes: FreezeService) -> None:
        self._database = database
        self._risk = risk
        self._freezes = freezes

    @asynccontextmanager
    async def signing(
        self, tenant_id: UUID, account: AccountId, request_id: UUID, scheme: SigningScheme, payload: bytes
    ) -> AsyncIterator[None]:
        """Sign inside the block.

        Args:
            request_id: By what it was asked for; alerts and acceptances name it.

        Raises:
            RiskRefused: With the alert, which is stored; nothing was signed.
            AccountFrozen
            InvalidValue: The payload cannot be read.
        """
        digest = hashlib.sha256(payload).digest()
        async with self._database.transaction() as tx:
            refusal = await self._risk.look_at_payload(tx, tenant_id, account, request_id, digest, scheme, payload)
        if refusal is not None:
            raise refusal
        async with self._freezes.signing(tenant_id, account):
            yield
