"""A payment that waits for words is signed only after the right ones, for exactly what was shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from persistence.database import Database
from primitives.errors import ApprovalRefused, LoginFailed, NotPermitted, PaymentNotFound
from tests.fakes.chain import COIN
from tests.integration.policy.stage import CODE, Scene
from wallets.engine.model import Payment, PaymentStatus
from wallets.policy.facts import payload_hash


def approval(*approvers: UUID, needed: int = 1, above: int = 500) -> dict[str, Any]:
    return {
        "id": "two",
        "kind": "approval",
        "asset": str(COIN.id),
        "above": str(above),
        "approvers": [str(one) for one in approvers],
        "needed": needed,
        "seconds": 600,
    }


CODE_ABOVE = {"id": "code", "kind": "second_factor", "asset": str(COIN.id), "above": "500"}


async def waiting(scene: Scene, key: str = "k", **more: Any) -> Payment:
    payment = await scene.pay(key, **more)
    assert payment.status is PaymentStatus.AWAITING_APPROVAL
    assert scene.signer.requests == []
    return payment


async def refused(scene: Scene, person: UUID, payment: Payment, **more: Any) -> str:
    with pytest.raises(ApprovalRefused) as error:
        await scene.agree(person, payment, **more)
    assert (await scene.read(payment)).nonce is None
    return str(error.value.facts["reason"])


async def test_two_of_three_approve_and_the_payer_signs(database: Database) -> None:
    scene = Scene(database)
    ann, bob, eve = [await scene.person() for _ in range(3)]
    await scene.rules(approval(ann, bob, eve, needed=2))
    assert (await scene.pay("small", 500)).status is PaymentStatus.IN_FLIGHT
    scene.signer.requests.clear()
    payment = await waiting(scene)
    told = await scene.sql("SELECT tenant_id FROM event WHERE kind = 'approval.asked'")
    assert {row[0] for row in told} == {ann, bob, eve}
    for person in (ann, bob):
        (one,) = await scene.approvals.waiting(person, {person})
        assert one[0].payload_hash == payload_hash(payment)
    assert await scene.agree(ann, payment) == "awaiting_approval"
    assert await scene.agree(ann, payment) == "awaiting_approval", "one person counts once"
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.AWAITING_APPROVAL
    assert await scene.agree(bob, payment) == "awaiting_signature"
    assert scene.signer.requests == []
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.IN_FLIGHT
    first = (await scene.policies.decisions(scene.owner))[0]
    assert (first.outcome, first.reasons[0]["facts"]["have"]) == ("allow", 2)


async def test_a_workers_payment_goes_on_by_itself(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await scene.request("k", signs="service")
    # Default rules of organisations and persons differ; own rules count for whatever leaves.
    await scene.work()
    payment = await scene.read(payment)
    assert payment.status is PaymentStatus.AWAITING_APPROVAL
    assert await scene.agree(ann, payment) == "requested"
    await scene.work()
    assert (await scene.read(payment)).status is PaymentStatus.IN_FLIGHT


async def test_a_changed_payload_is_refused(database: Database) -> None:
    """By another hash; and a payment that was changed behind the approver's back is not signed after all."""
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    assert await refused(scene, ann, payment, digest=bytes(32)) == "payload_changed"
    assert await scene.agree(ann, payment) == "awaiting_signature"
    more = """UPDATE payment SET intent = jsonb_set(intent, '{action,amount,base_units}', '"2000"') WHERE id = :p"""
    await scene.sql(more, p=payment.id)
    changed = await scene.engine.authorise(payment.id, scene.signer)
    assert (changed.status, scene.signer.requests) == (PaymentStatus.AWAITING_APPROVAL, [])
    assert await refused(scene, ann, payment) == "payload_changed"


async def test_what_was_changed_while_it_waits_is_refused(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    more = """UPDATE payment SET intent = jsonb_set(intent, '{action,amount,base_units}', '"2000"') WHERE id = :p"""
    await scene.sql(more, p=payment.id)
    assert await refused(scene, ann, payment) == "payload_changed"
    assert await refused(scene, ann, await scene.read(payment)) == "payload_changed"


async def test_an_expired_approval_is_refused(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    await scene.sql("UPDATE approval_request SET expires_at = now() - interval '1 second'")
    assert await refused(scene, ann, payment) == "expired"
    assert await scene.approvals.waiting(ann, {ann}) == []
    await scene.sql("UPDATE job SET due_at = now() WHERE kind = 'policy.approval_expires'")
    await scene.work()
    ended = await scene.read(payment)
    assert ended.failure is not None
    assert (ended.status, ended.failure.facts["reason"]) == (PaymentStatus.FAILED, "expired")
    assert await refused(scene, ann, payment) == "not_waiting"


async def test_a_word_that_has_grown_old_no_longer_counts(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    assert await scene.agree(ann, payment) == "awaiting_signature"
    await scene.sql("UPDATE approval_word SET at = at - interval '601 seconds'")
    late = await scene.engine.authorise(payment.id, scene.signer)
    assert (late.status, scene.signer.requests) == (PaymentStatus.AWAITING_APPROVAL, [])


async def test_nobody_approves_a_payment_of_their_own(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    scene.codes.persons.add(scene.owner.tenant_id)
    assert await refused(scene, scene.owner.tenant_id, payment, code=CODE) == "own_payment"
    with pytest.raises(PaymentNotFound):
        await scene.agree(await scene.person(), payment)


async def test_an_approver_who_is_gone_does_not_count(database: Database) -> None:
    """Neither does the word that was given before."""
    scene = Scene(database)
    ann, bob = await scene.person(), await scene.person()
    await scene.rules(approval(ann, bob))
    payment = await waiting(scene)
    await scene.sql("UPDATE person SET erased_at = now() WHERE id = :p", p=bob)
    assert await refused(scene, bob, payment) == "not_approver"
    assert await scene.agree(ann, payment) == "awaiting_signature"
    await scene.sql("UPDATE person SET erased_at = now() WHERE id = :p", p=ann)
    late = await scene.engine.authorise(payment.id, scene.signer)
    assert (late.status, scene.signer.requests) == (PaymentStatus.AWAITING_APPROVAL, [])


async def test_an_organisations_approver_is_a_leading_member_now(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    shop = uuid4()
    await scene.sql("INSERT INTO organisation (id, name, created_at) VALUES (:o, 'Shop', now())", o=shop)
    member = "INSERT INTO membership (tenant_id, person_id, role, since) VALUES (:o, :p, 'manager', now())"
    await scene.sql(member, o=shop, p=ann)
    scene.owner = type(scene.owner)(shop, is_organisation=True)
    await scene.rules(approval(ann))
    payment = await scene.request("k", signs="service")
    await scene.work()
    payment = await scene.read(payment)
    await scene.sql("UPDATE membership SET role = 'cashier'")
    assert await refused(scene, ann, payment) == "not_approver"
    await scene.sql("UPDATE membership SET role = 'manager'")
    assert await scene.agree(ann, payment) == "requested"
    await scene.sql("DELETE FROM membership")
    await scene.work()
    assert (await scene.read(payment)).status is PaymentStatus.AWAITING_APPROVAL
    assert scene.signer.requests == []


async def test_whoever_asked_for_an_organisations_payment_does_not_approve_it(database: Database) -> None:
    """Two managers may approve; each asks for one payment, and only the other's word counts."""
    scene = Scene(database)
    ann, bob, shop = await scene.person(), await scene.person(), uuid4()
    await scene.sql("INSERT INTO organisation (id, name, created_at) VALUES (:o, 'Shop', now())", o=shop)
    member = "INSERT INTO membership (tenant_id, person_id, role, since) VALUES (:o, :p, 'manager', now())"
    for one in (ann, bob):
        await scene.sql(member, o=shop, p=one)
    scene.owner = type(scene.owner)(shop, is_organisation=True)
    await scene.rules(approval(ann, bob))
    payment = await scene.request("k", signs="service", asked_by=ann)
    await scene.work()
    payment = await scene.read(payment)
    assert payment.status is PaymentStatus.AWAITING_APPROVAL
    assert await refused(scene, ann, payment, of=shop) == "own_payment"
    # Even a word that found its way into the table counts for nothing.
    word = "INSERT INTO approval_word (payment_id, person_id, kind, payload_hash) VALUES (:p, :w, 'approval', :h)"
    await scene.sql(word, p=payment.id, w=ann, h=payload_hash(payment))
    await scene.sql("UPDATE payment SET status = 'requested'")
    await scene.engine.authorise(payment.id, scene.signer)
    assert (await scene.read(payment)).status is PaymentStatus.AWAITING_APPROVAL
    assert scene.signer.requests == []
    assert await scene.agree(bob, payment) == "requested"
    await scene.work()
    assert (await scene.read(payment)).status is PaymentStatus.IN_FLIGHT
    again = await scene.request("again", signs="service", asked_by=bob)
    await scene.work()
    again = await scene.read(again)
    assert await refused(scene, bob, again, of=shop) == "own_payment"


async def test_rules_that_changed_meanwhile_are_asked_again(database: Database) -> None:
    scene = Scene(database)
    ann, bob = await scene.person(), await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    assert await scene.agree(ann, payment) == "awaiting_signature"
    tighter = {**approval(bob), "id": "other"}
    await scene.rules(approval(ann), tighter)
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.AWAITING_APPROVAL
    assert await scene.agree(bob, payment) == "awaiting_signature"
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.IN_FLIGHT


async def test_a_refusal_ends_the_payment(database: Database) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await waiting(scene)
    await scene.approvals.refuse(ann, {ann}, payment.id, payload_hash(payment))
    assert (await scene.read(payment)).status is PaymentStatus.FAILED
    assert await refused(scene, ann, payment) == "not_waiting"


async def test_the_payer_proves_a_second_factor(database: Database) -> None:
    scene = Scene(database)
    owner = scene.owner.tenant_id
    await scene.rules(CODE_ABOVE)
    payment = await waiting(scene)
    with pytest.raises(NotPermitted, match="authenticator first"):
        await scene.agree(owner, payment, code=CODE)
    scene.codes.persons.add(owner)
    with pytest.raises(NotPermitted, match="code"):
        await scene.agree(owner, payment)
    with pytest.raises(LoginFailed):
        await scene.agree(owner, payment, code="000000")
    assert await scene.agree(owner, payment, code=CODE) == "awaiting_signature"
    assert (await scene.engine.authorise(payment.id, scene.signer)).status is PaymentStatus.IN_FLIGHT
    other = await scene.pay("another")
    assert other.status is PaymentStatus.AWAITING_APPROVAL, "a code is for one payment"


async def test_a_payment_that_waits_can_be_cancelled(database: Database) -> None:
    scene = Scene(database)
    await scene.rules(CODE_ABOVE)
    payment = await waiting(scene)
    ended = await scene.engine.cancel(scene.owner.tenant_id, payment.id, scene.signer)
    assert (ended.status, scene.signer.requests) == (PaymentStatus.CANCELLED, [])
