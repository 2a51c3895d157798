"""Rows of the books; nothing is ever changed or deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BaseUnits, BigInteger, LargeBinary, Text, Timestamp
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId
from vouchers.settlement.model import BookAccount, Leg, Posting

book_entry_table = Table(
    "book_entry",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("height", BigInteger, primary_key=True),
    Column("transaction_index", Integer, primary_key=True),
    Column("event_index", BigInteger, primary_key=True),
    Column("block_hash", LargeBinary, primary_key=True),
    Column("observation", Integer, primary_key=True),
    Column("leg", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("campaign_id", Text),
    Column("account", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("base_units", BaseUnits, nullable=False),
    Column("order_hash", LargeBinary),
    Column("redemption_id", LargeBinary),
    Column("tx_hash", Text, nullable=False),
    Column("block_time", BigInteger, nullable=False),
    Column("posted_at", Timestamp, nullable=False, server_default=func.now()),
    Index("ix_book_entry_campaign_id", "campaign_id", "account"),
    Index("ix_book_entry_party", "party", "account", "block_time"),
)

book_cursor_table = Table(
    "book_cursor",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("final_height", BigInteger, nullable=False),
    Column("final_hash", LargeBinary),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a posting stands: a fact's position and observation. `block_hash` of a payment that is no fact of the
    ledger is the payment's id."""

    chain: ChainId
    position: ChainPosition
    observation: int
    tx_hash: str
    block_time: int


async def hold_books(tx: Transaction, chain: ChainId) -> None:
    """One posting of a chain at a time, until the transaction ends."""
    await lock_for_transaction(tx, "books", chain)


async def posted_height(tx: Transaction, chain: ChainId) -> int:
    """Every fact up to this height is posted; -1 before the first."""
    found: int | None = (
        await tx.execute(select(book_cursor_table.c.final_height).where(book_cursor_table.c.chain == str(chain)))
    ).scalar_one_or_none()
    return -1 if found is None else found


async def posted_hash(tx: Transaction, chain: ChainId) -> tuple[int, bytes | None]:
    """The posted height, and the hash of its block where that is known."""
    row = (
        await tx.execute(
            select(book_cursor_table.c.final_height, book_cursor_table.c.final_hash).where(
                book_cursor_table.c.chain == str(chain)
            )
        )
    ).first()
    return (-1, None) if row is None else (row.final_height, row.final_hash)


async def put_posted_height(tx: Transaction, chain: ChainId, height: int, final_hash: bytes | None) -> None:
    """`final_hash`: of the block at that height, 32 bytes; None where it is not known."""
    values = {"final_height": height, "final_hash": final_hash}
    await tx.execute(
        upsert(book_cursor_table)
        .values(chain=str(chain), **values)
        .on_conflict_do_update(index_elements=["chain"], set_=values)
    )


async def posted_observations(
    tx: Transaction, chain: ChainId, since: int, until: int
) -> Mapping[tuple[int, int, int, bytes], int]:
    """The newest posted observation of every place at these heights, both included."""
    rows = await tx.execute(
        select(
            book_entry_table.c.height,
            book_entry_table.c.transaction_index,
            book_entry_table.c.event_index,
            book_entry_table.c.block_hash,
            func.max(book_entry_table.c.observation).label("newest"),
        )
        .where(
            book_entry_table.c.chain == str(chain),
            book_entry_table.c.height >= since,
            book_entry_table.c.height <= until,
        )
        .group_by(
            book_entry_table.c.height,
            book_entry_table.c.transaction_index,
            book_entry_table.c.event_index,
            book_entry_table.c.block_hash,
        )
    )
    return {(row.height, row.transaction_index, row.event_index, row.block_hash): row.newest for row in rows}


async def append(tx: Transaction, place: Place, posting: Posting) -> bool:
    """Post once per place and observation; False when it is there."""
    values = [
        {
            "chain": str(place.chain),
            "height": place.position.height,
            "transaction_index": place.position.transaction_index,
            "event_index": place.position.event_index,
            "block_hash": place.position.block_hash,
            "observation": place.observation,
            "leg": number,
            "kind": posting.kind,
            "campaign_id": None if posting.campaign is None else str(posting.campaign),
            "account": leg.account.value,
            "party": leg.party,
            "asset": str(leg.asset),
            "base_units": leg.base_units,
            "order_hash": posting.order_hash,
            "redemption_id": posting.redemption_id,
            "tx_hash": place.tx_hash,
            "block_time": place.block_time,
        }
        for number, leg in enumerate(posting.legs)
    ]
    if not values:
        return False
    added = await tx.execute(
        upsert(book_entry_table).values(values).on_conflict_do_nothing().returning(book_entry_table.c.leg)
    )
    return added.first() is not None


async def posting_at(tx: Transaction, place: Place) -> Posting | None:
    """What was posted here at this observation."""
    rows = (
        await tx.execute(
            select(book_entry_table)
            .where(
                book_entry_table.c.chain == str(place.chain),
                book_entry_table.c.height == place.position.height,
                book_entry_table.c.transaction_index == place.position.transaction_index,
                book_entry_table.c.event_index == place.position.event_index,
                book_entry_table.c.block_hash == place.position.block_hash,
                book_entry_table.c.observation == place.observation,
            )
            .order_by(book_entry_table.c.leg)
        )
    ).all()
    if not rows:
        return None
    first = rows[0]
    return Posting(
        first.kind,
        None if first.campaign_id is None else CampaignId.parse(first.campaign_id),
        tuple(Leg(BookAccount(row.account), row.party, AssetId.parse(row.asset), row.base_units) for row in rows),
        first.order_hash,
        first.redemption_id,
    )


async def balances(
    tx: Transaction, *, campaign: CampaignId | None = None, party: str | None = None, chain: ChainId | None = None
) -> Mapping[tuple[BookAccount, str], int]:
    """Sums by account and asset."""
    statement = select(
        book_entry_table.c.account, book_entry_table.c.asset, func.sum(book_entry_table.c.base_units).label("sum")
    ).group_by(book_entry_table.c.account, book_entry_table.c.asset)
    if campaign is not None:
        statement = statement.where(book_entry_table.c.campaign_id == str(campaign))
    if party is not None:
        statement = statement.where(book_entry_table.c.party == party)
    if chain is not None:
        statement = statement.where(book_entry_table.c.chain == str(chain))
    return {(BookAccount(row.account), row.asset): int(row.sum) for row in await tx.execute(statement)}


async def receivable(tx: Transaction, campaign: CampaignId, merchant: str) -> int:
    """What the book still keeps for a merchant."""
    found = (
        await tx.execute(
            select(func.coalesce(func.sum(book_entry_table.c.base_units), 0)).where(
                book_entry_table.c.campaign_id == str(campaign),
                book_entry_table.c.account == BookAccount.RECEIVABLE.value,
                book_entry_table.c.party == merchant,
            )
        )
    ).scalar_one()
    return int(found)


async def of_parties(tx: Transaction, parties: Sequence[str], since: int, until: int) -> Sequence[Any]:
    """Legs of merchants' accounts in a span of block time (half-open)."""
    rows = await tx.execute(
        select(
            book_entry_table.c.party,
            book_entry_table.c.asset,
            book_entry_table.c.account,
            book_entry_table.c.kind,
            book_entry_table.c.block_time,
            book_entry_table.c.base_units,
            book_entry_table.c.observation,
            book_entry_table.c.redemption_id,
            book_entry_table.c.campaign_id,
        ).where(
            book_entry_table.c.party.in_(parties),
            book_entry_table.c.block_time >= since,
            book_entry_table.c.block_time < until,
        )
    )
    return rows.all()
