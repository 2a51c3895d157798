"""What stands around a signature that no payment asks for: it is scored, held against its owner's rules, and never made
during a freeze."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.errors import QuanbaoError
from primitives.signing import SigningScheme
from wallets.freeze.service import FreezeService
from wallets.risk.ports import OwnersRules
from wallets.risk.service import RiskService


class SignatureGuard:
    """For messages and documents of dApps.

    Args:
        rules: None where owners set no rules.
    """

    def __init__(
        self, database: Database, risk: RiskService, freezes: FreezeService, rules: OwnersRules | None = None
    ) -> None:
        self._database = database
        self._risk = risk
        self._freezes = freezes
        self._rules = rules

    @asynccontextmanager
    async def signing(
        self, tenant_id: UUID, account: AccountId, request_id: UUID, scheme: SigningScheme, payload: bytes
    ) -> AsyncIterator[None]:
        """Sign inside the block.

        Args:
            request_id: By what it was asked for; alerts and acceptances name it.

        Raises:
            RiskRefused: With the alert, which is stored; nothing was signed.
            PolicyRefused, ApprovalNeeded: By the owner's rules.
            PriceUnavailable, PriceStale: Nobody can say what it lets others take; ask again.
            AccountFrozen
            InvalidValue: The payload cannot be read.
        """
        digest = hashlib.sha256(payload).digest()
        async with self._database.transaction() as tx:
            refusal = await self._risk.look_at_payload(tx, tenant_id, account, request_id, digest, scheme, payload)
        if refusal is not None:
            raise refusal
        denied: QuanbaoError | None = None
        async with self._freezes.signing(tenant_id, account) as tx:
            if self._rules is not None:
                denied = await self._rules.admit(tx, tenant_id, account, request_id, digest, scheme, payload)
            if denied is None:
                yield
        # Only now: what was decided is stored.
        if denied is not None:
            raise denied
