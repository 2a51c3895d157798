"""Limits over time: when a window began, what it holds, and what a payment adds to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from persistence.database import Transaction
from primitives.asset import AssetId
from primitives.errors import PriceError
from wallets.engine.reservations.model import Reservation
from wallets.policy import sql
from wallets.policy.facts import PaymentFacts
from wallets.policy.rules import Document, Limit
from wallets.policy.worth import Parts


def scope_of(tenant_id: UUID, currency: str | None = None) -> str:
    """Where an owner reserves in the engine's table: base units by asset, or minor units of a currency."""
    return f"policy:{tenant_id}" if currency is None else f"policy:{tenant_id}:{currency}"


def since(limit: Limit, document: Document, now: datetime) -> datetime:
    """When the window that ends now began."""
    if limit.window == "rolling":
        return now - timedelta(seconds=limit.seconds)
    today = now.astimezone(document.zone).date()
    return datetime.combine(today, time.min, tzinfo=document.zone).astimezone(UTC)


async def used_of(
    tx: Transaction,
    tenant_id: UUID,
    limit: Limit,
    document: Document,
    now: datetime,
    *,
    without: Collection[UUID] = (),
) -> int:
    """What the window holds, in the limit's units."""
    asset = limit.at_most.asset
    return await sql.used(
        tx,
        scope_of(tenant_id, limit.at_most.currency),
        since=since(limit, document, now),
        assets=() if asset is None else (str(asset),),
        chains=[str(chain) for chain in limit.chains],
        without=without,
    )


def windowed_of(document: Document, facts: PaymentFacts) -> Sequence[Limit]:
    """The limits over time that a payment can count against."""
    return [limit for limit in document.windowed if limit.is_of(facts.sender.chain)]


def reservations_for(facts: PaymentFacts, limits: Sequence[Limit], parts: Parts) -> Sequence[Reservation]:
    """What the payment takes of every unit that one of the limits counts."""
    found: list[Reservation] = []
    for currency in sorted({limit.at_most.currency for limit in limits if limit.at_most.currency is not None}):
        worth = parts[currency]
        assert not isinstance(worth, PriceError)
        scope = scope_of(facts.tenant_id, currency)
        found += [Reservation(scope, asset, units) for asset, units in worth.items()]
    counted = {limit.at_most.asset for limit in limits}
    scope = scope_of(facts.tenant_id)
    found += [Reservation(scope, asset, units) for asset, units in _by_asset(facts).items() if asset in counted]
    return found


def _by_asset(facts: PaymentFacts) -> Mapping[AssetId, int]:
    found: dict[AssetId, int] = {}
    for one in facts.leaving:
        found[one.asset] = found.get(one.asset, 0) + one.base_units
    return found
