"""Open cases, talk in them, close them, and ask how it went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from people.events import publish
from people.events.model import Event
from people.privacy.personal_data import PersonalData
from people.support import sql
from people.support.model import (
    Case,
    CaseStatus,
    Message,
    Outcome,
    Side,
    SubjectKind,
    SurveyResults,
    new_reference,
)
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import CaseClosed, InvalidValue, NotFound, PersonErased, TooManyAttempts

_TITLE, _BODY = "case.title", "case.message"
_MOST_A_DAY = 20
_MOST_MESSAGES = 500

_DISPUTE_ENDED = {
    "dispute.refunded": (Outcome.REFUNDED, "争议已结：商家已退款。 / The dispute ended: the merchant has refunded."),
    "dispute.refused": (Outcome.REFUSED, "争议已结：商家未予支持。 / The dispute ended: the merchant has refused."),
}


class Cases:
    """Who may call what is decided above. Every act names the side that it is done from, and finds only its cases.

    Args:
        data: Seals titles and texts under the asker's key: with the asker they are erased.
    """

    def __init__(self, database: Database, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._data = data
        self._clock = clock or SystemClock()

    async def open(
        self,
        person_id: UUID,
        title: str,
        text: str,
        *,
        organisation_id: UUID | None,
        subject_kind: SubjectKind = SubjectKind.GENERAL,
        subject: str | None = None,
    ) -> Case:
        """Begin a case; that the subject is the asker's was checked above.

        Raises:
            TooManyAttempts: Twenty within a day.
        """
        now = self._clock.now()
        stored = sql.StoredCase(
            id=uuid4(),
            person_id=person_id,
            organisation_id=organisation_id,
            reference=new_reference(),
            subject_kind=subject_kind,
            subject=subject,
            status=CaseStatus.OPEN,
            title=self._data.seal(person_id, _TITLE, {"text": title}),
            opened_at=now,
            updated_at=now,
        )
        async with self._database.transaction() as tx:
            if await sql.cases_since(tx, person_id, now - timedelta(days=1)) >= _MOST_A_DAY:
                raise TooManyAttempts("enough cases for today: go on in one of them", retry_after_seconds=86_400)
            await sql.insert_case(tx, stored)
            await self._add(tx, stored, Side.HOLDER, person_id, text)
            if organisation_id is not None:
                await publish(tx, organisation_id, "case.opened", _named(stored))
        return self._shown(stored)

    async def open_about(self, person_id: UUID, subject_kind: SubjectKind, subject: str) -> Case | None:
        """The person's own case about something, while it is open: asking again is asking in it."""
        async with self._database.transaction() as tx:
            found = await sql.open_cases_about(tx, person_id, subject_kind, subject)
        return self._shown(found[0]) if found else None

    async def list(
        self,
        *,
        person_id: UUID | None = None,
        organisation_id: UUID | None = None,
        status: CaseStatus | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> Sequence[Case]:
        """A person's, an organisation's, or else the operator's; the last changed first."""
        async with self._database.transaction() as tx:
            found = await sql.cases(
                tx, person_id=person_id, organisation_id=organisation_id, status=status, after=after, limit=limit
            )
        return [self._shown(one) for one in found]

    async def get(self, case_id: UUID, side: Side, who: UUID | None) -> tuple[Case, Sequence[Message]]:
        """With the conversation.

        Args:
            who: The person, or the organisation; None for the operator.

        Raises:
            NotFound: Also for somebody else's.
        """
        async with self._database.transaction() as tx:
            stored = await self._found(tx, case_id, side, who)
            messages = await sql.messages_of(tx, case_id)
        return self._shown(stored), [self._message(stored, one) for one in messages]

    async def say(self, case_id: UUID, side: Side, who: UUID | None, author_id: UUID, text: str) -> Message:
        """Add to the conversation.

        Raises:
            NotFound
            CaseClosed
            InvalidValue: Five hundred messages are enough.
        """
        async with self._database.transaction() as tx:
            stored = await self._found(tx, case_id, side, who, lock=True)
            if stored.status is CaseStatus.CLOSED:
                raise CaseClosed("this case is closed: open another one")
            if await sql.message_count(tx, case_id) >= _MOST_MESSAGES:
                raise InvalidValue("this case is full: open another one")
            message = await self._add(tx, stored, side, author_id, text)
            asked = side is Side.HOLDER
            status = CaseStatus.OPEN if asked else CaseStatus.ANSWERED
            await sql.update_case(tx, case_id, status=status.value, updated_at=message.at)
            told = {**_named(stored), "message": str(message.id)}
            if not asked:
                await publish(tx, stored.person_id, "case.answered", told)
            elif stored.organisation_id is not None:
                await publish(tx, stored.organisation_id, "case.asked", told)
        return message

    async def close(self, case_id: UUID, side: Side, who: UUID | None, outcome: Outcome) -> Case:
        """End it; ended before it stays as it ended.

        Raises NotFound.
        """
        async with self._database.transaction() as tx:
            stored = await self._found(tx, case_id, side, who, lock=True)
            if stored.status is not CaseStatus.CLOSED:
                await self._close(tx, stored, outcome)
            found = await sql.case_by_id(tx, case_id)
        assert found is not None
        return self._shown(found)

    async def answer_survey(self, person_id: UUID, case_id: UUID, *, solved: bool, score: int) -> Case:
        """The two questions: was it solved, and how was it, 1 to 5. Answering again replaces the answer.

        Raises:
            NotFound
            InvalidValue: The case is not closed yet.
        """
        async with self._database.transaction() as tx:
            stored = await self._found(tx, case_id, Side.HOLDER, person_id, lock=True)
            if stored.status is not CaseStatus.CLOSED:
                raise InvalidValue("the case is still open: close it first")
            await sql.update_case(tx, case_id, solved=solved, score=score)
            found = await sql.case_by_id(tx, case_id)
        assert found is not None
        return self._shown(found)

    async def survey(self, organisation_id: UUID) -> SurveyResults:
        """What askers said."""
        async with self._database.transaction() as tx:
            return await sql.survey_of(tx, organisation_id)

    async def consume(self, tx: Transaction, events: Sequence[Event]) -> None:
        """`people.events.fan_out.Consumer`: a dispute that ends ends the case about its redemption."""
        for event in events:
            if event.kind not in _DISPUTE_ENDED or "redemption" not in event.data:
                continue
            outcome, text = _DISPUTE_ENDED[event.kind]
            subject = str(event.data["redemption"])
            for stored in await sql.open_cases_about(tx, event.tenant_id, SubjectKind.REDEMPTION, subject):
                await self._add(tx, stored, Side.SYSTEM, None, text)
                await self._close(tx, stored, outcome)

    async def _close(self, tx: Transaction, stored: sql.StoredCase, outcome: Outcome) -> None:
        now = self._clock.now()
        await sql.update_case(
            tx, stored.id, status=CaseStatus.CLOSED.value, outcome=outcome.value, closed_at=now, updated_at=now
        )
        if outcome is not Outcome.WITHDRAWN:
            await publish(tx, stored.person_id, "case.closed", {**_named(stored), "outcome": outcome.value})

    async def _add(
        self, tx: Transaction, stored: sql.StoredCase, side: Side, author_id: UUID | None, text: str
    ) -> Message:
        message = sql.StoredMessage(
            uuid4(),
            stored.id,
            author_id,
            side,
            self._data.seal(stored.person_id, _BODY, {"text": text}),
            self._clock.now(),
        )
        await sql.insert_message(tx, message)
        return Message(message.id, side, text, message.at)

    async def _found(
        self, tx: Transaction, case_id: UUID, side: Side, who: UUID | None, *, lock: bool = False
    ) -> sql.StoredCase:
        found = await sql.case_by_id(tx, case_id, lock=lock)
        if found is None or (found.person_id if side is Side.HOLDER else found.organisation_id) != who:
            raise NotFound("no such case")
        return found

    def _shown(self, stored: sql.StoredCase) -> Case:
        return Case(
            id=stored.id,
            person_id=stored.person_id,
            organisation_id=stored.organisation_id,
            reference=stored.reference,
            subject_kind=stored.subject_kind,
            subject=stored.subject,
            status=stored.status,
            title=self._opened(stored.person_id, _TITLE, stored.title),
            opened_at=stored.opened_at,
            updated_at=stored.updated_at,
            closed_at=stored.closed_at,
            outcome=stored.outcome,
            solved=stored.solved,
            score=stored.score,
        )

    def _message(self, stored: sql.StoredCase, message: sql.StoredMessage) -> Message:
        return Message(message.id, message.side, self._opened(stored.person_id, _BODY, message.body), message.at)

    def _opened(self, person_id: UUID, purpose: str, sealed: bytes) -> str:
        try:
            return str(self._data.open(person_id, purpose, sealed)["text"])
        except PersonErased:
            return "—"


def _named(stored: sql.StoredCase) -> dict[str, str]:
    return {"case": str(stored.id), "reference": stored.reference}
