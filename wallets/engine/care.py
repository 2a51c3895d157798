"""Care for a lane that stands still: gaps, fees below the market, bytes that no node takes, final blocks taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import structlog

from chains.intent import ContractCall, Intent
from chains.ports import ChainAdapter, Chains, FeeQuote, NonceLane, Speed
from persistence.database import Database
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import (
    ChainError,
    FeeTooLow,
    KeyNotFound,
    KeystoreError,
    NodeUnavailable,
    PaymentError,
    PolicyError,
)
from primitives.signing import Signer
from wallets.engine import sql
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.gates import Authority, Gates
from wallets.engine.lanes import sql as lanes
from wallets.engine.lanes.sql import Glance
from wallets.engine.model import Attempt, Payment, PaymentRequest, PaymentStatus
from wallets.engine.news import announce, set_going
from wallets.engine.ports import KeyFinder
from wallets.engine.replacement import Replacer
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import Reservation
from wallets.engine.signing import sign_many

log = structlog.get_logger()

FILL_ACT = "lane.fill"
_HEADS = 32
"""Waiting payments that are looked at for their fees at a time."""
_MOST_REPLACEMENTS = 12
"""By ourselves: 1.125^12 is more than fourfold; who wants to pay more can say so."""
_REFUSALS_UNTIL_VOID = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a lane may stand still.

    Attributes:
        gap: Until a missing nonce is filled: it may only be that a node lags behind.
        replace: Between two replacements of a payment whose fee is too low.
        stall: Until the first in the lane gets a higher fee although its fee covers the base fee.
    """

    gap: timedelta = timedelta(seconds=5)
    replace: timedelta = timedelta(seconds=12)
    stall: timedelta = timedelta(seconds=60)


class Care:
    """Looks after lanes with account nonces.

    Args:
        rewindable: Local chains, on which final blocks may be taken back (a restarted test network); elsewhere the lane
            halts.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        keys: KeyFinder,
        service_signer: Signer | None,
        replacer: Replacer,
        gates: Gates,
        *,
        patience: Patience,
        rewindable: frozenset[ChainId],
    ) -> None:
        self._database = database
        self._chains = chains
        self._keys = keys
        self._signer = service_signer
        self._replacer = replacer
        self._gates = gates
        self._patience = patience
        self._rewindable = rewindable

    def is_wanted(self, glance: Glance, included: int) -> bool:
        """Whether anything in the lane stands still, as far as its rows tell (`included`: the chain's next nonce)."""
        if glance.halted or not glance.in_flight:
            return False
        unbroken = glance.lowest is None or (
            glance.lowest == included and glance.highest == included + glance.count - 1
        )
        if glance.gap_seen or not unbroken or glance.refused:
            return True
        return glance.waiting_for >= min(self._patience.replace, self._patience.stall).total_seconds()

    async def look(self, account: AccountId, adapter: ChainAdapter, port: NonceLane) -> None:
        """Raises NodeUnavailable."""
        async with self._database.transaction() as tx:
            row = await lanes.read_lane(tx, account)
            waiting = await lanes.waiting_heads(tx, account, _HEADS)
        if row.halted is not None or not waiting:
            return
        if await self._mend_gap(account, adapter, port, waiting[0], known=row.gap_since is not None):
            return
        await self._mind_fees(account, adapter, port, waiting)

    # -------------------------------------------------------------------------------------------------------- gaps

    async def _mend_gap(
        self, account: AccountId, adapter: ChainAdapter, port: NonceLane, head: Payment, *, known: bool
    ) -> bool:
        """Whether a nonce below a waiting payment belongs to nobody in flight."""
        assert head.nonce is not None
        state = await adapter.state(account, ())
        assert state.nonces is not None
        start = max(state.nonces.included, state.nonces.pending)
        async with self._database.transaction() as tx:
            nonces = await lanes.in_flight_nonces(tx, account, start)
        missing = _first_missing(start, nonces)
        if missing is None:
            if known:
                async with self._database.transaction() as tx:
                    await lanes.set_gap(tx, account, seen=False)
            return False
        async with self._database.transaction() as tx:
            await lanes.set_gap(tx, account, seen=True)
            age = await lanes.gap_age(tx, account)
            owner = await lanes.owner_of_nonce(tx, account, missing)
        log.warning("nonce_gap", account=str(account), nonce=missing, waiting_from=head.nonce)
        if age is None or age < self._patience.gap:
            return True
        if owner is not None:
            await self._reopen(account, adapter, owner)
        else:
            await self._fill(account, adapter, port, missing, head)
        return True

    async def _fill(
        self, account: AccountId, adapter: ChainAdapter, port: NonceLane, nonce: int, head: Payment
    ) -> None:
        """Use a missing nonce up by a payment of nothing to the account itself."""
        if self._signer is None or head.signs == "person":
            await self._needs_holder(head, fee_blocked=False)
            return
        intent = Intent(account, ContractCall(account, b""))
        request = PaymentRequest(head.tenant_id, f"fill:{account}:{nonce}:{uuid4().hex[:8]}", intent, FILL_ACT)
        bid = (await port.quotes())[Speed.NORMAL].bid
        try:
            async with self._database.transaction() as tx:
                await lanes.lock_lane(tx, account)
                if nonce in await lanes.used_nonces(tx, account, nonce):
                    return
                ((payment_id, _),) = await sql.insert_payments(
                    tx, [(uuid4(), request, PaymentStatus.REQUESTED, adapter.native)]
                )
                payment = await sql.payment_by_id(tx, payment_id)
                prepared = port.void(account, nonce, bid)
                await self._gates.require(tx, payment, Authority("fill", prepared.fee_limit.base_units))
                (signed,) = await sign_many(tx, self._keys, adapter, [(payment, prepared)], self._signer)
                await attempt_rows.insert_attempts(
                    tx, [attempt_rows.NewAttempt(uuid4(), payment_id, 1, signed, prepared.fee_limit)]
                )
                fee = prepared.fee_limit.base_units
                await sql.set_in_flight(tx, [(payment_id, nonce, fee)])
                await reservations.reserve(tx, [(payment_id, Reservation(str(account), adapter.native.id, fee, fee))])
                await lanes.advance_lane(tx, account, nonce + 1)
                await lanes.set_gap(tx, account, seen=False)
                await set_going(tx, account)
        except (KeyNotFound, KeystoreError, PolicyError) as error:
            log.warning("gap_not_filled", account=str(account), nonce=nonce, code=error.code)
            return
        fault_point("lane.filled")
        log.info("gap_filled", account=str(account), nonce=nonce, tx_hash=signed.tx_hash)

    async def _reopen(self, account: AccountId, adapter: ChainAdapter, owner: Payment) -> None:
        """A payment that had ended holds the missing nonce: the chain took back what was final, or the node lags."""
        landed = owner.attempt
        if landed is None or landed.height is None or landed.block_hash is None:
            # It ended because somebody else's final transaction had used its nonce: that one is gone now.
            gone = (await adapter.heads()).finalized
            if owner.ended_at is None or gone == 0:
                return
        else:
            canonical = await adapter.block_hash(landed.height)
            if canonical == landed.block_hash:
                return
            if canonical is None and account.chain not in self._rewindable:
                return  # A node that lags behind has no such block yet, which is no proof of anything.
        if account.chain in self._rewindable:
            async with self._database.transaction() as tx:
                await lanes.lock_lane(tx, account)
                await sql.lock_payment(tx, owner.id)
                await sql.reopen_payment(tx, owner.id)
                await attempt_rows.revive_attempts(tx, owner.id)
                await reservations.hold_again(tx, owner.id)
                await announce(tx, [(owner, "reopened", owner.tx_hash)])
                await lanes.set_gap(tx, account, seen=False)
                await set_going(tx, account)
            log.warning("payment_reopened", payment=str(owner.id), nonce=owner.nonce)
            return
        reason = (
            f"nonce {owner.nonce} of {account.address} was final and is free again: the chain took back a final block. "
            "Nothing is signed or sent for this account until an operator resumes it"
        )
        async with self._database.transaction() as tx:
            await lanes.lock_lane(tx, account)
            await lanes.set_halted(tx, account, reason)
            await announce(tx, [(owner, "halted", owner.tx_hash)])
        log.error("lane_halted", account=str(account), nonce=owner.nonce)

    # -------------------------------------------------------------------------------------------------------- fees

    async def _mind_fees(
        self, account: AccountId, adapter: ChainAdapter, port: NonceLane, waiting: Sequence[Payment]
    ) -> None:
        quotes = await port.quotes()
        for place, payment in enumerate(waiting):
            attempt = payment.attempt
            if attempt is None or attempt.bid is None:
                continue
            age = datetime.now(UTC) - attempt.signed_at
            if _unacceptable(attempt) and attempt.refusals >= _REFUSALS_UNTIL_VOID and attempt.kind == "pay":
                await self._void(payment)
            elif _too_low(attempt, quotes[payment.speed]):
                if age >= self._patience.replace:
                    await self._raise(payment, attempt, quotes[payment.speed])
            elif place == 0 and age >= self._patience.stall and attempt.sent_at is not None:
                await self._raise(payment, attempt, quotes[payment.speed])

    async def _raise(self, payment: Payment, attempt: Attempt, quote: FeeQuote) -> None:
        if payment.signs == "person":
            if not await self._replacer.release_presigned(payment, quote.base_fee or 0):
                await self._needs_holder(payment, fee_blocked=True)
            return
        if self._signer is None:
            return
        if len(payment.attempts) > _MOST_REPLACEMENTS:
            await self._fee_blocked(payment)
            return
        try:
            await self._replacer.replace(payment, self._signer, attempt.kind)
        except FeeTooLow:
            await self._fee_blocked(payment)
        except NodeUnavailable:
            raise
        except (ChainError, PaymentError, KeystoreError, PolicyError) as error:
            log.warning("payment_not_replaced", payment=str(payment.id), code=error.code)

    async def _void(self, payment: Payment) -> None:
        """No node will ever take these bytes: their nonce is used up otherwise, so that the lane goes on."""
        if payment.signs == "person" or self._signer is None:
            await self._needs_holder(payment, fee_blocked=False)
            return
        try:
            await self._replacer.replace(payment, self._signer, "void")
        except FeeTooLow:
            await self._fee_blocked(payment)
        except (PaymentError, KeystoreError, PolicyError) as error:
            log.warning("payment_not_voided", payment=str(payment.id), code=error.code)

    async def _fee_blocked(self, payment: Payment) -> None:
        if payment.fee_blocked:
            return
        log.error("fee_blocked", payment=str(payment.id), act=payment.act, chain=str(payment.chain))
        await self._flag(payment, "fee_blocked", fee_blocked=True, needs_holder=False)

    async def _needs_holder(self, payment: Payment, *, fee_blocked: bool) -> None:
        if payment.needs_holder:
            return
        await self._flag(payment, "needs_holder", fee_blocked=fee_blocked, needs_holder=True)

    async def _flag(self, payment: Payment, news: str, *, fee_blocked: bool, needs_holder: bool) -> None:
        async with self._database.transaction() as tx:
            if await sql.lock_payment(tx, payment.id) is PaymentStatus.IN_FLIGHT:
                await sql.set_flags(tx, payment.id, fee_blocked=fee_blocked, needs_holder=needs_holder)
                await announce(tx, [(payment, news, payment.tx_hash)])


def _first_missing(start: int, nonces: Sequence[int]) -> int | None:
    """The lowest nonce from `start` on, below the highest in flight, that is in nobody's hands."""
    for expected, nonce in enumerate(nonces, start):
        if nonce != expected:
            return expected
    return None


def _too_low(attempt: Attempt, quote: FeeQuote) -> bool:
    assert attempt.bid is not None
    if attempt.last_error is not None and attempt.last_error.startswith(f"{FeeTooLow.code}:"):
        return True
    return quote.base_fee is not None and attempt.bid.price < quote.base_fee


def _unacceptable(attempt: Attempt) -> bool:
    return attempt.last_error is not None and attempt.last_error.startswith("transaction_rejected:")
