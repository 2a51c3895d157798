"""Rows of what moved to and from accounts, how far chains were read for it, and people's own notes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Row,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import BaseUnits, BigInteger, LargeBinary, Text, Timestamp, Uuid
from persistence.words import words_column, words_in
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from wallets.activity.model import ActivityEntry, ActivityState, Direction, Figure, Wanted

movement_table = Table(
    "wallet_movement",
    metadata,
    Column("account", Text, primary_key=True),
    Column("tx_hash", Text, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("incoming", Boolean, primary_key=True),
    Column("block_hash", LargeBinary, primary_key=True),
    Column("chain", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("counterparty", Text),
    Column("base_units", BaseUnits, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("block_time", BigInteger, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("fee", BaseUnits, nullable=False),
    Column("gone", Boolean, nullable=False),
    Index(None, "account", "block_time"),
    Index(None, "chain", "height"),
)

movement_cursor_table = Table(
    "movement_cursor",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("final_height", BigInteger, nullable=False),
    Column("final_hash", LargeBinary),
    Column("tip_height", BigInteger, nullable=False),
    Column("tip_hash", LargeBinary),
    Column("since", BigInteger, nullable=False),
)

note_table = Table(
    "activity_note",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("entry_id", Text, primary_key=True),
    words_column("note", row="entry_id"),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
)

_m = movement_table.c


@dataclass(frozen=True, slots=True)
class MovementRow:
    """A movement as stored. `counterparty`: CAIP-10; `block_hash` is empty where the chain's blocks are not asked for
    (Solana); of an account's movements in one transaction `place` tells them apart."""

    account: AccountId
    tx_hash: str
    place: int
    incoming: bool
    block_hash: bytes
    asset: AssetId
    counterparty: str | None
    base_units: int
    height: int
    block_time: int
    ok: bool
    fee: int


@dataclass(frozen=True, slots=True)
class MovementCursor:
    """How far a chain was read for movements.

    Attributes:
        final_height, final_hash: Everything up to here can no longer change.
        tip_height, tip_hash: The newest block that was read.
        since: Nothing below this height was read: there was no account here yet.
    """

    chain: ChainId
    final_height: int
    final_hash: bytes | None
    tip_height: int
    tip_hash: bytes | None
    since: int


async def hold_chain(tx: Transaction, chain: ChainId) -> None:
    """One reading of a chain at a time, until the transaction ends."""
    await lock_for_transaction(tx, "movements", chain)


async def cursor_of(tx: Transaction, chain: ChainId) -> MovementCursor | None:
    table = movement_cursor_table
    row = (await tx.execute(select(table).where(table.c.chain == str(chain)))).first()
    if row is None:
        return None
    return MovementCursor(chain, row.final_height, row.final_hash, row.tip_height, row.tip_hash, row.since)


async def put_cursor(tx: Transaction, cursor: MovementCursor) -> None:
    values = {
        "final_height": cursor.final_height,
        "final_hash": cursor.final_hash,
        "tip_height": cursor.tip_height,
        "tip_hash": cursor.tip_hash,
        "since": cursor.since,
    }
    await tx.execute(
        upsert(movement_cursor_table)
        .values(chain=str(cursor.chain), **values)
        .on_conflict_do_update(index_elements=["chain"], set_=values)
    )


async def mark_gone(
    tx: Transaction,
    chain: ChainId,
    since: int,
    *,
    accounts: Collection[AccountId] | None = None,
) -> None:
    """What was seen at these heights and above no longer stands, until it is seen again. Nothing is deleted."""
    condition = and_(_m.chain == str(chain), _m.height >= since, not_(_m.gone))
    if accounts is not None:
        condition = and_(condition, _m.account.in_([str(one) for one in accounts]))
    await tx.execute(update(movement_table).where(condition).values(gone=True))


async def put_movements(tx: Transaction, rows: Sequence[MovementRow]) -> None:
    """Seen now: added, or standing again."""
    for start in range(0, len(rows), 1_000):
        statement = upsert(movement_table).values(
            [
                {
                    "account": str(one.account),
                    "tx_hash": one.tx_hash,
                    "place": one.place,
                    "incoming": one.incoming,
                    "block_hash": one.block_hash,
                    "chain": str(one.account.chain),
                    "asset": str(one.asset),
                    "counterparty": one.counterparty,
                    "base_units": one.base_units,
                    "height": one.height,
                    "block_time": one.block_time,
                    "ok": one.ok,
                    "fee": one.fee,
                    "gone": False,
                }
                for one in rows[start : start + 1_000]
            ]
        )
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["account", "tx_hash", "place", "incoming", "block_hash"],
                set_={"gone": False, "height": statement.excluded.height, "block_time": statement.excluded.block_time},
            )
        )


async def known_transactions(tx: Transaction, account: AccountId, until: int) -> frozenset[str]:
    """Hashes of an account's standing transactions at heights up to `until`."""
    rows = await tx.execute(
        select(_m.tx_hash).where(_m.account == str(account), _m.height <= until, not_(_m.gone)).distinct()
    )
    return frozenset(rows.scalars())


class MovementSource:
    """`ActivitySource` of what was seen on chains. What was replaced is shown once more only if it never came back."""

    async def entries(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> Sequence[ActivityEntry]:
        kind = case((_m.incoming, "received"), (_m.base_units == 0, "called"), else_="sent")
        inner = (
            select(
                movement_table,
                movement_cursor_table.c.final_height.label("final_height"),
                kind.label("kind"),
                func.to_timestamp(_m.block_time).label("at"),
                _entry_id().label("entry_id"),
            )
            .select_from(movement_table)
            .join(movement_cursor_table, movement_cursor_table.c.chain == _m.chain, isouter=True)
            .where(_m.account.in_([str(one) for one in wanted.accounts]), _shown())
            .subquery()
        )
        c = inner.c
        # A symbol is no column: assets that bear the searched one are named by it here.
        symbol = case((c.asset.in_(sorted(wanted.searched_assets)), wanted.search), else_="")
        statement = select(inner).where(
            filtered(wanted, c, func.concat(c.tx_hash, " ", c.counterparty, " ", c.asset, " ", c.account, " ", symbol))
        )
        rows = await tx.execute(statement.order_by(c.at.desc(), c.entry_id.desc()).limit(wanted.limit))
        return [_movement_entry(row) for row in rows]


def _entry_id() -> Any:
    return func.concat(
        "move:",
        _m.tx_hash,
        ":",
        _m.place,
        case((_m.incoming, ":in:"), else_=":out:"),
        func.left(func.encode(_m.block_hash, "hex"), 16),
        ":",
        _m.account,
    ).collate("C")


def _shown() -> Any:
    again = movement_table.alias("again")
    came_back = exists().where(
        again.c.account == _m.account, again.c.tx_hash == _m.tx_hash, not_(again.c.gone), _m.gone
    )
    return or_(not_(_m.gone), not_(came_back))


def filtered(wanted: Wanted, c: Any, named: Any) -> Any:
    """The condition on rows of a source.

    Args:
        c: Its columns, of them `kind`, `at` and `entry_id`.
        named: Text that a search looks into.
    """
    conditions: list[Any] = []
    if wanted.kinds is not None:
        conditions.append(c.kind.in_(sorted(wanted.kinds)))
    if wanted.since is not None:
        conditions.append(c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(c.at < wanted.until)
    if wanted.before is not None:
        at, entry_id = wanted.before
        conditions.append(or_(c.at < at, and_(c.at == at, c.entry_id < entry_id)))
    if wanted.search is not None:
        conditions.append(
            or_(
                c.kind.in_(sorted(wanted.searched_kinds)),
                c.entry_id.in_(sorted(wanted.noted)),
                func.lower(named).contains(wanted.search.lower(), autoescape=True),
                *(func.lower(named).contains(name.lower(), autoescape=True) for name in sorted(wanted.searched_names)),
            )
        )
    return and_(true(), *conditions)


def _movement_entry(row: Row[Any]) -> ActivityEntry:
    account = AccountId.parse(row.account)
    final = row.final_height is not None and row.height <= row.final_height
    if row.gone:
        state = ActivityState.REVERSED
    elif not row.ok:
        state = ActivityState.FAILED
    else:
        state = ActivityState.DONE if final else ActivityState.PENDING
    native = str(AssetId.native(account.chain))
    amount = None if row.kind == "called" else Figure(int(row.base_units), row.asset, None, None)
    return ActivityEntry(
        id=row.entry_id,
        at=row.at,
        kind=row.kind,
        state=state,
        direction=Direction.IN if row.incoming else Direction.OUT,
        account=account,
        chain=account.chain,
        tx_hash=row.tx_hash,
        height=row.height,
        amount=amount,
        fee=Figure(int(row.fee), native, None, None) if row.fee else None,
        counterparty=row.counterparty,
    )


# --- notes ---


async def put_note(tx: Transaction, tenant_id: UUID, entry_id: str, note: str) -> None:
    """Raises PersonErased."""
    values = {"note": words_in(tx).sealed(note_table.c.note, tenant_id, note), "updated_at": func.now()}
    await tx.execute(
        upsert(note_table)
        .values(tenant_id=tenant_id, entry_id=entry_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "entry_id"], set_=values)
    )


async def erase_note(tx: Transaction, tenant_id: UUID, entry_id: str) -> bool:
    """False when there was none."""
    found = await tx.execute(
        delete(note_table)
        .where(note_table.c.tenant_id == tenant_id, note_table.c.entry_id == entry_id)
        .returning(note_table.c.entry_id)
    )
    return found.first() is not None


async def notes_of(tx: Transaction, tenant_id: UUID, entries: Collection[str]) -> Mapping[str, str]:
    return await _notes(tx, tenant_id, note_table.c.entry_id.in_(sorted(entries)))


async def all_notes(tx: Transaction, tenant_id: UUID) -> Mapping[str, str]:
    """Every note of a person, by entry."""
    return await _notes(tx, tenant_id, true())


async def _notes(tx: Transaction, tenant_id: UUID, which: Any) -> Mapping[str, str]:
    words, own = words_in(tx), note_table.c.tenant_id == tenant_id
    rows = await tx.execute(select(note_table).where(own, which).order_by(note_table.c.entry_id))
    opened = {row.entry_id: words.text(note_table.c.note, tenant_id, row.note) for row in rows}
    return {entry_id: note for entry_id, note in opened.items() if note is not None}


async def hold_notes(tx: Transaction, tenant_id: UUID) -> None:
    """One new note at a time, so that their number stays bounded."""
    await lock_for_transaction(tx, "activity_notes", tenant_id)


async def noted(tx: Transaction, tenant_id: UUID) -> frozenset[str]:
    """Entries with a note."""
    rows = await tx.execute(select(note_table.c.entry_id).where(note_table.c.tenant_id == tenant_id))
    return frozenset(rows.scalars())


async def noted_with(tx: Transaction, tenant_id: UUID, search: str) -> frozenset[str]:
    """Entries whose note holds the text, whatever the case. All notes of the person are opened for it: the database
    cannot look into them, and `MAX_NOTES` bounds them."""
    needle = search.casefold()
    notes = await all_notes(tx, tenant_id)
    return frozenset(entry_id for entry_id, note in notes.items() if needle in note.casefold())


async def forget_notes(tx: Transaction, tenant_id: UUID) -> None:
    """All of a person."""
    await tx.execute(delete(note_table).where(note_table.c.tenant_id == tenant_id))
