"""What a person wrote is in the person's copy and goes with the person; that it was contested or frozen stays."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import text

from api.people import ERASERS
from persistence.database import Database
from primitives.clock import SystemClock
from tests.integration.vouchers.stage import Stage
from vouchers.erasure.sql import words_of as words_in_vouchers
from vouchers.refunds.model import Dispute, DisputeStatus
from vouchers.refunds.sql import insert_dispute
from wallets.erasure.sql import words_of as words_in_wallets


async def test_the_words_of_one_person_go_and_the_dispute_stays(database: Database) -> None:
    stage = Stage(database)
    order = (await stage.order(10_000)).id
    mei, li = uuid4(), uuid4()
    for person in (mei, li):
        await _contest(database, stage.merchant, person, order)
    async with database.transaction() as tx:
        assert [each["reason"] for each in await words_in_vouchers(tx, mei)] == [f"{mei} got no tea"]
        for forget in ERASERS:
            await forget(tx, mei)
    async with database.transaction() as tx:
        rows = await tx.execute(text("SELECT holder_tenant_id, reason, status FROM dispute"))
    assert {row[0]: (row[1], row[2]) for row in rows} == {mei: ("erased", "open"), li: (f"{li} got no tea", "open")}


async def test_the_words_beside_freezes_and_overrides_go(database: Database) -> None:
    mei, li = uuid4(), uuid4()
    async with database.transaction() as tx:
        for person in (mei, li):
            facts = {"id": uuid4(), "person": person, "words": f"{person} lost it", "now": SystemClock().now()}
            await tx.execute(
                text(
                    "INSERT INTO account_freeze (id, tenant_id, reason, release_reason) "
                    "VALUES (:id, :person, :words, :words)"
                ),
                {name: facts[name] for name in ("id", "person", "words")},
            )
            await tx.execute(
                text(
                    "INSERT INTO risk_override"
                    " (id, tenant_id, how, rules, findings, subject, digest, by, reason, created_at) "
                    "VALUES (:id, :person, 'accepted', '{}', '[]', 'x', '', :person, :words, :now)"
                ),
                facts,
            )
    async with database.transaction() as tx:
        await tx.execute(
            text("INSERT INTO activity_note (tenant_id, entry_id, note) VALUES (:person, 'a', 'for the tea')"),
            {"person": mei},
        )
        kept = await words_in_wallets(tx, mei)
        assert [each["note"] for each in kept["notes"]] == ["for the tea"]
        assert [each["reason"] for each in kept["freezes"] + kept["overrides"]] == [f"{mei} lost it"] * 2
        for _ in range(2):
            for forget in ERASERS:
                await forget(tx, mei)
    async with database.transaction() as tx:
        rows = await tx.execute(
            text(
                "SELECT f.tenant_id, f.reason, f.release_reason, o.reason FROM account_freeze f "
                "JOIN risk_override o ON o.tenant_id = f.tenant_id"
            )
        )
        assert (await words_in_wallets(tx, mei))["notes"] == []
    left = {row[0]: set(row[1:]) for row in rows}
    assert left == {mei: {"erased"}, li: {f"{li} lost it"}}


async def _contest(database: Database, merchant: UUID, person: UUID, order: UUID) -> None:
    dispute = Dispute(
        id=uuid4(),
        tenant_id=merchant,
        holder_tenant_id=person,
        redemption_id=uuid4().bytes,
        order_id=order,
        status=DisputeStatus.OPEN,
        reason=f"{person} got no tea",
        evidence={},
        answer=None,
        refund_id=None,
        opened_at=SystemClock().now(),
        ended_at=None,
    )
    async with database.transaction() as tx:
        assert await insert_dispute(tx, dispute)
