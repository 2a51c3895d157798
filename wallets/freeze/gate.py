"""The engine asks this gate: nothing is signed for a frozen account, whatever kind of signature it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from keystore import PLATFORM_TENANT
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.errors import KeyNotFound, QuanbaoError
from wallets.accounts.sql import account_of
from wallets.engine.gates import Asked, Authority
from wallets.engine.model import Payment
from wallets.freeze.ports import Consents
from wallets.freeze.service import FreezeService


class FreezeGate:
    """`wallets.engine.gates.Gate` by shape. What is signed already goes on: it is broadcast, followed and booked.

    Args:
        consents: Whose consent payments carry that others sign, such as redemptions; None: nobody's.
    """

    def __init__(self, freezes: FreezeService, consents: Consents | None = None) -> None:
        self._freezes = freezes
        self._consents = consents

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        """Raises AccountFrozen."""
        (error,) = await self.admit_many(tx, [(payment, authority)])
        if error is not None:
            raise error

    async def admit_many(self, tx: Transaction, asked: Sequence[Asked]) -> Sequence[QuanbaoError | None]:
        """What `admit` would raise for each."""
        carried = await self._carried(tx, asked)
        scopes: list[tuple[UUID, tuple[AccountId, ...]]] = []
        whose: list[int] = []
        for number, (payment, _) in enumerate(asked):
            own = [(payment.tenant_id, (payment.sender, *payment.intent.cosigners))]
            others = [(tenant, (account,)) for tenant, account in carried.get(payment.id, ())]
            scopes += [*own, *others]
            whose += [number] * (1 + len(others))
        errors: list[QuanbaoError | None] = [None] * len(asked)
        for number, refusal in zip(whose, await self._freezes.require_free(tx, scopes), strict=True):
            errors[number] = errors[number] or refusal
        return [
            None if error is not None and await self._is_upkeep(tx, *one) else error
            for one, error in zip(asked, errors, strict=True)
        ]

    async def _carried(
        self, tx: Transaction, asked: Sequence[Asked]
    ) -> Mapping[UUID, Sequence[tuple[UUID, AccountId]]]:
        """What is on a chain already is carried to its end; only a first signature is asked about."""
        first = [payment for payment, authority in asked if authority.signing == "pay"]
        return await self._consents.holders(tx, first) if self._consents is not None and first else {}

    async def _is_upkeep(self, tx: Transaction, payment: Payment, authority: Authority) -> bool:
        """Whether the platform's key goes on with what it has signed for the frozen one: nothing further leaves the
        frozen accounts by it, and everybody else's payments wait behind it."""
        if authority.signing == "pay" or payment.signs != "service" or payment.intent.cosigners:
            return False
        try:
            await account_of(tx, PLATFORM_TENANT, payment.sender)
        except KeyNotFound:
            return False
        return payment.tenant_id != PLATFORM_TENANT
