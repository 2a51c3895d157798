"""A second transaction in place of one that waits: dearer, or void. Both have the first one's nonce."""

from __future__ import annotations

from uuid import UUID, uuid4

import structlog

from chains.ports import Bid, ChainAdapter, Chains, NonceLane, Speed
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.errors import FeeTooLow, InsufficientFunds, PaymentNotReplaceable
from primitives.signing import Signer
from wallets.engine import sql
from wallets.engine.attempts import sql as attempt_rows
from wallets.engine.funds import assets_of
from wallets.engine.gates import Authority, Gates, Signing
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Attempt, AttemptKind, Payment, PaymentStatus
from wallets.engine.news import announce, set_going
from wallets.engine.ports import KeyFinder
from wallets.engine.reservations import sql as reservations
from wallets.engine.reservations.model import Reservation
from wallets.engine.signing import sign_many

log = structlog.get_logger()


class Replacer:
    """Signs replacements of payments in flight."""

    def __init__(self, database: Database, chains: Chains, keys: KeyFinder, gates: Gates) -> None:
        self._database = database
        self._chains = chains
        self._keys = keys
        self._gates = gates

    async def replace(
        self, payment: Payment, signer: Signer, kind: AttemptKind, *, speed: Speed | None = None
    ) -> Payment:
        """Sign one more attempt, at 12.5 % more than the last or at what the speed costs now, whichever is higher.

        Args:
            kind: `pay`: the same act again (once a payment is being voided, the void again). `void`: nothing, to the
                sender itself.

        Raises:
            PaymentNotReplaceable: It is included or has ended; or its chain knows no replacement.
            FeeTooLow: The replacement would cost more per gas than the chain's cap; `needed` and `cap`.
            InsufficientFunds: The account cannot pay the higher fee.
            KeystoreLocked, SigningRefused, NodeUnavailable
            PolicyError: A gate lets nobody sign for the account now.
        """
        adapter = self._chains.adapter(payment.chain)
        port = adapter.lane
        if port is None:
            raise PaymentNotReplaceable(
                f"{payment.chain} knows no replacement: it is included soon, or expires by itself",
                status=payment.status.value,
            )
        market = (await port.quotes())[speed or payment.speed].bid
        state = await adapter.state(payment.sender, assets_of(adapter, []))
        async with self._database.transaction() as tx:
            await lanes.lock_lane(tx, payment.sender)
            await sql.lock_payment(tx, payment.id)
            now = await sql.payment_by_id(tx, payment.id)
            newest = _newest(now)
            if newest.kind == "void":
                kind = "void"
            bid = _bid(port, newest, market)
            if port.capped(bid):
                raise FeeTooLow(
                    "a replacement would cost more per gas than this chain's cap: wait until the network is quieter",
                    needed=bid.price,
                    offered=newest.bid.price if newest.bid else 0,
                )
            assert now.nonce is not None
            if kind == "void":
                prepared = port.void(now.sender, now.nonce, bid)
            else:
                prepared = port.rebid(now.sender, newest.raw, bid)
            signing: Signing = "void" if kind == "void" else "raise"
            await self._gates.require(tx, now, Authority(signing, prepared.fee_limit.base_units))
            await self._reserve(
                tx, adapter, now, prepared.fee_limit.base_units, state.balances[adapter.native.id].base_units
            )
            (signed,) = await sign_many(tx, self._keys, adapter, [(now, prepared)], signer)
            number = 1 + max(attempt.number for attempt in now.attempts)
            made = attempt_rows.NewAttempt(uuid4(), now.id, number, signed, prepared.fee_limit, kind=kind)
            await attempt_rows.insert_attempts(tx, [made])
            fee = max(prepared.fee_limit.base_units, 0 if now.fee_limit is None else now.fee_limit.base_units)
            await sql.raise_fee_limit(tx, now.id, fee)
            await announce(tx, [(now, "cancelling" if kind == "void" else "replaced", signed.tx_hash)])
            await set_going(tx, now.sender)
        fault_point("payment.replaced")
        log.info("payment_replaced", payment=str(payment.id), kind=kind, tx_hash=signed.tx_hash)
        async with self._database.transaction() as tx:
            return await sql.payment_by_id(tx, payment.id)

    async def release_presigned(self, payment: Payment, base_fee: int) -> bool:
        """Let the next replacement that the holder signed beforehand go out, if one pays the base fee (wei per gas)."""
        attempt = payment.attempt
        waiting = [
            one
            for one in reversed(payment.attempts)
            if one.reserve
            and attempt is not None
            and one.number > attempt.number
            and one.bid is not None
            and one.bid.price >= base_fee
        ]
        if not waiting:
            return False
        async with self._database.transaction() as tx:
            if await sql.lock_payment(tx, payment.id) is not PaymentStatus.IN_FLIGHT:
                return False
            await attempt_rows.release_reserve(tx, waiting[0].id)
            await sql.set_flags(tx, payment.id, fee_blocked=False, needs_holder=False)
            await announce(tx, [(payment, "replaced", waiting[0].tx_hash)])
            await set_going(tx, payment.sender)
        fault_point("payment.released")
        return True

    async def _reserve(
        self, tx: Transaction, adapter: ChainAdapter, payment: Payment, fee_limit: int, balance: int
    ) -> None:
        """The difference to what the payment holds already must be there beside everything else in flight."""
        native = adapter.native.id
        scope = str(payment.sender)
        mine: dict[UUID, int] = {}
        others = 0
        for owner, one in await reservations.outstanding(tx, payment.sender):
            if one.asset == native:
                mine[owner] = one.amount - one.fee_part
                others += 0 if owner == payment.id else one.amount
        value = mine.get(payment.id, 0)
        if value + fee_limit + others > balance and value + fee_limit > balance:
            raise InsufficientFunds(
                "the account cannot pay the higher fee: top it up",
                needed=value + fee_limit,
                available=balance,
                asset=str(native),
            )
        raised = [Reservation(scope, native, value + fee_limit, fee_limit)]
        raised += [Reservation(budget, native, fee_limit, fee_limit) for budget in payment.budgets]
        await reservations.reserve(tx, [(payment.id, one) for one in raised])


def _newest(payment: Payment) -> Attempt:
    """The dearest attempt that a node may have. Raises PaymentNotReplaceable."""
    attempt = payment.attempt
    if payment.status is not PaymentStatus.IN_FLIGHT or attempt is None:
        raise PaymentNotReplaceable(
            f"the payment is {payment.status}: only one in flight can be replaced", status=payment.status.value
        )
    if attempt.landed:
        raise PaymentNotReplaceable(
            "the payment is in a block already: it can no longer be changed", status=attempt.status.value
        )
    if attempt.bid is None:
        raise PaymentNotReplaceable("this transaction was made before replacements were kept", status="unknown")
    return attempt


def _bid(port: NonceLane, newest: Attempt, market: Bid) -> Bid:
    """Both fees at least 12.5 % higher, and no lower than the market's."""
    assert newest.bid is not None
    least = port.raised(newest.bid)
    price = max(least.price, market.price)
    if least.priority_fee is None:
        return Bid(price)
    return Bid(price, min(price, max(least.priority_fee, market.priority_fee or 0)))
