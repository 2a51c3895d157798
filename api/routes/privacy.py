"""The privacy page, and the mails that a development installation caught."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from api.dependencies import AllServices, InChinese
from api.errors import problems
from api.paging import Page
from api.schemas.people import CaughtMail
from api.security import LOOPBACK, PUBLIC
from primitives.errors import MissingPart, NotAuthenticated, NotFound, NotPermitted

router = APIRouter(tags=["privacy"])

_DOCS = Path(__file__).parents[2] / "docs"


@cache
def _page(name: str) -> bytes:
    try:
        return (_DOCS / name).read_bytes()
    except OSError as error:
        raise MissingPart(f"docs/{name} is not installed", mend="make setup") from error


@router.get("/privacy", response_class=Response, dependencies=[PUBLIC], responses=problems(MissingPart))
async def read_privacy(in_chinese: InChinese) -> Response:
    """What is kept, why, for how long, and how to have it erased; plain text with Markdown headings."""
    language = "zh-CN" if in_chinese else "en"
    return Response(
        _page("privacy.zh.md" if in_chinese else "privacy.md"),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Language": language},
    )


@router.get("/caught-mails", dependencies=[LOOPBACK], responses=problems(NotFound, NotAuthenticated, NotPermitted))
async def list_caught_mails(services: AllServices) -> Page[CaughtMail]:
    """Mails that this development installation would have sent, newest first; 404 where a mail server is configured."""
    if services.mail_catcher is None:
        raise NotFound("this installation sends its mails")
    caught = services.mail_catcher.caught()
    return Page[CaughtMail].whole([CaughtMail(to=to, subject=subject, text=text) for to, subject, text in caught])
