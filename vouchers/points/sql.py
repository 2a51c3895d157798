"""Rows of points: accounts with what they hold, lots by expiry, holds of checkouts, and entries whose postings sum to
zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from codec.rule_document import decode_rule_document
from persistence.database import Transaction, metadata
from persistence.types import BigInteger, LargeBinary, Minor, Text, Timestamp, Uuid
from primitives.voucher_id import CampaignId
from vouchers.documents.sql import document_table
from vouchers.points.model import (
    PointsAccount,
    PointsAct,
    PointsEntry,
    PointsLot,
    PointsSide,
    PointsTotals,
    Programme,
    ProgrammeStatus,
)
from vouchers.rules import RuleDocument

programme_table = Table(
    "points_programme",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("rules_hash", LargeBinary, ForeignKey("document.hash"), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("cap", BigInteger, nullable=False),
    Column("earned", BigInteger, nullable=False, server_default="0"),
    Column("idempotency_key", Text, nullable=False),
    Column("request_hash", LargeBinary, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    CheckConstraint("status IN ('open', 'closed')", name="status"),
    CheckConstraint("earned >= 0 AND earned <= cap", name="earned"),
    UniqueConstraint("tenant_id", "idempotency_key"),
)

account_table = Table(
    "points_account",
    metadata,
    Column("programme", Text, ForeignKey("points_programme.id"), primary_key=True),
    Column("holder_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("available", BigInteger, nullable=False, server_default="0"),
    Column("held", BigInteger, nullable=False, server_default="0"),
    Column("debt", BigInteger, nullable=False, server_default="0"),
    Column("entries", Integer, nullable=False, server_default="0"),
    Column("head", LargeBinary, nullable=False),
    CheckConstraint("available >= 0 AND held >= 0 AND debt >= 0", name="amounts"),
    CheckConstraint("available = 0 OR debt = 0", name="debt_first"),
    Index(None, "holder_id"),
)

lot_table = Table(
    "points_lot",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("holder_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("expires_at", BigInteger, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("left", BigInteger, nullable=False),
    CheckConstraint('"left" >= 0 AND "left" <= points', name="left"),
    ForeignKeyConstraint(["programme", "holder_id"], ["points_account.programme", "points_account.holder_id"]),
    Index(None, "programme", "holder_id", "expires_at"),
)

hold_table = Table(
    "points_hold",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("programme", Text, nullable=False),
    Column("holder_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("amount_minor", Minor, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", Timestamp),
    Column("spent_at", BigInteger),
    Column("returned", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("points > 0 AND returned >= 0 AND returned <= points", name="points"),
    CheckConstraint("state IN ('held', 'spent', 'released')", name="state"),
    ForeignKeyConstraint(["programme", "holder_id"], ["points_account.programme", "points_account.holder_id"]),
    UniqueConstraint("order_id", "attempt", "programme"),
    Index("ix_points_hold_held", "programme", "holder_id", postgresql_where=text("state = 'held'")),
)

hold_lot_table = Table(
    "points_hold_lot",
    metadata,
    Column("hold_id", Uuid, ForeignKey("points_hold.id"), primary_key=True),
    Column("lot_id", Uuid, ForeignKey("points_lot.id"), primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points > 0", name="points"),
)

earning_table = Table(
    "points_earning",
    metadata,
    Column("order_id", Uuid, primary_key=True),
    Column("programme", Text, ForeignKey("points_programme.id"), primary_key=True),
    Column("holder_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("paid_minor", Minor, nullable=False),
    Column("points", BigInteger, nullable=False),
    Column("taken_back", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("taken_back >= 0 AND taken_back <= points", name="taken_back"),
)

entry_table = Table(
    "points_entry",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("holder_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("act", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("reference", Text),
    Column("hash", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    ForeignKeyConstraint(["programme", "holder_id"], ["points_account.programme", "points_account.holder_id"]),
)

posting_table = Table(
    "points_posting",
    metadata,
    Column("programme", Text, primary_key=True),
    Column("holder_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("points", BigInteger, nullable=False),
    CheckConstraint("points <> 0", name="points"),
    ForeignKeyConstraint(
        ["programme", "holder_id", "number"],
        ["points_entry.programme", "points_entry.holder_id", "points_entry.number"],
    ),
)

_PROGRAMMES = select(programme_table, document_table.c.body).join(
    document_table, document_table.c.hash == programme_table.c.rules_hash
)
NO_HEAD = bytes(32)


def _programme(row: Row[Any]) -> Programme:
    return Programme(
        id=CampaignId.parse(row.id),
        tenant_id=row.tenant_id,
        status=ProgrammeStatus(row.status),
        rules=RuleDocument.from_document(decode_rule_document(row.body)),
        rules_hash=row.rules_hash,
        earned=row.earned,
        created_at=row.created_at,
    )


async def insert_programme(
    tx: Transaction, programme: Programme, *, salt: bytes, created_by: UUID, idempotency_key: str, request_hash: bytes
) -> tuple[CampaignId, bytes] | None:
    """Store it, unless the key made one before: then that one's id and request hash."""
    added = await tx.execute(
        upsert(programme_table)
        .values(
            id=str(programme.id),
            tenant_id=programme.tenant_id,
            rules_hash=programme.rules_hash,
            salt=salt,
            status=programme.status.value,
            cap=programme.rules.cap,
            idempotency_key=idempotency_key,
            request_hash=request_hash,
            created_by=created_by,
            created_at=programme.created_at,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(programme_table.c.id)
    )
    if added.first() is not None:
        return None
    row = (
        await tx.execute(
            select(programme_table.c.id, programme_table.c.request_hash).where(
                programme_table.c.tenant_id == programme.tenant_id,
                programme_table.c.idempotency_key == idempotency_key,
            )
        )
    ).one()
    return CampaignId.parse(row.id), row.request_hash


async def get_programme(tx: Transaction, programme: CampaignId, *, tenant_id: UUID | None = None) -> Programme | None:
    statement = _PROGRAMMES.where(programme_table.c.id == str(programme))
    if tenant_id is not None:
        statement = statement.where(programme_table.c.tenant_id == tenant_id)
    row = (await tx.execute(statement)).first()
    return None if row is None else _programme(row)


async def programmes_of(
    tx: Transaction, tenant_id: UUID, *, status: ProgrammeStatus | None = None
) -> Sequence[Programme]:
    """Of a shop, oldest first."""
    statement = _PROGRAMMES.where(programme_table.c.tenant_id == tenant_id)
    if status is not None:
        statement = statement.where(programme_table.c.status == status.value)
    rows = await tx.execute(statement.order_by(programme_table.c.created_at, programme_table.c.id))
    return [_programme(row) for row in rows]


async def close_programme(tx: Transaction, programme: CampaignId) -> None:
    await tx.execute(
        update(programme_table)
        .where(programme_table.c.id == str(programme))
        .values(status=ProgrammeStatus.CLOSED.value)
    )


async def earn_within_cap(tx: Transaction, programme: CampaignId, points: int) -> int:
    """Count points as earned, as many as the cap lets; returns how many."""
    row = (
        await tx.execute(
            select(programme_table.c.cap, programme_table.c.earned)
            .where(programme_table.c.id == str(programme))
            .with_for_update()
        )
    ).one()
    counted = min(points, row.cap - row.earned)
    if counted:
        await tx.execute(
            update(programme_table)
            .where(programme_table.c.id == str(programme))
            .values(earned=programme_table.c.earned + counted)
        )
    return int(counted)


def _account(row: Row[Any]) -> PointsAccount:
    return PointsAccount(
        programme=CampaignId.parse(row.programme),
        holder_id=row.holder_id,
        tenant_id=row.tenant_id,
        available=row.available,
        held=row.held,
        debt=row.debt,
        entries=row.entries,
        head=row.head,
    )


def _is(table: Table, programme: CampaignId, holder_id: UUID) -> Any:
    return and_(table.c.programme == str(programme), table.c.holder_id == holder_id)


async def locked_account(tx: Transaction, programme: CampaignId, holder_id: UUID, tenant_id: UUID) -> PointsAccount:
    """The holder's account, made on first use; nobody else changes it before the transaction ends."""
    await tx.execute(
        upsert(account_table)
        .values(programme=str(programme), holder_id=holder_id, tenant_id=tenant_id, head=NO_HEAD)
        .on_conflict_do_nothing()
    )
    row = (
        await tx.execute(select(account_table).where(_is(account_table, programme, holder_id)).with_for_update())
    ).one()
    return _account(row)


async def accounts_of_holder(tx: Transaction, holder_id: UUID) -> Sequence[PointsAccount]:
    rows = await tx.execute(
        select(account_table).where(account_table.c.holder_id == holder_id).order_by(account_table.c.programme)
    )
    return [_account(row) for row in rows]


async def spendable(
    tx: Transaction, programmes: Sequence[CampaignId], holder_id: UUID, now: int
) -> Mapping[CampaignId, int]:
    """Points per programme that are not held and not expired at `now`; holds that are over count as free."""
    if not programmes:
        return {}
    names = [str(programme) for programme in programmes]
    found: dict[CampaignId, int] = {}
    live = and_(lot_table.c.holder_id == holder_id, lot_table.c.expires_at > now, lot_table.c.programme.in_(names))
    free = select(lot_table.c.programme, func.sum(lot_table.c.left).label("points")).where(live)
    over = (
        select(lot_table.c.programme, func.sum(hold_lot_table.c.points).label("points"))
        .select_from(
            hold_lot_table.join(lot_table, lot_table.c.id == hold_lot_table.c.lot_id).join(
                hold_table, hold_table.c.id == hold_lot_table.c.hold_id
            )
        )
        .where(live, hold_table.c.state == "held", hold_table.c.expires_at <= func.now())
    )
    for statement in (free, over):
        for row in await tx.execute(statement.group_by(lot_table.c.programme)):
            programme = CampaignId.parse(row.programme)
            found[programme] = found.get(programme, 0) + int(row.points)
    return {programme: points for programme, points in found.items() if points}


async def write_account(tx: Transaction, account: PointsAccount) -> None:
    await tx.execute(
        update(account_table)
        .where(_is(account_table, account.programme, account.holder_id))
        .values(
            available=account.available,
            held=account.held,
            debt=account.debt,
            entries=account.entries,
            head=account.head,
        )
    )


async def insert_entry(tx: Transaction, account: PointsAccount, entry: PointsEntry) -> None:
    place = {
        "programme": str(account.programme),
        "holder_id": account.holder_id,
        "number": entry.number,
        "tenant_id": account.tenant_id,
    }
    await tx.execute(
        insert(entry_table).values(
            **place, act=entry.act.value, at=entry.at, reference=entry.reference, hash=entry.hash
        )
    )
    await tx.execute(
        insert(posting_table).values(
            [{**place, "side": side.value, "points": points} for side, points in entry.postings]
        )
    )


def _lot(row: Row[Any]) -> PointsLot:
    return PointsLot(row.id, row.expires_at, row.points, row.left)


async def insert_lot(
    tx: Transaction, account: PointsAccount, points: int, left: int, expires_at: int, order_id: UUID | None
) -> None:
    await tx.execute(
        insert(lot_table).values(
            id=uuid4(),
            programme=str(account.programme),
            holder_id=account.holder_id,
            tenant_id=account.tenant_id,
            order_id=order_id,
            expires_at=expires_at,
            points=points,
            left=left,
        )
    )


async def lots(
    tx: Transaction, programme: CampaignId, holder_id: UUID, *, first_of: UUID | None = None
) -> Sequence[PointsLot]:
    """With points left, soonest-expiring first; `first_of`: the order whose own lot comes before the others."""
    order: list[Any] = [lot_table.c.expires_at, lot_table.c.id]
    if first_of is not None:
        order.insert(0, lot_table.c.order_id.is_distinct_from(first_of))
    rows = await tx.execute(
        select(lot_table).where(_is(lot_table, programme, holder_id), lot_table.c.left > 0).order_by(*order)
    )
    return [_lot(row) for row in rows]


async def change_lot(tx: Transaction, lot_id: UUID, points: int) -> None:
    """Add to what is left of it, or take away."""
    await tx.execute(update(lot_table).where(lot_table.c.id == lot_id).values(left=lot_table.c.left + points))


async def insert_hold(
    tx: Transaction,
    account: PointsAccount,
    order_id: UUID,
    attempt: int,
    points: int,
    amount_minor: int,
    lifetime: timedelta,
    parts: Mapping[UUID, int],
) -> None:
    hold_id = uuid4()
    await tx.execute(
        insert(hold_table).values(
            id=hold_id,
            programme=str(account.programme),
            holder_id=account.holder_id,
            tenant_id=account.tenant_id,
            order_id=order_id,
            attempt=attempt,
            points=points,
            amount_minor=amount_minor,
            state="held",
            expires_at=func.now() + lifetime,
        )
    )
    await _insert_parts(tx, account, hold_id, parts)


async def holds_of(tx: Transaction, order_id: UUID, attempt: int | None = None) -> Sequence[Row[Any]]:
    """Of an order (or one attempt), by programme; not locked: the account is."""
    statement = select(hold_table).where(hold_table.c.order_id == order_id)
    if attempt is not None:
        statement = statement.where(hold_table.c.attempt == attempt)
    return (await tx.execute(statement.order_by(hold_table.c.programme, hold_table.c.attempt))).all()


async def replace_hold(tx: Transaction, account: PointsAccount, hold_id: UUID, parts: Mapping[UUID, int]) -> None:
    """released → held again, from other lots."""
    await tx.execute(delete(hold_lot_table).where(hold_lot_table.c.hold_id == hold_id))
    await _insert_parts(tx, account, hold_id, parts)
    await set_hold(tx, hold_id, state="held", expires_at=None)


async def _insert_parts(tx: Transaction, account: PointsAccount, hold_id: UUID, parts: Mapping[UUID, int]) -> None:
    await tx.execute(
        insert(hold_lot_table).values(
            [
                {"hold_id": hold_id, "lot_id": lot_id, "tenant_id": account.tenant_id, "points": part}
                for lot_id, part in parts.items()
            ]
        )
    )


async def get_hold(tx: Transaction, hold_id: UUID) -> Row[Any]:
    return (await tx.execute(select(hold_table).where(hold_table.c.id == hold_id))).one()


async def overdue_holds(tx: Transaction, programme: CampaignId, holder_id: UUID) -> Sequence[Row[Any]]:
    """Held beyond their time."""
    rows = await tx.execute(
        select(hold_table)
        .where(
            _is(hold_table, programme, holder_id),
            hold_table.c.state == "held",
            hold_table.c.expires_at <= func.now(),
        )
        .order_by(hold_table.c.id)
    )
    return rows.all()


async def hold_parts(tx: Transaction, hold_id: UUID) -> Sequence[tuple[UUID, int, int]]:
    """Lot, points and expiry of what a hold took, latest-expiring first."""
    rows = await tx.execute(
        select(hold_lot_table.c.lot_id, hold_lot_table.c.points, lot_table.c.expires_at)
        .join(lot_table, lot_table.c.id == hold_lot_table.c.lot_id)
        .where(hold_lot_table.c.hold_id == hold_id)
        .order_by(lot_table.c.expires_at.desc(), lot_table.c.id)
    )
    return [(row.lot_id, row.points, row.expires_at) for row in rows]


async def set_hold(tx: Transaction, hold_id: UUID, **values: Any) -> None:
    await tx.execute(update(hold_table).where(hold_table.c.id == hold_id).values(**values))


async def insert_earning(tx: Transaction, order_id: UUID, account: PointsAccount, paid_minor: int, points: int) -> bool:
    """False when the order has earned of this programme before."""
    added = await tx.execute(
        upsert(earning_table)
        .values(
            order_id=order_id,
            programme=str(account.programme),
            holder_id=account.holder_id,
            tenant_id=account.tenant_id,
            paid_minor=paid_minor,
            points=points,
        )
        .on_conflict_do_nothing()
        .returning(earning_table.c.order_id)
    )
    return added.first() is not None


async def earnings_of(tx: Transaction, order_id: UUID) -> Sequence[Row[Any]]:
    """By programme."""
    rows = await tx.execute(
        select(earning_table).where(earning_table.c.order_id == order_id).order_by(earning_table.c.programme)
    )
    return rows.all()


async def taken_back(tx: Transaction, order_id: UUID, programme: CampaignId) -> int:
    """Points of the order's earning that refunds have taken back."""
    found = await tx.execute(
        select(earning_table.c.taken_back).where(
            earning_table.c.order_id == order_id, earning_table.c.programme == str(programme)
        )
    )
    return int(found.scalar_one())


async def set_earning(tx: Transaction, order_id: UUID, programme: CampaignId, **values: int) -> None:
    await tx.execute(
        update(earning_table)
        .where(earning_table.c.order_id == order_id, earning_table.c.programme == str(programme))
        .values(**values)
    )


async def entries_of(
    tx: Transaction, programme: CampaignId, holder_id: UUID, *, after: int = 0, limit: int = 500
) -> Sequence[PointsEntry]:
    """In their order, from the one after number `after` on."""
    rows = (
        await tx.execute(
            select(entry_table)
            .where(_is(entry_table, programme, holder_id), entry_table.c.number > after)
            .order_by(entry_table.c.number)
            .limit(limit)
        )
    ).all()
    if not rows:
        return []
    sides: dict[int, list[tuple[PointsSide, int]]] = {}
    postings = await tx.execute(
        select(posting_table)
        .where(
            _is(posting_table, programme, holder_id),
            posting_table.c.number.between(rows[0].number, rows[-1].number),
        )
        .order_by(posting_table.c.number, posting_table.c.side)
    )
    for row in postings:
        sides.setdefault(row.number, []).append((PointsSide(row.side), row.points))
    return [
        PointsEntry(row.number, PointsAct(row.act), row.at, row.reference, tuple(sides[row.number]), row.hash)
        for row in rows
    ]


async def totals(tx: Transaction, programme: CampaignId) -> PointsTotals:
    """The books of a programme, summed three ways."""
    name = str(programme)
    sides = await tx.execute(
        select(posting_table.c.side, func.sum(posting_table.c.points).label("points"))
        .where(posting_table.c.programme == name)
        .group_by(posting_table.c.side)
    )
    accounts = await tx.execute(
        select(func.coalesce(func.sum(account_table.c.available + account_table.c.held), 0)).where(
            account_table.c.programme == name
        )
    )
    in_lots = await tx.execute(
        select(func.coalesce(func.sum(lot_table.c.left), 0)).where(lot_table.c.programme == name)
    )
    in_holds = await tx.execute(
        select(func.coalesce(func.sum(hold_table.c.points), 0)).where(
            hold_table.c.programme == name, hold_table.c.state == "held"
        )
    )
    return PointsTotals(
        by_side={PointsSide(row.side): int(row.points) for row in sides},
        accounts=int(accounts.scalar_one()),
        lots=int(in_lots.scalar_one()) + int(in_holds.scalar_one()),
    )
