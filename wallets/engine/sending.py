"""Stored bytes on their way to a node, lane by lane, until they are in a block."""

from __future__ import annotations

from datetime import timedelta

import structlog

from chains.ports import Chains, SignedTransaction
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import Again, JobContext
from primitives.account_id import AccountId
from primitives.errors import NodeUnavailable
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Attempt

log = structlog.get_logger()

_NO_LIMIT = 1_000
"""Payments of one account at a node where it has no nonces that could wait for each other."""


class Sending:
    """The job `lane.send`.

    Args:
        again_every: Pause before a transaction that is not included yet is handed over again.
        node_pause: Pause after a node did not answer.
    """

    def __init__(self, database: Database, chains: Chains, *, again_every: timedelta, node_pause: timedelta) -> None:
        self._database = database
        self._chains = chains
        self._again_every = again_every
        self._node_pause = node_pause

    async def send(self, context: JobContext) -> Again | None:
        """Hand what is due to a node, in the order of the nonces and no more at a time than nodes keep.

        A node's refusal never ends a payment here: the bytes are signed, so only the finalized chain can say that they
        have no effect (`lane.follow`).
        """
        account = AccountId.parse(context.job.payload["account"])
        adapter = self._chains.adapter(account.chain)
        window = _NO_LIMIT if adapter.lane is None else adapter.lane.window
        async with self._database.transaction() as tx:
            halted = (await lanes.read_lane(tx, account)).halted
            due, more = await lanes.to_send(tx, account, window=window, again_after=self._again_every)
        if halted is not None:
            return Again(self._node_pause)
        if not due:
            async with context.transaction() as tx:
                if not await lanes.anything_waits(tx, account):
                    await context.finish(tx)
                    return None
            return Again(self._again_every)
        try:
            outcomes = await adapter.broadcast_many([_signed(attempt) for attempt in due])
        except NodeUnavailable:
            return Again(self._node_pause)
        fault_point("payment.handed_over")
        taken = [attempt.id for attempt, error in zip(due, outcomes, strict=True) if error is None]
        async with context.transaction() as tx:
            if taken:
                await attempt_rows.mark_sent(tx, taken)
            for attempt, error in zip(due, outcomes, strict=True):
                if error is not None:
                    log.warning("broadcast_refused", tx_hash=attempt.tx_hash, code=error.code)
                    await attempt_rows.note_refusal(tx, attempt.id, f"{error.code}: {error.message}")
        fault_point("payment.broadcast")
        return Again(timedelta(0) if more else self._again_every)


def _signed(attempt: Attempt) -> SignedTransaction:
    return SignedTransaction(
        attempt.chain, attempt.raw, attempt.tx_hash, attempt.nonce, attempt.last_valid_height, attempt.bid
    )
