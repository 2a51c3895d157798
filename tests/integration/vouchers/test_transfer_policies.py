"""Vouchers change hands where their terms allow it, once for each key, and never while somebody redeems them."""

from __future__ import annotations

import asyncio

import pytest

from chains.campaign import TransferPolicy
from persistence.jobs import Worker
from primitives.errors import (
    IdempotencyConflict,
    InvalidValue,
    KeystoreLocked,
    TransferForbidden,
    VoucherAlreadyRedeemed,
    VoucherInFlight,
    VoucherNotFound,
)
from tests.integration.vouchers.stage import Stage
from vouchers.handing_on import HandingOn
from vouchers.ports import PaymentState


@pytest.fixture
def stage(database):
    return Stage(database)


@pytest.fixture
def handing_on(stage):
    return HandingOn(
        stage.database, stage.chains, stage.accounts, stage.payments, stage.signer, lambda *signers: signers[0]
    )


class Hands:
    """A voucher of one policy, its holder and somebody else."""

    def __init__(self, stage, handing_on):
        self.stage, self.handing_on = stage, handing_on

    async def begin(self, policy):
        self.campaign = await self.stage.campaign(transfer=policy)
        (self.mei, self.hers), (self.li, self.his) = self.stage.holder(), self.stage.holder()
        await self.stage.issue(self.campaign, self.hers)
        async with self.stage.database.transaction() as tx:
            found = await tx.exec_driver_sql("SELECT id FROM voucher")
            self.voucher = type(next(iter(self.stage.chain.state.vouchers))).parse(found.scalar_one())
        return self

    async def give(self, person, recipient, key="k"):
        return await self.handing_on.hand_on(person, self.voucher, recipient, self.stage.signer, idempotency_key=key)

    async def land(self):
        await self.stage.payments.land()
        await Worker(self.stage.database, self.handing_on.handlers()).run_due()
        await self.stage.scan()


@pytest.fixture
def hands(stage, handing_on):
    return Hands(stage, handing_on)


@pytest.mark.parametrize(("policy", "moves"), [(TransferPolicy.BOUND, 0), (TransferPolicy.ONCE, 1)])
async def test_as_often_as_the_terms_say(hands, policy, moves):
    await hands.begin(policy)
    if moves:
        await hands.give(hands.mei, hands.his)
        await hands.land()
    holder, other = (hands.li, hands.hers) if moves else (hands.mei, hands.his)
    with pytest.raises(TransferForbidden) as refusal:
        await hands.give(holder, other, "again")
    assert (refusal.value.policy, refusal.value.moves) == (policy.value, moves)


async def test_freely_to_and_fro(hands):
    await hands.begin(TransferPolicy.FREE)
    for number, (person, recipient) in enumerate([(hands.mei, hands.his), (hands.li, hands.hers)] * 2):
        await hands.give(person, recipient, str(number))
        await hands.land()
    assert hands.stage.chain.state.vouchers[hands.voucher].moves == 4
    assert hands.stage.chain.state.vouchers[hands.voucher].holder == hands.hers


async def test_the_same_key_is_one_transfer_also_when_it_is_long_over(hands):
    await hands.begin(TransferPolicy.FREE)
    first, second = await asyncio.gather(hands.give(hands.mei, hands.his), hands.give(hands.mei, hands.his))
    assert first.id == second.id
    await hands.land()
    again = await hands.give(hands.mei, hands.his)
    assert (again.id, again.state) == (first.id, PaymentState.DONE)
    with pytest.raises(IdempotencyConflict):
        await hands.give(hands.mei, hands.hers)
    with pytest.raises(VoucherNotFound):
        await hands.give(hands.mei, hands.his, "another key: the voucher is not hers any more")


async def test_a_locked_wallet_gives_nothing(hands):
    await hands.begin(TransferPolicy.FREE)
    hands.stage.payments.refuse = KeystoreLocked("locked")
    with pytest.raises(KeystoreLocked):
        await hands.give(hands.mei, hands.his)
    hands.stage.payments.refuse = None
    await hands.land()
    assert hands.stage.chain.state.vouchers[hands.voucher].holder == hands.hers
    await hands.give(hands.mei, hands.his, "after unlocking")
    await hands.land()
    assert hands.stage.chain.state.vouchers[hands.voucher].holder == hands.his


async def test_only_the_holder_and_only_elsewhere(hands):
    await hands.begin(TransferPolicy.FREE)
    with pytest.raises(VoucherNotFound):
        await hands.give(hands.li, hands.his)
    with pytest.raises(InvalidValue):
        await hands.give(hands.mei, hands.hers)


async def test_not_while_an_order_redeems_it_nor_afterwards(hands):
    await hands.begin(TransferPolicy.FREE)
    quote = await hands.stage.quoter.quote(hands.mei, (await hands.stage.order(10_000)).id)
    await hands.stage.pay(hands.mei, quote)
    with pytest.raises(VoucherInFlight):
        await hands.give(hands.mei, hands.his)
    await hands.stage.work()
    await hands.stage.scan()
    with pytest.raises(VoucherAlreadyRedeemed):
        await hands.give(hands.mei, hands.his)
