"""Telling others what became of a payment, in the commit that makes it true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from people.events import publish_many
from persistence.database import Transaction
from persistence.jobs import Payload, enqueue_many
from primitives.account_id import AccountId
from wallets.engine import sql
from wallets.engine.model import Failure, Payment, PaymentStatus
from wallets.engine.reservations import sql as reservations

SEND = "lane.send"
FOLLOW = "lane.follow"


async def announce(tx: Transaction, news: Sequence[tuple[Payment, str, str | None]]) -> None:
    """Payment, what happened, and the hash that it is about: told to the tenants' feeds."""
    await publish_many(
        tx,
        [
            (
                payment.tenant_id,
                f"payment.{what}",
                {
                    "payment_id": str(payment.id),
                    "act": payment.act,
                    "chain": str(payment.chain),
                    "tx_hash": tx_hash,
                },
            )
            for payment, what, tx_hash in news
        ],
    )


async def tell_ends(tx: Transaction, ended: Sequence[tuple[Payment, PaymentStatus]]) -> None:
    """Whoever asked to be told."""
    told: dict[str, list[tuple[str, Payload]]] = {}
    for payment, status in ended:
        if payment.on_end is not None:
            what = {"payment_id": str(payment.id), "status": status.value, "reference": dict(payment.reference)}
            told.setdefault(payment.on_end, []).append((str(payment.id), what))
    for kind in sorted(told):
        await enqueue_many(tx, kind, told[kind])


async def end(tx: Transaction, payment: Payment, status: PaymentStatus, failure: Failure | None) -> None:
    """Close a payment that nothing was taken for, and tell whoever asked to be told, in one commit."""
    await sql.end_payment(tx, payment.id, status, failure)
    await reservations.release(tx, [payment.id])
    await announce(tx, [(payment, status.value, payment.tx_hash)])
    await tell_ends(tx, [(payment, status)])


async def set_going(tx: Transaction, account: AccountId) -> None:
    """Signed bytes of this account wait to be handed over and followed.

    The last act of a transaction: the lane's jobs stay locked from here until it commits. `lane.follow` comes first:
    its handler asks for `lane.send` while it holds its own row, and two would wait for each other.
    """
    await set_lanes_going(tx, [account], handed_over_soon=[])


_HAND_OVER_WITHIN = timedelta(seconds=1)


async def set_lanes_going(
    tx: Transaction, accounts: Sequence[AccountId], *, handed_over_soon: Sequence[AccountId]
) -> None:
    """`set_going` of several lanes.

    Args:
        handed_over_soon: Further lanes, whose bytes the caller gives to a node itself right after the commit: their job
            only has to find what was left behind, should the caller not live to do it.
    """
    work = {account: (str(account), {"account": str(account)}) for account in (*accounts, *handed_over_soon)}
    await enqueue_many(tx, FOLLOW, list(work.values()), urgent=False)
    await enqueue_many(tx, SEND, [work[account] for account in accounts])
    later = [work[account] for account in handed_over_soon]
    await enqueue_many(tx, SEND, later, delay=_HAND_OVER_WITHIN, urgent=False)
