"""Schemas of stores and catalogues."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas.amounts import CurrencyAmount
from api.schemas.base import FileBody, Line, RequestBody, ResponseBody
from people.catalogue.service import Imported
from people.catalogue.sql import CatalogueItem
from people.stores.sql import Store
from primitives.currency import Money


class StorePut(RequestBody):
    """A store, or what changes of it."""

    name: Line = Field(examples=["西湖店"])
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None = None
    zone: Annotated[str, StringConstraints(max_length=64)] = Field(default="UTC", examples=["Asia/Shanghai"])
    open: bool = Field(default=True, description="false: no longer used; what was sold there stays")


class StoreRead(ResponseBody):
    """A place where the organisation sells; orders and campaign terms name it by its code."""

    code: str = Field(examples=["west-lake"])
    name: str
    address: str | None
    zone: str
    open: bool

    @classmethod
    def of(cls, store: Store) -> Self:
        return cls(code=store.code, name=store.name, address=store.address, zone=store.zone, open=store.open)


class CatalogueImport(FileBody):
    """A spreadsheet's CSV with the columns sku, name, category (may be left out), currency and price."""

    csv: Annotated[str, StringConstraints(min_length=1, max_length=900_000)] = Field(
        examples=["sku,name,category,currency,price\ntea-001,龙井 250g,tea,CNY,128.00\n"]
    )
    whole: bool = Field(default=False, description="It is the whole catalogue: what it does not name is not sold")


class CatalogueImported(ResponseBody):
    """What the import did: all rows, or none."""

    rows: int
    added: int
    changed: int
    withdrawn: int

    @classmethod
    def of(cls, done: Imported) -> Self:
        return cls(rows=done.rows, added=done.added, changed=done.changed, withdrawn=done.withdrawn)


class CatalogueItemRead(ResponseBody):
    """One of the goods."""

    sku: str = Field(examples=["tea-001"])
    name: str
    category: str | None
    unit_price: CurrencyAmount = Field(description="With tax")
    sold: bool

    @classmethod
    def of(cls, item: CatalogueItem) -> Self:
        return cls(
            sku=item.sku,
            name=item.name,
            category=item.category,
            unit_price=CurrencyAmount.of(Money(item.unit_price_minor, item.currency)),
            sold=item.sold,
        )
