"""Counts of redemptions for a campaign's limits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, text

from persistence.database import Transaction
from primitives.voucher_id import CampaignId
from vouchers.orders.sql import order_attempt_table, redemption_table
from vouchers.rules import LimitEntity


async def redemptions_since(
    tx: Transaction,
    campaign: CampaignId,
    entity: LimitEntity,
    since: datetime | None,
    holder_id: UUID,
    merchant: UUID,
) -> int:
    """Redemptions of a campaign that did not fail: of all, of one holder, or at one merchant."""
    statement = (
        select(func.count())
        .select_from(
            redemption_table.join(
                order_attempt_table,
                and_(
                    order_attempt_table.c.order_id == redemption_table.c.order_id,
                    order_attempt_table.c.number == redemption_table.c.attempt,
                ),
            )
        )
        .where(redemption_table.c.campaign_id == str(campaign), redemption_table.c.status != "failed")
    )
    if since is not None:
        statement = statement.where(redemption_table.c.created_at >= since)
    if entity is LimitEntity.HOLDER:
        statement = statement.where(order_attempt_table.c.holder_tenant_id == holder_id)
    if entity is LimitEntity.MERCHANT:
        statement = statement.where(redemption_table.c.tenant_id == merchant)
    return int((await tx.execute(statement)).scalar_one())


async def seconds_now(tx: Transaction) -> int:
    """Unix seconds, by the database's clock, which dates the redemptions."""
    return int((await tx.execute(select(func.floor(func.extract("epoch", func.now()))))).scalar_one())


async def one_at_a_time(tx: Transaction, campaign: CampaignId) -> None:
    """Nobody else counts this campaign's uses before the transaction ends."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"limits:{campaign}"})
