"""Whose consent payments of orders carry: what is signed for them by others stops at a freeze of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from vouchers.orders.attempts.sql import holders_of
from vouchers.orders.carrying import named_in
from vouchers.orders.model import ACT_PAY
from wallets.engine.model import Payment


class OrderHolders:
    """`wallets.freeze.ports.Consents` by shape."""

    async def holders(
        self, tx: Transaction, payments: Sequence[Payment]
    ) -> Mapping[UUID, Sequence[tuple[UUID, AccountId]]]:
        """By payment: holder and account of every order that it carries."""
        named = {one.id: named_in(one.reference) for one in payments if one.act == ACT_PAY}
        wanted = [attempt for attempts in named.values() for attempt in attempts]
        if not wanted:
            return {}
        held = await holders_of(tx, wanted)
        return {
            payment_id: [held[attempt] for attempt in attempts if attempt in held]
            for payment_id, attempts in named.items()
        }
