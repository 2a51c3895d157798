"""The periodic look at service accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from chains.intent import Intent, Transfer
from chains.ports import Chains
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, JobContext, enqueue
from primitives.asset import Amount
from primitives.errors import InvalidValue, NodeUnavailable, UnknownChain
from wallets.engine.model import Payment, PaymentRequest
from wallets.engine.watch import sql
from wallets.engine.watch.sql import Watched

log = structlog.get_logger()

WATCH = "balance.watch"
TOP_UP_ACT = "relayer.top_up"


class Payer(Protocol):
    """The part of the engine that is needed here."""

    async def request(self, tx: Transaction, request: PaymentRequest) -> Payment: ...

    async def get(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> Payment: ...


class BalanceWatch:
    """Looks at each watched account, tells its tenant once when it runs low, and asks for a top-up.

    A top-up is a payment like any other, signed with the source's service key under its key policy.

    Args:
        every: Pause between two rounds.
    """

    def __init__(
        self, database: Database, chains: Chains, payer: Payer, *, every: timedelta = timedelta(seconds=30)
    ) -> None:
        self._database = database
        self._chains = chains
        self._payer = payer
        self._every = every

    async def watch(self, tx: Transaction, watched: Watched) -> None:
        """Look after an account from now on.

        Raises:
            InvalidValue: A top-up that would not lift it above the alarm, or without a source.
        """
        if (watched.top_up_to is None) != (watched.top_up_from is None):
            raise InvalidValue("a top-up needs both a target and the account that pays for it")
        if watched.top_up_to is not None and watched.top_up_to <= watched.alarm_below:
            raise InvalidValue("a top-up must end above the alarm, or it would ring again at once")
        # The job's row before the account's, as `look` takes them: the other way round, the two wait for each other.
        await enqueue(tx, WATCH, "all", {})
        await sql.set_watch(tx, watched)

    async def watched(self, tx: Transaction, tenant_id: UUID) -> Sequence[Watched]:
        return await sql.watched_accounts(tx, tenant_id)

    async def look(self, context: JobContext) -> Again | None:
        """The job `balance.watch`."""
        async with self._database.transaction() as tx:
            accounts = await sql.watched_accounts(tx)
        for watched in accounts:
            try:
                await self._look_at(context, watched)
            except (NodeUnavailable, UnknownChain) as error:
                log.warning("balance_not_read", account=str(watched.account), code=error.code)
        return Again(self._every)

    async def _look_at(self, context: JobContext, watched: Watched) -> None:
        adapter = self._chains.adapter(watched.account.chain)
        balance = (await adapter.balance(watched.account, adapter.native)).base_units
        low = balance < watched.alarm_below
        async with context.transaction() as tx:
            if await sql.note_balance(tx, watched.account, balance, low=low):
                facts = {
                    "account": str(watched.account),
                    "balance": str(balance),
                    "alarm_below": str(watched.alarm_below),
                }
                await publish(tx, watched.tenant_id, "account.low_balance", facts)
                log.error("low_balance", **facts)
            if low and watched.top_up_to is not None and watched.top_up_from is not None:
                if await self._under_way(tx, watched):
                    return
                amount = Amount(watched.top_up_to - balance, adapter.native)
                request = PaymentRequest(
                    watched.tenant_id,
                    f"top-up:{watched.account}:{watched.top_ups + 1}",
                    Intent(watched.top_up_from, Transfer(amount, watched.account)),
                    TOP_UP_ACT,
                )
                payment = await self._payer.request(tx, request)
                await sql.note_top_up(tx, watched.account, payment.id)
                log.info("top_up_asked", account=str(watched.account), payment=str(payment.id))
        fault_point("balance.watched")

    async def _under_way(self, tx: Transaction, watched: Watched) -> bool:
        """One at a time: the balance shows the last one only once it is included."""
        if watched.top_up_payment is None:
            return False
        return not (await self._payer.get(tx, watched.tenant_id, watched.top_up_payment)).status.ended
