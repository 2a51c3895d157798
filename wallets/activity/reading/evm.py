"""Follows EVM chains block by block, for all accounts together: durable work, one job per chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import structlog

from chains.evm.movements import EvmMovements, Movement, MovementPage
from chains.ports import Chains, Heads
from chains.rpc.client import JsonRpcClient
from persistence.database import Database
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.accounts.sql import every_account
from wallets.activity import sql
from wallets.activity.sql import MovementCursor, MovementRow

READ = "activity.read"
PAUSE = timedelta(seconds=2)
SPAN = 50
"""Blocks that are read together, with their transactions."""

log = structlog.get_logger()


class ReadChains(Chains, Protocol):
    """`chains.registry.ConfiguredChains` conforms."""

    def client(self, chain: ChainId) -> JsonRpcClient: ...


class EvmReader:
    """What is above the final block is read too, and read again when its blocks are replaced.

    Where no account is yet, nothing is read: accounts that are made here begin without a history. What an imported
    account did before is not in the list.

    Args:
        rewindable: Local test chains, which may begin anew; on others a replaced final block stops the reading.
    """

    def __init__(
        self,
        database: Database,
        chains: ReadChains,
        *,
        rewindable: frozenset[ChainId] = frozenset(),
        pause: timedelta = PAUSE,
    ) -> None:
        self._database = database
        self._chains = chains
        self._rewindable = rewindable
        self._pause = pause

    def handlers(self) -> Mapping[str, Handler]:
        return {READ: self._job}

    async def start(self, database: Database) -> None:
        """Make sure that every EVM chain is followed."""
        async with database.transaction() as tx:
            for chain in self._chains.all():
                if chain.family == "eip155":
                    await enqueue(tx, READ, str(chain), {"chain": str(chain)})

    async def _job(self, ctx: JobContext) -> Again:
        more = await self.read(ChainId.parse(ctx.job.payload["chain"]), ctx)
        return Again(timedelta(0) if more else self._pause)

    async def read(self, chain: ChainId, ctx: JobContext | None = None) -> bool:
        """Read on by one page; whether there is more. Raises NodeUnavailable."""
        adapter = self._chains.adapter(chain)
        heads = await adapter.heads()
        async with self._database.transaction() as tx:
            cursor = await sql.cursor_of(tx, chain)
            accounts = {one for one in await every_account(tx) if one.chain == chain}
        if not accounts and (cursor is None or cursor.final_height < heads.finalized):
            here = MovementCursor(chain, heads.finalized, None, heads.finalized, None, heads.finalized + 1)
            await self._store(ctx, here, None, -1)
            return False
        if cursor is None:
            cursor = MovementCursor(chain, -1, None, -1, None, 0)
        checked, back_to = await self._checked(cursor, heads)
        if checked is None:
            return False
        if checked.tip_height >= heads.included:
            final = min(heads.finalized, checked.tip_height)
            if final > checked.final_height or checked != cursor:
                await self._store(ctx, await self._final(checked, final), None, back_to)
            return False
        until = min(heads.included, checked.tip_height + SPAN)
        reader = EvmMovements(chain, self._chains.client(chain))
        page = await reader.page([one.raw for one in accounts], checked.tip_height + 1, until)
        if checked.tip_hash is not None and page.before_hash != checked.tip_hash:
            # Replaced between the two questions: the next round sees it.
            return True
        moved = replace(checked, tip_height=until, tip_hash=page.until_hash)
        moved = await self._final(moved, min(heads.finalized, until))
        await self._store(ctx, moved, page, back_to)
        return until < heads.included

    async def _checked(self, cursor: MovementCursor, heads: Heads) -> tuple[MovementCursor | None, int]:
        """The cursor to go on from, and the height from which what was seen is to be seen again (-1: none)."""
        adapter = self._chains.adapter(cursor.chain)
        final_stands = cursor.final_hash is None or (
            heads.included >= cursor.final_height and await adapter.block_hash(cursor.final_height) == cursor.final_hash
        )
        if not final_stands or heads.included < cursor.final_height:
            if cursor.chain not in self._rewindable:
                log.warning("movements_wait", chain=str(cursor.chain), height=cursor.final_height)
                return None, -1
            return MovementCursor(cursor.chain, -1, None, -1, None, 0), 0
        if cursor.tip_hash is None or cursor.tip_height == cursor.final_height:
            return cursor, -1
        tip_stands = (
            heads.included >= cursor.tip_height and await adapter.block_hash(cursor.tip_height) == cursor.tip_hash
        )
        if tip_stands:
            return cursor, -1
        back = replace(cursor, tip_height=cursor.final_height, tip_hash=cursor.final_hash)
        return back, cursor.final_height + 1

    async def _final(self, cursor: MovementCursor, height: int) -> MovementCursor:
        if height <= cursor.final_height:
            return cursor
        found = await self._chains.adapter(cursor.chain).block_hash(height)
        return replace(cursor, final_height=height, final_hash=found)

    async def _store(
        self, ctx: JobContext | None, cursor: MovementCursor, page: MovementPage | None, back_to: int
    ) -> None:
        """What was seen and the cursor: one commit."""
        async with (self._database if ctx is None else ctx).transaction() as tx:
            await sql.hold_chain(tx, cursor.chain)
            if back_to >= 0:
                await sql.mark_gone(tx, cursor.chain, back_to)
            if page is not None:
                await sql.put_movements(tx, _rows(cursor.chain, page.movements))
            await sql.put_cursor(tx, cursor)


def _rows(chain: ChainId, movements: Sequence[Movement]) -> Sequence[MovementRow]:
    return [
        MovementRow(
            account=AccountId.from_raw(chain, one.account),
            tx_hash=one.tx_hash,
            place=one.place,
            incoming=one.incoming,
            block_hash=one.block_hash,
            asset=one.asset,
            counterparty=None if one.counterparty is None else str(AccountId.from_raw(chain, one.counterparty)),
            base_units=one.base_units,
            height=one.height,
            block_time=one.block_time,
            ok=one.ok,
            fee=one.fee,
        )
        for one in movements
    ]
