"""Rows of notices of expiry, and who is to be told."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, Integer, Table, func, select, text
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


_PAID_FOR_LIVE = text(
    """
    WITH told AS (
        SELECT DISTINCT ON (chain, height, transaction_index, event_index, block_hash)
            chain, voucher_id, kind, fact, observation
        FROM ledger_entry
        WHERE campaign_id = :campaign AND kind IN ('spent', 'redeemed', 'undone')
        ORDER BY chain, height, transaction_index, event_index, block_hash, observation DESC
    )
    SELECT told.chain, sum(
        CASE told.kind
            WHEN 'undone' THEN -CAST(told.fact ->> 'returned' AS numeric)
            ELSE CAST(told.fact ->> 'payout' AS numeric)
        END
    ) AS paid
    FROM told JOIN voucher ON voucher.id = told.voucher_id AND voucher.status = 'live'
    WHERE told.observation % 2 = 0 GROUP BY told.chain
    """
)


async def paid_for_live(tx: Transaction, campaign: CampaignId) -> dict[str, int]:
    """Base units that escrow has paid, and not got back, for vouchers that are live: spent parts of stored value."""
    return {row.chain: int(row.paid) for row in await tx.execute(_PAID_FOR_LIVE, {"campaign": str(campaign)})}
