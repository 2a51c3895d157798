"""The way of a payment on a real database and a real node."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import uuid4

import pytest
from coincurve import PrivateKey
from sqlalchemy import text

from codec.evm.transaction import FeeMarketTransaction, encode_signed, encode_unsigned, signing_hash
from persistence.jobs import JobContext, Worker
from primitives.errors import (
    IdempotencyConflict,
    KeystoreLocked,
    LaneBusy,
    NodeUnavailable,
    PaymentNotFound,
    PaymentNotRetryable,
    SigningRefused,
)
from primitives.position import Finality
from primitives.signing import SigningRequest
from tests.conformance.adapter.evm_stage import deploy_test_money, mint_test_money
from tests.fakes.anvil import FIRST_KEY
from tests.integration.engine.stage import Bench, evm_adapter, make_engine
from wallets.engine.handing_over import HandingOver
from wallets.engine.model import AttemptStatus, Payment, PaymentStatus


async def _foreign(bench: Bench, nonce: int) -> str:
    """Somebody else uses our key: a transaction that the engine knows nothing about."""
    transaction = FeeMarketTransaction(31337, nonce, 10**9, 10**11, 21_000, bytes(20), 1, b"")
    unsigned = encode_unsigned(transaction)
    raw = encode_signed(transaction, PrivateKey(FIRST_KEY).sign_recoverable(signing_hash(unsigned), hasher=None))
    tx_hash: str = await bench.node.rpc.call("eth_sendRawTransaction", "0x" + raw.hex())
    return tx_hash


async def _postponed_jobs(bench: Bench) -> int:
    """Jobs that have run, have not ended, and wait for their next time."""
    query = "SELECT count(*) FROM job WHERE fence > 0 AND lease_until IS NULL AND kind <> 'balance.watch'"
    async with bench.database.transaction() as tx:
        return int((await tx.execute(text(query))).scalar_one())


class TestTheWay:
    async def test_payment_goes_from_request_to_final_once(self, bench: Bench) -> None:
        """Requested, signed, included, done at finality; the recipient has exactly the amount."""
        payment = await bench.pay("a", 12345)
        assert payment.status is PaymentStatus.REQUESTED
        async with bench.working():
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE
        assert done.nonce == 0
        assert done.finality is Finality.FINALIZED
        assert done.attempt is not None
        assert done.attempt.status is AttemptStatus.FINAL
        assert done.attempt.ok
        assert done.block_hash == await bench.adapter.block_hash(done.height or -1)
        assert done.fee_paid is not None
        assert done.fee_limit is not None
        assert 0 < done.fee_paid.base_units <= done.fee_limit.base_units
        assert await bench.received() == 12345

    async def test_token_payment_arrives(self, bench: Bench) -> None:
        """An ERC-20 transfer takes the same way."""
        token = await deploy_test_money(bench.node, bench.sender)
        await mint_test_money(bench.node, bench.sender, token, bench.sender, 500)
        payment = await bench.pay("t", 120, asset=token)
        async with bench.working():
            assert (await bench.ended(payment)).status is PaymentStatus.DONE
        assert (await bench.adapter.balance(bench.recipient, token)).base_units == 120

    async def test_fifty_at_once_use_consecutive_nonces(self, bench: Bench) -> None:
        """Fifty concurrent payments from one account: fifty receipts, nonces 0 … 49, the sum arrives."""
        payments = await asyncio.gather(*(bench.pay(f"p{i}", 1000 + i) for i in range(50)))
        async with bench.working():
            done = [await bench.ended(payment) for payment in payments]
        assert {p.status for p in done} == {PaymentStatus.DONE}
        assert sorted(p.nonce for p in done if p.nonce is not None) == list(range(50))
        assert len({p.tx_hash for p in done}) == 50
        assert await bench.received() == sum(1000 + i for i in range(50))

    async def test_on_end_is_told_with_the_reference(self, bench: Bench) -> None:
        """The caller's job gets the payment, its end and the caller's own words."""
        told: list[Mapping[str, object]] = []

        async def hear(context: JobContext) -> None:
            told.append(context.job.payload)

        payment = await bench.pay("a", on_end="test.ended")
        async with bench.working():
            await bench.ended(payment)
        worker = Worker(bench.database, {"test.ended": hear})
        assert await worker.run_due() == 1
        assert told == [{"payment_id": str(payment.id), "status": "done", "reference": {"k": "a"}}]

    async def test_revert_at_finality_fails_with_the_reason(self, bench: Bench) -> None:
        """A transaction that the chain refuses after we signed it: fee paid, reason kept, retry allowed."""
        token = await deploy_test_money(bench.node, bench.sender)
        await mint_test_money(bench.node, bench.sender, token, bench.sender, 100)
        first = await bench.pay("t1", 100, asset=token)
        first = await bench.engine.authorise(first.id, bench.signer)
        # The balance goes away between signature and inclusion.
        assert first.nonce is not None
        elsewhere = "0x" + "44" * 20
        data = "0xa9059cbb" + elsewhere[2:].rjust(64, "0") + hex(100)[2:].rjust(64, "0")
        slot_drain = {"from": bench.sender.address, "to": token.id.reference, "data": data}
        await bench.node.rpc.call("anvil_setNonce", bench.sender.address, hex(first.nonce - 1))
        await bench.node.rpc.call("eth_sendTransaction", {**slot_drain, "nonce": hex(first.nonce - 1)})
        await bench.node.mine()
        async with bench.working():
            failed = await bench.ended(first)
        assert failed.status is PaymentStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.code == "erc20_insufficient_balance"
        assert "ERC20InsufficientBalance" in str(failed.failure.facts["reason"])
        assert failed.fee_paid is not None
        async with bench.database.transaction() as tx:
            again = await bench.engine.retry(tx, bench.tenant, failed.id, "t1-again")
        assert again.retry_of == failed.id
        assert again.status is PaymentStatus.REQUESTED


class TestIdempotency:
    async def test_same_key_twenty_times_is_one_payment(self, bench: Bench) -> None:
        """In parallel, on separate connections."""
        payments = await asyncio.gather(*(bench.pay("same", 777) for _ in range(20)))
        assert len({p.id for p in payments}) == 1
        async with bench.working():
            await bench.ended(payments[0])
        assert await bench.received() == 777
        assert len(bench.signer.requests) == 1

    async def test_same_key_with_another_payload_is_refused_for_ever(self, bench: Bench) -> None:
        """Also after the first payment is done."""
        payment = await bench.pay("k", 1)
        with pytest.raises(IdempotencyConflict):
            await bench.pay("k", 2)
        async with bench.working():
            await bench.ended(payment)
        with pytest.raises(IdempotencyConflict):
            await bench.pay("k", 2)
        assert (await bench.pay("k", 1)).id == payment.id

    async def test_authorising_twice_at_once_signs_once(self, bench: Bench) -> None:
        """Two requests for the same payment meet in the lane; the second finds it signed."""
        payment = await bench.pay("a", signs="person")
        both = await asyncio.gather(*(bench.engine.authorise(payment.id, bench.signer) for _ in range(2)))
        assert {p.status for p in both} == {PaymentStatus.IN_FLIGHT}
        assert len(bench.signer.requests) == 1

    async def test_payment_of_another_tenant_does_not_exist(self, bench: Bench) -> None:
        payment = await bench.pay("a")
        async with bench.database.transaction() as tx:
            with pytest.raises(PaymentNotFound):
                await bench.engine.get(tx, uuid4(), payment.id)


class TestRefusals:
    async def test_shortage_fails_unsigned_and_uses_no_nonce(self, bench: Bench) -> None:
        """Both figures are kept as decimal strings; the next payment gets nonce 0."""
        poor = await bench.pay("poor", 10**30)
        failed = await bench.engine.authorise(poor.id, bench.signer)
        assert failed.status is PaymentStatus.FAILED
        assert failed.failure is not None
        assert failed.failure.code == "insufficient_funds"
        assert int(failed.failure.facts["needed"]) >= 10**30
        assert failed.failure.facts["available"] == str(10_000 * 10**18)
        assert bench.signer.requests == []
        fine = await bench.pay("fine", 1)
        assert (await bench.engine.authorise(fine.id, bench.signer)).nonce == 0

    async def test_money_in_flight_is_not_spent_again(self, bench: Bench) -> None:
        """Two payments of 6,000 out of 10,000: the second is refused while the first is only on its way."""
        first = await bench.pay("one", 6_000 * 10**18)
        second = await bench.pay("two", 6_000 * 10**18)
        assert (await bench.engine.authorise(first.id, bench.signer)).status is PaymentStatus.IN_FLIGHT
        refused = await bench.engine.authorise(second.id, bench.signer)
        assert refused.failure is not None
        assert refused.failure.code == "insufficient_funds"
        assert int(refused.failure.facts["available"]) < 4_000 * 10**18

    async def test_included_money_is_not_counted_twice(self, bench: Bench) -> None:
        """4,000 + 4,000 out of 10,000 with the first already in a block that we have not looked at yet."""
        first = await bench.pay("one", 4_000 * 10**18)
        sent = await bench.engine.authorise(first.id, bench.signer)
        assert sent.status is PaymentStatus.IN_FLIGHT
        await bench.node.mine()
        second = await bench.pay("two", 4_000 * 10**18)
        assert (await bench.engine.authorise(second.id, bench.signer)).status is PaymentStatus.IN_FLIGHT

    async def test_key_policy_refusal_uses_no_nonce(self, bench: Bench) -> None:
        """The lane's counter is written only together with the bytes."""

        def refuse(_: SigningRequest) -> None:
            raise SigningRefused("not allowed", rule="target")

        bench.signer.before_signing = refuse
        payment = await bench.pay("a")
        failed = await bench.engine.authorise(payment.id, bench.signer)
        assert failed.failure is not None
        assert (failed.failure.code, failed.failure.facts) == ("signing_refused", {"rule": "target"})
        bench.signer.before_signing = None
        later = await bench.pay("b")
        assert (await bench.engine.authorise(later.id, bench.signer)).nonce == 0

    async def test_no_more_than_the_limit_are_in_flight_and_the_others_wait(self, bench: Bench) -> None:
        """Three at once where two may be: nobody is refused for good, and each goes when there is room."""
        bench.engine, bench.signer, _ = make_engine(bench.database, bench.adapter, most_in_flight=2)
        payments = [await bench.pay(f"k{n}", signs="person") for n in range(3)]
        answers = await bench.engine.authorise_many(payments, bench.signer)
        busy = [one for one in answers if isinstance(one, LaneBusy)]
        assert [error.facts["limit"] for error in busy] == [2]
        with pytest.raises(LaneBusy):
            await bench.engine.authorise(payments[2].id, bench.signer)
        assert (await bench.read(payments[2])).status is PaymentStatus.AWAITING_SIGNATURE
        async with bench.working():
            await bench.ended(payments[0])
            await bench.ended(payments[1])
            assert (await bench.engine.authorise(payments[2].id, bench.signer)).nonce == 2
            assert (await bench.ended(payments[2])).status is PaymentStatus.DONE

    async def test_locked_keystore_leaves_it_waiting(self, bench: Bench) -> None:
        """Not now is not never."""

        def locked(_: SigningRequest) -> None:
            raise KeystoreLocked("unlock first")

        bench.signer.before_signing = locked
        payment = await bench.pay("a", signs="person")
        with pytest.raises(KeystoreLocked):
            await bench.engine.authorise(payment.id, bench.signer)
        assert (await bench.read(payment)).status is PaymentStatus.AWAITING_SIGNATURE
        bench.signer.before_signing = None
        assert (await bench.engine.authorise(payment.id, bench.signer)).nonce == 0

    async def test_only_what_ended_without_effect_can_be_retried(self, bench: Bench) -> None:
        payment = await bench.pay("a")
        async with bench.database.transaction() as tx:
            with pytest.raises(PaymentNotRetryable):
                await bench.engine.retry(tx, bench.tenant, payment.id, "b")

    async def test_two_retries_at_once_are_one_payment(self, bench: Bench) -> None:
        """Two tabs, two keys: the second is told of the first instead of paying again."""
        payment = await bench.pay("a", signs="person")
        async with bench.database.transaction() as tx:
            assert await bench.engine.withdraw(tx, payment.id)

        async def retry(key: str) -> Payment:
            async with bench.database.transaction() as tx:
                return await bench.engine.retry(tx, bench.tenant, payment.id, key)

        outcomes = await asyncio.gather(retry("b"), retry("c"), return_exceptions=True)
        (made,) = [outcome for outcome in outcomes if isinstance(outcome, Payment)]
        (refused,) = [outcome for outcome in outcomes if isinstance(outcome, PaymentNotRetryable)]
        assert refused.retried_by == str(made.id)
        assert (await retry(made.idempotency_key)).id == made.id


class TestTheChainMisbehaves:
    async def test_reorg_puts_it_back_and_it_lands_once(self, bench: Bench) -> None:
        """An included transaction is dropped by a reorg: back to sent, broadcast again, final once."""
        payment = await bench.pay("a", 555)
        async with bench.working():

            async def included() -> Payment | None:
                now = await bench.read(payment)
                return now if now.attempt and now.attempt.status is AttemptStatus.INCLUDED else None

            async def pooled() -> bool | None:
                now = await bench.read(payment)
                return (now.attempt is not None and now.attempt.status is AttemptStatus.SENT) or None

            await bench.until(pooled, mining=False)
            await bench.node.mine()
            first = await bench.until(included, mining=False)
            await bench.node.rpc.call("anvil_reorg", 1, [])

            async def elsewhere() -> Payment | None:
                now = await bench.read(payment)
                return now if now.block_hash != first.block_hash else None

            back = await bench.until(elsewhere, mining=False)
            assert back.status is PaymentStatus.IN_FLIGHT
            done = await bench.ended(payment)
        assert done.status is PaymentStatus.DONE
        assert done.tx_hash == first.tx_hash
        assert done.block_hash != first.block_hash
        assert await bench.received() == 555

    async def test_transaction_lost_by_the_pool_is_handed_over_again(self, bench: Bench) -> None:
        """Nodes forget what is pending; we do not."""
        payment = await bench.pay("a", 556)
        async with bench.working():

            async def pooled() -> Payment | None:
                now = await bench.read(payment)
                return now if now.attempt is not None and now.attempt.status is AttemptStatus.SENT else None

            sent = await bench.until(pooled, mining=False)
            await bench.node.rpc.call("anvil_dropTransaction", sent.tx_hash)
            assert (await bench.ended(payment)).status is PaymentStatus.DONE
        assert await bench.received() == 556

    async def test_node_down_leaves_payments_intact(self, bench: Bench) -> None:
        """Down when it is to be signed, and down again when it is in flight: retried until the node is back."""
        before = await bench.pay("before", 1)
        await bench.node.kill()
        with pytest.raises(NodeUnavailable):
            await bench.engine.authorise(before.id, bench.signer)
        assert (await bench.read(before)).status is PaymentStatus.REQUESTED
        await bench.node.start()
        signed = await bench.engine.authorise(before.id, bench.signer)
        assert signed.status is PaymentStatus.IN_FLIGHT
        await bench.node.kill()
        async with bench.working():
            waiting = await bench.pay("midway", 2)

            async def postponed() -> bool | None:
                return await _postponed_jobs(bench) >= 3 or None

            await bench.until(postponed, mining=False)
            assert (await bench.read(waiting)).status is PaymentStatus.REQUESTED
            await bench.node.start()
            done = [await bench.ended(p) for p in (before, waiting)]
        assert [p.status for p in done] == [PaymentStatus.DONE, PaymentStatus.DONE]
        assert await bench.received() == 3

    async def test_nonce_taken_by_a_stranger_fails_only_at_finality(self, bench: Bench) -> None:
        """Another program uses our key: our transaction can never land, said only once that is final; then retried."""
        payment = await bench.pay("a", 999)
        signed = await bench.engine.authorise(payment.id, bench.signer)
        assert signed.nonce == 0
        await _foreign(bench, 0)
        await bench.node.mine()
        async with bench.working():
            assert (await bench.read(payment)).status is PaymentStatus.IN_FLIGHT
            failed = await bench.ended(payment)
        assert failed.failure is not None
        assert failed.failure.code == "nonce_too_low"
        assert failed.attempt is not None
        assert failed.attempt.status is AttemptStatus.DEAD
        assert (await bench.adapter.finalised(bench.sender)).nonce == 1
        async with bench.database.transaction() as tx:
            again = await bench.engine.retry(tx, bench.tenant, payment.id, "a2")
        async with bench.working():
            done = await bench.ended(again)
        assert (done.status, done.nonce) == (PaymentStatus.DONE, 1)
        assert await bench.received() == 999

    async def test_counter_follows_the_chain_up(self, bench: Bench) -> None:
        """The chain's nonce is a floor: three foreign transactions move it, our counter starts there."""
        for nonce in range(3):
            await _foreign(bench, nonce)
        await bench.node.mine()
        payment = await bench.pay("a")
        assert (await bench.engine.authorise(payment.id, bench.signer)).nonce == 3
        second = await bench.pay("b")
        assert (await bench.engine.authorise(second.id, bench.signer)).nonce == 4

    async def test_missing_lower_nonce_is_brought_by_its_own_job(self, bench: Bench) -> None:
        """Nonce 0 is left behind by the process that signed it; nonce 1 waits in the pool until 0's job has run."""
        low, high = await bench.pay("low", 10), await bench.pay("high", 20)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HandingOver, "add", lambda *_: None)
            await bench.engine.authorise(low.id, bench.signer)
        ahead = await bench.engine.authorise(high.id, bench.signer)
        assert (ahead.nonce, ahead.attempt is not None) == (1, True)
        await bench.node.mine(2)
        assert await bench.received() == 0
        async with bench.working():
            done = [await bench.ended(p) for p in (low, high)]
        assert {p.status for p in done} == {PaymentStatus.DONE}
        assert await bench.received() == 30


class TestTwoProcesses:
    async def test_two_engines_share_one_lane(self, bench: Bench) -> None:
        """The row lock, not the process, hands out nonces."""
        adapter = evm_adapter(bench.node.url)
        other, signer, _ = make_engine(bench.database, adapter)
        payments = [await bench.pay(f"p{i}", 1) for i in range(12)]
        signed = await asyncio.gather(
            *(
                (bench.engine if i % 2 else other).authorise(p.id, bench.signer if i % 2 else signer)
                for i, p in enumerate(payments)
            )
        )
        assert sorted(p.nonce for p in signed if p.nonce is not None) == list(range(12))
        await adapter.close()
