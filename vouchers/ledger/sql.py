"""Rows of the ledger: observations, cursors, and the voucher projection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from chains import events as facts
from persistence.copying import copy_rows
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Minor, Text, Timestamp
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.ledger.model import (
    CampaignCounts,
    ChainCursor,
    LedgerEntry,
    Voucher,
    VoucherStatus,
    fact_from_json,
    fact_to_json,
    kind_of,
    voucher_of,
)
from vouchers.ledger.page_size import FIRST_SPAN

_AT_ONCE = 20_000
PAUSES = "kind IN ('paused', 'resumed')"
"""Asked for in these words, the few rows of them are found by their own index."""

ledger_cursor_table = Table(
    "ledger_cursor",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("final_height", BigInteger, nullable=False),
    Column("final_hash", LargeBinary),
    Column("included", BigInteger, nullable=False),
    Column("safe", BigInteger, nullable=False),
    Column("finalized", BigInteger, nullable=False),
    Column("halted", Text),
    Column("tip_height", BigInteger, nullable=False, server_default="-1"),
    Column("tip_hash", LargeBinary),
    Column("span", Integer, nullable=False, server_default=str(FIRST_SPAN)),
    Column("read_at", Timestamp, nullable=False, server_default=func.now()),
)

ledger_entry_table = Table(
    "ledger_entry",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("height", BigInteger, primary_key=True),
    Column("transaction_index", Integer, primary_key=True),
    Column("event_index", BigInteger, primary_key=True),
    Column("block_hash", LargeBinary, primary_key=True),
    Column("observation", Integer, primary_key=True),
    Column("tx_hash", Text, nullable=False),
    Column("block_time", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("campaign_id", Text),
    Column("voucher_id", Text),
    Column("order_hash", LargeBinary),
    Column("redemption_id", LargeBinary),
    Column("fact", JSONB, nullable=False),
    Column("observed_at", Timestamp, nullable=False, server_default=func.now()),
    Index(None, "voucher_id"),
    Index(None, "campaign_id"),
    Index("ix_ledger_entry_order_hash", "order_hash", postgresql_where=text("order_hash IS NOT NULL")),
    Index("ix_ledger_entry_redemption_id", "redemption_id", postgresql_where=text("redemption_id IS NOT NULL")),
    Index(None, "tx_hash"),
    # For a person's own list; each holds few rows, so that issues, which are most, cost nothing more.
    Index("ix_ledger_entry_moved_by", text("(fact ->> 'sender')"), postgresql_where=text("kind = 'moved'")),
    Index("ix_ledger_entry_paid_by", text("(fact ->> 'holder')"), postgresql_where=text("kind = 'paid'")),
    Index("ix_ledger_entry_pauses", "campaign_id", postgresql_where=text(PAUSES)),
    Index("ix_ledger_entry_gone", text("(fact ->> 'holder')"), postgresql_where=text("observation % 2 = 1")),
)

voucher_table = Table(
    "voucher",
    metadata,
    Column("id", Text, primary_key=True),
    Column("campaign_id", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("moves", Integer, nullable=False),
    Column("issued_height", BigInteger, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("last_height", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("merchant", Text),
    Column("redemption_id", LargeBinary),
    Column("order_hash", LargeBinary),
    Column("amount_minor", Minor),
    Column("payout", BaseUnits),
    Column("diverged", Boolean, nullable=False),
    CheckConstraint("status IN ('live', 'redeemed', 'void')", name="status"),
    CheckConstraint("(status = 'redeemed') = (redemption_id IS NOT NULL)", name="redemption"),
    Index(None, "holder", "status"),
    Index(None, "campaign_id", "status"),
)

_IDENTITY = (
    ledger_entry_table.c.chain,
    ledger_entry_table.c.height,
    ledger_entry_table.c.transaction_index,
    ledger_entry_table.c.event_index,
    ledger_entry_table.c.block_hash,
)


async def hold_chain(tx: Transaction, chain: ChainId) -> None:
    """One scan of a chain at a time, until the transaction ends."""
    await lock_for_transaction(tx, "ledger", chain)


async def cursor_of(tx: Transaction, chain: ChainId) -> ChainCursor:
    row = (await tx.execute(select(ledger_cursor_table).where(ledger_cursor_table.c.chain == str(chain)))).first()
    if row is None:
        return ChainCursor(chain)
    return ChainCursor(
        chain,
        row.final_height,
        row.final_hash,
        row.included,
        row.safe,
        row.finalized,
        row.halted,
        row.tip_height,
        row.tip_hash,
        row.span,
    )


async def cursors(tx: Transaction) -> Mapping[ChainId, ChainCursor]:
    rows = await tx.execute(select(ledger_cursor_table.c.chain))
    chains = [ChainId.parse(one) for one in rows.scalars()]
    return {chain: await cursor_of(tx, chain) for chain in chains}


async def put_cursor(tx: Transaction, cursor: ChainCursor) -> None:
    values = {
        "final_height": cursor.final_height,
        "final_hash": cursor.final_hash,
        "included": cursor.included,
        "safe": cursor.safe,
        "finalized": cursor.finalized,
        "halted": cursor.halted,
        "tip_height": cursor.tip_height,
        "tip_hash": cursor.tip_hash,
        "span": cursor.span,
        "read_at": func.now(),
    }
    await tx.execute(
        upsert(ledger_cursor_table)
        .values(chain=str(cursor.chain), **values)
        .on_conflict_do_update(index_elements=["chain"], set_=values)
    )


def _newest(condition: Any) -> Any:
    """The newest observation of each fact; the fact stands when its number is even."""
    return (
        select(ledger_entry_table)
        .where(condition)
        .ext(distinct_on(*_IDENTITY))
        .order_by(*_IDENTITY, ledger_entry_table.c.observation.desc())
    )


def _entry(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        ChainId.parse(row.chain),
        facts.TokenEvent(
            ChainPosition(row.height, row.transaction_index, row.event_index, row.block_hash),
            row.tx_hash,
            row.block_time,
            fact_from_json(row.kind, row.fact),
        ),
        row.observation,
    )


async def newest_between(tx: Transaction, chain: ChainId, since: int, until: int | None) -> Sequence[LedgerEntry]:
    """The newest observation of every fact at heights `since … until` (None: no end), reversed ones included."""
    condition = and_(ledger_entry_table.c.chain == str(chain), ledger_entry_table.c.height >= since)
    if until is not None:
        condition = and_(condition, ledger_entry_table.c.height <= until)
    return [_entry(row) for row in await tx.execute(_newest(condition))]


async def newest_of_kinds(
    tx: Transaction, chain: ChainId, kinds: Collection[str], since: int, until: int | None, limit: int | None = None
) -> Sequence[LedgerEntry]:
    """As `newest_between`, of these kinds of facts; at most `limit` of them, the lowest ones."""
    condition = and_(
        ledger_entry_table.c.chain == str(chain),
        ledger_entry_table.c.height >= since,
        ledger_entry_table.c.kind.in_(sorted(kinds)),
    )
    if until is not None:
        condition = and_(condition, ledger_entry_table.c.height <= until)
    return [_entry(row) for row in await tx.execute(_newest(condition).limit(limit))]


async def standing_facts(tx: Transaction, voucher: VoucherId) -> Sequence[LedgerEntry]:
    """The facts of one voucher that now stand, by position."""
    rows = await tx.execute(_newest(ledger_entry_table.c.voucher_id == str(voucher)))
    return [entry for entry in map(_entry, rows) if not entry.reversing]


async def standing_facts_of(
    tx: Transaction, vouchers: Sequence[VoucherId]
) -> Mapping[VoucherId, Sequence[LedgerEntry]]:
    """The same of many vouchers; one without standing facts is left out."""
    found: dict[VoucherId, list[LedgerEntry]] = {}
    for start in range(0, len(vouchers), _AT_ONCE):
        part = [str(voucher) for voucher in vouchers[start : start + _AT_ONCE]]
        for entry in map(_entry, await tx.execute(_newest(ledger_entry_table.c.voucher_id == func.any(part)))):
            voucher = voucher_of(entry.event.fact)
            if voucher is not None and not entry.reversing:
                found.setdefault(voucher, []).append(entry)
    return found


async def vouchers_with_history(tx: Transaction, vouchers: Collection[VoucherId]) -> Collection[VoucherId]:
    """Those of the vouchers that have entries, reversed ones counted too."""
    rows = await tx.execute(
        select(ledger_entry_table.c.voucher_id)
        .where(ledger_entry_table.c.voucher_id == func.any([str(voucher) for voucher in vouchers]))
        .distinct()
    )
    return frozenset(VoucherId.parse(one) for one in rows.scalars())


async def history(
    tx: Transaction,
    *,
    voucher: VoucherId | None = None,
    campaign: CampaignId | None = None,
    order_hash: bytes | None = None,
    tx_hash: str | None = None,
    redemption_id: bytes | None = None,
    limit: int = 1_000,
) -> Sequence[LedgerEntry]:
    """Every observation, reversed ones and their reversals too, in order of chain, position and observation."""
    wanted = {
        "voucher_id": None if voucher is None else str(voucher),
        "campaign_id": None if campaign is None else str(campaign),
        "order_hash": order_hash,
        "tx_hash": tx_hash,
        "redemption_id": redemption_id,
    }
    statement = select(ledger_entry_table)
    for column, value in wanted.items():
        if value is not None:
            statement = statement.where(ledger_entry_table.c[column] == value)
    rows = await tx.execute(statement.order_by(*_IDENTITY, ledger_entry_table.c.observation).limit(limit))
    return [_entry(row) for row in rows]


async def append(tx: Transaction, entries: Sequence[LedgerEntry]) -> None:
    """Add observations; none of them may be there already."""
    await copy_rows(tx, ledger_entry_table, _ENTRY_COLUMNS, map(_row, entries))


_ENTRY_COLUMNS = (
    "chain",
    "height",
    "transaction_index",
    "event_index",
    "block_hash",
    "observation",
    "tx_hash",
    "block_time",
    "kind",
    "campaign_id",
    "voucher_id",
    "order_hash",
    "redemption_id",
    "fact",
)


def _row(entry: LedgerEntry) -> tuple[Any, ...]:
    event = entry.event
    fact, position = event.fact, event.position
    voucher = voucher_of(fact)
    campaign: CampaignId | None = getattr(fact, "campaign", None) if voucher is None else voucher.campaign
    return (
        str(entry.chain),
        position.height,
        position.transaction_index,
        position.event_index,
        position.block_hash,
        entry.observation,
        event.tx_hash,
        event.block_time,
        kind_of(fact),
        None if campaign is None else str(campaign),
        None if voucher is None else str(voucher),
        getattr(fact, "order_hash", None),
        getattr(fact, "redemption_id", None),
        orjson.dumps(fact_to_json(fact)).decode(),
    )


async def put_voucher(tx: Transaction, voucher: Voucher) -> None:
    values = dict(zip(_VOUCHER_COLUMNS, _voucher_row(voucher), strict=True))
    await tx.execute(upsert(voucher_table).values(**values).on_conflict_do_update(index_elements=["id"], set_=values))


async def add_vouchers(tx: Transaction, vouchers: Sequence[Voucher]) -> None:
    """Add vouchers that have no row yet."""
    if vouchers:
        await copy_rows(tx, voucher_table, _VOUCHER_COLUMNS, map(_voucher_row, vouchers))


_VOUCHER_COLUMNS = tuple(column.name for column in voucher_table.columns)


def _voucher_row(voucher: Voucher) -> tuple[Any, ...]:
    return (
        str(voucher.id),
        str(voucher.id.campaign),
        str(voucher.chain),
        str(voucher.holder),
        voucher.status.value,
        voucher.moves,
        voucher.issued_height,
        voucher.issued_at,
        voucher.last_height,
        voucher.ended_at,
        None if voucher.merchant is None else str(voucher.merchant),
        voucher.redemption_id,
        voucher.order_hash,
        voucher.amount_minor,
        voucher.payout,
        voucher.diverged,
    )


async def drop_voucher(tx: Transaction, voucher: VoucherId) -> None:
    """Its issue was reorganised away. The entries stay."""
    await tx.execute(delete(voucher_table).where(voucher_table.c.id == str(voucher)))


async def drop_all_vouchers(tx: Transaction) -> None:
    """Empty the projection before it is rebuilt from the entries."""
    await tx.execute(delete(voucher_table))


async def known_vouchers(tx: Transaction) -> Sequence[VoucherId]:
    rows = await tx.execute(
        select(ledger_entry_table.c.voucher_id)
        .where(ledger_entry_table.c.voucher_id.is_not(None))
        .distinct()
        .order_by(ledger_entry_table.c.voucher_id)
    )
    return [VoucherId.parse(one) for one in rows.scalars()]


def voucher_of_row(row: Row[Any]) -> Voucher:
    return Voucher(
        id=VoucherId.parse(row.id),
        chain=ChainId.parse(row.chain),
        holder=AccountId.parse(row.holder),
        status=VoucherStatus(row.status),
        moves=row.moves,
        issued_height=row.issued_height,
        issued_at=row.issued_at,
        last_height=row.last_height,
        ended_at=row.ended_at,
        merchant=None if row.merchant is None else AccountId.parse(row.merchant),
        redemption_id=row.redemption_id,
        order_hash=row.order_hash,
        amount_minor=row.amount_minor,
        payout=row.payout,
        diverged=row.diverged,
    )


async def get_voucher(tx: Transaction, voucher: VoucherId) -> Voucher | None:
    row = (await tx.execute(select(voucher_table).where(voucher_table.c.id == str(voucher)))).first()
    return None if row is None else voucher_of_row(row)


async def seen_among(tx: Transaction, vouchers: Collection[VoucherId]) -> Collection[VoucherId]:
    """Those that the ledger has ever seen, whatever became of them."""
    rows = await tx.execute(
        select(voucher_table.c.id).where(voucher_table.c.id.in_([str(voucher) for voucher in vouchers]))
    )
    return frozenset(VoucherId.parse(one) for one in rows.scalars())


async def vouchers_held(
    tx: Transaction, holders: Collection[AccountId], *, live_only: bool = False
) -> Sequence[Voucher]:
    """Of these accounts, live ones first; used ones pile up for ever."""
    statement = select(voucher_table).where(voucher_table.c.holder.in_([str(holder) for holder in holders]))
    if live_only:
        statement = statement.where(voucher_table.c.status == VoucherStatus.LIVE.value)
    rows = await tx.execute(statement.order_by(voucher_table.c.status != VoucherStatus.LIVE.value, voucher_table.c.id))
    return [voucher_of_row(row) for row in rows]


async def campaign_counts(tx: Transaction, campaigns: Iterable[CampaignId]) -> Mapping[CampaignId, CampaignCounts]:
    ids = [str(campaign) for campaign in campaigns]
    totals = await tx.execute(
        select(
            voucher_table.c.campaign_id,
            func.count().label("issued"),
            func.sum(case((voucher_table.c.status == "live", 1), else_=0)).label("live"),
            func.sum(case((voucher_table.c.status == "redeemed", 1), else_=0)).label("redeemed"),
            func.sum(case((voucher_table.c.status == "void", 1), else_=0)).label("void"),
            func.coalesce(func.sum(voucher_table.c.amount_minor), 0).label("cost_minor"),
            func.sum(case((voucher_table.c.diverged, 1), else_=0)).label("diverged"),
        )
        .where(voucher_table.c.campaign_id.in_(ids))
        .group_by(voucher_table.c.campaign_id)
    )
    by_campaign = {row.campaign_id: row for row in totals}
    money = await _escrow_facts(tx, ids)
    answer = {}
    for one in ids:
        row = by_campaign.get(one)
        paid_out, funded, alarms = money.get(one, ({}, {}, 0))
        answer[CampaignId.parse(one)] = CampaignCounts(
            issued=0 if row is None else row.issued,
            live=0 if row is None else row.live,
            redeemed=0 if row is None else row.redeemed,
            void=0 if row is None else row.void,
            cost_minor=0 if row is None else int(row.cost_minor),
            paid_out=paid_out,
            funded=funded,
            alarms=alarms + (0 if row is None else row.diverged),
        )
    return answer


async def _escrow_facts(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[dict[str, int], dict[str, int], int]]:
    """Per campaign: payouts by settlement asset, funding by chain, divergences."""
    newest = _newest(
        and_(
            ledger_entry_table.c.campaign_id.in_(ids),
            ledger_entry_table.c.kind.in_(["redeemed", "funded", "divergence"]),
        )
    ).subquery()
    amount = cast(func.coalesce(newest.c.fact["payout"].astext, newest.c.fact["base_units"].astext, "0"), BaseUnits)
    unit = case((newest.c.kind == "redeemed", newest.c.fact["settlement"].astext), else_=newest.c.chain)
    rows = await tx.execute(
        select(
            newest.c.campaign_id,
            newest.c.kind,
            unit.label("unit"),
            func.sum(amount).label("sum"),
            func.count().label("n"),
        )
        .where(newest.c.observation % 2 == 0)
        .group_by(newest.c.campaign_id, newest.c.kind, unit)
    )
    answer: dict[str, tuple[dict[str, int], dict[str, int], int]] = {}
    for row in rows:
        paid_out, funded, alarms = answer.get(row.campaign_id, ({}, {}, 0))
        if row.kind == "redeemed":
            paid_out[row.unit] = int(row.sum)
        elif row.kind == "funded":
            funded[row.unit] = int(row.sum)
        else:
            alarms += row.n
        answer[row.campaign_id] = (paid_out, funded, alarms)
    return answer
