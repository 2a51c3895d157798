"""Rows of catalogues."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Row, Table, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from people.stores.sql import store_table
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import Minor, Text, Timestamp, Uuid

catalogue_item_table = Table(
    "catalogue_item",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("category", Text),
    Column("currency", Text, nullable=False),
    Column("unit_price_minor", Minor, nullable=False),
    Column("sold", Boolean, nullable=False),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("unit_price_minor >= 0", name="unit_price_minor"),
)

_i = catalogue_item_table.c
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One sku. `unit_price_minor`: with tax, in minor units of `currency`. `sold`: False: no longer offered."""

    sku: str
    name: str
    category: str | None
    currency: str
    unit_price_minor: int
    sold: bool = True


def _item(row: Row[Any]) -> CatalogueItem:
    return CatalogueItem(row.sku, row.name, row.category, row.currency, row.unit_price_minor, row.sold)


async def hold_catalogue(tx: Transaction, tenant_id: UUID) -> None:
    """One import at a time."""
    await lock_for_transaction(tx, "catalogue", tenant_id)


async def put_items(tx: Transaction, tenant_id: UUID, items: Sequence[CatalogueItem]) -> int:
    """How many of them are new."""
    fresh = 0
    for start in range(0, len(items), _AT_ONCE):
        part = items[start : start + _AT_ONCE]
        known = await tx.execute(
            select(func.count()).where(_i.tenant_id == tenant_id, _i.sku.in_([item.sku for item in part]))
        )
        fresh += len(part) - int(known.scalar_one())
        statement = upsert(catalogue_item_table).values(
            [
                {
                    "tenant_id": tenant_id,
                    "sku": item.sku,
                    "name": item.name,
                    "category": item.category,
                    "currency": item.currency,
                    "unit_price_minor": item.unit_price_minor,
                    "sold": item.sold,
                    "updated_at": func.now(),
                }
                for item in part
            ]
        )
        changed = ("name", "category", "currency", "unit_price_minor", "sold", "updated_at")
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "sku"], set_={name: statement.excluded[name] for name in changed}
            )
        )
    return fresh


async def withdraw_others(tx: Transaction, tenant_id: UUID, skus: Collection[str]) -> int:
    """Everything that is not among these is no longer sold; how many that changed."""
    found = await tx.execute(
        update(catalogue_item_table)
        .where(_i.tenant_id == tenant_id, _i.sold, _i.sku != func.all(sorted(skus)))
        .values(sold=False, updated_at=func.now())
        .returning(_i.sku)
    )
    return len(found.all())


async def count(tx: Transaction, tenant_id: UUID) -> int:
    return int((await tx.execute(select(func.count()).where(_i.tenant_id == tenant_id))).scalar_one())


async def items_of(tx: Transaction, tenant_id: UUID, *, after: str | None, limit: int) -> Sequence[CatalogueItem]:
    """By sku."""
    statement = select(catalogue_item_table).where(_i.tenant_id == tenant_id)
    if after is not None:
        statement = statement.where(_i.sku > after)
    return [_item(row) for row in await tx.execute(statement.order_by(_i.sku).limit(limit))]


@dataclass(frozen=True, slots=True)
class Shop:
    """What a shop keeps. `store_open`: whether the store that was asked about is one of its open ones."""

    has_goods: bool
    has_stores: bool
    store_open: bool


async def shop_of(tx: Transaction, tenant_id: UUID, store: str | None) -> Shop:
    """In one statement, for each order asks it."""
    s = store_table.c
    row = (
        await tx.execute(
            select(
                exists().where(_i.tenant_id == tenant_id).label("goods"),
                exists().where(s.tenant_id == tenant_id).label("stores"),
                exists().where(s.tenant_id == tenant_id, s.code == (store or ""), s.open).label("open"),
            )
        )
    ).one()
    return Shop(row.goods, row.stores, row.open)


async def items_named(tx: Transaction, tenant_id: UUID, skus: Collection[str]) -> Mapping[str, CatalogueItem]:
    """Those that the catalogue has, what is no longer sold too."""
    rows = await tx.execute(
        select(catalogue_item_table).where(_i.tenant_id == tenant_id, _i.sku.in_(sorted(set(skus))))
    )
    return {row.sku: _item(row) for row in rows}
