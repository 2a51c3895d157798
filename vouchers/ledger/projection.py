"""The vouchers as their standing facts make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from chains.events import IssuedLine, TokenEvent
from persistence.database import Database, Transaction
from primitives.chain_id import ChainId
from primitives.voucher_id import VoucherId
from vouchers.ledger import sql
from vouchers.ledger.lines import sql as lines
from vouchers.ledger.model import LedgerEntry, Voucher, voucher_after, voucher_of


async def record(tx: Transaction, chain: ChainId, changes: Sequence[LedgerEntry]) -> None:
    """Append observations that are not there yet; the vouchers that they touch become what now stands."""
    touched: dict[VoucherId, list[TokenEvent]] = {}
    for entry in changes:
        voucher = voucher_of(entry.event.fact)
        if voucher is not None:
            touched.setdefault(voucher, []).append(entry.event)
    history = await sql.vouchers_with_history(tx, touched)
    await sql.append(tx, changes)
    # A voucher without history is what these changes alone make it, and stands in no row yet.
    fresh: list[Voucher] = []
    old: list[VoucherId] = []
    for voucher, events in touched.items():
        if voucher in history:
            old.append(voucher)
        elif (state := voucher_after(chain, events)) is not None:
            fresh.append(state)
    await sql.add_vouchers(tx, fresh)
    if old:
        await _project_again(tx, chain, old, await sql.standing_facts_of(tx, old))


async def record_page(
    tx: Transaction, chain: ChainId, issued: Sequence[IssuedLine], others: Sequence[TokenEvent]
) -> tuple[Sequence[IssuedLine], Sequence[LedgerEntry]]:
    """Append first observations of one page; the vouchers that they touch become what now stands.

    Issues of vouchers that nothing else is known of go in as lines, the others one by one as entries: answered are
    both parts.
    """
    elsewhere = {str(voucher) for event in others if (voucher := voucher_of(event.fact)) is not None}
    times = Counter(line.voucher for line in issued)
    if len(times) != len(issued):
        elsewhere.update(voucher for voucher, count in times.items() if count > 1)
    elsewhere.update(await lines.with_history(tx, times))
    quick = [line for line in issued if line.voucher not in elsewhere] if elsewhere else issued
    slow = [line.event() for line in issued if line.voucher in elsewhere] if elsewhere else []
    entries = [LedgerEntry(chain, event) for event in (*slow, *others)]
    if quick:
        await lines.add_issued(tx, chain, quick)
    if entries:
        await record(tx, chain, entries)
    return quick, entries


async def _project_again(
    tx: Transaction, chain: ChainId, vouchers: Sequence[VoucherId], standing: Mapping[VoucherId, Sequence[LedgerEntry]]
) -> None:
    for voucher in vouchers:
        state = voucher_after(chain, [entry.event for entry in standing.get(voucher, ())])
        if state is None:
            await sql.drop_voucher(tx, voucher)
        else:
            await sql.put_voucher(tx, state)


async def rebuild(database: Database) -> int:
    """Drop the projection and make it again from the entries alone. Returns the number of vouchers."""
    async with database.transaction() as tx:
        await sql.drop_all_vouchers(tx)
        vouchers = await sql.known_vouchers(tx)
        standing = await sql.standing_facts_of(tx, vouchers)
        states = [
            state
            for entries in standing.values()
            if (state := voucher_after(entries[0].chain, [entry.event for entry in entries])) is not None
        ]
        await sql.add_vouchers(tx, states)
    return len(vouchers)
