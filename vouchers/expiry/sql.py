"""Rows of notices of expiry, and who is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, Integer, Table, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.ledger.sql import voucher_table

expiry_notice_table = Table(
    "expiry_notice",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("holder", Text, primary_key=True),
    Column("tenant_id", Uuid, primary_key=True),
    Column("vouchers", Integer, nullable=False),
    Column("told_at", Timestamp, nullable=False, server_default=func.now()),
)


async def holders_to_tell(
    tx: Transaction, campaign: CampaignId, chain: ChainId, after: str, limit: int
) -> Sequence[tuple[str, int]]:
    """Accounts with live vouchers of the campaign on a chain, and how many, in order of the account."""
    rows = await tx.execute(
        select(voucher_table.c.holder, func.count().label("vouchers"))
        .where(
            voucher_table.c.campaign_id == str(campaign),
            voucher_table.c.chain == str(chain),
            voucher_table.c.status == "live",
            voucher_table.c.holder > after,
        )
        .group_by(voucher_table.c.holder)
        .order_by(voucher_table.c.holder)
        .limit(limit)
    )
    return [(row.holder, row.vouchers) for row in rows]


async def note(tx: Transaction, campaign: CampaignId, stage: str, holder: str, tenant_id: UUID, vouchers: int) -> bool:
    """False when this person was told of this account before; an account may be more than one's."""
    added = await tx.execute(
        upsert(expiry_notice_table)
        .values(campaign_id=str(campaign), stage=stage, holder=holder, tenant_id=tenant_id, vouchers=vouchers)
        .on_conflict_do_nothing()
        .returning(expiry_notice_table.c.holder)
    )
    return added.first() is not None


async def counts_by_chain(tx: Transaction, campaign: CampaignId) -> dict[str, dict[str, int]]:
    """Vouchers by chain and status."""
    rows = await tx.execute(
        select(voucher_table.c.chain, voucher_table.c.status, func.count().label("n"))
        .where(voucher_table.c.campaign_id == str(campaign))
        .group_by(voucher_table.c.chain, voucher_table.c.status)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.chain, {})[row.status] = row.n
    return found
