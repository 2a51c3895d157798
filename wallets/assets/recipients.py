"""Whom an account has paid, and who only looks like one of them. Asks the database only."""

from __future__ import annotations

from collections.abc import Sequence

from chains.ports import Notice
from persistence.database import Transaction
from primitives.account_id import AccountId
from wallets.assets import sql
from wallets.assets.lookalike import resembles
from wallets.risk.behaviour import lookalike
from wallets.risk.model import notices_of

Paying = tuple[AccountId, AccountId]
"""Sender and recipient."""


class PaidRecipients:
    """`wallets.transfers.ports.Recipients` by shape."""

    async def notices(self, tx: Transaction, payings: Sequence[Paying]) -> Sequence[tuple[Notice, ...]]:
        """What each payer must accept first: `lookalike_recipient`, or nothing."""
        known = await sql.paid_alike(tx, payings)
        return [self._notices(recipient, known.get(sender, ())) for sender, recipient in payings]

    async def remember(self, tx: Transaction, payings: Sequence[Paying]) -> None:
        """These recipients are known from now on: the payer has decided."""
        await sql.add_paid(tx, payings)

    def _notices(self, recipient: AccountId, known: Sequence[AccountId]) -> tuple[Notice, ...]:
        original = resembles(recipient, known)
        if original is None:
            return ()
        return notices_of([lookalike(recipient, original)])
