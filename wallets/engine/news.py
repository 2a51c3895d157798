"""Telling others what became of a payment, in the commit that makes it true."""

from __future__ import annotations

from collections.abc import Sequence

from people.events import publish_many
from persistence.database import Transaction
from persistence.jobs import enqueue
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


async def tell_end(tx: Transaction, payment: Payment, status: PaymentStatus) -> None:
    """Whoever asked to be told."""
    if payment.on_end is not None:
        told = {"payment_id": str(payment.id), "status": status.value, "reference": dict(payment.reference)}
        await enqueue(tx, payment.on_end, str(payment.id), told)


async def end(tx: Transaction, payment: Payment, status: PaymentStatus, failure: Failure | None) -> None:
    """Close a payment that nothing was taken for, and tell whoever asked to be told, in one commit."""
    await sql.end_payment(tx, payment.id, status, failure)
    await reservations.release(tx, [payment.id])
    await announce(tx, [(payment, status.value, payment.tx_hash)])
    await tell_end(tx, payment, status)


async def set_going(tx: Transaction, account: AccountId) -> None:
    """Signed bytes of this account wait to be handed over and followed.

    The last act of a transaction: the lane's jobs stay locked from here until it commits. `lane.follow` comes first:
    its handler asks for `lane.send` while it holds its own row, and two would wait for each other.
    """
    await enqueue(tx, FOLLOW, str(account), {"account": str(account)}, urgent=False)
    await enqueue(tx, SEND, str(account), {"account": str(account)})
