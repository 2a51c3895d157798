"""Reservations and spending limits in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BaseUnits, Text, Timestamp
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.errors import GasBudgetExhausted
from wallets.engine.model import AttemptStatus
from wallets.engine.reservations.model import Reservation
from wallets.engine.sql import attempt_table

reservation_table = Table(
    "payment_reservation",
    metadata,
    # A payment's, or that of something else that limits count: no row of `payment` need stand for it.
    Column("payment_id", Uuid, nullable=False),
    Column("scope", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("amount", BaseUnits, nullable=False),
    Column("fee_part", BaseUnits, nullable=False, server_default="0"),
    Column("settled", BaseUnits),
    Column("state", Text, nullable=False, server_default="held"),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("closed_at", Timestamp),
    PrimaryKeyConstraint("payment_id", "scope", "asset", name="pk_payment_reservation"),
    CheckConstraint("state IN ('held', 'settled', 'released')", name="state"),
    CheckConstraint("fee_part <= amount", name="fee_part"),
    Index("ix_payment_reservation_held", "scope", postgresql_where=text("state = 'held'")),
    Index("ix_payment_reservation_scope_closed_at", "scope", "closed_at"),
)

limit_table = Table(
    "spending_limit",
    metadata,
    Column("scope", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("base_units", BaseUnits, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("scope", "asset", name="pk_spending_limit"),
)

_r = reservation_table.c


async def reserve(tx: Transaction, reservations: Iterable[tuple[UUID, Reservation]], *, once: bool = False) -> None:
    """Hold; for a payment that holds already, raise the amount to the larger of both.

    Args:
        once: What was held before stays as it is, also when it is closed.
    """
    # A row can be written once by one statement: of two for the same the larger amounts count.
    rows: dict[tuple[UUID, str, str], tuple[int, int]] = {}
    for payment_id, one in reservations:
        key = (payment_id, one.scope, str(one.asset))
        amount, fee_part = rows.get(key, (0, 0))
        rows[key] = (max(amount, one.amount), max(fee_part, one.fee_part))
    if not rows:
        return
    await tx.execute(
        _RESERVE_ONCE if once else _RESERVE,
        {
            "payments": [payment_id for payment_id, _, _ in rows],
            "scopes": [scope for _, scope, _ in rows],
            "assets": [asset for _, _, asset in rows],
            "amounts": [amount for amount, _ in rows.values()],
            "fee_parts": [fee_part for _, fee_part in rows.values()],
        },
    )


_INSERT = """
    INSERT INTO payment_reservation (payment_id, scope, asset, amount, fee_part)
    SELECT * FROM unnest(:payments, :scopes, :assets, :amounts, :fee_parts)
    ON CONFLICT (payment_id, scope, asset) DO """
_RESERVED = (
    bindparam("payments", type_=ARRAY(Uuid)),
    bindparam("scopes", type_=ARRAY(Text)),
    bindparam("assets", type_=ARRAY(Text)),
    bindparam("amounts", type_=ARRAY(BaseUnits)),
    bindparam("fee_parts", type_=ARRAY(BaseUnits)),
)
_RESERVE = text(
    _INSERT
    + """UPDATE SET
        amount = greatest(payment_reservation.amount, excluded.amount),
        fee_part = greatest(payment_reservation.fee_part, excluded.fee_part),
        settled = NULL, state = 'held', closed_at = NULL
    """
).bindparams(*_RESERVED)
_RESERVE_ONCE = text(_INSERT + "NOTHING").bindparams(*_RESERVED)


async def settle(tx: Transaction, ends: Sequence[tuple[UUID, bool, int]]) -> None:
    """Close with what was really taken.

    Args:
        ends: Payment, whether its effects happened, and the fee that was paid (base units).
    """
    if not ends:
        return
    await tx.execute(
        _SETTLE,
        {
            "payments": [payment_id for payment_id, _, _ in ends],
            "happened": [happened for _, happened, _ in ends],
            "paid": [paid for _, _, paid in ends],
        },
    )


_SETTLE = text(
    """
    UPDATE payment_reservation AS r SET state = 'settled', closed_at = now(),
        settled = CASE WHEN e.happened THEN r.amount - r.fee_part ELSE 0 END
            + CASE WHEN r.fee_part > 0 THEN e.paid ELSE 0 END
    FROM unnest(:payments, :happened, :paid) AS e (payment_id, happened, paid)
    WHERE r.payment_id = e.payment_id AND r.state = 'held'
    """
).bindparams(
    bindparam("payments", type_=ARRAY(Uuid)),
    bindparam("happened", type_=ARRAY(Boolean)),
    bindparam("paid", type_=ARRAY(BaseUnits)),
)


async def release(tx: Transaction, payments: Sequence[UUID]) -> None:
    """Close without effect."""
    await tx.execute(
        update(reservation_table)
        .where(_r.payment_id.in_(payments), _r.state == "held")
        .values(state="released", settled=0, closed_at=func.now())
    )


async def hold_again(tx: Transaction, payment_id: UUID) -> None:
    """For a payment whose end the chain took back."""
    await tx.execute(
        update(reservation_table).where(_r.payment_id == payment_id).values(state="held", settled=None, closed_at=None)
    )


async def held(
    tx: Transaction, account: AccountId, assets: Collection[AssetId], *, seen_height: int
) -> Mapping[AssetId, int]:
    """What payments in flight may still take out of an account, by asset.

    A payment stops counting once its attempt is included at or below `seen_height`, the height at which the balance
    that this is compared with was read.
    """
    a = attempt_table.c
    included = exists().where(
        a.payment_id == _r.payment_id,
        a.status == AttemptStatus.INCLUDED,
        a.height.is_not(None),
        a.height <= seen_height,
    )
    rows = await tx.execute(
        select(_r.asset, func.sum(_r.amount))
        .where(_r.scope == str(account), _r.state == "held", _r.asset.in_([str(asset) for asset in assets]), ~included)
        .group_by(_r.asset)
    )
    return {AssetId.parse(row[0]): int(row[1]) for row in rows}


async def outstanding(tx: Transaction, account: AccountId) -> Sequence[tuple[UUID, Reservation]]:
    """Every reservation of the account's payments in flight."""
    rows = await tx.execute(
        select(_r.payment_id, _r.asset, _r.amount, _r.fee_part).where(_r.scope == str(account), _r.state == "held")
    )
    return [(row[0], Reservation(str(account), AssetId.parse(row[1]), int(row[2]), int(row[3]))) for row in rows]


async def taken(tx: Transaction, scope: str, asset: AssetId, *, since: datetime | None = None) -> int:
    """What is held or was spent under a scope, in base units; with `since`, only what is open or was closed later.

    Whoever compares this with a limit takes `lock_scopes` first, in the transaction that reserves.
    """
    condition = and_(_r.scope == scope, _r.asset == str(asset))
    if since is not None:
        condition = and_(condition, or_(_r.state == "held", _r.closed_at >= since))
    total = case((_r.state == "held", _r.amount), else_=func.coalesce(_r.settled, 0))
    return int((await tx.execute(select(func.coalesce(func.sum(total), 0)).where(condition))).scalar_one())


async def lock_scopes(tx: Transaction, scopes: Iterable[str]) -> None:
    """Nobody else reserves under these until the transaction ends. Always in the same order: two never wait for each
    other."""
    for scope in sorted(set(scopes)):
        await lock_for_transaction(tx, "reservation", scope)


async def set_limit(tx: Transaction, scope: str, asset: AssetId, base_units: int | None) -> None:
    """A lifetime limit of a scope, such as a gas budget; None takes it away."""
    c = limit_table.c
    if base_units is None:
        await tx.execute(limit_table.delete().where(c.scope == scope, c.asset == str(asset)))
        return
    await tx.execute(
        insert(limit_table)
        .values(scope=scope, asset=str(asset), base_units=base_units)
        .on_conflict_do_update(
            index_elements=["scope", "asset"], set_={"base_units": base_units, "updated_at": func.now()}
        )
    )


async def add_limits(tx: Transaction, limits: Iterable[tuple[str, AssetId, int]]) -> None:
    """Lifetime limits of scopes that have none yet."""
    rows = [{"scope": scope, "asset": str(asset), "base_units": units} for scope, asset, units in limits]
    if rows:
        await tx.execute(insert(limit_table).on_conflict_do_nothing(), rows)


async def require_budgets(tx: Transaction, wanted: Sequence[Reservation]) -> None:
    """Raises GasBudgetExhausted for the first whose limit does not cover it beside all that is held and spent.

    Holds the scopes until the transaction ends, so that two payments never share the last of a budget.
    """
    if not wanted:
        return
    c = limit_table.c
    pairs = [(one.scope, str(one.asset)) for one in wanted]
    rows = await tx.execute(select(c.scope, c.asset, c.base_units).where(tuple_(c.scope, c.asset).in_(pairs)))
    limits = {(row[0], row[1]): int(row[2]) for row in rows}
    limited = [one for one in wanted if (one.scope, str(one.asset)) in limits]
    await lock_scopes(tx, [one.scope for one in limited])
    for one in limited:
        limit = limits[one.scope, str(one.asset)]
        used = await taken(tx, one.scope, one.asset)
        if used + one.amount > limit:
            raise GasBudgetExhausted(
                f"the gas budget of {one.scope} has {max(0, limit - used)} base units left and this may cost "
                f"{one.amount}: the issuer can raise it",
                scope=one.scope,
                limit=limit,
                used=used,
                needed=one.amount,
            )
