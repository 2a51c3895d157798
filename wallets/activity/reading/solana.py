"""Reads the histories of Solana accounts when their owner looks at them."""

from __future__ import annotations

from collections.abc import Sequence

from chains.ports import Chains
from chains.solana.adapter import SolanaAdapter
from chains.solana.history import AccountActivity
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.activity import sql
from wallets.activity.sql import MovementCursor, MovementRow

_PAGE = 100
_PAGES = 5
"""Read at a time: 500 transactions since the last look; asking again reads on."""


class SolanaReader:
    """A history is read from its newest end until a transaction that is stored and final."""

    def __init__(self, database: Database, chains: Chains) -> None:
        self._database = database
        self._chains = chains

    async def read(self, account: AccountId) -> bool:
        """Whether the history now joins what was known. Raises NodeUnavailable."""
        adapter = self._chains.adapter(account.chain)
        if not isinstance(adapter, SolanaAdapter):
            return True
        heads = await adapter.heads()
        async with self._database.transaction() as tx:
            known = await sql.known_transactions(tx, account, heads.finalized)
        found: list[AccountActivity] = []
        before: str | None = None
        joined = False
        for _ in range(_PAGES):
            page = await adapter.history(account, before=before, limit=_PAGE)
            fresh = [one for one in page if one.tx_hash not in known]
            found += fresh
            joined = len(page) < _PAGE or len(fresh) < len(page)
            if joined:
                break
            before = page[-1].tx_hash
        rows = [row for one in found for row in _rows(account, one)]
        async with self._database.transaction() as tx:
            await sql.hold_chain(tx, account.chain)
            await sql.mark_gone(tx, account.chain, heads.finalized + 1, accounts=[account])
            await sql.put_movements(tx, rows)
            cursor = MovementCursor(account.chain, heads.finalized, None, heads.included, None, 0)
            await sql.put_cursor(tx, cursor)
        return joined


def _rows(account: AccountId, activity: AccountActivity) -> Sequence[MovementRow]:
    """One row per asset that changed; a transaction that changed nothing but cost a fee is told by the fee."""
    changes = dict(activity.changes) or ({AssetId.native(account.chain): 0} if activity.fee else {})
    return [
        MovementRow(
            account=account,
            tx_hash=activity.tx_hash,
            place=place,
            incoming=units > 0,
            block_hash=b"",
            asset=asset,
            counterparty=str(other) if (other := activity.others.get(asset)) is not None else None,
            base_units=abs(units),
            height=activity.height,
            block_time=activity.block_time or 0,
            ok=activity.ok,
            fee=activity.fee if place == 0 else 0,
        )
        for place, (asset, units) in enumerate(sorted(changes.items(), key=lambda one: str(one[0])))
    ]
