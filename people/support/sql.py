"""Tables of cases and their messages. Titles and texts are sealed under the asker's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from people.support.model import CaseStatus, Outcome, Side, SubjectKind, SurveyResults
from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Text, Timestamp, Uuid

case_table = Table(
    "support_case",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("organisation_id", Uuid, ForeignKey("organisation.id", ondelete="CASCADE")),
    Column("reference", Text, nullable=False, unique=True),
    Column("subject_kind", Text, nullable=False),
    Column("subject", Text),
    Column("status", Text, nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("opened_at", Timestamp, nullable=False),
    Column("updated_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    Column("outcome", Text),
    Column("solved", Boolean),
    Column("score", Integer),
    CheckConstraint("status IN ('open', 'answered', 'closed')", name="status"),
    CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    Index("ix_support_case_tenant_id", "tenant_id", "updated_at", "id"),
    Index("ix_support_case_organisation_id", "organisation_id", "updated_at", "id"),
    Index("ix_support_case_subject", "subject_kind", "subject"),
)

message_table = Table(
    "support_message",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("support_case.id", ondelete="CASCADE"), nullable=False),
    Column("author_id", Uuid),
    Column("side", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", Timestamp, nullable=False),
    CheckConstraint("side IN ('holder', 'merchant', 'operator', 'system')", name="side"),
    Index("ix_support_message_case_id", "case_id", "at", "id"),
)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as stored; `title` is sealed."""

    id: UUID
    person_id: UUID
    organisation_id: UUID | None
    reference: str
    subject_kind: SubjectKind
    subject: str | None
    status: CaseStatus
    title: bytes
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    solved: bool | None = None
    score: int | None = None


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as stored; `body` is sealed."""

    id: UUID
    case_id: UUID
    author_id: UUID | None
    side: Side
    body: bytes
    at: datetime


def _case(row: Row[Any]) -> StoredCase:
    return StoredCase(
        row.id,
        row.tenant_id,
        row.organisation_id,
        row.reference,
        SubjectKind(row.subject_kind),
        row.subject,
        CaseStatus(row.status),
        row.title,
        row.opened_at,
        row.updated_at,
        row.closed_at,
        None if row.outcome is None else Outcome(row.outcome),
        row.solved,
        row.score,
    )


async def insert_case(tx: Transaction, case: StoredCase) -> None:
    await tx.execute(
        insert(case_table).values(
            id=case.id,
            tenant_id=case.person_id,
            organisation_id=case.organisation_id,
            reference=case.reference,
            subject_kind=case.subject_kind.value,
            subject=case.subject,
            status=case.status.value,
            title=case.title,
            opened_at=case.opened_at,
            updated_at=case.updated_at,
        )
    )


async def case_by_id(tx: Transaction, case_id: UUID, *, lock: bool = False) -> StoredCase | None:
    statement = select(case_table).where(case_table.c.id == case_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _case(row)


async def cases(
    tx: Transaction,
    *,
    person_id: UUID | None,
    organisation_id: UUID | None,
    status: CaseStatus | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[StoredCase]:
    """A person's; or an organisation's; or, where neither is named, the operator's. The last changed first."""
    updated, id_ = case_table.c.updated_at, case_table.c.id
    if person_id is not None:
        which = case_table.c.tenant_id == person_id
    elif organisation_id is not None:
        which = case_table.c.organisation_id == organisation_id
    else:
        which = case_table.c.organisation_id.is_(None)
    statement = select(case_table).where(which)
    if status is not None:
        statement = statement.where(case_table.c.status == status.value)
    if after is not None:
        place = tuple_(literal(after[0], Timestamp), literal(after[1], Uuid))
        statement = statement.where(tuple_(updated, id_) < place)
    rows = await tx.execute(statement.order_by(updated.desc(), id_.desc()).limit(limit))
    return [_case(row) for row in rows]


async def open_cases_about(tx: Transaction, person_id: UUID, kind: SubjectKind, subject: str) -> Sequence[StoredCase]:
    """Locked."""
    statement = (
        select(case_table)
        .where(
            case_table.c.tenant_id == person_id,
            case_table.c.subject_kind == kind.value,
            case_table.c.subject == subject,
            case_table.c.status != CaseStatus.CLOSED.value,
        )
        .order_by(case_table.c.id)
        .with_for_update()
    )
    return [_case(row) for row in await tx.execute(statement)]


async def update_case(tx: Transaction, case_id: UUID, **values: Any) -> None:
    await tx.execute(update(case_table).where(case_table.c.id == case_id).values(**values))


async def insert_message(tx: Transaction, message: StoredMessage) -> None:
    await tx.execute(
        insert(message_table).values(
            id=message.id,
            case_id=message.case_id,
            author_id=message.author_id,
            side=message.side.value,
            body=message.body,
            at=message.at,
        )
    )


async def messages_of(tx: Transaction, case_id: UUID) -> Sequence[StoredMessage]:
    """In order."""
    statement = (
        select(message_table).where(message_table.c.case_id == case_id).order_by(message_table.c.at, message_table.c.id)
    )
    return [
        StoredMessage(row.id, row.case_id, row.author_id, Side(row.side), row.body, row.at)
        for row in await tx.execute(statement)
    ]


async def message_count(tx: Transaction, case_id: UUID) -> int:
    statement = select(func.count()).select_from(message_table).where(message_table.c.case_id == case_id)
    return int((await tx.execute(statement)).scalar_one())


async def cases_since(tx: Transaction, person_id: UUID, since: datetime) -> int:
    statement = (
        select(func.count())
        .select_from(case_table)
        .where(case_table.c.tenant_id == person_id, case_table.c.opened_at > since)
    )
    return int((await tx.execute(statement)).scalar_one())


async def survey_of(tx: Transaction, organisation_id: UUID) -> SurveyResults:
    statement = (
        select(case_table.c.solved, case_table.c.score, func.count().label("cases"))
        .where(case_table.c.organisation_id == organisation_id, case_table.c.status == CaseStatus.CLOSED.value)
        .group_by(case_table.c.solved, case_table.c.score)
    )
    rows = list(await tx.execute(statement))
    scores = dict.fromkeys(range(1, 6), 0)
    for row in rows:
        if row.score is not None:
            scores[row.score] += row.cases
    return SurveyResults(
        closed=sum(row.cases for row in rows),
        answered=sum(row.cases for row in rows if row.score is not None),
        solved=sum(row.cases for row in rows if row.solved),
        scores=scores,
    )


async def forget_person(tx: Transaction, person_id: UUID) -> None:
    """`people.privacy.erasure.Eraser`."""
    await tx.execute(delete(case_table).where(case_table.c.tenant_id == person_id))
