"""/guidance: what acts cost, words, questions and checklists, in the reader's language. Anybody may read it."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request

from api.languages import preferred_language
from api.paging import Page
from api.schemas.guidance import CostRead, QuestionRead, StepRead, WordRead
from api.security import PUBLIC
from people.guidance.service import Guidance, Role, guidance

router = APIRouter(prefix="/guidance", tags=["guidance"], dependencies=[PUBLIC])


def _content(request: Request) -> Guidance:
    return guidance(preferred_language(request.headers.get("accept-language")))


@router.get("/costs")
async def list_costs(request: Request) -> Page[CostRead]:
    """What each act costs and who pays it; the figure of the moment is in the act's preview."""
    return Page[CostRead].whole([CostRead(**asdict(one)) for one in _content(request).costs])


@router.get("/glossary")
async def list_glossary(request: Request) -> Page[WordRead]:
    """The words that a wallet cannot do without, in plain ones."""
    return Page[WordRead].whole([WordRead(**asdict(one)) for one in _content(request).glossary])


@router.get("/questions")
async def list_questions(request: Request) -> Page[QuestionRead]:
    """What people ask: safety, misconceptions, fees, failed payments, vouchers."""
    return Page[QuestionRead].whole([QuestionRead(**asdict(one)) for one in _content(request).questions])


@router.get("/checklists/{role}")
async def read_checklist(role: Role, request: Request) -> Page[StepRead]:
    """What somebody of this role does first."""
    return Page[StepRead].whole([StepRead(**asdict(one)) for one in _content(request).checklists[role]])
