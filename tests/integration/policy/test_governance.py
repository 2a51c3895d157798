"""Rules change under rules: tighter at once, looser with a second factor and after a while."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from persistence.database import Database
from primitives.errors import ApprovalRefused, InvalidPolicy, LoginFailed, NotFound, NotPermitted
from tests.fakes.chain import CHAIN, COIN, TOKEN
from tests.integration.policy.stage import CODE, Scene, limit
from wallets.engine.model import PaymentStatus
from wallets.policy.rules import Outcome
from wallets.policy.sql import forget_person


def document(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"zone": "UTC", "rules": list(rules)}


async def test_a_loosening_needs_a_second_factor_and_waits(database: Database) -> None:
    scene = Scene(database)
    owner = scene.owner.tenant_id
    await scene.rules(limit(1000))
    with pytest.raises(NotPermitted, match="authenticator first"):
        await scene.rules(limit(2000))
    scene.codes.persons.add(owner)
    with pytest.raises(NotPermitted, match="code"):
        await scene.rules(limit(2000))
    with pytest.raises(LoginFailed):
        await scene.rules(limit(2000), code="000000")
    await scene.rules(limit(2000), code=CODE)
    state = await scene.policies.state(scene.owner)
    assert state.waiting is not None
    assert (state.waiting.loosens, state.waiting.effective_at - state.now > timedelta(hours=23)) == (("limit",), True)
    assert (await scene.pay("k", 1001)).status is PaymentStatus.FAILED
    await scene.sql("UPDATE policy_version SET effective_at = now() WHERE effective_at > now()")
    assert (await scene.pay("k2", 1001)).status is PaymentStatus.IN_FLIGHT


async def test_a_tightening_counts_at_once_and_takes_back_what_waits(database: Database) -> None:
    scene = Scene(database)
    scene.codes.persons.add(scene.owner.tenant_id)
    await scene.rules(limit(1000))
    await scene.rules(limit(5000), code=CODE)
    await scene.rules(limit(500))
    state = await scene.policies.state(scene.owner)
    assert (state.waiting, state.document.rules[0].id) == (None, "limit")
    assert (await scene.pay("k", 501)).status is PaymentStatus.FAILED
    await scene.sql("UPDATE policy_version SET effective_at = now() - interval '1 second' WHERE effective_at > now()")
    assert (await scene.pay("k2", 501)).status is PaymentStatus.FAILED, "the loosening was withdrawn"


async def test_what_waits_can_be_taken_back(database: Database) -> None:
    scene = Scene(database)
    scene.codes.persons.add(scene.owner.tenant_id)
    await scene.rules(limit(1000))
    with pytest.raises(NotFound):
        await scene.policies.withdraw(scene.owner)
    await scene.rules(code=CODE)
    assert (await scene.policies.withdraw(scene.owner)).waiting is None


async def test_another_owner_shortens_the_wait(database: Database) -> None:
    scene = Scene(database)
    first, second = uuid4(), uuid4()
    scene.codes.persons |= {first, second}
    owner = type(scene.owner)(uuid4(), is_organisation=True)
    await scene.policies.save(owner, first, document(limit(1000)), None)
    await scene.policies.save(owner, first, document(limit(2000)), CODE)
    with pytest.raises(ApprovalRefused) as refused:
        await scene.policies.approve_change(owner, first, CODE)
    assert refused.value.facts["reason"] == "own_change"
    state = await scene.policies.approve_change(owner, second, CODE)
    assert (state.waiting, state.current.approved_by if state.current else None) == (None, second)
    with pytest.raises(NotFound):
        await scene.policies.approve_change(owner, second, CODE)


async def test_what_does_not_fit_together_is_not_saved(database: Database) -> None:
    scene = Scene(database)
    with pytest.raises(InvalidPolicy) as refused:
        await scene.rules(limit(500), {**limit(600, "payment"), "id": "single"})
    assert refused.value.facts["field"] == "rules.1.at_most"
    assert (await scene.policies.state(scene.owner)).current is None


async def test_a_dry_run_of_the_same_rules_says_what_was_decided(database: Database) -> None:
    """And of tighter ones, what they would have stopped; nothing is stored by it."""
    scene = Scene(database)
    await scene.rules(
        limit(10_000, "rolling", seconds=86_400), limit(5_000, "rolling", seconds=3600, asset=str(TOKEN.id), id="token")
    )
    for n in range(6):
        await scene.pay(f"coin{n}", 1500)
    await scene.pay("token", 4000, asset=TOKEN)
    decided = [one.outcome for one in reversed(await scene.policies.decisions(scene.owner, limit=100))]
    assert decided == [Outcome.ALLOW] * 7
    before = await scene.sql("SELECT count(*) FROM policy_version")
    same = await scene.policies.dry_run(
        scene.owner,
        document(
            limit(10_000, "rolling", seconds=86_400),
            limit(5_000, "rolling", seconds=3600, asset=str(TOKEN.id), id="token"),
        ),
        30,
    )
    assert (same.payments, same.outcomes[Outcome.ALLOW], same.changed, same.complete) == (7, 7, [], True)
    tighter = document(
        limit(4_000, "rolling", seconds=86_400),
        {"id": "none", "kind": "limit", "window": "payment", "asset": str(TOKEN.id), "at_most": "0"},
    )
    tried = await scene.policies.dry_run(scene.owner, tighter, 30)
    assert (tried.outcomes[Outcome.ALLOW], tried.outcomes[Outcome.DENY]) == (2, 5)
    assert {one.then.reasons[0].rule for one in tried.changed} == {"limit", "none"}
    assert await scene.sql("SELECT count(*) FROM policy_version") == before
    code = document({"id": "code", "kind": "second_factor", "asset": str(COIN.id), "above": "1000"})
    assert (await scene.policies.dry_run(scene.owner, code, 30)).outcomes[Outcome.SECOND_FACTOR] == 6


async def test_an_erased_persons_lists_are_gone(database: Database) -> None:
    scene = Scene(database)
    listed = {"id": "only", "kind": "recipients", "mode": "only", "accounts": [f"{CHAIN}:{'0x' + '22' * 20}"]}
    await scene.rules(listed, {"id": "new", "kind": "cooling", "seconds": 60})
    await scene.pay("k")
    async with database.transaction() as tx:
        await forget_person(tx, scene.owner.tenant_id)
    left = [*await scene.sql("SELECT document FROM policy_version"), *await scene.sql("SELECT * FROM policy_recipient")]
    assert "2222" not in str(left)
    assert (await scene.policies.state(scene.owner)).current is None
