"""What the ledger holds about a campaign as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from chains.events import TokenEvent
from persistence.database import Transaction
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId
from vouchers.ledger.model import LedgerEntry, fact_from_json
from vouchers.ledger.sql import ledger_entry_table

_KINDS = ("launched", "funded", "reclaimed", "divergence")
_LIMIT = 500


async def campaign_entries(tx: Transaction, campaign: CampaignId, chain: ChainId) -> Sequence[LedgerEntry]:
    """Every observation of launch, funding, reclaim and divergence on one chain, in order; at most 500."""
    column = ledger_entry_table.c
    place = (column.height, column.transaction_index, column.event_index, column.block_hash, column.observation)
    rows = await tx.execute(
        select(ledger_entry_table)
        .where(column.campaign_id == str(campaign), column.chain == str(chain), column.kind.in_(_KINDS))
        .order_by(*place)
        .limit(_LIMIT)
    )
    return [
        LedgerEntry(
            chain,
            TokenEvent(
                ChainPosition(row.height, row.transaction_index, row.event_index, row.block_hash),
                row.tx_hash,
                row.block_time,
                fact_from_json(row.kind, row.fact),
            ),
            row.observation,
        )
        for row in rows
    ]
