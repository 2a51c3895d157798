"""Gates are asked in order, under the lock, before every kind of signature; what they say decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chains.intent import Intent, Transfer
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.errors import ApprovalNeeded, PolicyRefused, PriceStale, QuanbaoError
from tests.fakes.accounts import KnownKeys
from tests.fakes.chain import CHAIN, COIN
from tests.integration.engine.stage import OneChain
from tests.integration.policy.stage import Scene
from wallets.engine.gates import Authority, Gate
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine


class Listed:
    """Refuses amounts by a list, and remembers what it was asked."""

    def __init__(self, **refusals: QuanbaoError) -> None:
        self.refusals = refusals
        self.asked: list[tuple[int, str]] = []

    async def admit(self, tx: Transaction, payment: Payment, authority: Authority) -> None:
        assert isinstance(payment.intent.action, Transfer)
        units = payment.intent.action.amount.base_units
        self.asked.append((units, authority.signing))
        for name in (f"u{units}", authority.signing):
            if name in self.refusals:
                raise self.refusals[name]


def with_gates(scene: Scene, *gates: Gate) -> None:
    keys = scene.engine._authoriser._keys
    assert isinstance(keys, KnownKeys)
    none = timedelta(0)
    scene.engine = Engine(scene.database, OneChain(scene.adapter), keys, scene.signer, node_pause=none, gates=gates)


async def test_the_first_that_refuses_is_the_last_that_is_asked(database: Database) -> None:
    scene = Scene(database)
    first = Listed(u13=PolicyRefused("no", rule="first"), u14=PriceStale("later"))
    second = Listed(u15=ApprovalNeeded("a word"))
    with_gates(scene, first, second)
    payments = [await scene.request(f"k{units}", units) for units in (12, 13, 14, 15)]
    answers = await scene.engine.authorise_many(payments, scene.signer)
    found = [one.status if isinstance(one, Payment) else type(one) for one in answers]
    assert found == [PaymentStatus.IN_FLIGHT, PaymentStatus.FAILED, PriceStale, PaymentStatus.AWAITING_APPROVAL]
    assert [units for units, _ in first.asked] == [12, 13, 14, 15]
    assert [units for units, _ in second.asked] == [12, 15]
    assert len(scene.signer.requests) == 1
    assert [(await scene.read(one)).nonce for one in payments] == [0, None, None, None]
    assert (await scene.read(payments[2])).status is PaymentStatus.AWAITING_SIGNATURE
    del first.refusals["u14"]
    assert (await scene.engine.authorise(payments[2].id, scene.signer)).nonce == 1


async def test_a_payment_that_is_signed_alone_is_asked_too(database: Database) -> None:
    scene = Scene(database, accounts=2)
    gate = Listed(u13=PolicyRefused("no", rule="first"), u14=ApprovalNeeded("a word"), u15=PriceStale("later"))
    with_gates(scene, gate)
    ends = []
    for units in (13, 14, 15):
        recipient = AccountId.from_raw(CHAIN, b"\x22" * 20)
        sender, other = scene.accounts
        intent = Intent(sender, Transfer(Amount(units, COIN), recipient), cosigners=(other,))
        asked = PaymentRequest(scene.owner.tenant_id, f"k{units}", intent, "transfer", signs="person")
        async with database.transaction() as tx:
            payment = await scene.engine.request(tx, asked)
        if units == 15:
            with pytest.raises(PriceStale):
                await scene.engine.authorise(payment.id, scene.signer)
        else:
            await scene.engine.authorise(payment.id, scene.signer)
        ends.append((await scene.read(payment)).status)
    waits = (PaymentStatus.AWAITING_APPROVAL, PaymentStatus.AWAITING_SIGNATURE)
    assert ends == [PaymentStatus.FAILED, *waits]
    assert scene.signer.requests == []


@pytest.mark.parametrize("signing", ["raise", "void"])
async def test_replacements_are_asked_as_well(database: Database, signing: str) -> None:
    scene = Scene(database)
    gate = Listed()
    with_gates(scene, gate)
    payment = await scene.pay("k")
    gate.refusals[signing] = PolicyRefused("frozen", rule="freeze")
    act = scene.engine.speed_up if signing == "raise" else scene.engine.cancel
    with pytest.raises(PolicyRefused):
        await act(scene.owner.tenant_id, payment.id, scene.signer)
    assert len(scene.signer.requests) == len((await scene.read(payment)).attempts) == 1
    gate.refusals.clear()
    await act(scene.owner.tenant_id, payment.id, scene.signer)
    assert len((await scene.read(payment)).attempts) == 2
    assert [asked for _, asked in gate.asked] == ["pay", signing, signing]
