"""After a database was restored from a backup: match what the chain has seen since with what the database knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from chains.ports import Chains, SeenTransaction
from persistence.database import Database
from primitives.account_id import AccountId
from wallets.engine import sql
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Payment
from wallets.engine.news import set_going

log = structlog.get_logger()

_HELD = "the database was restored: nothing is signed for this account until its history is matched"


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for one account.

    Attributes:
        matched: Payments that the backup showed unsigned and the chain shows made, with their hashes.
        unknown: Transactions of the account that no payment wanted: made after the backup and lost with it.
    """

    account: AccountId
    matched: tuple[tuple[UUID, str], ...]
    unknown: tuple[SeenTransaction, ...]


class Recovery:
    """Signing is held first, then released account by account."""

    def __init__(self, database: Database, chains: Chains) -> None:
        self._database = database
        self._chains = chains

    async def hold(self) -> Sequence[AccountId]:
        """Hold every lane that may sign; to be called before any worker or request runs on a restored database."""
        async with self._database.transaction() as tx:
            accounts = await lanes.every_account(tx)
            for account in accounts:
                await lanes.lock_lane(tx, account)
                await lanes.set_halted(tx, account, _HELD)
        return accounts

    async def match(self, account: AccountId, since: int) -> Match:
        """Give payments back the transactions that were made for them after the backup, then let the lane go on.

        Of equal payments the oldest gets the lowest nonce. A payment in flight at the time of the backup needs nothing:
        its bytes and hash are in it. On chains without account nonces (Solana) a transaction made after the backup
        cannot be told from a new one by its place; such lanes stay held until an operator resumes them.

        Args:
            since: A height not above that of the backup; the chain is read from the next one on.

        Raises:
            NodeUnavailable
        """
        adapter = self._chains.adapter(account.chain)
        if adapter.lane is None:
            return Match(account, (), ())
        seen = await adapter.lane.seen(account, since)
        matched: list[tuple[UUID, str]] = []
        unknown: list[SeenTransaction] = []
        async with self._database.transaction() as tx:
            await lanes.lock_lane(tx, account)
            known = await lanes.used_nonces(tx, account, 0)
            waiting: list[Payment] = list(await lanes.unsigned_of(tx, account))
            for one in seen:
                if one.nonce in known:
                    continue
                owner = next((payment for payment in waiting if adapter.lane.is_act(one, payment.intent)), None)
                if owner is None:
                    unknown.append(one)
                    continue
                waiting.remove(owner)
                await sql.adopt(tx, owner, one)
                matched.append((owner.id, one.tx_hash))
            await lanes.set_halted(tx, account, None)
            if seen:
                await lanes.advance_lane(tx, account, seen[-1].nonce + 1)
            await set_going(tx, account)
        for payment_id, tx_hash in matched:
            log.warning("payment_matched_after_restore", payment=str(payment_id), tx_hash=tx_hash)
        for one in unknown:
            log.warning("unknown_transaction_after_restore", account=str(account), tx_hash=one.tx_hash)
        return Match(account, tuple(matched), tuple(unknown))
