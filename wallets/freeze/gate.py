"""The engine asks this gate: nothing is signed for a frozen account, whatever kind of signature it is."""

from __future__ import annotations

from collections.abc import Sequence

from persistence.database import Transaction
from primitives.errors import QuanbaoError
from wallets.engine.gates import Asked, Authority
from wallets.engine.model import Payment
from wallets.freeze.service import FreezeService


class FreezeGate:
    """`wallets.engine.gates.Gate` by shape. What is signed already goes on: it is broadcast, followed and booked."""

    def __init__(self, freezes: FreezeService) -> None:
        self._freezes = freezes

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """Raises AccountFrozen."""
        (error,) = await self.admit_many(tx, [(payment, authority)])
        if error is not None:
            raise error

    async def admit_many(self, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
        """What `admit` would raise for each."""
        scopes = [(payment.tenant_id, (payment.sender, *payment.intent.cosigners)) for payment, _ in asked]
        return await self._freezes.require_free(tx, scopes)
