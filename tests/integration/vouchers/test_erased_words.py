"""What a person wrote when contesting a payment goes with the person; the dispute itself stays in the books."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import text

from api.people import ERASERS
from persistence.database import Database
from primitives.clock import SystemClock
from tests.integration.vouchers.stage import Stage
from vouchers.refunds.model import Dispute, DisputeStatus
from vouchers.refunds.sql import insert_dispute


async def test_the_words_of_one_person_go_and_the_dispute_stays(database: Database) -> None:
    stage = Stage(database)
    order = (await stage.order(10_000)).id
    mei, li = uuid4(), uuid4()
    for person in (mei, li):
        await _contest(database, stage.merchant, person, order)
    async with database.transaction() as tx:
        for forget in ERASERS:
            await forget(tx, mei)
    async with database.transaction() as tx:
        rows = await tx.execute(text("SELECT holder_tenant_id, reason, status FROM dispute"))
    assert {row[0]: (row[1], row[2]) for row in rows} == {mei: ("erased", "open"), li: (f"{li} got no tea", "open")}


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
