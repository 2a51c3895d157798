"""Counts of redemptions for a campaign's limits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, text, union

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId
from vouchers.ledger.sql import ledger_entry_table
from vouchers.orders.attempts.sql import order_attempt_table
from vouchers.orders.redemptions.sql import redemption_table

_COME_BACK = ("reversed", "undone")


async def redeemed(
    tx: Transaction, campaign: CampaignId, since: datetime | None, most: int, merchant: UUID | None = None
) -> int:
    """Redemptions of a campaign that did not fail, of all or at one merchant; counted up to `most`."""
    statement = select(redemption_table.c.id).where(
        redemption_table.c.campaign_id == str(campaign), redemption_table.c.status != "failed"
    )
    if since is not None:
        statement = statement.where(redemption_table.c.created_at >= since)
    if merchant is not None:
        statement = statement.where(redemption_table.c.tenant_id == merchant)
    counted = select(func.count()).select_from(statement.limit(most).subquery())
    return int((await tx.execute(counted)).scalar_one())


async def redeemed_by_holder(
    tx: Transaction, campaign: CampaignId, since: datetime | None, person_id: UUID, account: AccountId
) -> int:
    """Redemptions of a campaign that did not fail and did not come back, with an account or by a person who paid with
    any."""
    row = redemption_table.c
    mine = (row.campaign_id == str(campaign)) & (row.status != "failed")
    if since is not None:
        mine &= row.created_at >= since
    attempt = order_attempt_table.c
    by_account = select(row.id).where(mine, row.holder == str(account))
    by_person = (
        select(row.id)
        .join(order_attempt_table, and_(attempt.order_id == row.order_id, attempt.number == row.attempt))
        .where(mine, attempt.holder_tenant_id == person_id)
    )
    found = union(by_account, by_person).subquery("mine")
    fact = ledger_entry_table.c
    # A fact stands while it was seen once more than it was taken back.
    standing = func.sum(1 - 2 * (fact.observation % 2))
    back = (
        select(fact.redemption_id)
        .where(fact.redemption_id == found.c.id, fact.kind.in_(_COME_BACK))
        .group_by(fact.redemption_id)
        .having(standing > 0)
    )
    return int((await tx.execute(select(func.count()).select_from(found).where(~back.exists()))).scalar_one())


async def seconds_now(tx: Transaction) -> int:
    """Unix seconds, by the database's clock, which dates the redemptions."""
    return int((await tx.execute(select(func.floor(func.extract("epoch", func.now()))))).scalar_one())


async def one_at_a_time(tx: Transaction, campaign: CampaignId) -> None:
    """Nobody else counts this campaign's uses before the transaction ends."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": f"limits:{campaign}"})
