"""What the tables say of the work, each in one short statement."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, or_, select, text

from people.webhooks.model import DeliveryStatus
from people.webhooks.sql import delivery_table
from persistence.database import Transaction
from persistence.jobs import job_table
from vouchers.ledger.sql import ledger_cursor_table
from vouchers.settlement.model import BookAccount
from vouchers.settlement.sql import book_entry_table
from wallets.engine.model import PaymentStatus
from wallets.engine.sql import attempt_table, lane_table, payment_table

Sample = tuple[tuple[str, ...], float]
"""Values of the labels, and the metric's own."""

_PATIENCE = "2s"


async def bound(tx: Transaction) -> None:
    """No reading of metrics may hold the database up."""
    await tx.execute(text(f"SET LOCAL statement_timeout = '{_PATIENCE}'"))


async def jobs(tx: Transaction) -> tuple[Sequence[Sample], Sequence[Sample], Sequence[Sample]]:
    """By kind: due and not taken, seconds that the oldest of these waits, and failing."""
    free = or_(job_table.c.lease_until.is_(None), job_table.c.lease_until < func.now())
    due = (job_table.c.due_at <= func.now()) & free
    age = func.extract("epoch", func.now() - func.min(case((due, job_table.c.due_at))))
    rows = list(
        await tx.execute(
            select(
                job_table.c.kind,
                func.count().filter(due).label("due"),
                func.coalesce(age, 0).label("age"),
                func.count().filter(job_table.c.last_error.is_not(None)).label("failing"),
            ).group_by(job_table.c.kind)
        )
    )
    return (
        [((row.kind,), float(row.due)) for row in rows],
        [((row.kind,), float(row.age)) for row in rows],
        [((row.kind,), float(row.failing)) for row in rows],
    )


async def payments(tx: Transaction) -> tuple[Sequence[Sample], Sequence[Sample], Sequence[Sample]]:
    """By chain: in flight, of these waiting for their holder, and blocked by their fee limit."""
    rows = list(
        await tx.execute(
            select(
                payment_table.c.chain,
                func.count().label("open"),
                func.count().filter(payment_table.c.needs_holder).label("holder"),
                func.count().filter(payment_table.c.fee_blocked).label("blocked"),
            )
            .where(payment_table.c.status == PaymentStatus.IN_FLIGHT.value)
            .group_by(payment_table.c.chain)
        )
    )
    return (
        [((row.chain,), float(row.open)) for row in rows],
        [((row.chain,), float(row.holder)) for row in rows],
        [((row.chain,), float(row.blocked)) for row in rows],
    )


async def lanes(tx: Transaction) -> tuple[Sequence[Sample], Sequence[Sample], Sequence[Sample]]:
    """By chain: halted accounts, the widest span of open nonces, and the age of the oldest gap."""
    lane = lane_table.c
    oldest = (
        select(payment_table.c.chain, payment_table.c.sender, func.min(payment_table.c.nonce).label("first"))
        .where(payment_table.c.status == PaymentStatus.IN_FLIGHT.value, payment_table.c.nonce.is_not(None))
        .group_by(payment_table.c.chain, payment_table.c.sender)
        .subquery()
    )
    same = (oldest.c.chain == lane.chain) & (oldest.c.sender == lane.account)
    gap = func.coalesce(func.max(lane.next_nonce - oldest.c.first), 0)
    age = func.coalesce(func.max(func.extract("epoch", func.now() - lane.gap_since)), 0)
    rows = list(
        await tx.execute(
            select(
                lane.chain,
                func.count().filter(lane.halted.is_not(None)).label("halted"),
                gap.label("gap"),
                age.label("age"),
            )
            .select_from(lane_table.outerjoin(oldest, same))
            .group_by(lane.chain)
        )
    )
    return (
        [((row.chain,), float(row.halted)) for row in rows],
        [((row.chain,), float(row.gap)) for row in rows],
        [((row.chain,), float(row.age)) for row in rows],
    )


async def fees(tx: Transaction) -> Sequence[Sample]:
    """By chain, of attempts signed within the hour."""
    recent = attempt_table.c.signed_at > func.now() - text("interval '1 hour'")
    statement = (
        select(attempt_table.c.chain, func.coalesce(func.sum(attempt_table.c.fee_paid), 0))
        .where(recent)
        .group_by(attempt_table.c.chain)
    )
    return [((chain,), float(paid)) for chain, paid in await tx.execute(statement)]


async def ledger_heights(tx: Transaction) -> dict[str, int]:
    """Up to where the ledger has read each chain."""
    rows = await tx.execute(select(ledger_cursor_table.c.chain, ledger_cursor_table.c.tip_height))
    return {row.chain: int(row.tip_height) for row in rows}


async def escrow(tx: Transaction) -> Sequence[Sample]:
    """By chain and asset."""
    entry = book_entry_table.c
    statement = (
        select(entry.chain, entry.asset, func.sum(entry.base_units))
        .where(entry.account == BookAccount.ESCROW.value)
        .group_by(entry.chain, entry.asset)
    )
    return [((chain, asset), float(held)) for chain, asset, held in await tx.execute(statement)]


async def webhooks_waiting(tx: Transaction) -> Sequence[Sample]:
    statement = (
        select(func.count()).select_from(delivery_table).where(delivery_table.c.status == DeliveryStatus.PENDING.value)
    )
    return [((), float((await tx.execute(statement)).scalar_one()))]
