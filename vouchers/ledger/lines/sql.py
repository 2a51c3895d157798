"""Rows of issues, written from whole columns; they are those that `vouchers.ledger.sql` writes one by one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Integer, bindparam, func, select, text

from chains.events import IssuedLine
from persistence.database import Transaction
from persistence.types import BigInteger, LargeBinary, Text
from primitives.chain_id import ChainId
from vouchers.ledger.sql import ledger_entry_table

Key = tuple[int, int, int, bytes]
"""Height, transaction index, event index and block hash: what makes a fact of one chain the same fact."""

_e = ledger_entry_table.c
_BATCH = 52
"""Hex digits of campaign, lane and class in a voucher's id."""

_SHARED = (
    ("height", BigInteger),
    ("transaction_index", Integer),
    ("block_hash", LargeBinary),
    ("tx_hash", Text),
    ("block_time", BigInteger),
)
"""What all lines of one transaction have in common."""
_OWN = ("voucher", "holder")
_OWN_NUMBERS = ("ordinal", "event_index")
"""What each line has to itself; `ordinal` is its transaction's place, from 1. Its numbers travel as one text: the
driver looks at each number of a list for what it could be."""

# Whole columns, not COPY: the server takes one message and then works alone, while the next page is taken apart here.
# COPY waits for the next part of the rows at every turn.
_ADD = text(
    """
    WITH line AS MATERIALIZED (
        SELECT * FROM unnest(
                string_to_array(:ordinal, ',')::int[], string_to_array(:event_index, ',')::bigint[], :voucher, :holder
            ) AS own (ordinal, event_index, voucher, holder)
        JOIN unnest(:height, :transaction_index, :block_hash, :tx_hash, :block_time) WITH ORDINALITY
            AS shared (height, transaction_index, block_hash, tx_hash, block_time, ordinal) USING (ordinal)
    ),
    entry AS (
        INSERT INTO ledger_entry (
            chain, height, transaction_index, event_index, block_hash, observation, tx_hash, block_time, kind,
            campaign_id, voucher_id, fact
        )
        SELECT :chain, height, transaction_index, event_index, block_hash, 0, tx_hash, block_time, 'issued',
            left(voucher, 48), voucher, jsonb_build_object('voucher', voucher, 'holder', holder)
        FROM line
    )
    INSERT INTO voucher (
        id, campaign_id, chain, holder, status, moves, issued_height, issued_at, last_height, diverged
    )
    SELECT voucher, left(voucher, 48), :chain, holder, 'live', 0, height, block_time, height, false FROM line
    """
).bindparams(
    bindparam("chain", type_=Text),
    *(bindparam(name, type_=ARRAY(kind)) for name, kind in _SHARED),
    *(bindparam(name, type_=ARRAY(Text)) for name in _OWN),
    *(bindparam(name, type_=Text) for name in _OWN_NUMBERS),
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
    transactions: dict[tuple[int, int, bytes, str, int], int] = {}
    ordinals = [
        transactions.setdefault((height, tx_index, block_hash, tx_hash, time), len(transactions) + 1)
        for height, tx_index, _, block_hash, tx_hash, time, _, _ in lines
    ]
    columns: dict[str, Any] = {
        "chain": str(chain),
        "ordinal": ",".join(map(str, ordinals)),
        "event_index": ",".join([str(line[2]) for line in lines]),
        "voucher": [line[6] for line in lines],
        "holder": [line[7] for line in lines],
    }
    shared = zip(*transactions, strict=True)
    columns |= {name: list(values) for (name, _), values in zip(_SHARED, shared, strict=True)}
    await tx.execute(_ADD, columns)


async def without_waiting_for_the_disk(tx: Transaction) -> None:
    """Commit without a flush. A crash of the server may lose the newest commits whole, with the cursor that stands in
    them: they are read from the chain again."""
    await tx.execute(text("SET LOCAL synchronous_commit = off"))
