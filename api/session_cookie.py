"""How a fresh session reaches its client: in the answer, or as a cookie."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

from api.schemas.auth import SessionOpened
from api.security import SESSION_COOKIE
from people.sessions.model import Session, SessionToken


def set_cookie(request: Request, response: Response, token: SessionToken, lifetime: timedelta) -> None:
    """Lax: a link from elsewhere opens the page signed in, a write from elsewhere carries no cookie."""
    response.set_cookie(
        SESSION_COOKIE,
        token.text,
        max_age=int(lifetime.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def opened(
    request: Request, response: Response, token: SessionToken, session: Session, *, transport: str
) -> SessionOpened:
    """The answer to a login."""
    by_cookie = transport == "cookie"
    if by_cookie:
        set_cookie(request, response, token, session.expires_at - session.created_at)
    return SessionOpened(
        token=None if by_cookie else token.text,
        csrf_token=token.csrf,
        session_id=session.id,
        expires_at=session.expires_at,
    )
