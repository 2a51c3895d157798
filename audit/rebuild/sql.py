"""The canonical view of each projection: what must be equal, row for row, after a rebuild.

Left out are when we observed something, and observations of facts that a reorganisation took back: no chain knows them
any more, and they are not dropped either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from persistence.database import Transaction
from primitives.chain_id import ChainId

# Event indices from here on are postings of whole transactions, which follow from payments and not from facts.
_OF_PAYMENT = 1 << 40

_STANDS = """
    e.observation % 2 = 0 AND NOT EXISTS (
        SELECT 1 FROM ledger_entry n WHERE n.chain = e.chain AND n.height = e.height
          AND n.transaction_index = e.transaction_index AND n.event_index = e.event_index
          AND n.block_hash = e.block_hash AND n.observation > e.observation)
"""

CANONICAL: Mapping[str, str] = {
    "ledger_entry": f"""
        SELECT e.chain, e.height, e.transaction_index, e.event_index, e.block_hash, e.tx_hash, e.block_time, e.kind,
            e.campaign_id, e.voucher_id, e.order_hash, e.redemption_id, e.fact
        FROM ledger_entry e JOIN rebuild_until u ON u.chain = e.chain AND e.height <= u.height
        WHERE {_STANDS}
    """,  # noqa: S608
    "voucher": """
        SELECT v.* FROM voucher v JOIN rebuild_until u ON u.chain = v.chain AND v.last_height <= u.height
    """,
    "book_entry": f"""
        SELECT b.chain, b.height, b.transaction_index, b.event_index, b.block_hash, b.leg, b.kind, b.campaign_id,
            b.account, b.party, b.asset, sum(b.base_units) AS base_units, b.order_hash, b.redemption_id, b.tx_hash,
            b.block_time
        FROM book_entry b JOIN rebuild_posted u ON u.chain = b.chain AND b.height <= u.height
        WHERE b.event_index < {_OF_PAYMENT}
        GROUP BY b.chain, b.height, b.transaction_index, b.event_index, b.block_hash, b.leg, b.kind, b.campaign_id,
            b.account, b.party, b.asset, b.order_hash, b.redemption_id, b.tx_hash, b.block_time
        HAVING sum(b.base_units) <> 0
    """,  # noqa: S608
}
"""The listed projections: all that `quanbao rebuild` drops, beside the cursors that say how far was read."""


async def remember(tx: Transaction) -> Mapping[ChainId, int]:
    """Copy the canonical views aside, in this connection's own tables. Answers the final heights that they go up to."""
    # Connections are used again, and an earlier rebuild may have left its copies in this one.
    left = ", ".join(f"pg_temp.rebuild_{name}" for name in ("until", "posted", *CANONICAL))
    await tx.execute(text(f"DROP TABLE IF EXISTS {left}"))
    await tx.execute(text("CREATE TEMP TABLE rebuild_until AS SELECT chain, final_height AS height FROM ledger_cursor"))
    await tx.execute(text("CREATE TEMP TABLE rebuild_posted AS SELECT chain, final_height AS height FROM book_cursor"))
    for name, view in CANONICAL.items():
        await tx.execute(text(f"CREATE TEMP TABLE rebuild_{name} AS {view}"))
    rows = await tx.execute(text("SELECT chain, height FROM rebuild_until"))
    return {ChainId.parse(row.chain): row.height for row in rows}


async def posted(tx: Transaction) -> Mapping[ChainId, int]:
    rows = await tx.execute(text("SELECT chain, height FROM rebuild_posted"))
    return {ChainId.parse(row.chain): row.height for row in rows}


async def drop(tx: Transaction) -> None:
    """Empty the projections. What no longer stands on any chain stays."""
    await tx.execute(text(f"DELETE FROM ledger_entry e WHERE {_STANDS}"))  # noqa: S608
    await tx.execute(
        text(
            "DELETE FROM ledger_entry e WHERE NOT EXISTS (SELECT 1 FROM ledger_entry n WHERE n.chain = e.chain "
            "AND n.height = e.height AND n.transaction_index = e.transaction_index AND n.event_index = e.event_index "
            "AND n.block_hash = e.block_hash AND n.observation % 2 = 1 AND n.observation >= e.observation)"
        )
    )
    await tx.execute(text("DELETE FROM ledger_cursor"))
    await tx.execute(text("DELETE FROM voucher"))
    await tx.execute(text(f"DELETE FROM book_entry WHERE event_index < {_OF_PAYMENT}"))  # noqa: S608
    await tx.execute(text("DELETE FROM book_cursor"))


async def compare(tx: Transaction, name: str, limit: int = 20) -> tuple[int, Sequence[str], Sequence[str]]:
    """Rows now, and those that are lost or new; at most `limit` of each, as JSON."""
    now = CANONICAL[name]
    count = (await tx.execute(text(f"SELECT count(*) FROM ({now}) c"))).scalar_one()  # noqa: S608
    answers = []
    for first, second in ((f"SELECT * FROM rebuild_{name}", now), (now, f"SELECT * FROM rebuild_{name}")):  # noqa: S608
        rows = await tx.execute(
            text(f"SELECT to_jsonb(d)::text FROM (({first}) EXCEPT ({second}) LIMIT {limit}) d")  # noqa: S608
        )
        answers.append([str(row[0]) for row in rows])
    return int(count), answers[0], answers[1]


async def edited_documents(tx: Transaction) -> Sequence[tuple[bytes, bytes]]:
    """Hash and body of every content-addressed document."""
    rows = await tx.execute(text("SELECT hash, body FROM document"))
    return [(bytes(row.hash), bytes(row.body)) for row in rows]
