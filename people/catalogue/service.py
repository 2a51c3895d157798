"""An organisation keeps what it sells, row by row or from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from people.catalogue import sql
from people.catalogue.rows import read_rows
from people.catalogue.sql import CatalogueItem
from persistence.database import Database
from primitives.errors import InvalidValue

MAX_ITEMS = 50_000


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `withdrawn`: items that are no longer sold, because the file did not name them."""

    rows: int
    added: int
    changed: int
    withdrawn: int


class Catalogue:
    """Who may call is decided above."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, tenant_id: UUID, text: str, *, whole: bool = False) -> Imported:
        """Take a CSV over: all of its rows, or none.

        Args:
            whole: The file is the whole catalogue: what it does not name is no longer sold.

        Raises:
            InvalidRows: By row; nothing was imported.
            InvalidValue: More than 50,000 items.
        """
        items = read_rows(text)
        async with self._database.transaction() as tx:
            await sql.hold_catalogue(tx, tenant_id)
            added = await sql.put_items(tx, tenant_id, items)
            if await sql.count(tx, tenant_id) > MAX_ITEMS:
                raise InvalidValue(f"a catalogue has at most {MAX_ITEMS} items", limit=MAX_ITEMS)
            withdrawn = await sql.withdraw_others(tx, tenant_id, [one.sku for one in items]) if whole else 0
        return Imported(len(items), added, len(items) - added, withdrawn)

    async def items(self, tenant_id: UUID, *, after: str | None = None, limit: int = 50) -> Sequence[CatalogueItem]:
        """By sku, what is no longer sold too."""
        async with self._database.transaction() as tx:
            return await sql.items_of(tx, tenant_id, after=after, limit=limit)
