"""Cases: whose turn it is, who sees them, and how disputes end them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from people.events import publish
from people.events.fan_out import FanOut
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation
from people.persons.sql import insert_person
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.support import sql
from people.support.model import CaseStatus, Outcome, Side, SubjectKind
from people.support.service import Cases
from persistence.database import Database
from primitives.errors import CaseClosed, InvalidValue, NotFound, TooManyAttempts
from tests.fakes.clock import StoppedClock

REDEMPTION = "ab" * 32


@dataclass
class Desk:
    database: Database
    cases: Cases
    data: PersonalData
    clock: StoppedClock
    person: UUID
    shop: UUID

    async def hand_on(self) -> None:
        async with self.database.transaction() as tx:
            await FanOut({"cases": self.cases.consume}).hand_on(tx)


@pytest_asyncio.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    clock, data = StoppedClock(), PersonalData(ErasureKeys(tmp_path / "erasure"))
    person, shop = uuid4(), Organisation(id=uuid4(), name="茶馆", created_at=clock.now())
    await data.begin(person)
    async with database.transaction() as tx:
        await insert_person(tx, person, b"", None, None, clock.now())
        await insert_organisation(tx, shop)
        await FanOut({}).begin(tx)
    yield Desk(database, Cases(database, data, clock=clock), data, clock, person, shop.id)


async def test_a_conversation_and_whose_turn_it_is(desk: Desk) -> None:
    case = await desk.cases.open(desk.person, "付了两次?", "请查", organisation_id=desk.shop)
    assert case.reference.startswith("QB-")
    assert case.status is CaseStatus.OPEN
    author = uuid4()
    desk.clock.advance(timedelta(minutes=1))
    await desk.cases.say(case.id, Side.MERCHANT, desk.shop, author, "我们在查")
    (listed,) = await desk.cases.list(person_id=desk.person)
    assert listed.status is CaseStatus.ANSWERED
    desk.clock.advance(timedelta(minutes=1))
    await desk.cases.say(case.id, Side.HOLDER, desk.person, desk.person, "谢谢")
    seen, messages = await desk.cases.get(case.id, Side.MERCHANT, desk.shop)
    assert (seen.status, seen.title) == (CaseStatus.OPEN, "付了两次?")
    assert [(one.side, one.text) for one in messages] == [
        (Side.HOLDER, "请查"),
        (Side.MERCHANT, "我们在查"),
        (Side.HOLDER, "谢谢"),
    ]
    async with desk.database.transaction() as tx:
        told = await tx.execute(text("SELECT tenant_id, kind FROM event ORDER BY id"))
        assert [tuple(row) for row in told] == [
            (desk.shop, "case.opened"),
            (desk.person, "case.answered"),
            (desk.shop, "case.asked"),
        ]


async def test_it_is_nobody_elses(desk: Desk) -> None:
    case = await desk.cases.open(desk.person, "?", "?", organisation_id=desk.shop)
    strangers = [(Side.HOLDER, uuid4()), (Side.MERCHANT, uuid4()), (Side.OPERATOR, None), (Side.HOLDER, desk.shop)]
    for side, who in strangers:
        with pytest.raises(NotFound):
            await desk.cases.get(case.id, side, who)
        with pytest.raises(NotFound):
            await desk.cases.say(case.id, side, who, uuid4(), "in between")
    platform = await desk.cases.open(desk.person, "?", "?", organisation_id=None)
    assert [one.id for one in await desk.cases.list()] == [platform.id]


@pytest.mark.parametrize(
    ("kind", "outcome"), [("dispute.refunded", Outcome.REFUNDED), ("dispute.refused", Outcome.REFUSED)]
)
async def test_a_dispute_ends_its_case(desk: Desk, kind: str, outcome: Outcome) -> None:
    about = {"subject_kind": SubjectKind.REDEMPTION, "subject": REDEMPTION}
    case = await desk.cases.open(desk.person, "不是我", "?", organisation_id=desk.shop, **about)
    other = await desk.cases.open(desk.person, "别的", "?", organisation_id=desk.shop)
    async with desk.database.transaction() as tx:
        await publish(tx, desk.person, kind, {"redemption": REDEMPTION, "dispute": str(uuid4())})
    desk.clock.advance(timedelta(minutes=1))
    await desk.hand_on()
    ended, messages = await desk.cases.get(case.id, Side.HOLDER, desk.person)
    assert (ended.status, ended.outcome) == (CaseStatus.CLOSED, outcome)
    assert messages[-1].side is Side.SYSTEM
    assert (await desk.cases.get(other.id, Side.HOLDER, desk.person))[0].status is CaseStatus.OPEN
    with pytest.raises(CaseClosed):
        await desk.cases.say(case.id, Side.HOLDER, desk.person, desk.person, "?")
    # Told again, or closed again, it stays as it ended.
    assert (await desk.cases.close(case.id, Side.MERCHANT, desk.shop, Outcome.SOLVED)).outcome is outcome


async def test_two_questions_at_the_end(desk: Desk) -> None:
    case = await desk.cases.open(desk.person, "?", "?", organisation_id=desk.shop)
    with pytest.raises(InvalidValue):
        await desk.cases.answer_survey(desk.person, case.id, solved=True, score=5)
    await desk.cases.close(case.id, Side.MERCHANT, desk.shop, Outcome.SOLVED)
    await desk.cases.answer_survey(desk.person, case.id, solved=True, score=3)
    await desk.cases.answer_survey(desk.person, case.id, solved=True, score=4)
    await desk.cases.open(desk.person, "still open", "?", organisation_id=desk.shop)
    results = await desk.cases.survey(desk.shop)
    assert (results.closed, results.answered, results.solved) == (1, 1, 1)
    assert results.scores == {1: 0, 2: 0, 3: 0, 4: 1, 5: 0}


async def test_enough_for_a_day(desk: Desk) -> None:
    for _ in range(20):
        await desk.cases.open(desk.person, "?", "?", organisation_id=None)
    with pytest.raises(TooManyAttempts):
        await desk.cases.open(desk.person, "?", "?", organisation_id=None)


async def test_what_is_said_is_sealed_and_erased_with_its_asker(desk: Desk) -> None:
    case = await desk.cases.open(desk.person, "secret title", "secret text", organisation_id=desk.shop)
    async with desk.database.transaction() as tx:
        stored = (await tx.execute(text("SELECT c.title, m.body FROM support_case c, support_message m"))).one()
    assert b"secret" not in stored.title + stored.body
    await desk.data.destroy(desk.person)
    seen, (message,) = await desk.cases.get(case.id, Side.MERCHANT, desk.shop)
    assert (seen.title, message.text) == ("—", "—")
    async with desk.database.transaction() as tx:
        await sql.forget_person(tx, desk.person)
    assert await desk.cases.list(organisation_id=desk.shop) == []
