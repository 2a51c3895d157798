"""Schemas of support cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from people.support.model import Case, CaseStatus, Message, Outcome, Side, SubjectKind, SurveyResults
from vouchers.refunds.model import Dispute
from wallets.transfers.reference import support_reference

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
_SAID = Field(examples=["I paid, and the till says that I did not."])


class CaseOpen(RequestBody):
    """A question, and what it is about."""

    title: Line = Field(examples=["Paid twice?"])
    text: Said = _SAID
    about: SubjectKind = Field(
        default=SubjectKind.GENERAL, description="`general` without a merchant, and `payment`, go to the operator"
    )
    subject: str | None = Field(
        default=None, max_length=128, description="Id of the order, payment, voucher or redemption"
    )
    merchant: UUID | None = Field(default=None, description="For `general`: the merchant that shall answer")
    dispute: bool = Field(default=False, description="For a redemption: contest it with this text as the reason")


class CaseSay(RequestBody):
    """One more message."""

    text: Said = _SAID


class CaseAnswer(CaseSay):
    """A message of the merchant's or the operator's."""

    close: Literal[Outcome.SOLVED, Outcome.REFUSED] | None = Field(default=None, description="End the case with it")


class SurveyAnswer(RequestBody):
    """The two questions."""

    solved: bool = Field(description="Was your problem solved?")
    score: int = Field(ge=1, le=5, description="How was the help, from 1 to 5?")


class CaseRead(ResponseBody):
    """A case without its conversation."""

    id: UUID
    reference: str = Field(description="To tell on the telephone", examples=["QB-7K3M9PQ2"])
    title: str = Field(examples=["Paid twice?"])
    about: SubjectKind
    subject: str | None
    payment_reference: str | None = Field(
        description="Of a case about a payment: what the payment shows as `support_reference`", examples=["QP-7K3M9PQ2"]
    )
    merchant: UUID | None = Field(description="Who answers; null: the operator")
    status: CaseStatus = Field(description="`open`: it is the helper's turn, `answered`: the asker's")
    outcome: Outcome | None
    solved: bool | None
    score: int | None
    opened_at: Moment
    updated_at: Moment
    closed_at: Moment | None

    @classmethod
    def of(cls, case: Case) -> Self:
        return cls(
            id=case.id,
            reference=case.reference,
            title=case.title,
            about=case.subject_kind,
            subject=case.subject,
            payment_reference=_payment_reference(case),
            merchant=case.organisation_id,
            status=case.status,
            outcome=case.outcome,
            solved=case.solved,
            score=case.score,
            opened_at=case.opened_at,
            updated_at=case.updated_at,
            closed_at=case.closed_at,
        )


def _payment_reference(case: Case) -> str | None:
    if case.subject_kind is not SubjectKind.PAYMENT or case.subject is None:
        return None
    return support_reference(UUID(case.subject))


class MessageRead(ResponseBody):
    """One thing said."""

    id: UUID
    side: Side
    text: str = Field(examples=["We look into it."])
    at: Moment

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(id=message.id, side=message.side, text=message.text, at=message.at)


class CaseDisputeRead(ResponseBody):
    """How far the dispute of the case's redemption is."""

    status: str = Field(examples=["open"])
    answer: str | None = Field(description="The merchant's reasons")
    refund: UUID | None = Field(description="The linked refund")

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(status=dispute.status.value, answer=dispute.answer, refund=dispute.refund_id)


class CaseDetail(ResponseBody):
    """A case with its conversation, and the dispute behind it."""

    case: CaseRead
    messages: list[MessageRead]
    dispute: CaseDisputeRead | None

    @classmethod
    def whole(cls, case: Case, messages: Sequence[Message], dispute: Dispute | None) -> Self:
        return cls(
            case=CaseRead.of(case),
            messages=[MessageRead.of(one) for one in messages],
            dispute=None if dispute is None else CaseDisputeRead.of(dispute),
        )


class SurveyRead(ResponseBody):
    """What askers said of closed cases."""

    closed: int
    answered: int
    solved: int
    scores: dict[str, int] = Field(examples=[{"1": 0, "2": 0, "3": 1, "4": 2, "5": 7}])

    @classmethod
    def of(cls, results: SurveyResults) -> Self:
        scores = {str(score): count for score, count in results.scores.items()}
        return cls(closed=results.closed, answered=results.answered, solved=results.solved, scores=scores)
