"""The engine asks this gate first: a payment of a person is scored under its account's lock, before it is signed."""

from __future__ import annotations

from collections.abc import Sequence

from persistence.database import Transaction
from primitives.errors import QuanbaoError
from wallets.engine.gates import Asked, Authority
from wallets.engine.model import Payment
from wallets.risk.service import RiskService


class RiskGate:
    """`wallets.engine.gates.Gate` by shape. It must stand before the freeze gate: a freeze that it makes waits for
    signatures that have begun, and would wait for its own otherwise.

    Payments of service keys are bounded by key policy and are not scored; a second signature for the same act has
    nothing new to say.
    """

    def __init__(self, risk: RiskService) -> None:
        self._risk = risk

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """Raises RiskRefused."""
        (error,) = await self.admit_many(tx, [(payment, authority)])
        if error is not None:
            raise error

    async def admit_many(self, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
        """What `admit` would raise for each."""
        own = [payment for payment, authority in asked if authority.signing == "pay" and payment.signs == "person"]
        if not own:
            return [None] * len(asked)
        answers = await self._risk.settle(tx, await self._risk.score(tx, own))
        said = {payment.id: answer for payment, answer in zip(own, answers, strict=True)}
        return [said.get(payment.id) for payment, _ in asked]
