"""Rows of drops. The list of holders is one content-addressed document; of the tree only the upper nodes are kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from persistence.database import Transaction, metadata
from persistence.types import BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.chain_id import ChainId
from primitives.voucher_id import CampaignId
from vouchers.campaigns.acts.sql import ActKind, campaign_act_table
from vouchers.campaigns.model import CampaignStatus
from vouchers.campaigns.sql import campaign_lane_table
from vouchers.documents.sql import document_table

campaign_drop_table = Table(
    "campaign_drop",
    metadata,
    Column("campaign_id", Text, ForeignKey("campaign.id"), primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("holder_bytes", Integer, nullable=False),
    Column("root", LargeBinary),
    Column("leaves_hash", LargeBinary, ForeignKey("document.hash")),
    Column("upper", LargeBinary),
    Column("holders_index", LargeBinary),
    Column("act_id", Uuid),
    Column("claim_until", BigInteger, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("status IN ('open', 'committing', 'committed', 'failed')", name="status"),
    CheckConstraint("status = 'open' OR (root IS NOT NULL AND leaves_hash IS NOT NULL)", name="root"),
    # Every quote asks for what can still be claimed; what is over must not make it slower.
    Index("ix_campaign_drop_claimable", "chain", "claim_until", postgresql_where=text("status = 'committed'")),
)

campaign_drop_part_table = Table(
    "campaign_drop_part",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("holders", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["campaign_id", "chain", "number"],
        ["campaign_drop.campaign_id", "campaign_drop.chain", "campaign_drop.number"],
    ),
)


class DropStatus(StrEnum):
    OPEN = "open"
    """Holders are still being added."""
    COMMITTING = "committing"
    COMMITTED = "committed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Drop:
    """`root` and `leaves_hash` have 32 bytes and are None while it is open."""

    campaign_id: CampaignId
    chain: ChainId
    number: int
    tenant_id: UUID
    status: DropStatus
    count: int
    holder_bytes: int
    root: bytes | None
    leaves_hash: bytes | None
    act_id: UUID | None


_COLUMNS = [
    campaign_drop_table.c[name]
    for name in (
        "campaign_id",
        "chain",
        "number",
        "tenant_id",
        "status",
        "count",
        "holder_bytes",
        "root",
        "leaves_hash",
        "act_id",
    )
]


def _drop(row: Row[Any]) -> Drop:
    told = row._mapping
    return Drop(
        CampaignId.parse(told["campaign_id"]),
        ChainId.parse(told["chain"]),
        told["number"],
        told["tenant_id"],
        DropStatus(told["status"]),
        told["count"],
        told["holder_bytes"],
        told["root"],
        told["leaves_hash"],
        told["act_id"],
    )


def _named(campaign_id: CampaignId, chain: ChainId, number: int) -> Any:
    table = campaign_drop_table.c
    return (table.campaign_id == str(campaign_id)) & (table.chain == str(chain)) & (table.number == number)


def _parts(campaign_id: CampaignId, chain: ChainId, number: int) -> Any:
    table = campaign_drop_part_table.c
    return (table.campaign_id == str(campaign_id)) & (table.chain == str(chain)) & (table.number == number)


async def insert_drop(tx: Transaction, drop: Drop, created_by: UUID, claim_until: int) -> None:
    """`claim_until`: block time, Unix seconds: the first second in which surely nothing of it can be claimed."""
    await tx.execute(
        insert(campaign_drop_table).values(
            campaign_id=str(drop.campaign_id),
            chain=str(drop.chain),
            number=drop.number,
            tenant_id=drop.tenant_id,
            status=drop.status.value,
            count=drop.count,
            holder_bytes=drop.holder_bytes,
            claim_until=claim_until,
            created_by=created_by,
        )
    )


async def promised_leaves(tx: Transaction, campaign_id: CampaignId, chain: ChainId) -> int:
    """How many leaves the chain may count at most: of all drops whose commitment was ever asked for."""
    drop = campaign_drop_table.c
    found = await tx.execute(
        select(func.coalesce(func.sum(drop.count), 0)).where(
            drop.campaign_id == str(campaign_id), drop.chain == str(chain), drop.status != DropStatus.OPEN.value
        )
    )
    return int(found.scalar_one())


async def drops_of(tx: Transaction, campaign_id: CampaignId) -> Sequence[Drop]:
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(campaign_drop_table.c.campaign_id == str(campaign_id))
        .order_by(campaign_drop_table.c.chain, campaign_drop_table.c.number)
    )
    return [_drop(row) for row in rows]


async def get_drop(
    tx: Transaction, campaign_id: CampaignId, chain: ChainId, number: int, *, lock: bool = False
) -> Drop | None:
    if not 0 <= number < 2**31:
        return None  # The column holds no such number, and the server refuses to compare with it.
    statement = select(*_COLUMNS).where(_named(campaign_id, chain, number))
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _drop(row)


async def update_drop(tx: Transaction, drop: Drop, **values: Any) -> None:
    await tx.execute(
        update(campaign_drop_table).where(_named(drop.campaign_id, drop.chain, drop.number)).values(**values)
    )


async def add_part(tx: Transaction, drop: Drop, holders: bytes) -> None:
    """Append to an open drop, whose row is held."""
    count = len(holders) // drop.holder_bytes
    await tx.execute(
        insert(campaign_drop_part_table).values(
            campaign_id=str(drop.campaign_id),
            chain=str(drop.chain),
            number=drop.number,
            first=drop.count,
            tenant_id=drop.tenant_id,
            count=count,
            holders=holders,
        )
    )
    await update_drop(tx, drop, count=drop.count + count)


async def part_at(tx: Transaction, drop: Drop, first: int) -> bytes | None:
    found: bytes | None = (
        await tx.execute(
            select(campaign_drop_part_table.c.holders).where(
                _parts(drop.campaign_id, drop.chain, drop.number), campaign_drop_part_table.c.first == first
            )
        )
    ).scalar_one_or_none()
    return found


async def all_parts(tx: Transaction, drop: Drop) -> bytearray:
    """Every holder in order."""
    firsts = (
        await tx.execute(
            select(campaign_drop_part_table.c.first)
            .where(_parts(drop.campaign_id, drop.chain, drop.number))
            .order_by(campaign_drop_part_table.c.first)
        )
    ).scalars()
    whole = bytearray()
    for first in firsts:
        part = await part_at(tx, drop, first)
        assert part is not None
        whole += part
    return whole


async def drop_parts(tx: Transaction, drop: Drop) -> None:
    """Forget the parts: the document has them."""
    await tx.execute(delete(campaign_drop_part_table).where(_parts(drop.campaign_id, drop.chain, drop.number)))


async def document_part(tx: Transaction, digest: bytes, start: int, length: int) -> bytes:
    """Bytes of a stored document; fewer where it ends."""
    found: bytes = (
        await tx.execute(
            select(func.substring(document_table.c.body, start + 1, length)).where(document_table.c.hash == digest)
        )
    ).scalar_one()
    return found


async def upper_nodes(tx: Transaction, drop: Drop) -> bytes:
    found: bytes = (
        await tx.execute(select(campaign_drop_table.c.upper).where(_named(drop.campaign_id, drop.chain, drop.number)))
    ).scalar_one()
    return found


async def index_part(tx: Transaction, drop: Drop, start: int, length: int) -> bytes:
    """Bytes of the holders' index; fewer where it ends."""
    found: bytes = (
        await tx.execute(
            select(func.substring(campaign_drop_table.c.holders_index, start + 1, length)).where(
                _named(drop.campaign_id, drop.chain, drop.number)
            )
        )
    ).scalar_one()
    return found


async def acts_of_drop(tx: Transaction, drop: Drop) -> int:
    """How often its commitment was asked for."""
    found = await tx.execute(
        select(func.count())
        .select_from(campaign_act_table)
        .where(
            campaign_act_table.c.campaign_id == str(drop.campaign_id),
            campaign_act_table.c.chain == str(drop.chain),
            campaign_act_table.c.kind == ActKind.DROP.value,
            campaign_act_table.c.facts["drop"].as_integer() == drop.number,
        )
    )
    return int(found.scalar_one())


async def claimable_on(tx: Transaction, chains: Collection[ChainId], now: int) -> Sequence[Drop]:
    """Committed drops of these chains of which something may still be claimed at `now` (block time, Unix seconds);
    where the campaign may be paused, its pauses decide."""
    lane = campaign_lane_table.c
    rows = await tx.execute(
        select(*_COLUMNS)
        .join(
            campaign_lane_table,
            (lane.campaign_id == campaign_drop_table.c.campaign_id) & (lane.chain == campaign_drop_table.c.chain),
        )
        .where(
            campaign_drop_table.c.chain.in_([str(chain) for chain in chains]),
            campaign_drop_table.c.status == DropStatus.COMMITTED.value,
            campaign_drop_table.c.claim_until > now,
            lane.status == CampaignStatus.ACTIVE.value,
        )
        .order_by(campaign_drop_table.c.campaign_id, campaign_drop_table.c.chain, campaign_drop_table.c.number)
    )
    return [_drop(row) for row in rows]


_INDEX_PARTS = text(
    """
    SELECT asked.place, substring(d.holders_index FROM asked.first + 1 FOR asked.length) AS part
    FROM unnest(:campaign, :chain, :number, :first, :length)
        WITH ORDINALITY AS asked (campaign, chain, number, first, length, place)
    JOIN campaign_drop d ON d.campaign_id = asked.campaign AND d.chain = asked.chain AND d.number = asked.number
    ORDER BY asked.place
    """
).bindparams(
    *(bindparam(name, type_=ARRAY(Text)) for name in ("campaign", "chain")),
    *(bindparam(name, type_=ARRAY(Integer)) for name in ("number", "first", "length")),
)


async def index_parts(tx: Transaction, asked: Sequence[tuple[Drop, int, int]]) -> Sequence[bytes]:
    """Bytes of several drops' holders' indexes, each from a start for a length, in one statement."""
    if not asked:
        return ()
    rows = await tx.execute(
        _INDEX_PARTS,
        {
            "campaign": [str(drop.campaign_id) for drop, _, _ in asked],
            "chain": [str(drop.chain) for drop, _, _ in asked],
            "number": [drop.number for drop, _, _ in asked],
            "first": [first for _, first, _ in asked],
            "length": [length for _, _, length in asked],
        },
    )
    return [row.part for row in rows]
