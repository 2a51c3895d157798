"""What a till charges, held against the shop's own stores and catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from people.catalogue import sql
from people.catalogue.sql import CatalogueItem
from persistence.database import Database
from primitives.errors import GoodsUnknown, StoreUnknown

BY_HAND = "counter"
"""The sku of an amount that was typed at the till: in no catalogue, and always allowed."""
_MOST_TOLD = 20


class Charging:
    """A shop that keeps no catalogue, or no stores, may name what it likes: its own system knows them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def goods(
        self, tenant_id: UUID, skus: Sequence[str], *, store: str | None, currency: str, unpriced: Sequence[str] = ()
    ) -> Mapping[str, CatalogueItem]:
        """The catalogue's items among the skus; empty for a shop without a catalogue.

        Args:
            store: Where it is sold; None: nowhere in particular.
            currency: Of the order.
            unpriced: Those that take name and price from the catalogue.

        Raises:
            StoreUnknown: The shop keeps stores, and this is none of them, or it is closed.
            GoodsUnknown: The shop keeps a catalogue without one of the skus, or it is no longer sold; or one is to take
                its price from a catalogue that has none in the order's currency.
        """
        async with self._database.statements() as tx:
            shop = await sql.shop_of(tx, tenant_id, store)
            items = await sql.items_named(tx, tenant_id, skus) if shop.has_goods else {}
        if store is not None and shop.has_stores and not shop.store_open:
            raise StoreUnknown(f"{store[:40]!r} is none of the shop's stores, or it is closed", store=store[:40])
        known = {sku for sku, item in items.items() if item.sold}
        if shop.has_goods:
            _require([sku for sku in skus if sku not in known and sku != BY_HAND], "is not in the shop's catalogue")
        priced = {sku for sku in known if items[sku].currency == currency}
        _require([sku for sku in unpriced if sku not in priced], f"has no price in {currency} in the shop's catalogue")
        return {sku: items[sku] for sku in known}


def _require(missing: Sequence[str], why: str) -> None:
    if missing:
        told = list(dict.fromkeys(sku[:80] for sku in missing))[:_MOST_TOLD]
        raise GoodsUnknown(f"{', '.join(told)} {why}: import it, or mend the line", skus=told)
