"""Orders that wait for each other: gathered within their bounds, each ended once, whatever fails or dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from persistence.jobs import Worker, enqueue, job_table
from primitives.errors import TransactionReverted, VoucherInFlight
from tests.fakes.batching_chain import BatchingChain
from tests.fakes.vouchers import STRANGER, cart
from tests.integration.vouchers.stage import Stage
from vouchers.orders.gathering.service import BATCH_ENDED, GATHER
from vouchers.orders.model import AttemptStatus, OrderStatus, Way
from vouchers.ports import PaymentState


@pytest.fixture
def stage(database):
    return Stage(database, give_up_after=timedelta(hours=1), makes=BatchingChain)


async def _order(stage, *, batch=True):
    return await stage.orders.create(
        stage.merchant,
        cart(10_000, merchant=str(stage.merchant)),
        created_by=stage.merchant,
        idempotency_key=uuid4().hex,
        batch=batch,
    )


async def _waiting(stage, many):
    """As many paid orders that wait, each of another person."""
    campaign = await stage.campaign()
    people = [stage.holder() for _ in range(many)]
    await stage.issue(campaign, *(account for _, account in people))
    quotes = []
    for person, _ in people:
        quote = await stage.orders.quote(person, (await _order(stage)).id)
        attempt = await stage.pay(person, quote)
        assert attempt.waits
        quotes.append(quote)
    return people, quotes


async def _statuses(stage, quotes):
    found = [await stage.orders.progress(quote.order_id) for quote in quotes]
    return [(order.status, attempt.status) for order, attempt in found]


def _carrying(stage):
    return [payment for payment in stage.payments.by_id.values() if payment.order.act == "order.pay"]


async def _run(stage, *kinds):
    """Only these jobs, once."""
    handlers = {kind: handler for kind, handler in stage.orders.handlers().items() if kind in kinds}
    return await Worker(stage.database, handlers).run_due(rounds=1)


PAID = (OrderStatus.PAID, AttemptStatus.FINAL)
OPEN = (OrderStatus.OPEN, AttemptStatus.FAILED)


async def test_they_share_a_payment_of_the_merchants_and_end_each_by_itself(stage):
    _, quotes = await _waiting(stage, 3)
    await stage.work()
    (payment,) = _carrying(stage)
    assert payment.order.tenant_id == stage.merchant
    assert all(name.startswith("campaign:") for name in payment.order.budgets)
    assert payment.order.intent.action.least_gas == 3
    assert await _statuses(stage, quotes) == [PAID] * 3
    for quote in quotes:
        _, attempt = await stage.orders.progress(quote.order_id)
        shown, redemptions = await stage.orders.evidence(attempt)
        assert (attempt.way, shown.id) == (Way.BATCH, payment.id)
        assert [one.status for one in redemptions] == [AttemptStatus.FINAL]


async def test_one_goes_alone_in_its_holders_name(stage):
    ((person, _),), quotes = await _waiting(stage, 1)
    await stage.work()
    (payment,) = _carrying(stage)
    assert payment.order.tenant_id == person
    assert await _statuses(stage, quotes) == [PAID]


async def test_an_order_that_did_not_ask_for_it_never_waits(stage):
    campaign = await stage.campaign()
    person, account = stage.holder()
    await stage.issue(campaign, account)
    quote = await stage.orders.quote(person, (await _order(stage, batch=False)).id)
    attempt = await stage.pay(person, quote)
    assert (attempt.waits, attempt.status) == (False, AttemptStatus.PENDING)


async def test_they_wait_for_others_until_there_are_enough_or_gas_is_full(database):
    stage = Stage(database, give_up_after=timedelta(hours=1), makes=BatchingChain, gather_for=timedelta(hours=1))
    stage.orders._gathering._most_orders, stage.orders._gathering._most_gas = 4, 2
    _, quotes = await _waiting(stage, 3)
    await stage.work()
    assert _carrying(stage) == []
    person, account = stage.holder()
    await stage.issue(await stage.campaign(title="another"), account)
    quote = await stage.orders.quote(person, (await _order(stage)).id)
    await stage.pay(person, quote)
    await stage.work()
    assert [len(payment.order.reference["orders"]) for payment in _carrying(stage)] == [2, 2]
    assert await _statuses(stage, [*quotes, quote]) == [PAID] * 4


async def test_one_voucher_is_in_one_waiting_order_only(stage):
    campaign = await stage.campaign()
    person, account = stage.holder()
    await stage.issue(campaign, account)
    quotes = [await stage.orders.quote(person, (await _order(stage)).id) for _ in range(6)]
    results = await asyncio.gather(*(stage.pay(person, quote) for quote in quotes), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["Attempt", *["VoucherInFlight"] * 5]
    assert any(isinstance(one, VoucherInFlight) for one in results)
    await stage.work()
    assert sum(state.redeemed_at is not None for state in stage.chain.state.vouchers.values()) == 1


async def test_what_the_chain_would_refuse_ends_before_the_batch_and_what_it_refuses_after(stage):
    _, quotes = await _waiting(stage, 4)
    vouchers = [quote.redemption.items[0].voucher for quote in quotes]
    stage.chain.move(vouchers[0], STRANGER)
    await _run(stage, GATHER)
    assert (await _statuses(stage, quotes))[0] == OPEN
    (payment,) = _carrying(stage)
    assert len(payment.order.reference["orders"]) == 3
    stage.chain.move(vouchers[2], STRANGER)
    await stage.work()
    assert await _statuses(stage, quotes) == [OPEN, PAID, OPEN, PAID]
    order = await stage.orders.get(quotes[2].order_id)
    assert order.failure["facts"]["reason"] == "NotVoucherHolder"


async def test_left_out_without_a_reason_is_tried_alone(stage, monkeypatch):
    _, quotes = await _waiting(stage, 2)
    real = stage.chain.outcomes

    async def outcomes(tx_hash):
        """As if the second had run out of gas; on the chain it was not redeemed."""
        first, second = await real(tx_hash)
        return {first: None, second: TransactionReverted("out of gas", reason="without a reason")}

    monkeypatch.setattr(stage.chain, "outcomes", outcomes)
    await _run(stage, GATHER)
    second = quotes[1].redemption.items[0].voucher
    before = stage.chain.state.vouchers[second]
    await stage.payments.land()
    stage.chain.state.vouchers[second] = before
    await stage.work()
    assert await _statuses(stage, quotes) == [PAID] * 2
    assert [one.order.tenant_id == stage.merchant for one in _carrying(stage)] == [True, False]


async def test_a_batch_without_effect_sends_each_alone(stage):
    _, quotes = await _waiting(stage, 3)
    await _run(stage, GATHER)
    (payment,) = _carrying(stage)
    payment.state, payment.failure = PaymentState.FAILED, {"code": "gas_budget_exhausted", "message": "", "facts": {}}
    await stage.payments.tell(payment)
    await stage.work()
    assert await _statuses(stage, quotes) == [PAID] * 3
    assert len(_carrying(stage)) == 4
    assert sum(state.redeemed_at is not None for state in stage.chain.state.vouchers.values()) == 3


async def test_a_receipt_that_does_not_tell_ends_nothing(stage, monkeypatch):
    _, quotes = await _waiting(stage, 2)
    await _run(stage, GATHER)
    await stage.payments.land()

    async def nothing(tx_hash):
        return {}

    with monkeypatch.context() as patch:
        patch.setattr(stage.chain, "outcomes", nothing)
        await _run(stage, BATCH_ENDED)
        pending = (OrderStatus.PENDING, AttemptStatus.PENDING)
        assert await _statuses(stage, quotes) == [pending] * 2
        async with stage.database.transaction() as tx:
            errors = await tx.execute(select(job_table.c.last_error).where(job_table.c.kind == BATCH_ENDED))
            assert "tells nothing of 2 of its orders" in errors.scalar_one()


class Dead(BaseException):
    """The process dies."""


@pytest.mark.parametrize("point", ["order.batch_stored", "order.batch_ended", "order.gathered_alone"])
async def test_a_worker_that_dies_between_two_steps(stage, monkeypatch, point):
    _, quotes = await _waiting(stage, 1 if point == "order.gathered_alone" else 3)

    def die(name):
        if name == point:
            raise Dead

    with monkeypatch.context() as patch:
        patch.setattr("vouchers.orders.gathering.service.fault_point", die)
        with pytest.raises((Dead, BaseExceptionGroup)) as death:
            await stage.work()
        assert Dead in {type(one) for one in _all(death.value)}
    async with stage.database.transaction() as tx:
        for row in (await tx.execute(select(job_table))).all():
            await tx.execute(job_table.update().where(job_table.c.id == row.id).values(lease_until=None))
            await enqueue(tx, row.kind, row.key, row.payload)
    await stage.work()
    assert await _statuses(stage, quotes) == [PAID] * len(quotes)
    assert len(_carrying(stage)) == 1


def _all(error):
    yield error
    for one in getattr(error, "exceptions", ()):
        yield from _all(one)


async def test_the_same_key_while_it_waits_and_an_interruption_before_the_batch(stage):
    campaign = await stage.campaign()
    person, account = stage.holder()
    await stage.issue(campaign, account)
    quote = await stage.orders.quote(person, (await _order(stage)).id)
    first = await stage.pay(person, quote, key="k")
    again = await stage.pay(person, quote, key="k")
    assert (again.order_id, again.number, again.waits) == (first.order_id, first.number, True)
    assert len(stage.signer.requests) == 1, "the holder signs once"
    async with stage.database.transaction() as tx:
        for row in (await tx.execute(select(job_table).where(job_table.c.kind == "order.attempt_due"))).all():
            await enqueue(tx, row.kind, row.key, row.payload)
    await _run(stage, "order.attempt_due")
    assert await _statuses(stage, [quote]) == [OPEN]
    await stage.work()
    assert _carrying(stage) == [], "given up is given up, though the consent is there"
