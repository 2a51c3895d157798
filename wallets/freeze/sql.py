"""Rows of freezes, and the lock that orders them with signatures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Row,
    Table,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from persistence.words import Words, words_column, words_in
from wallets.freeze.model import Freeze

freeze_table = Table(
    "account_freeze",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("address", Text),
    words_column("reason"),
    Column("alert_id", Uuid),
    Column("frozen_by", Uuid),
    Column("frozen_at", Timestamp, nullable=False, server_default=func.now()),
    Column("release_asked_by", Uuid),
    Column("release_asked_at", Timestamp),
    words_column("release_reason"),
    Column("released_by", Uuid),
    Column("released_at", Timestamp),
    Column("released_how", Text),
    CheckConstraint(
        "(released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (released_how IS NULL)",
        name="released",
    ),
    CheckConstraint("released_how IN ('second_factor', 'second_person')", name="released_how"),
    Index("ix_account_freeze_tenant_id", "tenant_id", "frozen_at"),
    Index("ix_account_freeze_lasting", "tenant_id", postgresql_where=text("released_at IS NULL")),
)

_LOCK = "freeze"


async def hold_signing(tx: Transaction, tenant_id: UUID) -> None:
    """Wait until nobody signs for the tenant, and keep everybody from beginning, until the transaction ends."""
    await lock_for_transaction(tx, _LOCK, tenant_id)


async def enter_signing(tx: Transaction, tenants: Collection[UUID]) -> None:
    """Until the transaction ends no freeze of these tenants commits. A freeze that waits is let through first."""
    await tx.execute(_ENTER, {"names": [f"{_LOCK}|{one}" for one in sorted(tenants, key=str)]})


_ENTER = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0)) "
    "FROM unnest(:names) WITH ORDINALITY AS q (name, place) ORDER BY place"
).bindparams(bindparam("names", type_=ARRAY(Text)))


async def lasting_of(tx: Transaction, tenants: Collection[UUID]) -> Sequence[Freeze]:
    """What these tenants may not sign with now."""
    statement = select(freeze_table).where(
        freeze_table.c.tenant_id.in_(list(tenants)), freeze_table.c.released_at.is_(None)
    )
    words = words_in(tx)
    return [_freeze(row, words) for row in await tx.execute(statement)]


async def insert_freeze(tx: Transaction, freeze: Freeze) -> None:
    await tx.execute(
        insert(freeze_table).values(
            id=freeze.id,
            tenant_id=freeze.tenant_id,
            address=freeze.address,
            reason=words_in(tx).kept(freeze_table.c.reason, freeze.tenant_id, freeze.reason),
            alert_id=freeze.alert_id,
            frozen_by=freeze.frozen_by,
            frozen_at=freeze.frozen_at,
        )
    )


async def freeze_by_id(tx: Transaction, freeze_id: UUID, *, lock: bool = False) -> Freeze | None:
    statement = select(freeze_table).where(freeze_table.c.id == freeze_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _freeze(row, words_in(tx))


async def freezes_of(
    tx: Transaction,
    tenants: Collection[UUID],
    *,
    asked_too: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Freeze]:
    """Newest first. `asked_too`: also everybody's whose release waits for a second person."""
    mine: Any = freeze_table.c.tenant_id.in_(list(tenants))
    if asked_too:
        mine = or_(mine, freeze_table.c.release_asked_at.is_not(None) & freeze_table.c.released_at.is_(None))
    statement = select(freeze_table).where(mine)
    if before is not None:
        statement = statement.where(tuple_(freeze_table.c.frozen_at, freeze_table.c.id) < tuple_(*before))
    statement = statement.order_by(freeze_table.c.frozen_at.desc(), freeze_table.c.id.desc()).limit(limit)
    words = words_in(tx)
    return [_freeze(row, words) for row in await tx.execute(statement)]


async def ask_release(tx: Transaction, freeze: Freeze, by: UUID, reason: str, now: datetime) -> None:
    told = words_in(tx).kept(freeze_table.c.release_reason, freeze.tenant_id, reason)
    await tx.execute(
        update(freeze_table)
        .where(freeze_table.c.id == freeze.id)
        .values(release_asked_by=by, release_asked_at=now, release_reason=told)
    )


async def put_released(tx: Transaction, freeze: Freeze, by: UUID, how: str, reason: str, now: datetime) -> None:
    told = words_in(tx).kept(freeze_table.c.release_reason, freeze.tenant_id, reason)
    await tx.execute(
        update(freeze_table)
        .where(freeze_table.c.id == freeze.id)
        .values(released_by=by, released_at=now, released_how=how, release_reason=told)
    )


def _freeze(row: Row[Any], words: Words) -> Freeze:
    told = {column.name: getattr(row, column.name) for column in freeze_table.columns}
    told["reason"] = words.text(freeze_table.c.reason, row.tenant_id, row.reason) or ""
    told["release_reason"] = words.text(freeze_table.c.release_reason, row.tenant_id, row.release_reason)
    return Freeze(**told)
