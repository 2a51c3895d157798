"""What the ledger holds about a campaign as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Row, func, literal, or_, select

from audit.masking import DIGITS, PERSONAL, PREFIX
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
    return [_entry(row) for row in rows]


async def entries_about(
    tx: Transaction,
    kind: str,
    subject: str,
    *,
    campaigns: Sequence[str] | None,
    height: int | None,
    since: int,
    until: int | None,
    limit: int,
    pseudonym_of: UUID | None = None,
) -> Sequence[LedgerEntry]:
    """Every observation about a voucher, campaign, holder or merchant, in order.

    Args:
        campaigns: Only of these; None: of all.
        since, until: Block times, both included; `until` None: no end.
        pseudonym_of: The grant in which `subject` stands for a holder's account.
    """
    column = ledger_entry_table.c
    about = {
        "voucher": column.voucher_id == subject,
        "campaign": column.campaign_id == subject,
        "holder": or_(*(_shown(column.fact[name].astext, pseudonym_of) == subject for name in PERSONAL)),
        "merchant": column.fact["merchant"].astext == subject,
    }[kind]
    statement = select(ledger_entry_table).where(about, column.block_time >= since)
    if campaigns is not None:
        statement = statement.where(column.campaign_id.in_(campaigns))
    if height is not None:
        statement = statement.where(column.height <= height)
    if until is not None:
        statement = statement.where(column.block_time <= until)
    place = (column.chain, column.height, column.transaction_index, column.event_index, column.block_hash)
    rows = await tx.execute(statement.order_by(*place, column.observation).limit(limit))
    return [_entry(row) for row in rows]


def _shown(account: ColumnElement[str], grant: UUID | None) -> ColumnElement[str]:
    """As `audit.masking.Masking` shows it."""
    if grant is None:
        return account
    digest = func.sha256(literal(grant.bytes, LargeBinary).op("||")(func.convert_to(account, "UTF8")))
    return literal(PREFIX).concat(func.left(func.encode(digest, "hex"), DIGITS))


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        ChainId.parse(row.chain),
        TokenEvent(
            ChainPosition(row.height, row.transaction_index, row.event_index, row.block_hash),
            row.tx_hash,
            row.block_time,
            fact_from_json(row.kind, row.fact),
        ),
        row.observation,
    )
