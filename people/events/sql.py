"""The table of events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    bindparam,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError

from people.events.model import Event, EventCursor, Parked, Place
from persistence.database import Transaction, metadata, translated
from persistence.types import JSONB, Text, Timestamp, Uuid
from primitives.errors import DatabaseUnavailable, DiskFull, LeaseLost

CHANNEL = "quanbao_event"

event_table = Table(
    "event",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("written_by", BigInteger, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", JSONB, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Index("ix_event_tenant_id", "tenant_id", "written_by", "id"),
    Index("ix_event_written_by", "written_by", "id"),
)

place_table = Table(
    "event_place",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("written_by", BigInteger, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("behind_row", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one"),
)
"""How far events were handed on. Rows up to `behind_row` belong to an earlier server and were handed on there."""

parked_table = Table(
    "event_parked",
    metadata,
    Column("event_id", BigInteger, ForeignKey("event.id", ondelete="CASCADE"), primary_key=True),
    Column("consumer", Text, primary_key=True),
    Column("error", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("parked_at", Timestamp, nullable=False, server_default=func.now()),
    Column("next_at", Timestamp, nullable=False),
    Index("ix_event_parked_next_at", "next_at"),
)
"""Events that one consumer failed at. `error`: the error's code or class; its text may say more than it should."""


def _number(transaction: Any) -> Any:
    return cast(cast(transaction, Text), BigInteger)


_oldest_running = _number(func.pg_snapshot_xmin(func.pg_current_snapshot()))
_next_to_start = _number(func.pg_snapshot_xmax(func.pg_current_snapshot()))


_PUBLISH = text(
    f"""
    WITH told AS (
        INSERT INTO event (written_by, tenant_id, kind, data)
        SELECT pg_current_xact_id()::text::bigint, t.tenant_id, t.kind, t.data::jsonb
        FROM unnest(:tenants, :kinds, :data) WITH ORDINALITY AS t (tenant_id, kind, data, place) ORDER BY t.place
        RETURNING 1
    )
    SELECT pg_notify('{CHANNEL}', '') FROM (SELECT count(*) FROM told) AS counted
    """  # noqa: S608 - made of constants
).bindparams(
    bindparam("tenants", type_=ARRAY(Uuid)), bindparam("kinds", type_=ARRAY(Text)), bindparam("data", type_=ARRAY(Text))
)


async def publish(tx: Transaction, tenant_id: UUID, kind: str, data: Mapping[str, Any]) -> None:
    """Tell a tenant what the caller's transaction does; told when it commits, forgotten when it rolls back.

    Args:
        tenant_id: The person or the organisation that it concerns; publish once for each.
        kind: Dotted name (`payment.final`).
        data: JSON with ids and statuses; no secrets, no personal data.
    """
    await publish_many(tx, [(tenant_id, kind, data)])


async def publish_many(tx: Transaction, told: Sequence[tuple[UUID, str, Mapping[str, Any]]]) -> None:
    """Like `publish`, for many at once: tenant, kind and data of each, in order."""
    if told:
        await tx.execute(
            _PUBLISH,
            {
                "tenants": [tenant_id for tenant_id, _, _ in told],
                "kinds": [kind for _, kind, _ in told],
                "data": [orjson.dumps(data).decode() for _, _, data in told],
            },
        )


async def events_after(tx: Transaction, tenants: Collection[UUID], after: EventCursor, limit: int) -> Sequence[Event]:
    """Committed events behind a place, in feed order.

    Numbers from beyond the running server's own come from a restored backup and are settled as well.
    """
    return await _read(tx, event_table.c.tenant_id.in_(tenants), after, limit)


async def _read(tx: Transaction, which: Any, after: EventCursor, limit: int) -> Sequence[Event]:
    place = tuple_(event_table.c.written_by, event_table.c.id)
    settled = or_(event_table.c.written_by < _oldest_running, event_table.c.written_by >= _next_to_start)
    statement = (
        select(event_table)
        .where(
            which,
            place > tuple_(literal(after.transaction, BigInteger), literal(after.row, BigInteger)),
            settled,
        )
        .order_by(event_table.c.written_by, event_table.c.id)
        .limit(limit)
    )
    return [_event(row) for row in await tx.execute(statement)]


def _event(row: Any) -> Event:
    return Event(EventCursor(row.written_by, row.id), row.tenant_id, row.kind, row.data, row.created_at)


async def begin_place(tx: Transaction) -> None:
    """The place behind everything that is settled now, unless there is one."""
    before = await current_place(tx)
    highest = (await tx.execute(select(func.coalesce(func.max(event_table.c.id), 0)))).scalar_one()
    await tx.execute(
        insert(place_table)
        .values(id=1, written_by=before.transaction, row=int(highest), behind_row=0)
        .on_conflict_do_nothing()
    )


async def lock_place(tx: Transaction) -> Place:
    row = (await tx.execute(select(place_table).with_for_update())).one()
    return Place(EventCursor(row.written_by, row.row), row.behind_row)


async def move_place(tx: Transaction, cursor: EventCursor) -> None:
    await tx.execute(update(place_table).values(written_by=cursor.transaction, row=cursor.row))


async def begin_again(tx: Transaction, place: Place) -> None:
    """Go on behind the last row of the earlier server, with this server's numbers from the start."""
    theirs = select(func.max(event_table.c.id)).where(event_table.c.written_by >= _next_to_start)
    last = (await tx.execute(theirs)).scalar_one()
    behind = max(place.behind_row, place.cursor.row, int(last or 0))
    await tx.execute(update(place_table).values(written_by=0, row=0, behind_row=behind))


async def events_of_all(tx: Transaction, place: Place, limit: int) -> Sequence[Event]:
    """Committed events of every tenant behind a place, in feed order."""
    return await _read(tx, event_table.c.id > place.behind_row, place.cursor, limit)


async def current_place(tx: Transaction) -> EventCursor:
    """The place behind everything that is settled now."""
    number = (await tx.execute(select(_oldest_running))).scalar_one()
    return EventCursor(int(number) - 1, 2**63 - 1)


async def beyond_the_present(tx: Transaction, place: EventCursor) -> bool:
    """Whether a place lies in a future of this server: it was handed out before a backup was restored."""
    number = (await tx.execute(select(_next_to_start))).scalar_one()
    return place.transaction >= int(number)


async def tried(tx: Transaction, act: Callable[[], Awaitable[None]]) -> Exception | None:
    """Carry out a part of a transaction that may fail by itself; why it did, with nothing of it left.

    Raises:
        DatabaseUnavailable, DiskFull, LeaseLost, DBAPIError: Not the part but the transaction failed: it is repeated.
    """
    try:
        async with tx.begin_nested():
            await act()
    except (DatabaseUnavailable, DiskFull, LeaseLost):
        raise
    except DBAPIError as error:
        if translated(error) is not None:
            raise
        return error
    except Exception as error:
        return error
    return None


async def park(tx: Transaction, event: Event, consumer: str, error: str, pause: timedelta) -> None:
    """Have it tried again by this consumer alone."""
    await tx.execute(
        insert(parked_table)
        .values(event_id=event.cursor.row, consumer=consumer, error=error, tries=1, next_at=func.now() + pause)
        .on_conflict_do_nothing()
    )


async def park_again(tx: Transaction, parked: Parked, error: str, pause: timedelta) -> None:
    """It failed once more."""
    await tx.execute(
        update(parked_table)
        .where(_is(parked))
        .values(error=error, tries=parked.tries + 1, next_at=func.clock_timestamp() + pause)
    )


async def unpark(tx: Transaction, parked: Parked) -> None:
    await tx.execute(delete(parked_table).where(_is(parked)))


def _is(parked: Parked) -> Any:
    return (parked_table.c.event_id == parked.event.cursor.row) & (parked_table.c.consumer == parked.consumer)


async def due_parked(tx: Transaction, limit: int) -> Sequence[Parked]:
    """Those whose time has come, the longest first, with their events."""
    p = parked_table.c
    statement = (
        select(event_table, p.consumer, p.tries)
        .join(parked_table, p.event_id == event_table.c.id)
        .where(p.next_at <= func.now())
        .order_by(p.next_at, p.event_id)
        .limit(limit)
        .with_for_update(of=parked_table)
    )
    return [Parked(_event(row), row.consumer, row.tries) for row in await tx.execute(statement)]


async def until_parked(tx: Transaction) -> timedelta | None:
    """How long until the next is due, below zero for one that is; None: nothing is parked."""
    left = select(func.min(parked_table.c.next_at) - func.clock_timestamp())
    found: timedelta | None = (await tx.execute(left)).scalar_one()
    return found


async def hasten_parked(tx: Transaction) -> bool:
    """Make all of them due; whether there are any."""
    return bool((await tx.execute(update(parked_table).values(next_at=func.now()))).rowcount)


async def parked_by_consumer(tx: Transaction) -> Sequence[tuple[str, int, datetime, str]]:
    """How many, since when, and the commonest error of each, for whoever must look."""
    p = parked_table.c
    commonest = func.mode().within_group(p.error)
    statement = select(p.consumer, func.count(), func.min(p.parked_at), commonest).group_by(p.consumer)
    return [
        (who, int(many), since, error) for who, many, since, error in await tx.execute(statement.order_by(p.consumer))
    ]
