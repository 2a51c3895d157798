"""/consents: what personal data may be used for, purpose by purpose."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import ConsentsDep, InChinese
from api.errors import problems
from api.paging import Page
from api.schemas.people import ConsentRead
from api.security import CallingPerson
from people.consents.model import Purpose
from primitives.errors import NotAuthenticated

router = APIRouter(prefix="/consents", tags=["consents"])


@router.get("", responses=problems(NotAuthenticated))
async def list_consents(caller: CallingPerson, consents: ConsentsDep, in_chinese: InChinese) -> Page[ConsentRead]:
    """Every purpose, with what the caller answered. All are off until turned on."""
    found = await consents.list(caller.person_id)
    return Page[ConsentRead].whole([ConsentRead.of(each, chinese=in_chinese) for each in found])


@router.put("/{purpose}", responses=problems(NotAuthenticated))
async def give_consent(
    purpose: Purpose, caller: CallingPerson, consents: ConsentsDep, in_chinese: InChinese
) -> ConsentRead:
    """Agree to one purpose."""
    return ConsentRead.of(await consents.give(caller.person_id, purpose), chinese=in_chinese)


@router.delete("/{purpose}", responses=problems(NotAuthenticated))
async def withdraw_consent(
    purpose: Purpose, caller: CallingPerson, consents: ConsentsDep, in_chinese: InChinese
) -> ConsentRead:
    """Agree no longer; from the next read on nothing is used for this purpose."""
    return ConsentRead.of(await consents.withdraw(caller.person_id, purpose), chinese=in_chinese)
