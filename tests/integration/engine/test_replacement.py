"""Speeding up, cancelling, pre-signed replacements, gaps, and fees that run away, on a real Anvil."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from chains.ports import Bid, Speed
from codec.evm.transaction import FeeMarketTransaction, decode_signed
from primitives.errors import LaneHalted, PaymentNotReplaceable
from tests.integration.engine.stage import Bench, make_engine
from wallets.engine.care import Patience
from wallets.engine.model import AttemptStatus, Payment, PaymentStatus
from wallets.engine.presigning import Presigning

SOON = Patience(gap=timedelta(0), replace=timedelta(0), stall=timedelta(hours=1))


def _bids(payment: Payment) -> list[Bid]:
    return [attempt.bid for attempt in reversed(payment.attempts) if attempt.bid is not None]


async def _quick(bench: Bench) -> None:
    bench.engine = make_engine(bench.database, bench.adapter, patience=SOON)[0]


async def _dear(bench: Bench, payment: Payment, wei_per_gas: int) -> None:
    """Dearer blocks, and a node whose pool keeps nothing below their base fee."""
    await bench.node.rpc.call("anvil_dropTransaction", payment.tx_hash)
    await bench.node.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(wei_per_gas))
    await bench.node.mine()


async def _handed_over(bench: Bench, payment: Payment) -> None:
    """The node has the newest attempt, and no block was made meanwhile."""

    async def look() -> bool | None:
        now = (await bench.read(payment)).attempt
        return (now is not None and now.status is AttemptStatus.SENT) or None

    await bench.until(look, mining=False)


async def _replaced(bench: Bench, payment: Payment) -> None:
    """A dearer attempt is on its way, and no block has brought the base fee down meanwhile."""

    async def look() -> bool | None:
        now = (await bench.read(payment)).attempt
        return (now is not None and now.number > 1 and now.status is AttemptStatus.SENT) or None

    await bench.until(look, mining=False)


class TestReplacing:
    async def test_speeding_up_raises_both_fees_and_keeps_the_nonce(self, bench: Bench) -> None:
        """Anvil takes the replacement, and only one of the two lands."""
        payment = await bench.engine.authorise((await bench.pay("a", signs="person")).id, bench.signer)
        faster = await bench.engine.speed_up(bench.tenant, payment.id, bench.signer, speed=Speed.FAST)
        first, second = _bids(faster)
        assert second.price * 8 >= first.price * 9
        assert second.priority_fee is not None
        assert first.priority_fee is not None
        assert second.priority_fee * 8 >= first.priority_fee * 9
        assert {attempt.nonce for attempt in faster.attempts} == {payment.nonce}
        async with bench.working():
            await _handed_over(bench, faster)
            done = await bench.ended(faster)
        assert done.status is PaymentStatus.DONE
        assert done.tx_hash == faster.tx_hash
        assert await bench.received() == 1000

    async def test_cancelling_by_id_uses_the_nonce_up_without_effect(self, bench: Bench) -> None:
        payment = await bench.engine.authorise((await bench.pay("a", signs="person")).id, bench.signer)
        cancelling = await bench.engine.cancel(bench.tenant, payment.id, bench.signer)
        assert cancelling.cancelling
        void = decode_signed(bytes.fromhex(_raw(cancelling))).transaction
        assert isinstance(void, FeeMarketTransaction)
        assert (void.nonce, void.to, void.value, void.data) == (payment.nonce, bench.sender.raw, 0, b"")
        async with bench.working():
            await _handed_over(bench, cancelling)
            ended = await bench.ended(cancelling)
        assert (ended.status, ended.failure) == (PaymentStatus.CANCELLED, None)
        assert await bench.received() == 0
        async with bench.database.transaction() as tx:
            row = (await tx.execute(text("SELECT state, settled, amount FROM payment_reservation"))).one()
        assert row.state == "settled"
        assert ended.fee_paid is not None
        assert row.settled == ended.fee_paid.base_units < row.amount

    async def test_unsigned_payment_is_cancelled_at_once(self, bench: Bench) -> None:
        payment = await bench.pay("a", signs="person")
        assert (await bench.engine.cancel(bench.tenant, payment.id, bench.signer)).status is PaymentStatus.CANCELLED
        assert bench.signer.requests == []

    async def test_what_is_included_can_no_longer_be_changed(self, bench: Bench) -> None:
        payment = await bench.pay("a")
        async with bench.working():
            done = await bench.ended(payment)
        with pytest.raises(PaymentNotReplaceable):
            await bench.engine.cancel(bench.tenant, done.id, bench.signer)
        with pytest.raises(PaymentNotReplaceable):
            await bench.engine.speed_up(bench.tenant, done.id, bench.signer)


class TestFees:
    async def test_service_payment_follows_a_fee_spike(self, bench: Bench) -> None:
        """The base fee jumps above what was offered: the engine offers more by itself, and it lands once."""
        await _quick(bench)
        payment = await bench.engine.authorise((await bench.pay("a")).id, bench.signer)
        await _dear(bench, payment, 20 * 10**9)
        async with bench.working():
            await _replaced(bench, payment)
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE
        assert len(done.attempts) > 1
        assert await bench.received() == 1000

    async def test_presigned_replacement_goes_out_without_the_holder(self, bench: Bench) -> None:
        """Three signed beforehand within a limit; the keys are locked afterwards; a spike lets one of them out."""
        await _quick(bench)
        asked = await bench.pay("a", signs="person")
        payment = await bench.engine.authorise(asked.id, bench.signer, presigning=Presigning(3, 10**16))
        bids = _bids(payment)
        assert len(bids) == 4
        assert all(after.price * 8 >= before.price * 9 for before, after in itertools.pairwise(bids))
        assert payment.attempt is not None
        assert payment.attempt.number == 1
        signed = len(bench.signer.requests)
        assert bids[0].price < 10 * 10**9 < bids[-1].price
        await _dear(bench, payment, 10 * 10**9)
        async with bench.working():
            await _replaced(bench, payment)
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE
        assert done.attempt is not None
        assert done.attempt.number > 1
        assert len(bench.signer.requests) == signed
        assert await bench.received() == 1000

    async def test_without_presigned_the_holder_is_called(self, bench: Bench) -> None:
        await _quick(bench)
        asked = await bench.pay("a", signs="person")
        payment = await bench.engine.authorise(asked.id, bench.signer)
        await bench.node.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(50 * 10**9))
        await bench.node.mine()

        async def called() -> Payment | None:
            now = await bench.read(payment)
            return now if now.needs_holder else None

        async with bench.working():
            waiting = await bench.until(called, mining=False)
            assert waiting.fee_blocked
            assert waiting.status is PaymentStatus.IN_FLIGHT
            await bench.engine.speed_up(bench.tenant, payment.id, bench.signer)
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE


class TestGaps:
    async def test_gap_is_filled_and_the_lane_goes_on(self, bench: Bench) -> None:
        """A foreign transaction below ours disappears: its nonce is used up by a payment of nothing."""
        await _quick(bench)
        raw = {"from": bench.sender.address, "to": bench.recipient.address, "value": hex(5), "nonce": "0x0"}
        foreign = await bench.node.rpc.call("eth_sendTransaction", {**raw, "gas": hex(21000)})
        payment = await bench.engine.authorise((await bench.pay("a")).id, bench.signer)
        assert payment.nonce == 1
        await bench.node.rpc.call("anvil_dropTransaction", foreign)
        async with bench.working():
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE
        assert await bench.received() == 1000
        assert await bench.adapter.next_nonce(bench.sender) == 2

    async def test_next_payment_takes_a_gap_first(self, bench: Bench) -> None:
        """Our counter is ahead of the chain by a fault: no nonce is left out."""
        await bench.engine.authorise((await bench.pay("a")).id, bench.signer)
        async with bench.database.transaction() as tx:
            await tx.execute(text("UPDATE payment_lane SET next_nonce = 9"))
        assert (await bench.engine.authorise((await bench.pay("b")).id, bench.signer)).nonce == 1

    async def test_final_block_taken_back_halts_the_account(self, bench: Bench) -> None:
        """On a chain that is not ours nothing more is signed until an operator has looked."""
        await _quick(bench)
        snapshot = await bench.node.rpc.call("evm_snapshot")
        payment = await bench.pay("a")
        async with bench.working():
            done = await bench.ended(payment)
            await bench.node.rpc.call("evm_revert", snapshot)
            await bench.node.mine(12)
            later = await bench.pay("b")

            async def halted() -> bool | None:
                async with bench.database.transaction() as tx:
                    return (await tx.execute(text("SELECT halted FROM payment_lane"))).scalar() is not None or None

            await bench.until(halted)
        assert done.status is PaymentStatus.DONE
        assert (await bench.read(later)).status is PaymentStatus.IN_FLIGHT
        with pytest.raises(LaneHalted):
            await bench.engine.authorise((await bench.pay("c", signs="person")).id, bench.signer)

    async def test_final_block_taken_back_on_a_local_chain_is_made_again(self, bench: Bench) -> None:
        """The very same bytes: paid once on the chain that counts now."""
        bench.engine = make_engine(
            bench.database, bench.adapter, patience=SOON, rewindable=frozenset({bench.adapter.chain_id})
        )[0]
        snapshot = await bench.node.rpc.call("evm_snapshot")
        payment = await bench.pay("a")
        async with bench.working():
            done = await bench.ended(payment)
            await bench.node.rpc.call("evm_revert", snapshot)
            await bench.node.mine(12)
            assert await bench.received() == 0
            later = await bench.ended(await bench.pay("b"))
            again = await bench.ended(payment)
        assert (later.status, again.status) == (PaymentStatus.DONE, PaymentStatus.DONE)
        assert again.tx_hash == done.tx_hash
        assert again.block_hash != done.block_hash
        assert await bench.received() == 2000


def _raw(payment: Payment) -> str:
    assert payment.attempt is not None
    return payment.attempt.raw.hex()
