"""Tables of endpoints, deliveries and attempts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from people.webhooks.model import Attempt, Delivery, DeliveryStatus, Endpoint, EndpointStatus
from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid

webhook_table = Table(
    "webhook",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("kinds", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("failing_since", Timestamp),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("quiet_until", Timestamp),
    Column("reason", Text),
    CheckConstraint("status IN ('active', 'paused', 'disabled')", name="status"),
)

delivery_table = Table(
    "webhook_delivery",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
    Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "created_at", "id"),
    Index("ix_webhook_delivery_created_at", "created_at"),
    Index("uq_webhook_delivery_message_id", "message_id", "endpoint_id", unique=True),
)

attempt_table = Table(
    "webhook_attempt",
    metadata,
    Column("delivery_id", Uuid, ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Timestamp, nullable=False),
    Column("answer", Integer),
    Column("problem", Text),
    Column("milliseconds", Integer, nullable=False),
)


def _endpoint(row: Row[Any]) -> Endpoint:
    return Endpoint(
        row.id,
        row.tenant_id,
        row.url,
        tuple(row.kinds),
        EndpointStatus(row.status),
        row.created_at,
        row.failing_since,
        row.failures,
        row.quiet_until,
        row.reason,
        row.sealed,
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        row.id,
        row.endpoint_id,
        row.message_id,
        row.kind,
        row.body,
        DeliveryStatus(row.status),
        row.attempts,
        row.tries,
        row.created_at,
        row.ended_at,
    )


async def insert_endpoint(tx: Transaction, endpoint: Endpoint) -> None:
    await tx.execute(
        insert(webhook_table).values(
            id=endpoint.id,
            tenant_id=endpoint.organisation_id,
            url=endpoint.url,
            kinds=list(endpoint.kinds),
            status=endpoint.status.value,
            sealed=endpoint.sealed,
            created_at=endpoint.created_at,
        )
    )


async def endpoint_by_id(
    tx: Transaction, organisation_id: UUID, endpoint_id: UUID, *, lock: bool = False
) -> Endpoint | None:
    statement = select(webhook_table).where(
        webhook_table.c.id == endpoint_id, webhook_table.c.tenant_id == organisation_id
    )
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _endpoint(row)


async def endpoints_of(tx: Transaction, organisation_id: UUID) -> Sequence[Endpoint]:
    """Oldest first."""
    statement = (
        select(webhook_table)
        .where(webhook_table.c.tenant_id == organisation_id)
        .order_by(webhook_table.c.created_at, webhook_table.c.id)
    )
    return [_endpoint(row) for row in await tx.execute(statement)]


async def active_endpoints(tx: Transaction, organisations: Collection[UUID]) -> Sequence[Endpoint]:
    """Of any of these tenants; share-locked, so that none is removed before its deliveries are there."""
    statement = (
        select(webhook_table)
        .where(webhook_table.c.tenant_id.in_(organisations), webhook_table.c.status == EndpointStatus.ACTIVE.value)
        .order_by(webhook_table.c.id)
        .with_for_update(read=True, key_share=True)
    )
    return [_endpoint(row) for row in await tx.execute(statement)]


async def update_endpoint(tx: Transaction, endpoint_id: UUID, **values: Any) -> None:
    await tx.execute(update(webhook_table).where(webhook_table.c.id == endpoint_id).values(**values))


async def delete_endpoint(tx: Transaction, organisation_id: UUID, endpoint_id: UUID) -> bool:
    statement = (
        delete(webhook_table)
        .where(webhook_table.c.id == endpoint_id, webhook_table.c.tenant_id == organisation_id)
        .returning(webhook_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def insert_deliveries(tx: Transaction, deliveries: Sequence[Delivery]) -> None:
    if deliveries:
        await tx.execute(
            insert(delivery_table),
            [
                {
                    "id": one.id,
                    "endpoint_id": one.endpoint_id,
                    "message_id": one.message_id,
                    "kind": one.kind,
                    "body": one.body,
                    "status": one.status.value,
                    "created_at": one.created_at,
                }
                for one in deliveries
            ],
        )


async def delivery_to_send(tx: Transaction, delivery_id: UUID) -> tuple[Delivery, Endpoint] | None:
    """One that is pending, with where it goes."""
    statement = select(delivery_table).where(
        delivery_table.c.id == delivery_id, delivery_table.c.status == DeliveryStatus.PENDING.value
    )
    row = (await tx.execute(statement)).first()
    if row is None:
        return None
    endpoint = (await tx.execute(select(webhook_table).where(webhook_table.c.id == row.endpoint_id))).one()
    return _delivery(row), _endpoint(endpoint)


async def delivery_by_id(
    tx: Transaction, endpoint_id: UUID, delivery_id: UUID, *, lock: bool = False
) -> Delivery | None:
    statement = select(delivery_table).where(
        delivery_table.c.id == delivery_id, delivery_table.c.endpoint_id == endpoint_id
    )
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _delivery(row)


async def deliveries_of(
    tx: Transaction,
    endpoint_id: UUID,
    status: DeliveryStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Delivery]:
    """Newest first."""
    created, id_ = delivery_table.c.created_at, delivery_table.c.id
    statement = select(delivery_table).where(delivery_table.c.endpoint_id == endpoint_id)
    if status is not None:
        statement = statement.where(delivery_table.c.status == status.value)
    if after is not None:
        statement = statement.where(
            tuple_(created, id_) < tuple_(literal(after[0], Timestamp), literal(after[1], Uuid))
        )
    rows = await tx.execute(statement.order_by(created.desc(), id_.desc()).limit(limit))
    return [_delivery(row) for row in rows]


async def pending_of(tx: Transaction, endpoint_id: UUID) -> Sequence[UUID]:
    statement = select(delivery_table.c.id).where(
        delivery_table.c.endpoint_id == endpoint_id, delivery_table.c.status == DeliveryStatus.PENDING.value
    )
    return list((await tx.execute(statement)).scalars())


async def update_delivery(tx: Transaction, delivery_id: UUID, **values: Any) -> None:
    await tx.execute(update(delivery_table).where(delivery_table.c.id == delivery_id).values(**values))


async def insert_attempt(tx: Transaction, delivery_id: UUID, attempt: Attempt) -> None:
    await tx.execute(
        insert(attempt_table).values(
            delivery_id=delivery_id,
            number=attempt.number,
            at=attempt.at,
            answer=attempt.answer,
            problem=attempt.problem,
            milliseconds=attempt.milliseconds,
        )
    )


async def attempts_of(tx: Transaction, delivery_id: UUID) -> Sequence[Attempt]:
    """In order."""
    statement = select(attempt_table).where(attempt_table.c.delivery_id == delivery_id).order_by(attempt_table.c.number)
    return [
        Attempt(row.number, row.at, row.answer, row.problem, row.milliseconds) for row in await tx.execute(statement)
    ]


async def count_endpoints(tx: Transaction, organisation_id: UUID) -> int:
    statement = select(func.count()).select_from(webhook_table).where(webhook_table.c.tenant_id == organisation_id)
    return int((await tx.execute(statement)).scalar_one())


async def forget_deliveries(tx: Transaction, before: datetime) -> int:
    """Remove those that ended and were made before a moment; how many."""
    gone = await tx.execute(
        delete(delivery_table).where(
            delivery_table.c.created_at < before, delivery_table.c.status != DeliveryStatus.PENDING.value
        )
    )
    return int(gone.rowcount)
