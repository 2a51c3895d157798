"""What a holder's key signs for an order is ordered with freezes of the holder's account: none is made after one."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text

from primitives.errors import AccountFrozen
from tests.fakes.voucher_chain import ConsentSigner
from tests.integration.vouchers.stage import Stage
from vouchers.orders.model import AttemptStatus, OrderStatus
from wallets.freeze.service import FreezeService


@pytest.fixture
def stage(database):
    return Stage(database)


async def quoted(stage):
    campaign = await stage.campaign()
    person, account = stage.holder()
    await stage.issue(campaign, account)
    return person, account, await stage.quoter.quote(person, (await stage.order(10_000)).id)


async def freeze(stage, person, account):
    async with stage.database.transaction() as tx:
        return await FreezeService(stage.database).freeze_in(tx, person, account, reason="I lost my phone", by=person)


class Waiting(ConsentSigner):
    """Signs when told."""

    def __init__(self):
        super().__init__()
        self.began, self.may_end = asyncio.Event(), asyncio.Event()

    async def sign(self, request):
        self.began.set()
        await self.may_end.wait()
        return await super().sign(request)


async def somebody_waits(database):
    """Until a session waits for an advisory lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(60):
        while True:
            async with database.statements() as tx:
                if (await tx.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.01)


async def test_a_freeze_waits_for_a_consent_that_is_being_signed_until_it_is_stored(stage):
    person, account, quote = await quoted(stage)
    signer = Waiting()
    paying = asyncio.create_task(stage.pay(person, quote, signer=signer))
    await asyncio.wait_for(signer.began.wait(), 60)
    freezing = asyncio.create_task(freeze(stage, person, account))
    await somebody_waits(stage.database)
    assert not freezing.done()
    signer.may_end.set()
    assert (await paying).status is AttemptStatus.PENDING
    frozen = await freezing
    async with stage.database.statements() as tx:
        stored_first = text(
            "SELECT (SELECT a.xmin::text::bigint FROM order_attempt a WHERE a.order_id = :order) "
            "< (SELECT f.xmin::text::bigint FROM account_freeze f WHERE f.id = :freeze)"
        )
        assert (await tx.execute(stored_first, {"order": quote.order_id, "freeze": frozen.id})).scalar_one() is True
    await stage.work()
    assert (await stage.orders.get(quote.order_id)).status is OrderStatus.PAID, "what was signed before goes on"


@pytest.mark.parametrize("whole", [True, False], ids=["everything", "the account"])
async def test_after_a_freeze_nothing_is_signed_and_the_order_is_open_again(stage, whole):
    person, account, quote = await quoted(stage)
    frozen = await freeze(stage, person, None if whole else account)
    signer = ConsentSigner()
    with pytest.raises(AccountFrozen) as refusal:
        await stage.pay(person, quote, signer=signer)
    assert refusal.value.facts["freeze"] == str(frozen.id)
    assert signer.requests == []
    order, attempt = await stage.orders.progress(quote.order_id)
    assert (order.status, attempt.status, attempt.payment_id) == (OrderStatus.OPEN, AttemptStatus.FAILED, None)


async def test_what_an_outside_wallet_signed_is_not_taken_for_a_frozen_account(stage):
    person, account, quote = await quoted(stage)
    (asked,) = await stage.orders.prepare(person, quote.order_id, quote.id)
    signed = await stage.orders._consents.sign(stage.signer, None, account.chain, [asked])
    await freeze(stage, person, account)
    with pytest.raises(AccountFrozen):
        await stage.orders.submit(person, quote.order_id, quote.id, signed, idempotency_key=uuid4().hex)
    assert (await stage.orders.get(quote.order_id)).status is OrderStatus.OPEN


@pytest.mark.long
async def test_more_payers_at_once_than_the_pool_has_connections(stage):
    """Each holds a connection while it signs and the keystore takes another one for it."""

    class Reading(ConsentSigner):
        async def sign(self, request):
            async with stage.database.transaction() as tx:
                await tx.execute(text("SELECT 1"))
            return await super().sign(request)

    campaign = await stage.campaign()
    people = [stage.holder() for _ in range(24)]
    await stage.issue(campaign, *(account for _, account in people))
    quotes = [await stage.quoter.quote(person, (await stage.order(10_000)).id) for person, _ in people]
    signer = Reading()
    paid = await asyncio.wait_for(
        asyncio.gather(
            *(stage.pay(person, quote, signer=signer) for (person, _), quote in zip(people, quotes, strict=True))
        ),
        120,
    )
    assert {attempt.status for attempt in paid} == {AttemptStatus.PENDING}
