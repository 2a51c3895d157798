"""The indexer: reads the chains' voucher facts into the ledger and keeps the projection equal to them.

Reading ranges is the truth; whatever announces a block is only a hint to read sooner. Every height is read twice. Near
the head it is read as soon as it is there; the hash of the newest block read (the tip) tells at the next scan whether
what was read still holds, and when it does not, everything above the settled heights is read and compared again: a fact
that is gone gets a reversing observation, a fact that is new an entry, and nobody needs to know which block replaced
which. Once heights are final they are read a second time, in pages that follow each other by block hash, and never
again: what a node did not tell near the head, it tells then.

On Solana, where no hash of one slot vouches for the slots before it, everything above the settled heights is read at
each scan.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from chains.campaign import CampaignTerms
from chains.events import EventPage, IssuedLine, LinePage, TokenEvent
from chains.ports import Chains, Heads, ReadsLines
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue, hasten
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable
from vouchers.campaigns.sql import campaigns_on
from vouchers.ledger import sql
from vouchers.ledger.events import announce
from vouchers.ledger.lines import sql as lines
from vouchers.ledger.lines.sql import Key
from vouchers.ledger.model import ChainCursor, LedgerEntry
from vouchers.ledger.page_size import next_span
from vouchers.ledger.projection import record, record_page

log = structlog.get_logger()

SCAN = "ledger.scan"
PAUSE = timedelta(seconds=1)
PAGES_PER_SCAN = 40
_PAGES_AHEAD = 2
"""Pages that are read while one is written: one is being answered by the node, one taken apart here."""
LATE_HEIGHTS = {"solana": 32}
"""Heights below the finalized head that are read again. Solana nodes index the transactions of an address after the
block is carried out, so that the history of a finalized slot may still grow."""
REREAD_FAMILIES = frozenset({"solana"})


@dataclass(frozen=True, slots=True)
class _Read:
    """A page as it was read. `since` and `until` are both included."""

    since: int
    until: int
    found: LinePage

    @property
    def page(self) -> EventPage:
        return self.found.page


class Indexer:
    """Handler of `ledger.scan`, one job per chain that comes back for ever.

    Args:
        rewindable: Local chains, where a head below our final height is a restart of the test node, not a catastrophe.
        pause: Between two scans at the head.
    """

    def __init__(
        self, chains: Chains, *, rewindable: frozenset[ChainId] = frozenset(), pause: timedelta = PAUSE
    ) -> None:
        self._chains = chains
        self._rewindable = rewindable
        self._pause = pause

    def handlers(self) -> Mapping[str, Handler]:
        return {SCAN: self.scan}

    async def start(self, database: Database) -> None:
        """Make sure that every chain is being read; calling it again is the hint that there may be something new."""
        async with database.transaction() as tx:
            for chain in self._chains.all():
                await enqueue(tx, SCAN, str(chain), {"chain": str(chain)})

    async def new_block(self, tx: Transaction, chain: ChainId) -> None:
        """A hint that the chain may have grown: the next scan begins now, and believes nothing of it."""
        await hasten(tx, SCAN, str(chain))

    async def scan(self, ctx: JobContext) -> Again:
        """Read what is new; at the head, come back after a pause."""
        chain = ChainId.parse(ctx.job.payload["chain"])
        more = await self._read(ctx, chain)
        return Again(timedelta(0) if more else self._pause)

    async def _read(self, ctx: JobContext, chain: ChainId) -> bool:
        """One round; whether there is more to read at once."""
        adapter = self._chains.adapter(chain)
        self._chains.book(chain)
        async with ctx.transaction() as tx:
            cursor = await sql.cursor_of(tx, chain)
        if cursor.halted is not None:
            return False
        # The heads before the campaigns: what was launched later is in a block above them. The campaigns before the
        # facts, and the facts after the heads: below the finalized head nothing can change any more.
        heads = await adapter.heads()
        checked = await self._checked(ctx, cursor, heads)
        if checked is None:
            return False
        cursor = dataclasses.replace(
            checked, included=heads.included, safe=heads.safe, finalized=max(heads.finalized, checked.finalized)
        )
        async with ctx.transaction() as tx:
            terms = [campaign.terms(chain) for campaign in await campaigns_on(tx, chain)]
        settled = min(heads.finalized - LATE_HEIGHTS.get(chain.family, 0), heads.included)
        cursor = await self._settle(ctx, cursor, terms, settled, previous=checked)
        if cursor.final_height < settled:
            return True
        return await self._follow(ctx, cursor, terms, heads, previous=checked)

    # ------------------------------------------------------------------------------------------------- final heights

    async def _settle(
        self,
        ctx: JobContext,
        cursor: ChainCursor,
        terms: Sequence[CampaignTerms],
        settled: int,
        *,
        previous: ChainCursor,
    ) -> ChainCursor:
        """Read final heights, the next pages while this one is written."""
        span = cursor.span
        following = cursor.final_height + 1
        ahead: deque[asyncio.Task[_Read]] = deque()
        try:
            for _ in range(PAGES_PER_SCAN):
                while following <= settled and len(ahead) < _PAGES_AHEAD:
                    until = min(settled, following + span - 1)
                    ahead.append(asyncio.create_task(self._page(cursor.chain, terms, following, until)))
                    following = until + 1
                if not ahead:
                    break
                read = await ahead.popleft()
                self._require_next(cursor.final_hash, read)
                span = next_span(span, read.found.count, read.page.pieces)
                final_hash = read.page.until_hash
                if final_hash is None:
                    final_hash = await self._chains.adapter(cursor.chain).block_hash(read.until)
                cursor = dataclasses.replace(cursor, final_height=read.until, final_hash=final_hash, span=span)
                if cursor.tip_height <= cursor.final_height:
                    cursor = dataclasses.replace(cursor, tip_height=cursor.final_height, tip_hash=final_hash)
                await self._store(ctx, read, cursor, previous)
        finally:
            for reading in ahead:
                reading.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)
        return cursor

    def _require_next(self, before_hash: bytes | None, read: _Read) -> None:
        if before_hash is not None and read.page.before_hash not in (None, before_hash):
            raise NodeUnavailable(
                f"the node's block {read.since - 1} is not the one that is final here: ask again", reason="other branch"
            )

    # ------------------------------------------------------------------------------------------------ near the head

    async def _follow(
        self,
        ctx: JobContext,
        cursor: ChainCursor,
        terms: Sequence[CampaignTerms],
        heads: Heads,
        *,
        previous: ChainCursor,
    ) -> bool:
        """Read what is above the final heights; whether there is more to read at once."""
        chain = cursor.chain
        if chain.family in REREAD_FAMILIES or cursor.tip_hash is None or cursor.tip_height < cursor.final_height:
            cursor = dataclasses.replace(cursor, tip_height=cursor.final_height, tip_hash=cursor.final_hash)
        if heads.included < cursor.tip_height:
            if chain not in self._rewindable:
                # This node is behind the one that told of the tip. Nothing is undone on its word.
                log.info("head_is_behind", chain=str(chain), head=heads.included, tip=cursor.tip_height)
                return False
            cursor = dataclasses.replace(cursor, tip_height=cursor.final_height, tip_hash=cursor.final_hash)
        since = cursor.tip_height + 1
        if since > heads.included and since <= cursor.final_height + 1:
            await self._store_cursor(ctx, cursor)
            return False
        if since > heads.included:
            # Nothing new; but the tip may have been replaced by a block of the same height.
            known = await self._chains.adapter(chain).block_hash(cursor.tip_height)
            if known == cursor.tip_hash or known is None:
                await self._store_cursor(ctx, cursor)
                return False
            cursor, since = self._back_to_final(cursor, "the tip was replaced"), cursor.final_height + 1
        until = min(heads.included, since + cursor.span - 1)
        read = await self._page(chain, terms, since, until)
        if cursor.tip_hash is not None and read.page.before_hash not in (None, cursor.tip_hash):
            cursor = self._back_to_final(cursor, "the block after the tip has another parent")
            since = cursor.tip_height + 1
            until = min(heads.included, since + cursor.span - 1)
            read = await self._page(chain, terms, since, until)
            self._require_next(cursor.final_hash, read)
        at_head = until == heads.included
        span = next_span(cursor.span, read.found.count, read.page.pieces)
        cursor = dataclasses.replace(cursor, tip_height=until, tip_hash=read.page.until_hash, span=span)
        await self._store(ctx, read, cursor, previous, to_the_end=at_head)
        return not at_head

    def _back_to_final(self, cursor: ChainCursor, why: str) -> ChainCursor:
        log.warning("chain_reorganised", chain=str(cursor.chain), tip=cursor.tip_height, why=why)
        return dataclasses.replace(cursor, tip_height=cursor.final_height, tip_hash=cursor.final_hash)

    # ------------------------------------------------------------------------------------------------------- pages

    async def _page(self, chain: ChainId, terms: Sequence[CampaignTerms], since: int, until: int) -> _Read:
        if not terms and chain.family in REREAD_FAMILIES:
            return _Read(since, until, LinePage(EventPage(since, until, ())))
        book = self._chains.book(chain)
        if isinstance(book, ReadsLines):
            return _Read(since, until, await book.lines(terms, since, until))
        return _Read(since, until, LinePage(await book.events(terms, since, until)))

    async def _store(
        self, ctx: JobContext, read: _Read, cursor: ChainCursor, previous: ChainCursor, *, to_the_end: bool = False
    ) -> None:
        """Write the differences, what follows from them, and the cursor: one commit."""
        chain = cursor.chain
        async with ctx.transaction() as tx:
            await lines.without_waiting_for_the_disk(tx)
            await sql.hold_chain(tx, chain)
            until = None if to_the_end else read.until
            stored = await lines.keys_between(tx, chain, read.since, until)
            new = unseen(stored, read.found)
            if new is None:
                facts = [LedgerEntry(chain, event) for event in read.found.whole().events]
                changes = compare(chain, await sql.newest_between(tx, chain, read.since, until), facts)
                if chain.family in REREAD_FAMILIES and chain not in self._rewindable:
                    # What was final stays so: a node that misses it now lags behind the one that told of it.
                    changes = [one for one in changes if not one.reversing or one.position.height > previous.finalized]
                if changes:
                    await record(tx, chain, changes)
                    await announce(tx, chain, changes)
            elif new.count:
                issued, entries = await record_page(tx, chain, new.issued, new.page.events)
                await announce(tx, chain, entries, issued)
            await sql.put_cursor(tx, cursor)
        fault_point("ledger.page_stored")

    async def _store_cursor(self, ctx: JobContext, cursor: ChainCursor) -> None:
        async with ctx.transaction() as tx:
            await sql.put_cursor(tx, cursor)

    # -------------------------------------------------------------------------------------------------- final truth

    async def _checked(self, ctx: JobContext, cursor: ChainCursor, heads: Heads) -> ChainCursor | None:
        """The cursor to go on from: the same, or on a rewound local chain the beginning; None: not now."""
        if cursor.final_height < 0:
            return cursor
        rewindable = cursor.chain in self._rewindable
        if heads.included < cursor.final_height:
            what = f"the head {heads.included} is below the final height {cursor.final_height}"
            if not rewindable:
                # No chain of value shrinks below its final block: this node is behind.
                log.warning("head_is_behind", chain=str(cursor.chain), what=what)
                return None
        else:
            found = await self._chains.adapter(cursor.chain).block_hash(cursor.final_height)
            if cursor.final_hash is None or found == cursor.final_hash:
                return cursor
            if found is None and not rewindable:
                raise NodeUnavailable(f"the node does not have block {cursor.final_height}", reason="no block")
            what = f"the block at final height {cursor.final_height} was replaced"
        if rewindable:
            log.warning("local_chain_rewound", chain=str(cursor.chain), what=what)
            return ChainCursor(cursor.chain, span=cursor.span)
        log.error("ledger_halted", chain=str(cursor.chain), what=what)
        await self._store_cursor(ctx, dataclasses.replace(cursor, halted=what))
        return None


def unseen(stored: Mapping[Key, int], found: LinePage) -> LinePage | None:
    """What of a page is not stored yet; None when something stored is gone, or is back: then they must be compared.

    Args:
        stored: Number of the newest observation of every fact of the range.
    """
    issued: dict[Key, IssuedLine] = {line[:4]: line for line in found.issued}
    others: dict[Key, TokenEvent] = {_place(event): event for event in found.page.events}
    for key, observation in stored.items():
        if (key in issued or key in others) == (observation % 2 == 1):
            return None
    if stored:
        issued = {key: line for key, line in issued.items() if key not in stored}
        others = {key: event for key, event in others.items() if key not in stored}
    return LinePage(dataclasses.replace(found.page, events=tuple(others.values())), list(issued.values()))


def compare(chain: ChainId, stored: Sequence[LedgerEntry], found: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """The observations that make the stored ones say what the chain now says.

    Args:
        stored: The newest observation of every fact of the range.
        found: What the chain now has in the range.
    """
    if not stored:
        return list({_identity(entry): entry for entry in found}.values())
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


def _identity(entry: LedgerEntry) -> Key:
    return _place(entry.event)


def _place(event: TokenEvent) -> Key:
    position = event.position
    return position.height, position.transaction_index, position.event_index, position.block_hash
