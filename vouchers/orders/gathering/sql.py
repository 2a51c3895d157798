"""Attempts whose holders have consented and that wait to be redeemed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import extract, func, select, tuple_, update

from persistence.database import Transaction
from primitives.chain_id import ChainId
from primitives.signing import Signature
from vouchers.orders.attempts.sql import attempt_of, order_attempt_table
from vouchers.orders.model import Attempt, AttemptStatus, Way
from vouchers.orders.redemptions.sql import redemption_table

_table = order_attempt_table.c
_WAITING = (_table.status == AttemptStatus.REQUESTED.value) & _table.ready_at.is_not(None)


async def store_consents(tx: Transaction, attempt: Attempt, consents: Mapping[str, Signature]) -> None:
    """The attempt waits from now on."""
    await tx.execute(
        update(order_attempt_table)
        .where(_table.order_id == attempt.order_id, _table.number == attempt.number)
        .values(
            consents={name: signature.raw.hex() for name, signature in consents.items()},
            ready_at=func.clock_timestamp(),
            way=Way.BATCH.value,
        )
    )


async def waiting(tx: Transaction, merchant: UUID, chain: ChainId, limit: int) -> Sequence[tuple[Attempt, float]]:
    """Of one merchant on one chain, those that wait longest first, each with how many seconds it has waited."""
    rows = await tx.execute(
        select(order_attempt_table, extract("epoch", func.clock_timestamp() - _table.ready_at).label("seconds"))
        .where(_WAITING, _table.tenant_id == merchant, _table.account.startswith(f"{chain}:", autoescape=True))
        .order_by(_table.ready_at, _table.order_id)
        .limit(limit)
    )
    return [(attempt_of(row), float(row.seconds)) for row in rows]


async def hold_waiting(tx: Transaction, attempts: Sequence[Attempt]) -> Sequence[Attempt]:
    """Those of them that still wait and that nobody else holds, locked until the transaction ends."""
    keys = [(attempt.order_id, attempt.number) for attempt in attempts]
    rows = await tx.execute(
        select(order_attempt_table)
        .where(_WAITING, tuple_(_table.order_id, _table.number).in_(keys))
        .order_by(_table.ready_at, _table.order_id)
        .with_for_update(skip_locked=True)
    )
    return [attempt_of(row) for row in rows]


async def wait_alone(tx: Transaction, attempt: Attempt) -> None:
    """What should have carried it had no effect and never will: it waits for a payment of its own."""
    await tx.execute(
        update(order_attempt_table)
        .where(
            _table.order_id == attempt.order_id,
            _table.number == attempt.number,
            _table.status.in_([AttemptStatus.REQUESTED.value, AttemptStatus.PENDING.value]),
        )
        .values(status=AttemptStatus.REQUESTED.value, payment_id=None, way=Way.ALONE.value)
    )
    await tx.execute(
        update(redemption_table)
        .where(
            redemption_table.c.order_id == attempt.order_id,
            redemption_table.c.attempt == attempt.number,
            redemption_table.c.status == AttemptStatus.PENDING.value,
        )
        .values(status=AttemptStatus.REQUESTED.value)
    )
