"""An organisation keeps its stores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from people.stores import sql
from people.stores.sql import Store
from persistence.database import Database
from primitives.errors import InvalidValue

MAX_STORES = 1_000
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Stores:
    """Who may call is decided above."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, tenant_id: UUID, store: Store) -> Store:
        """Make a store or change what is said of it.

        Raises:
            InvalidValue: A code, name or zone that cannot be, or more than 1,000 stores.
        """
        if not _CODE.fullmatch(store.code):
            raise InvalidValue("a store's code has 1 to 40 letters, digits, dots, dashes and underscores", field="code")
        try:
            ZoneInfo(store.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidValue(f"{store.zone[:64]!r} is not a time zone", field="zone") from error
        async with self._database.transaction() as tx:
            await sql.hold_stores(tx, tenant_id)
            known = await sql.stores_of(tx, tenant_id)
            if len(known) >= MAX_STORES and all(one.code != store.code for one in known):
                raise InvalidValue(f"an organisation has at most {MAX_STORES} stores")
            await sql.put_store(tx, tenant_id, store)
        return store

    async def all(self, tenant_id: UUID) -> Sequence[Store]:
        """By code, closed ones too."""
        async with self._database.transaction() as tx:
            return await sql.stores_of(tx, tenant_id)
