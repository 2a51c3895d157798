"""Limits hold under any race, count what may still happen, and fail closed without a price."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from chains.intent import Intent, Transfer
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import LaneBusy, PriceStale
from tests.fakes.accounts import KnownKeys
from tests.fakes.chain import CHAIN, COIN, TOKEN, FakeTransaction
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.integration.policy.stage import DECIMALS, Scene, limit
from wallets.engine.gates import Authority
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine
from wallets.policy.facts import PaymentFacts
from wallets.policy.gate import PolicyGate
from wallets.policy.ports import RiskFinding
from wallets.policy.rules import Outcome

FLYING = (PaymentStatus.IN_FLIGHT, PaymentStatus.DONE)


def signed(payments: list[Payment]) -> int:
    total = 0
    for payment in payments:
        if payment.status in FLYING:
            action = payment.intent.to_json()["action"]
            total += int(action["amount"]["base_units"])
    return total


@pytest.mark.parametrize("window", ["day", pytest.param("rolling", marks=pytest.mark.soak)])
async def test_two_hundred_payments_at_once_never_pass_a_limit(database: Database, window: str) -> None:
    """Four accounts, two engines that know nothing of each other: one sum."""
    scene = Scene(database, accounts=4)
    await scene.rules(limit(50_000, window, **({"seconds": 3600} if window == "rolling" else {})))
    second = Engine(
        database,
        scene.engine._chains,
        scene.engine._authoriser._keys,
        scene.signer,
        gates=scene.engine._authoriser._gates._gates,
    )
    # Where two processes pay from brand-new accounts for the first time, one of them may have to try again.
    for account in scene.accounts:
        lane = "INSERT INTO payment_lane (chain, account) VALUES (:chain, :account)"
        await scene.sql(lane, chain=str(account.chain), account=account.address)
    payments = [await scene.request(f"k{n}", 1000, account=n % 4) for n in range(200)]
    answers = await asyncio.gather(
        *((scene.engine if n % 3 else second).authorise(payment.id, scene.signer) for n, payment in enumerate(payments))
    )
    assert signed(list(answers)) == 50_000
    refused = [one for one in answers if one.status is PaymentStatus.FAILED]
    assert len(refused) == 150
    assert {one.failure.code for one in refused if one.failure} == {"policy_refused"}
    assert all(one.nonce is None for one in refused)
    (used,) = await scene.policies.limits(scene.owner)
    assert used.used == 50_000
    decisions = await scene.policies.decisions(scene.owner, limit=500)
    assert len(decisions) == 200
    assert sorted(one.outcome for one in decisions) == [Outcome.ALLOW] * 50 + [Outcome.DENY] * 150
    denied = next(one for one in decisions if one.outcome is Outcome.DENY)
    assert (denied.reasons[0]["rule"], denied.reasons[0]["facts"]["used"]) == ("limit", "50000")


async def test_what_may_still_land_keeps_its_share(database: Database) -> None:
    """A transaction that every node forgot is not dead: only when its nonce finally went elsewhere."""
    scene = Scene(database)
    await scene.rules(limit(1500))
    first = await scene.pay("first")
    await scene.work()
    scene.chain.forget_pool()
    scene.chain.mine()
    await scene.work(1)
    assert (await scene.pay("second")).status is PaymentStatus.FAILED
    scene.chain.forget_pool()
    sender = scene.accounts[0].address
    scene.chain.accept(FakeTransaction(sender, sender, 0, 0, "elsewhere", price=10**6))
    scene.chain.mine()
    await scene.work(1)
    assert (await scene.read(first)).status is PaymentStatus.IN_FLIGHT, "not final yet"
    assert (await scene.pay("third")).status is PaymentStatus.FAILED
    await scene.finish()
    assert (await scene.read(first)).status is PaymentStatus.FAILED
    assert (await scene.pay("fourth")).status is PaymentStatus.IN_FLIGHT


async def test_what_the_lane_has_no_room_for_holds_no_share(database: Database) -> None:
    """It was allowed, and is not signed: another account's payment may take the share."""
    scene = Scene(database, accounts=2, most_in_flight=1)
    await scene.rules(limit(2000))
    first = await scene.pay("first")
    second = await scene.request("second")
    with pytest.raises(LaneBusy):
        await scene.engine.authorise(second.id, scene.signer)
    (used,) = await scene.policies.limits(scene.owner)
    assert used.used == 1000
    assert (await scene.pay("third", account=1)).status is PaymentStatus.IN_FLIGHT
    await scene.finish()
    assert (await scene.read(first)).status is PaymentStatus.DONE
    refused = await scene.engine.authorise(second.id, scene.signer)
    assert refused.failure is not None
    assert refused.failure.code == "policy_refused"


async def test_a_payment_that_is_done_still_counts_in_its_window(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(1500, "rolling", seconds=86_400))
    first = await scene.pay("first")
    await scene.finish()
    assert (await scene.read(first)).status is PaymentStatus.DONE
    assert (await scene.pay("second")).status is PaymentStatus.FAILED
    await scene.sql("UPDATE payment_reservation SET closed_at = closed_at - interval '2 days'")
    assert (await scene.pay("third")).status is PaymentStatus.IN_FLIGHT


async def test_one_limit_in_a_currency_over_several_assets(database: Database) -> None:
    """1000 units of the coin and 100 of the token are worth 1.00 and 0.01 (rounded up) in the test's prices."""
    scene = Scene(database, accounts=2)
    await scene.rules(limit(150, currency="CNY"))
    assert (await scene.pay("coin", 1000)).status is PaymentStatus.IN_FLIGHT
    assert (await scene.pay("token", 50_000, asset=TOKEN, account=1)).status is PaymentStatus.IN_FLIGHT
    (used,) = await scene.policies.limits(scene.owner)
    assert used.used == 150
    assert (await scene.pay("dust", 1, asset=TOKEN)).status is PaymentStatus.FAILED
    assert DECIMALS[TOKEN.id] == 6


async def test_without_a_fresh_price_nothing_passes_a_limit_in_a_currency(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(10**12, currency="CNY"))
    scene.prices.prices[COIN.id] = PriceStale("old")
    payment = await scene.request("k")
    with pytest.raises(PriceStale):
        await scene.engine.authorise(payment.id, scene.signer)
    assert (await scene.read(payment)).status is PaymentStatus.AWAITING_SIGNATURE
    assert scene.signer.requests == []
    (decision,) = await scene.policies.decisions(scene.owner)
    assert (decision.outcome, decision.reasons[0]["kind"]) == (Outcome.DENY, "price")
    scene.prices.prices[COIN.id] = "1"
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.IN_FLIGHT


async def test_an_owner_without_rules_has_the_default_ones(database: Database) -> None:
    scene = Scene(database)
    assert (await scene.pay("k")).status is PaymentStatus.IN_FLIGHT
    (decision,) = await scene.policies.decisions(scene.owner)
    assert (decision.outcome, decision.policy_id) == (Outcome.ALLOW, None)
    scene.chain.endowment[scene.accounts[0].address] = 10**25
    assert (await scene.pay("much", 10**24 + 1)).status is PaymentStatus.FAILED


async def test_a_new_recipient_waits_and_an_old_one_does_not(database: Database) -> None:
    scene = Scene(database)
    await scene.pay("before", to=0x22)
    await scene.sql("UPDATE payment SET created_at = created_at - interval '2 hours'")
    await scene.rules({"id": "new", "kind": "cooling", "seconds": 3600})
    assert (await scene.pay("known", to=0x22)).status is PaymentStatus.IN_FLIGHT
    assert (await scene.pay("new", to=0x33)).status is PaymentStatus.FAILED
    await scene.sql("UPDATE policy_recipient SET known_since = known_since - interval '1 hour'")
    assert (await scene.pay("later", to=0x33)).status is PaymentStatus.IN_FLIGHT


async def test_one_limit_in_a_currency_over_several_chains(database: Database) -> None:
    """And a limit of one chain only does not see the other."""
    scene = Scene(database)
    other = ChainId.evm(77)
    coin = Asset(AssetId.native(other), "OTH", 18)
    scene.prices.prices[coin.id] = "1000000000000000"
    gate = PolicyGate(scene.defaults, scene.prices, {**DECIMALS, coin.id: 18})
    chains = BalanceChains(BalanceAdapter(CHAIN), BalanceAdapter(other))
    engine = Engine(database, chains, KnownKeys({}))
    here = {**limit(150, currency="CNY"), "id": "here", "chains": [str(CHAIN)]}
    await scene.rules(limit(250, currency="CNY"), here)

    async def asked(key: str, asset: Asset, units: int) -> str | None:
        account = AccountId.from_raw(asset.id.chain, b"\x01" * 20)
        intent = Intent(account, Transfer(Amount(units, asset), AccountId.from_raw(account.chain, b"\x22" * 20)))
        async with database.transaction() as tx:
            request = PaymentRequest(scene.owner.tenant_id, key, intent, "transfer", signs="person")
            payment = await engine.request(tx, request)
            (error,) = await gate.admit_many(tx, [(payment, Authority("pay"))])
        return None if error is None else str(error.facts["rule"])

    assert await asked("a", COIN, 1000) is None
    assert await asked("b", COIN, 1000) == "here"
    assert await asked("c", coin, 1500) is None
    assert await asked("d", coin, 10) == "limit"
    assert {one.limit.id: one.used for one in await scene.policies.limits(scene.owner)} == {"limit": 250, "here": 100}


@dataclass(frozen=True)
class Scored:
    """What a risk assessor says, by shape."""

    score: int
    findings: tuple[RiskFinding, ...] = ()


class Scores:
    """Conforms to `wallets.policy.ports.RiskAssessor`."""

    async def assess(self, tx: Transaction, facts: PaymentFacts) -> Scored:
        return Scored(facts.leaving[0].base_units)


async def test_a_rule_can_ask_for_the_risk_score(database: Database) -> None:
    scene = Scene(database)
    gate = PolicyGate(scene.defaults, scene.prices, DECIMALS, risk=Scores())
    scene.policies._has_risk = True
    await scene.rules({"id": "risky", "kind": "risk", "at_least": 70, "effect": "deny"})
    for units, refused in ((69, False), (70, True)):
        payment = await scene.request(f"k{units}", units)
        async with database.transaction() as tx:
            (error,) = await gate.admit_many(tx, [(payment, Authority("pay"))])
        assert (error is not None) is refused
    assert [one.risk for one in await scene.policies.decisions(scene.owner)] == [70, 69]
