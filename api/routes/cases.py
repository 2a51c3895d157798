"""/cases: ask for help, see how far it is, and say how it went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.case_subjects import merchant_of_subject
from api.dependencies import AllServices, CasesDep
from api.errors import problems
from api.paging import Page, Paging
from api.schemas.cases import (
    CaseAnswer,
    CaseDetail,
    CaseOpen,
    CaseRead,
    CaseSay,
    MessageRead,
    SurveyAnswer,
    SurveyRead,
)
from api.security import CallingOperator, CallingPerson, Manager, Till
from api.services import Services
from people.support.model import Case, CaseStatus, Message, Outcome, Side, SubjectKind
from people.support.service import Cases
from primitives.errors import (
    CaseClosed,
    DisputeClosed,
    InvalidValue,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    QuanbaoError,
    TooManyAttempts,
)
from vouchers.refunds.model import Dispute

router = APIRouter(prefix="/cases", tags=["cases"])

_Status = Annotated[CaseStatus | None, Query(description="Only these")]
_MEMBER = (NotAuthenticated, NotFound, NotPermitted)


@router.post(
    "", status_code=201, responses=problems(NotAuthenticated, NotFound, InvalidValue, TooManyAttempts, DisputeClosed)
)
async def open_case(body: CaseOpen, caller: CallingPerson, cases: CasesDep, services: AllServices) -> CaseRead:
    """Ask for help, about an order, payment, voucher or redemption of one's own, or in general."""
    merchant = await merchant_of_subject(services, caller, body.about, body.subject, body.merchant)
    if body.dispute:
        if body.about is not SubjectKind.REDEMPTION or body.subject is None:
            raise InvalidValue("only a redemption can be disputed")
        await services.disputes.open(caller.person_id, bytes.fromhex(body.subject), body.text)
        known = await cases.open_about(caller.person_id, body.about, body.subject)
        if known is not None:
            # One dispute, one case: the same asked again, whose answer was lost, is the same case.
            return CaseRead.of(known)
    opened = await cases.open(
        caller.person_id,
        body.title,
        body.text,
        organisation_id=merchant,
        subject_kind=body.about,
        subject=body.subject,
    )
    return CaseRead.of(opened)


@router.get("", responses=problems(NotAuthenticated, InvalidValue))
async def list_cases(caller: CallingPerson, cases: CasesDep, paging: Paging, status: _Status = None) -> Page[CaseRead]:
    """The caller's own, the last changed first."""
    found = await cases.list(
        person_id=caller.person_id, status=status, after=_place(paging.after(str, str)), limit=paging.limit + 1
    )
    return paging.page(found, CaseRead.of, _key)


@router.get("/inbox", responses=problems(*_MEMBER, InvalidValue))
async def list_inbox_cases(member: Till, cases: CasesDep, paging: Paging, status: _Status = None) -> Page[CaseRead]:
    """What customers ask the organisation, the last changed first."""
    found = await cases.list(
        organisation_id=member.tenant_id, status=status, after=_place(paging.after(str, str)), limit=paging.limit + 1
    )
    return paging.page(found, CaseRead.of, _key)


@router.get("/inbox/{case_id}", responses=problems(*_MEMBER))
async def read_inbox_case(case_id: UUID, member: Till, cases: CasesDep, services: AllServices) -> CaseDetail:
    """A customer's case with its conversation."""
    return await _whole(services, *await cases.get(case_id, Side.MERCHANT, member.tenant_id))


@router.post("/inbox/{case_id}/messages", status_code=201, responses=problems(*_MEMBER, CaseClosed, InvalidValue))
async def answer_inbox_case(case_id: UUID, body: CaseAnswer, member: Till, cases: CasesDep) -> MessageRead:
    """Answer a customer, and end the case if that is the end of it."""
    return await _answer(cases, case_id, Side.MERCHANT, member.tenant_id, member.caller.person_id, body)


@router.get("/platform", responses=problems(NotAuthenticated, NotPermitted, InvalidValue))
async def list_platform_cases(
    _operator: CallingOperator, cases: CasesDep, paging: Paging, status: _Status = None
) -> Page[CaseRead]:
    """What persons ask the operator: payments, and what concerns no merchant."""
    found = await cases.list(status=status, after=_place(paging.after(str, str)), limit=paging.limit + 1)
    return paging.page(found, CaseRead.of, _key)


@router.get("/platform/{case_id}", responses=problems(NotAuthenticated, NotPermitted, NotFound))
async def read_platform_case(
    case_id: UUID, _operator: CallingOperator, cases: CasesDep, services: AllServices
) -> CaseDetail:
    """One of them with its conversation."""
    return await _whole(services, *await cases.get(case_id, Side.OPERATOR, None))


@router.post(
    "/platform/{case_id}/messages",
    status_code=201,
    responses=problems(NotAuthenticated, NotPermitted, NotFound, CaseClosed, InvalidValue),
)
async def answer_platform_case(
    case_id: UUID, body: CaseAnswer, operator: CallingOperator, cases: CasesDep
) -> MessageRead:
    """Answer, and end the case if that is the end of it."""
    return await _answer(cases, case_id, Side.OPERATOR, None, operator.person_id, body)


@router.get("/survey", responses=problems(*_MEMBER))
async def read_case_survey(member: Manager, cases: CasesDep) -> SurveyRead:
    """How customers answered the two questions."""
    return SurveyRead.of(await cases.survey(member.tenant_id))


@router.get("/{case_id}", responses=problems(NotAuthenticated, NotFound))
async def read_case(case_id: UUID, caller: CallingPerson, cases: CasesDep, services: AllServices) -> CaseDetail:
    """The caller's case with its conversation, and the dispute behind it."""
    return await _whole(services, *await cases.get(case_id, Side.HOLDER, caller.person_id))


@router.post(
    "/{case_id}/messages", status_code=201, responses=problems(NotAuthenticated, NotFound, CaseClosed, InvalidValue)
)
async def write_in_case(case_id: UUID, body: CaseSay, caller: CallingPerson, cases: CasesDep) -> MessageRead:
    """Say more."""
    said = await cases.say(case_id, Side.HOLDER, caller.person_id, caller.person_id, body.text)
    return MessageRead.of(said)


@router.post("/{case_id}/close", responses=problems(NotAuthenticated, NotFound))
async def close_case(case_id: UUID, caller: CallingPerson, cases: CasesDep) -> CaseRead:
    """It is no longer needed. A dispute behind it goes on until it is decided."""
    return CaseRead.of(await cases.close(case_id, Side.HOLDER, caller.person_id, Outcome.WITHDRAWN))


@router.post("/{case_id}/survey", responses=problems(NotAuthenticated, NotFound, InvalidValue))
async def answer_case_survey(case_id: UUID, body: SurveyAnswer, caller: CallingPerson, cases: CasesDep) -> CaseRead:
    """Two questions, once the case is closed."""
    return CaseRead.of(await cases.answer_survey(caller.person_id, case_id, solved=body.solved, score=body.score))


async def _answer(
    cases: Cases, case_id: UUID, side: Side, who: UUID | None, author: UUID, body: CaseAnswer
) -> MessageRead:
    said = await cases.say(case_id, side, who, author, body.text)
    if body.close is not None:
        await cases.close(case_id, side, who, body.close)
    return MessageRead.of(said)


async def _whole(services: Services, case: Case, messages: Sequence[Message]) -> CaseDetail:
    dispute: Dispute | None = None
    if case.subject_kind is SubjectKind.REDEMPTION and case.subject is not None:
        tenants = frozenset(one for one in (case.person_id, case.organisation_id) if one is not None)
        try:
            dispute = await services.disputes.get(bytes.fromhex(case.subject), tenants)
        except QuanbaoError:
            dispute = None
    return CaseDetail.whole(case, messages, dispute)


def _key(case: Case) -> tuple[str, str]:
    return case.updated_at.isoformat(), str(case.id)


def _place(after: tuple[str, str] | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
