"""What is no payment of the owner's own counts all the same: held from the commit that makes it so, to its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.errors import ApprovalNeeded, ApprovalRefused, PolicyRefused, PriceStale, QuanbaoError
from tests.fakes.chain import CHAIN, TOKEN
from tests.integration.policy.stage import CODE, Scene, limit
from wallets.engine.model import PaymentStatus
from wallets.policy.commitment import Commitment
from wallets.policy.facts import Leaving
from wallets.policy.rules import Outcome

SHOP = AccountId.from_raw(CHAIN, bytes([0x44]) * 20)
ANY = {"asset": str(TOKEN.id), "above": "0"}


def order(scene: Scene, units: int = 1000, name: str = "order") -> Commitment:
    """A new try at one order."""
    leaving = (Leaving(TOKEN.id, units, 6, SHOP),)
    tenant = scene.owner.tenant_id
    return Commitment(tenant, "order.pay", scene.accounts[0], leaving, {"order": name}, uuid4())


async def commit(scene: Scene, wanted: Commitment) -> QuanbaoError | None:
    async with scene.database.transaction() as tx:
        return await scene.gate.commit(tx, wanted)


async def foresee(scene: Scene, wanted: Commitment) -> QuanbaoError | None:
    async with scene.database.transaction() as tx:
        return await scene.gate.foresee(tx, wanted)


async def close(scene: Scene, wanted: Commitment, *, happened: bool) -> None:
    async with scene.database.transaction() as tx:
        await scene.gate.close(tx, wanted.holding, happened=happened)


async def test_payments_and_orders_at_once_never_pass_one_limit(database: Database) -> None:
    scene = Scene(database, accounts=2)
    await scene.rules(limit(20_000, asset=str(TOKEN.id)))
    for account in scene.accounts:
        lane = "INSERT INTO payment_lane (chain, account) VALUES (:chain, :account)"
        await scene.sql(lane, chain=str(account.chain), account=account.address)
    payments = [await scene.request(f"k{n}", 1000, asset=TOKEN, account=n % 2) for n in range(20)]
    orders = [order(scene, 1000, f"o{n}") for n in range(20)]
    answers = await asyncio.gather(
        *(commit(scene, one) for one in orders),
        *(scene.engine.authorise(one.id, scene.signer) for one in payments),
    )
    held = sum(1 for one in answers if one is None or getattr(one, "status", None) is PaymentStatus.IN_FLIGHT)
    assert held == 20
    assert {one.code for one in answers if isinstance(one, QuanbaoError)} <= {"policy_refused"}
    (used,) = await scene.policies.limits(scene.owner)
    assert used.used == 20_000
    decisions = await scene.policies.decisions(scene.owner, limit=100)
    assert sorted(one.outcome for one in decisions) == [Outcome.ALLOW] * 20 + [Outcome.DENY] * 20
    assert sum(one.subject is not None for one in decisions) == 20


async def test_a_share_is_settled_or_given_back(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(1500, "rolling", seconds=86_400, asset=str(TOKEN.id)))
    first, second = order(scene, name="first"), order(scene, name="second")
    assert await commit(scene, first) is None
    assert isinstance(await commit(scene, second), PolicyRefused)
    await close(scene, first, happened=False)
    assert await commit(scene, second) is None
    await close(scene, second, happened=True)
    assert isinstance(await commit(scene, order(scene, name="third")), PolicyRefused), "what was paid counts"
    await scene.sql("UPDATE payment_reservation SET closed_at = closed_at - interval '2 days'")
    assert await commit(scene, order(scene, name="fourth")) is None


async def test_what_is_foreseen_holds_nothing_and_a_refusal_is_kept(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(1500, asset=str(TOKEN.id)))
    assert await foresee(scene, order(scene)) is None
    assert await scene.sql("SELECT 1 FROM payment_reservation") == []
    assert await scene.policies.decisions(scene.owner) == []
    assert isinstance(await foresee(scene, order(scene, 1501)), PolicyRefused)
    (denied,) = await scene.policies.decisions(scene.owner)
    assert (denied.outcome, denied.subject, denied.payment_id) == (Outcome.DENY, {"order": "order"}, None)
    assert denied.leaving[0]["recipient"] == str(SHOP)


async def test_whatever_is_undone_has_reserved_nothing(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(1500, asset=str(TOKEN.id)))
    with pytest.raises(RuntimeError):
        async with scene.database.transaction() as tx:
            assert await scene.gate.commit(tx, order(scene)) is None
            raise RuntimeError("the order could not be taken")
    assert await scene.sql("SELECT 1 FROM payment_reservation") == []
    assert await commit(scene, order(scene)) is None


async def test_rules_that_were_saved_meanwhile_count(database: Database) -> None:
    """A transaction that began before the change, and waited, hears it all the same."""
    scene = Scene(database)
    async with scene.database.transaction() as tx:
        await tx.execute(text("SELECT 1"))
        await scene.rules(limit(999, "payment", asset=str(TOKEN.id)))
        assert isinstance(await scene.gate.commit(tx, order(scene)), PolicyRefused)


async def test_whoever_comes_late_holds_nothing_anew(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(limit(1500, asset=str(TOKEN.id)))
    wanted = order(scene)
    assert await commit(scene, wanted) is None
    await close(scene, wanted, happened=False)
    assert await commit(scene, wanted) is None
    (used,) = await scene.policies.limits(scene.owner)
    assert used.used == 0, "its try has ended"


async def test_words_count_for_every_try_of_exactly_this(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    rule = {"id": "two", "kind": "approval", **ANY, "approvers": [str(ann)], "needed": 1, "seconds": 600}
    await scene.rules(rule)
    needed = await foresee(scene, order(scene))
    assert isinstance(needed, ApprovalNeeded)
    ((waiting, payment),) = await scene.approvals.waiting(ann, {ann})
    assert payment is None
    assert waiting.commitment is not None
    assert (str(waiting.payment_id), "0x" + waiting.payload_hash.hex()) == (
        needed.facts["approval"],
        needed.facts["payload_hash"],
    )
    owner = scene.owner.tenant_id
    for person, digest, reason in (
        (owner, waiting.payload_hash, "own_payment"),
        (ann, order(scene, 999).payload_hash, "payload_changed"),
    ):
        with pytest.raises(ApprovalRefused) as caught:
            await scene.approvals.agree(person, {person}, waiting.payment_id, digest, None)
        assert caught.value.facts["reason"] == reason
    heard = await scene.approvals.agree(ann, {ann}, waiting.payment_id, waiting.payload_hash, None)
    assert heard.status is PaymentStatus.AWAITING_SIGNATURE
    assert isinstance(await commit(scene, order(scene, 1001)), ApprovalNeeded), "another amount is another thing"
    assert isinstance(await commit(scene, replace(order(scene), account=SHOP)), ApprovalNeeded)
    first = order(scene)
    assert await commit(scene, first) is None
    assert [one.payment_id for one, _ in await scene.approvals.waiting(owner, {owner})] != [first.id]
    await close(scene, first, happened=False)
    assert await commit(scene, order(scene)) is None, "tried once more, while the word counts"
    await scene.sql("UPDATE approval_word SET at = at - interval '11 minutes'")
    assert isinstance(await commit(scene, order(scene)), ApprovalNeeded)


async def test_no_and_an_expired_request(database: Database) -> None:
    scene = Scene(database)
    ann, bob = await scene.person(), await scene.person()
    both = [str(ann), str(bob)]
    await scene.rules({"id": "two", "kind": "approval", **ANY, "approvers": both, "needed": 2, "seconds": 600})
    wanted = order(scene)
    await foresee(scene, wanted)
    await scene.approvals.agree(ann, {ann}, wanted.id, wanted.payload_hash, None)
    refused = await scene.approvals.refuse(bob, {bob}, wanted.id, wanted.payload_hash)
    assert refused.status is PaymentStatus.FAILED
    assert await scene.approvals.waiting(ann, {ann}) == []
    await foresee(scene, order(scene))
    ((anew, _),) = await scene.approvals.waiting(bob, {bob})
    assert anew.words == (), "asked about from the beginning"
    await scene.sql("UPDATE approval_request SET expires_at = now() - interval '1 second'")
    with pytest.raises(ApprovalRefused) as caught:
        await scene.approvals.agree(bob, {bob}, wanted.id, wanted.payload_hash, None)
    assert caught.value.facts["reason"] == "expired"


async def test_the_payer_proves_a_code_for_exactly_this(database: Database) -> None:
    scene = Scene(database)
    owner = scene.owner.tenant_id
    scene.codes.persons.add(owner)
    await scene.rules({"id": "code", "kind": "second_factor", **ANY})
    wanted = order(scene)
    assert isinstance(await commit(scene, wanted), ApprovalNeeded)
    await scene.approvals.agree(owner, {owner}, wanted.id, wanted.payload_hash, CODE)
    assert await commit(scene, order(scene)) is None
    assert isinstance(await commit(scene, order(scene, name="another")), ApprovalNeeded)


async def test_lists_cooling_and_prices(database: Database) -> None:
    scene = Scene(database)
    other = str(AccountId.from_raw(CHAIN, bytes([0x55]) * 20))
    await scene.rules({"id": "only", "kind": "recipients", "mode": "only", "accounts": [other]})
    refused = await commit(scene, order(scene))
    assert isinstance(refused, PolicyRefused)
    assert refused.facts["rule"] == "only"
    cooled = Scene(database)
    await cooled.rules({"id": "new", "kind": "cooling", "seconds": 3600})
    assert isinstance(await commit(cooled, order(cooled)), PolicyRefused)
    await cooled.sql("UPDATE policy_recipient SET known_since = known_since - interval '1 hour'")
    assert await commit(cooled, order(cooled)) is None
    dear = Scene(database)
    await dear.rules(limit(150, currency="CNY"))
    dear.prices.prices[TOKEN.id] = PriceStale("old")
    assert isinstance(await commit(dear, order(dear)), PriceStale)
    assert await dear.sql("SELECT 1 FROM payment_reservation WHERE scope LIKE :s", s=f"%{dear.owner.tenant_id}%") == []
