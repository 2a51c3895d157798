"""What the tables tell of a merchant's orders and of a campaign's claims and transfers; reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from people.organisations.sql import membership_table
from persistence.database import Transaction
from primitives.asset import AssetId
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.claims.sql import claim_table
from vouchers.fraud.model import Handed, MadeClaim, PaidOrder, Payback
from vouchers.orders.attempts.sql import order_attempt_table
from vouchers.orders.redemptions.sql import redemption_table
from vouchers.orders.sql import order_table
from wallets.engine.sql import payment_table

MOST = 2_000
"""Rows of a kind that are looked at, the newest ones."""


async def merchants_of(tx: Transaction, orders: Collection[UUID]) -> set[UUID]:
    """Whose orders these are."""
    rows = await tx.execute(select(order_table.c.tenant_id).where(order_table.c.id.in_(list(orders))).distinct())
    return set(rows.scalars())


async def shops_of(tx: Transaction, tenants: Collection[UUID]) -> set[UUID]:
    """Organisations among some tenants, and those whose staff the others are."""
    table = membership_table
    rows = await tx.execute(
        select(table.c.tenant_id)
        .where(table.c.tenant_id.in_(list(tenants)) | table.c.person_id.in_(list(tenants)))
        .distinct()
    )
    return set(rows.scalars())


async def staff_of(tx: Transaction, merchant: UUID) -> frozenset[UUID]:
    rows = await tx.execute(select(membership_table.c.person_id).where(membership_table.c.tenant_id == merchant))
    return frozenset(rows.scalars())


async def paid_orders(tx: Transaction, merchant: UUID, since: datetime) -> Sequence[PaidOrder]:
    """With the vouchers that they redeemed; an order with several attempts counts by its final one."""
    orders, attempts, redeemed = order_table, order_attempt_table, redemption_table
    rows = list(
        await tx.execute(
            select(
                orders.c.id,
                orders.c.created_by,
                orders.c.total_minor,
                orders.c.created_at,
                attempts.c.holder_tenant_id,
                attempts.c.account,
            )
            .join(attempts, (attempts.c.order_id == orders.c.id) & (attempts.c.status == "final"))
            .where(orders.c.tenant_id == merchant, orders.c.status == "paid", orders.c.created_at > since)
            .order_by(orders.c.created_at.desc())
            .limit(MOST)
        )
    )
    used: dict[UUID, dict[str, int]] = defaultdict(dict)
    found = await tx.execute(
        select(redeemed.c.order_id, redeemed.c.campaign_id, func.sum(redeemed.c.amount_minor).label("off"))
        .where(redeemed.c.order_id.in_([row.id for row in rows]), redeemed.c.status == "final")
        .group_by(redeemed.c.order_id, redeemed.c.campaign_id)
    )
    for row in found:
        used[row.order_id][row.campaign_id] = int(row.off)
    least = await _least(tx, {campaign for off in used.values() for campaign in off})
    return [
        PaidOrder(
            id=row.id,
            merchant=merchant,
            cashier=row.created_by,
            holder=row.holder_tenant_id,
            account=row.account,
            campaigns={campaign: least.get(campaign, 0) for campaign in used[row.id]},
            total_minor=row.total_minor,
            discount_minor=sum(used[row.id].values()),
            at=row.created_at,
        )
        for row in rows
    ]


async def _least(tx: Transaction, campaigns: Collection[str]) -> Mapping[str, int]:
    """What must be spent for a voucher of each, in minor units."""
    known = await campaigns_by_id(tx, [CampaignId.parse(one) for one in sorted(campaigns)])
    return {str(one): campaign.rules.effect.min_spend for one, campaign in known.items()}


async def paybacks(
    tx: Transaction,
    merchant: UUID,
    senders: Collection[UUID],
    recipients: Collection[str],
    units_per_minor: Mapping[AssetId, int],
    since: datetime,
) -> Sequence[Payback]:
    """Transfers in known money from the merchant, or its staff, to accounts that have paid there."""
    if not recipients:
        return []
    payments, action = payment_table, payment_table.c.intent["action"]
    rows = await tx.execute(
        select(
            action["recipient"].astext.label("recipient"),
            action["amount"]["asset"].astext.label("asset"),
            action["amount"]["base_units"].astext.label("units"),
            payments.c.created_at,
        )
        .where(
            payments.c.tenant_id.in_(list(senders)),
            payments.c.created_at > since,
            payments.c.act == "transfer",
            payments.c.status.in_(["in_flight", "done"]),
            action["recipient"].astext.in_(sorted(recipients)),
        )
        .order_by(payments.c.created_at.desc())
        .limit(MOST)
    )
    found = []
    for row in rows:
        per_minor = units_per_minor.get(AssetId.parse(row.asset))
        if per_minor:
            found.append(Payback(merchant, row.recipient, int(row.units) // per_minor, row.created_at))
    return found


async def claims_of(tx: Transaction, campaign: CampaignId, since: datetime) -> Sequence[MadeClaim]:
    table = claim_table
    rows = await tx.execute(
        select(table.c.person_id, table.c.account, table.c.device, table.c.created_at)
        .where(table.c.campaign_id == str(campaign), table.c.status != "failed", table.c.created_at > since)
        .order_by(table.c.created_at.desc())
        .limit(MOST)
    )
    return [MadeClaim(str(campaign), row.person_id, row.account, row.device, row.created_at) for row in rows]


_HANDED = text(
    """
    SELECT DISTINCT ON (e.chain, e.height, e.transaction_index, e.event_index, e.block_hash)
      e.fact ->> 'voucher' AS voucher, e.fact ->> 'sender' AS sender, e.fact ->> 'recipient' AS recipient,
      to_timestamp(e.block_time) AS at, e.observation
    FROM ledger_entry AS e
    WHERE e.campaign_id = :campaign AND e.kind = 'moved' AND e.block_time > :since
    ORDER BY e.chain, e.height DESC, e.transaction_index, e.event_index, e.block_hash, e.observation DESC
    LIMIT :most
    """
)


async def handed(tx: Transaction, campaign: CampaignId, since: datetime) -> Sequence[Handed]:
    """Transfers that the chains still show: an odd observation says that one was taken back."""
    rows = await tx.execute(_HANDED, {"campaign": str(campaign), "since": int(since.timestamp()), "most": MOST})
    return [
        Handed(str(campaign), row.voucher, row.sender, row.recipient, row.at)
        for row in rows
        if row.observation % 2 == 0
    ]
