"""kill -9 right after each persisted step of the policy: what was committed counts, and nothing was signed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from persistence.database import Database
from tests.integration.policy.stage import CODE, Scene, limit
from tests.integration.policy.test_approvals import approval
from wallets.engine.model import Payment, PaymentStatus

ROOT = Path(__file__).parents[3]


async def killed_at(point: str, url: str, scene: Scene, person: UUID, payment: Payment, act: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.integration.policy.dying", url),
        *(str(scene.owner.tenant_id), str(person), str(payment.id), act),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )
    try:
        assert await asyncio.wait_for(process.wait(), 100) == -signal.SIGKILL
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_a_word_that_was_given_counts_after_a_crash(database: Database, database_url: str) -> None:
    """Both the process that asked and the one that took the word die at once."""
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await scene.request("k")
    await killed_at("payment.signed", database_url, scene, ann, payment, "ask")
    assert (await scene.read(payment)).status is PaymentStatus.AWAITING_APPROVAL
    await killed_at("approval.given", database_url, scene, ann, payment, "agree")
    assert (await scene.read(payment)).status is PaymentStatus.AWAITING_SIGNATURE
    signed = await scene.pay("k")
    assert (signed.id, signed.status) == (payment.id, PaymentStatus.IN_FLIGHT)


async def test_rules_that_were_saved_count_after_a_crash(database: Database, database_url: str) -> None:
    scene = Scene(database)
    payment = await scene.request("k")
    await killed_at("policy.saved", database_url, scene, scene.owner.tenant_id, payment, "save")
    assert (await scene.pay("k")).status is PaymentStatus.FAILED


@pytest.mark.soak
@pytest.mark.parametrize(("point", "act"), [("approval.refused", "refuse"), ("approval.expired", "expire")])
async def test_an_end_without_signature_is_an_end(database: Database, database_url: str, point: str, act: str) -> None:
    scene = Scene(database)
    ann = await scene.person()
    await scene.rules(approval(ann))
    payment = await scene.pay("k")
    if act == "expire":
        await scene.sql("UPDATE approval_request SET expires_at = now() - interval '1 second'")
        await scene.sql("UPDATE job SET due_at = now() WHERE kind = 'policy.approval_expires'")
    await killed_at(point, database_url, scene, ann, payment, act)
    assert (await scene.pay("k")).status is PaymentStatus.FAILED
    assert scene.signer.requests == []


@pytest.mark.soak
async def test_a_change_that_was_approved_counts(database: Database, database_url: str) -> None:
    scene = Scene(database)
    other = await scene.person()
    scene.codes.persons.add(scene.owner.tenant_id)
    await scene.rules(limit(10))
    await scene.rules(limit(10_000), code=CODE)
    payment = await scene.request("k")
    await killed_at("policy.change_approved", database_url, scene, other, payment, "shorten")
    assert (await scene.pay("k")).status is PaymentStatus.IN_FLIGHT
