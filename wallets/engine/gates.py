"""Who is asked before anything is signed: rules of the account's owner, limits, freezes.

The engine asks under the account's lock, in the transaction that signs: what a gate reads there is what counts, and
what it writes there (a decision, a reservation) is committed with the signature, or with the refusal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from persistence.database import Transaction
from primitives.errors import ApprovalNeeded, QuanbaoError
from wallets.engine import sql
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.news import announce

Signing = Literal["pay", "raise", "void", "fill"]


@dataclass(frozen=True, slots=True)
class Authority:
    """What a signature would let happen.

    Attributes:
        signing: `pay`: the first signature of the payment, with all that was signed along. `raise`: the same act again
            for a higher fee. `void`: using its nonce up, so that it never happens. `fill`: using up a nonce that
            belongs to nobody.
        fee_limit: What the fee may come to, in base units of the native coin.
    """

    signing: Signing
    fee_limit: int = 0


Asked = tuple[Payment, Authority]


class Gate(Protocol):
    """One of those who are asked; several are asked in the order of their tuple."""

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """Return, and the payment may be signed; what is written in `tx` before an error is committed as well.

        Raises:
            ApprovalNeeded: The payment waits for approvals (`awaiting_approval`); only for `pay`.
            QuanbaoError: A retryable one leaves an unsigned payment waiting, any other ends it as failed with this
                reason. Nothing was signed, and no nonce is used.
        """
        ...


@runtime_checkable
class ManyAtOnce(Protocol):
    """A gate that would rather see all payments of a commit together."""

    async def admit_many(self, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
        """What `admit` would raise for each, in their order."""
        ...


class Gates:
    """All gates as one."""

    def __init__(self, gates: Sequence[Gate] = ()) -> None:
        self._gates = tuple(gates)

    async def ask(self, tx: Transaction, asked: Sequence[Asked]) -> Mapping[UUID, QuanbaoError]:
        """Whom nobody lets through, and why; the first gate that refuses a payment is the last that sees it.

        Payments that need approval wait for it from here on.
        """
        refused: dict[UUID, QuanbaoError] = {}
        for gate in self._gates:
            still = [one for one in asked if one[0].id not in refused]
            for (payment, _), error in zip(still, await _verdicts(gate, tx, still), strict=True):
                if error is not None:
                    refused[payment.id] = error
        waiting = [payment for payment, _ in asked if isinstance(refused.get(payment.id), ApprovalNeeded)]
        if waiting:
            await sql.set_awaiting_approval(tx, [payment.id for payment in waiting])
            await announce(tx, [(payment, PaymentStatus.AWAITING_APPROVAL.value, None) for payment in waiting])
        return refused

    async def require(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """For signatures after the first. Raises what the gate says; the caller's transaction is then lost."""
        for gate in self._gates:
            await gate.admit(tx, payment, authority)


async def _verdicts(gate: Gate, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
    if not asked:
        return ()
    if isinstance(gate, ManyAtOnce):
        return await gate.admit_many(tx, asked)
    found: list[QuanbaoError | None] = []
    for payment, authority in asked:
        try:
            await gate.admit(tx, payment, authority)
        except QuanbaoError as error:
            found.append(error)
        else:
            found.append(None)
    return found
