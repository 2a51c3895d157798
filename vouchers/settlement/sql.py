"""Rows of the books; nothing is ever changed or deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Index, Integer, Table, and_, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BaseUnits, BigInteger, LargeBinary, Text, Timestamp
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId
from vouchers.ledger.model import LedgerEntry
from vouchers.ledger.sql import ledger_entry_table, newest_between
from vouchers.settlement.model import BookAccount, Posting

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


async def put_posted_height(tx: Transaction, chain: ChainId, height: int) -> None:
    await tx.execute(
        upsert(book_cursor_table)
        .values(chain=str(chain), final_height=height)
        .on_conflict_do_update(index_elements=["chain"], set_={"final_height": height})
    )


async def final_entries(tx: Transaction, chain: ChainId, since: int, until: int) -> Sequence[LedgerEntry]:
    """The newest observation of every fact at these heights, both included, by position."""
    return await newest_between(tx, chain, since, until)


async def heights_beyond(tx: Transaction, chain: ChainId, since: int, until: int, most: int) -> int:
    """The height up to which at most about `most` facts lie after `since`."""
    rows = await tx.execute(
        select(ledger_entry_table.c.height)
        .where(
            ledger_entry_table.c.chain == str(chain),
            ledger_entry_table.c.height >= since,
            ledger_entry_table.c.height <= until,
        )
        .order_by(ledger_entry_table.c.height)
        .limit(most)
    )
    heights = list(rows.scalars())
    return until if len(heights) < most else int(heights[-1])


async def append(tx: Transaction, place: Place, posting: Posting, *, sign: int = 1) -> bool:
    """Post once per place and observation; False when it is there. `sign` -1 takes a posting back."""
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
            "base_units": sign * leg.base_units,
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


async def posted_legs(tx: Transaction, place: Place) -> Sequence[Any]:
    """The legs of what was posted here at this observation."""
    rows = await tx.execute(
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
    return rows.all()


async def above(tx: Transaction, chain: ChainId, height: int) -> Sequence[Any]:
    """Places posted above a height of a chain that was rewound, the newest observation of each."""
    rows = await tx.execute(
        select(
            book_entry_table.c.height,
            book_entry_table.c.transaction_index,
            book_entry_table.c.event_index,
            book_entry_table.c.block_hash,
            func.max(book_entry_table.c.observation).label("observation"),
        )
        .where(book_entry_table.c.chain == str(chain), book_entry_table.c.height > height)
        .group_by(
            book_entry_table.c.height,
            book_entry_table.c.transaction_index,
            book_entry_table.c.event_index,
            book_entry_table.c.block_hash,
        )
    )
    return rows.all()


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


async def credited_redemptions(tx: Transaction, redemption_ids: Sequence[bytes]) -> frozenset[bytes]:
    """Those whose payout the ledger tells as a credit."""
    rows = await tx.execute(
        select(ledger_entry_table.c.redemption_id).where(
            and_(
                ledger_entry_table.c.redemption_id.in_(redemption_ids),
                ledger_entry_table.c.kind == "credited",
            )
        )
    )
    return frozenset(rows.scalars())


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


async def shares_of(tx: Transaction, redemption_ids: Sequence[bytes]) -> Mapping[bytes, int]:
    """The sponsors' share of each redemption, returns subtracted."""
    rows = await tx.execute(
        select(book_entry_table.c.redemption_id, func.sum(book_entry_table.c.base_units).label("sum"))
        .where(
            book_entry_table.c.redemption_id.in_(redemption_ids),
            book_entry_table.c.account == BookAccount.SPONSOR_SHARE.value,
        )
        .group_by(book_entry_table.c.redemption_id)
    )
    return {row.redemption_id: int(row.sum) for row in rows}
