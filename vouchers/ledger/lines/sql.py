"""Rows of issues, written by COPY as text; they are byte for byte those that `vouchers.ledger.sql` writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, select, text

from chains.events import IssuedLine
from persistence.copying import copy_text
from persistence.database import Transaction
from primitives.chain_id import ChainId
from vouchers.ledger.sql import ledger_entry_table, voucher_table

Key = tuple[int, int, int, bytes]
"""Height, transaction index, event index and block hash: what makes a fact of one chain the same fact."""

_e = ledger_entry_table.c
_CAMPAIGN = 48
"""Hex digits of the campaign in a voucher's id; lane and class take four more."""
_BATCH = 52

_ENTRY = (
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
    "fact",
)
_VOUCHER = (
    "id",
    "campaign_id",
    "chain",
    "holder",
    "status",
    "moves",
    "issued_height",
    "issued_at",
    "last_height",
    "diverged",
)


async def keys_between(tx: Transaction, chain: ChainId, since: int, until: int | None) -> Mapping[Key, int]:
    """The newest observation's number of every fact at heights `since … until` (None: no end)."""
    key = (_e.height, _e.transaction_index, _e.event_index, _e.block_hash)
    statement = select(*key, func.max(_e.observation)).where(_e.chain == str(chain), _e.height >= since)
    if until is not None:
        statement = statement.where(_e.height <= until)
    rows = await tx.execute(statement.group_by(*key))
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


async def with_history(tx: Transaction, vouchers: Collection[str]) -> frozenset[str]:
    """Those of the vouchers that have entries already, reversed ones counted too.

    Numbers of a campaign follow each other, so that mostly one look at the range says that there is none.
    """
    batches: dict[str, list[str]] = {}
    for voucher in vouchers:
        batches.setdefault(voucher[:_BATCH], []).append(voucher)
    found: set[str] = set()
    for batch in batches.values():
        first, last = min(batch), max(batch)
        between = select(_e.voucher_id).where(_e.voucher_id >= first, _e.voucher_id <= last).limit(1)
        if (await tx.execute(between)).first() is not None:
            known = select(_e.voucher_id).where(_e.voucher_id == func.any(batch)).distinct()
            found.update((await tx.execute(known)).scalars())
    return frozenset(found)


async def add_issued(tx: Transaction, chain: ChainId, lines: Sequence[IssuedLine]) -> None:
    """First observations of issues, and the vouchers that they make.

    Neither the fact nor the voucher may have a row yet.
    """
    await copy_text(tx, ledger_entry_table, _ENTRY, _entries(str(chain), lines))
    await copy_text(tx, voucher_table, _VOUCHER, _vouchers(str(chain), lines))


async def without_waiting_for_the_disk(tx: Transaction) -> None:
    """Commit without a flush. A crash of the server may lose the newest commits whole, with the cursor that stands in
    them: they are read from the chain again."""
    await tx.execute(text("SET LOCAL synchronous_commit = off"))


def _entries(chain: str, lines: Iterable[IssuedLine]) -> Iterable[str]:
    # Nothing in a line has to be escaped: hex, decimal numbers and CAIP-10 ids.
    return (
        f"{chain}\t{height}\t{tx_index}\t{index}\t\\\\x{block_hash.hex()}\t0\t{tx_hash}\t{time}\tissued\t"
        f'{voucher[:_CAMPAIGN]}\t{voucher}\t{{"voucher":"{voucher}","holder":"{holder}"}}\n'
        for height, tx_index, index, block_hash, tx_hash, time, voucher, holder in lines
    )


def _vouchers(chain: str, lines: Iterable[IssuedLine]) -> Iterable[str]:
    return (
        f"{voucher}\t{voucher[:_CAMPAIGN]}\t{chain}\t{holder}\tlive\t0\t{height}\t{time}\t{height}\tf\n"
        for height, _, _, _, _, time, voucher, holder in lines
    )
