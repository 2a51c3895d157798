"""The indexer: reads the chains' voucher facts into the ledger and keeps the projection equal to them.

Heights up to the finalized head (on Solana up to a little below it) are read once. Everything above is read again at
each scan and compared with what is stored: a fact that is gone gets a reversing observation, a fact that is new an
entry. So a reorganisation of any depth above finality is followed without asking which block replaced which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from chains.ports import Chains, Heads
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.voucher_id import VoucherId
from vouchers.campaigns.sql import campaigns_on
from vouchers.ledger import sql
from vouchers.ledger.events import announce
from vouchers.ledger.model import ChainCursor, LedgerEntry, voucher_after, voucher_of

log = structlog.get_logger()

PAGE_HEIGHTS = 2_000
PAUSE = timedelta(seconds=1)
LATE_HEIGHTS = {"solana": 32}
"""Heights below the finalized head that are read again. Solana nodes index the transactions of an address after the
block is carried out, so that the history of a finalized slot may still grow."""


class Indexer:
    """Handler of `ledger.scan`, one job per chain that comes back for ever.

    Args:
        rewindable: Local chains, where a head below our final height is a restart of the test node, not a catastrophe.
    """

    def __init__(self, chains: Chains, *, rewindable: frozenset[ChainId] = frozenset()) -> None:
        self._chains = chains
        self._rewindable = rewindable

    def handlers(self) -> Mapping[str, Handler]:
        return {"ledger.scan": self.scan}

    async def start(self, database: Database) -> None:
        """Make sure that every chain is being read."""
        async with database.transaction() as tx:
            for chain in self._chains.all():
                await enqueue(tx, "ledger.scan", str(chain), {"chain": str(chain)})

    async def scan(self, ctx: JobContext) -> Again:
        """Read one page; at the head, come back after a pause."""
        chain = ChainId.parse(ctx.job.payload["chain"])
        more = await self._read_page(ctx, chain)
        return Again(timedelta(0) if more else PAUSE)

    async def _read_page(self, ctx: JobContext, chain: ChainId) -> bool:
        adapter, book = self._chains.adapter(chain), self._chains.book(chain)
        async with ctx.transaction() as tx:
            cursor = await sql.cursor_of(tx, chain)
        if cursor.halted is not None:
            return False
        # The heads before the campaigns: what was launched later is in a block above them. The campaigns before the
        # facts, and the facts after the heads: below the finalized head nothing can change any more.
        heads = await adapter.heads()
        cursor = await self._checked(ctx, cursor, heads)
        if cursor.halted is not None:
            return False
        async with ctx.transaction() as tx:
            campaigns = await campaigns_on(tx, chain)
        since = cursor.final_height + 1
        until = min(heads.included, since + PAGE_HEIGHTS - 1)
        at_head = until == heads.included
        terms = [campaign.terms(chain) for campaign in campaigns]
        found = (await book.events(terms, since, until)).events if terms and until >= since else ()
        settled = heads.finalized - LATE_HEIGHTS.get(chain.family, 0)
        final_height = max(cursor.final_height, min(settled, until))
        final_hash = cursor.final_hash
        if final_height != cursor.final_height:
            final_hash = await adapter.block_hash(final_height)
        async with ctx.transaction() as tx:
            await sql.hold_chain(tx, chain)
            stored = await sql.newest_between(tx, chain, since, None if at_head else until)
            changes = compare(chain, stored, [LedgerEntry(chain, event) for event in found])
            if chain not in self._rewindable:
                # What was final stays so: a node that misses it now lags behind the one that told of it.
                changes = [one for one in changes if not one.reversing or one.position.height > cursor.finalized]
            await sql.append(tx, changes)
            await project(tx, chain, changes)
            await announce(tx, changes)
            await sql.put_cursor(
                tx,
                ChainCursor(chain, final_height, final_hash, heads.included, heads.safe, heads.finalized),
            )
        fault_point("ledger.page_stored")
        return not at_head

    async def _checked(self, ctx: JobContext, cursor: ChainCursor, heads: Heads) -> ChainCursor:
        """The cursor to go on from: the same, or on a rewound local chain the beginning."""
        if cursor.final_height < 0:
            return cursor
        adapter = self._chains.adapter(cursor.chain)
        if heads.included >= cursor.final_height:
            if cursor.final_hash is None or await adapter.block_hash(cursor.final_height) == cursor.final_hash:
                return cursor
            what = f"the block at final height {cursor.final_height} was replaced"
        else:
            what = f"the head {heads.included} is below the final height {cursor.final_height}"
        if cursor.chain in self._rewindable:
            log.warning("local_chain_rewound", chain=str(cursor.chain), what=what)
            return ChainCursor(cursor.chain)
        log.error("ledger_halted", chain=str(cursor.chain), what=what)
        halted = ChainCursor(
            cursor.chain,
            cursor.final_height,
            cursor.final_hash,
            cursor.included,
            cursor.safe,
            cursor.finalized,
            halted=what,
        )
        async with ctx.transaction() as tx:
            await sql.put_cursor(tx, halted)
        return halted


def compare(chain: ChainId, stored: Sequence[LedgerEntry], found: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The observations that make the stored ones say what the chain now says.

    Args:
        stored: The newest observation of every fact of the range.
        found: What the chain now has in the range.
    """
    before = {_identity(entry): entry for entry in stored}
    now = {_identity(entry): entry for entry in found}
    gone = [
        LedgerEntry(chain, entry.event, entry.observation + 1)
        for identity, entry in before.items()
        if identity not in now and not entry.reversing
    ]
    new = []
    for identity, entry in now.items():
        known = before.get(identity)
        if known is None:
            new.append(entry)
        elif known.reversing:
            new.append(LedgerEntry(chain, entry.event, known.observation + 1))
    return [*gone, *new]


def _identity(entry: LedgerEntry) -> tuple[int, int, int, bytes]:
    position = entry.position
    return position.height, position.transaction_index, position.event_index, position.block_hash


async def project(tx: Transaction, chain: ChainId, changes: Sequence[LedgerEntry]) -> None:
    """Bring the vouchers that the changes touch to what their standing facts say."""
    touched = (voucher_of(entry.event.fact) for entry in changes)
    for voucher in dict.fromkeys(voucher for voucher in touched if voucher is not None):
        await project_voucher(tx, chain, voucher)


async def project_voucher(tx: Transaction, chain: ChainId, voucher: VoucherId) -> None:
    standing = await sql.standing_facts(tx, voucher)
    state = voucher_after(chain, [entry.event for entry in standing])
    if state is None:
        await sql.drop_voucher(tx, voucher)
    else:
        await sql.put_voucher(tx, state)


async def rebuild(database: Database) -> int:
    """Drop the projection and make it again from the entries alone. Returns the number of vouchers."""
    async with database.transaction() as tx:
        await sql.drop_all_vouchers(tx)
        vouchers = await sql.known_vouchers(tx)
        for voucher in vouchers:
            standing = await sql.standing_facts(tx, voucher)
            if standing:
                await project_voucher(tx, standing[0].chain, voucher)
    return len(vouchers)
