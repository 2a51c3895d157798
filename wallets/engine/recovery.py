"""After a database was restored from a backup: match what the chain has seen since with what the database knows.

A payment that the backup shows unsigned may have been made after it. Until the chain has told, nobody signs again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from chains.ports import Chains, NonceLane, SeenTransaction
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, UnknownChain
from wallets.engine import sql
from wallets.engine.lanes import sql as lanes
from wallets.engine.lanes.sql import HaltedLane
from wallets.engine.model import AttemptKind, Payment, PaymentStatus
from wallets.engine.news import set_going

log = structlog.get_logger()

MATCH = "recovery.match"
_UNTELLABLE = (
    "the database was restored, and transactions of this chain carry no number that tells which of them were made "
    "after the backup: compare the account's history with its payments, then release it"
)
_TOLD = 5
"""Hashes that a lane's reason names."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for one account.

    Attributes:
        matched: Payments that the backup showed without this transaction, with its hash.
        unknown: Transactions of the account that no payment wanted: made after the backup and lost with it.
        held: Why nothing is signed for the account yet; None: it goes on.
    """

    account: AccountId
    matched: tuple[tuple[UUID, str], ...] = ()
    unknown: tuple[SeenTransaction, ...] = ()
    held: str | None = None


async def hold_every_account(
    tx: Transaction, accounts: Collection[AccountId], since: Mapping[ChainId, int]
) -> Sequence[AccountId]:
    """Hold every lane that may sign; to be called before any worker or request runs on a restored database.

    Args:
        accounts: Those that may sign though they have no lane yet.
        since: By chain a height that the backup was not older than; without one the chain is read from its beginning.
    """
    held = sorted({*await lanes.every_account(tx), *accounts}, key=str)
    for account in held:
        await lanes.lock_lane(tx, account)
        await lanes.hold(tx, account, since=since.get(account.chain, -1))
    return held


async def release(tx: Transaction, account: AccountId) -> None:
    """An operator has looked at a halted account: what ended stays as it is, and the lane goes on."""
    await lanes.lock_lane(tx, account)
    await lanes.release(tx, account)
    await set_going(tx, account)


class Recovery:
    """Matches what is held, then lets it go on, account by account.

    Args:
        again: Pause before a chain that does not answer is asked again.
    """

    def __init__(self, database: Database, chains: Chains, *, again: timedelta = timedelta(seconds=5)) -> None:
        self._database = database
        self._chains = chains
        self._again = again

    async def halted(self, tx: Transaction) -> Sequence[HaltedLane]:
        """Every account for which nothing is signed, and why."""
        return await lanes.halted(tx)

    async def start(self) -> None:
        """Look at every account that is held since a restore."""
        async with self._database.transaction() as tx:
            for lane in await lanes.halted(tx):
                if lane.since is not None:
                    await enqueue(tx, MATCH, str(lane.account), {"account": str(lane.account)})

    def handlers(self) -> Mapping[str, Handler]:
        return {MATCH: self._match_job}

    async def _match_job(self, context: JobContext) -> Again | None:
        account = AccountId.parse(context.job.payload["account"])
        try:
            await self.match(account)
        except NodeUnavailable as error:
            log.warning("history_not_read", account=str(account), code=error.code)
            return Again(self._again)
        except UnknownChain:
            # The next start looks again; until then nothing can be signed there anyway.
            log.warning("history_not_read", account=str(account), code=UnknownChain.code)
        return None

    async def match(self, account: AccountId) -> Match:
        """Give payments back the transactions that were made for them after the backup.

        The lane goes on when every transaction of the account belongs to a payment. One that belongs to none was asked
        for after the backup: an operator must look at it and release the account.

        Of equal payments the oldest gets the lowest nonce. A payment in flight at the time of the backup keeps its
        attempts; a replacement that was made later is given back to it. On chains without account nonces (Solana) a
        transaction cannot be told from a new one by its place; such lanes stay held until they are released.

        Raises:
            NodeUnavailable, UnknownChain
        """
        adapter = self._chains.adapter(account.chain)
        async with self._database.transaction() as tx:
            lane = await lanes.read_lane(tx, account)
        if lane.halted is None or lane.since is None:
            return Match(account)
        if adapter.lane is None:
            async with self._database.transaction() as tx:
                await lanes.lock_lane(tx, account)
                await lanes.set_halted(tx, account, _UNTELLABLE)
            return Match(account, held=_UNTELLABLE)
        seen = await self._made_since(account, lane.since)
        async with self._database.transaction() as tx:
            await lanes.lock_lane(tx, account)
            matched, unknown = await self._assign(tx, adapter.lane, account, seen)
            reason = _reason(unknown) if unknown else None
            if reason is None:
                await lanes.release(tx, account)
            else:
                await lanes.set_halted(tx, account, reason)
            if seen:
                await lanes.advance_lane(tx, account, seen[-1].nonce + 1)
            await set_going(tx, account)
        for payment_id, tx_hash in matched:
            log.warning("payment_matched_after_restore", payment=str(payment_id), tx_hash=tx_hash)
        for one in unknown:
            log.warning("unknown_transaction_after_restore", account=str(account), tx_hash=one.tx_hash)
        return Match(account, tuple(matched), tuple(unknown), reason)

    async def _made_since(self, account: AccountId, since: int) -> Sequence[SeenTransaction]:
        """The account's transactions above a height; blocks are only read where it has made one that is not known."""
        adapter = self._chains.adapter(account.chain)
        assert adapter.lane is not None
        nonces = (await adapter.state(account, [])).nonces
        async with self._database.transaction() as tx:
            known = await lanes.used_nonces(tx, account, 0)
            in_flight = await lanes.in_flight_nonces(tx, account, 0)
        if nonces is not None and not in_flight and all(nonce in known for nonce in range(nonces.included)):
            return []
        return await adapter.lane.seen(account, since)

    async def _assign(
        self, tx: Transaction, port: NonceLane, account: AccountId, seen: Sequence[SeenTransaction]
    ) -> tuple[list[tuple[UUID, str]], list[SeenTransaction]]:
        matched: list[tuple[UUID, str]] = []
        unknown: list[SeenTransaction] = []
        waiting: list[Payment] = list(await lanes.unsigned_of(tx, account))
        for one in seen:
            first = await lanes.owner_of_nonce(tx, account, one.nonce)
            if first is not None:
                if any(attempt.tx_hash == one.tx_hash for attempt in first.attempts):
                    continue
                kind = _kind_of(port, one, first, account)
                if kind is None or first.status is not PaymentStatus.IN_FLIGHT:
                    unknown.append(one)
                    continue
                await sql.adopt(tx, first, one, kind=kind, number=len(first.attempts) + 1)
                matched.append((first.id, one.tx_hash))
                continue
            owner = next((payment for payment in waiting if port.is_act(one, payment.intent)), None)
            if owner is None:
                unknown.append(one)
                continue
            waiting.remove(owner)
            await sql.adopt(tx, owner, one)
            matched.append((owner.id, one.tx_hash))
        return matched, unknown


def _kind_of(port: NonceLane, one: SeenTransaction, payment: Payment, account: AccountId) -> AttemptKind | None:
    """What a replacement of the payment was meant to do; None: it is not ours."""
    if port.is_act(one, payment.intent):
        return "pay"
    void = one.to is not None and one.to.lower() == account.address.lower() and (one.value, one.data) == (0, b"")
    return "void" if void else None


def _reason(unknown: Sequence[SeenTransaction]) -> str:
    hashes = ", ".join(one.tx_hash for one in unknown[:_TOLD])
    more = f" and {len(unknown) - _TOLD} more" if len(unknown) > _TOLD else ""
    return (
        f"the database was restored, and {len(unknown)} transactions made after the backup belong to no payment: "
        f"{hashes}{more}. Look at them, then release the account"
    )
