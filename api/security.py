"""Who may call a route: every route declares exactly one rule, and a test walks the routes to see that it does.

Authentication
    `Authorization: Bearer <token>`, or the HttpOnly cookie `quanbao_session`. A write that is authenticated by the
    cookie must also carry `X-CSRF-Token` (from the login answer or `GET /auth/me`), which only a page that can read our
    answers knows. Bearer wins when both are sent. A bearer that begins with `qbk_` is an API key: it opens only routes
    whose first tag is in its scopes (`orders:read`, `orders:write`), from its networks, and for an organisation's key
    only what is the organisation's. Routes with other tags are for persons.

Rules, as a parameter's type or in `dependencies=[…]`
    `PUBLIC`                            anybody
    `CallingPerson`                     any person; rows belong to `caller.tenant_id`
    `CallingAuditor`, `CallingOperator` a platform role
    `AnyMember`, `Owner`, `Manager`, `Till`, `Funder`, or `Annotated[CallingMember, member(MemberRole.…)]`
                                        a role in one organisation; rows belong to `member.tenant_id`
    `LOOPBACK`                          this machine only, or an operator

The organisation
    An act for an organisation names it in the header `Organisation-Id`; resources stay flat (`/campaigns`, `/orders`).
    Only below `/organisations/{organisation_id}` is it read from the path (`member_in_path`). An organisation that the
    caller does not belong to is answered as one that does not exist (404); a role that does not suffice as 403.
    Services filter by the tenant that the rule gave them, so that another tenant's rows are 404 as well.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Path, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.services import Services
from people.api_keys.model import PREFIX as KEY_PREFIX
from people.api_keys.model import ApiKeyToken
from people.caller import Caller
from people.roles import MemberRole, PlatformRole
from people.sessions.model import SessionToken
from primitives.errors import NotAuthenticated, NotFound, NotPermitted

SESSION_COOKIE = "quanbao_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_TOKEN_LENGTH = 200

_OPEN_TO_ORGANISATION_KEYS = frozenset({"chains", "events"})
"""Resources under the person's rule that are nobody's own."""

_bearer = HTTPBearer(auto_error=False, description="The token of POST /auth/login, or an API key")
_cookie = APIKeyCookie(name=SESSION_COOKIE, auto_error=False, description="Set by POST /auth/login")


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A caller with the token that the request carried. `by_cookie`: how it was carried."""

    caller: Caller
    token: SessionToken
    by_cookie: bool


async def authenticated(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
    csrf: Annotated[str | None, Header(alias=CSRF_HEADER, description="For writes by session cookie")] = None,
) -> Authenticated:
    """Find the session of the request.

    Raises:
        NotAuthenticated: No token, or one that is unknown, expired or revoked.
        NotPermitted: A write by cookie without its CSRF token.
    """
    text = bearer.credentials if bearer is not None else cookie
    if not text or len(text) > _MAX_TOKEN_LENGTH:
        raise NotAuthenticated("this needs a session: log in")
    token = SessionToken(text)
    by_cookie = bearer is None
    if by_cookie and request.method not in _SAFE_METHODS:
        sent = (csrf or "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent, token.csrf.encode()):
            raise NotPermitted(f"a write by session cookie needs the header {CSRF_HEADER}", rule="csrf")
    caller = await identify(request, token)
    _require_scope(request, caller)
    return Authenticated(caller, token, by_cookie)


async def identify(request: Request, token: SessionToken) -> Caller:
    """Who has this session or API key now. Raises NotAuthenticated; NotPermitted: a key used from elsewhere."""
    services: Services = request.app.state.services
    if token.text.startswith(KEY_PREFIX):
        address = request.client.host if request.client is not None else ""
        return await services.api_keys.caller(ApiKeyToken(token.text), address)
    return await services.sessions.caller(token)


def _require_scope(request: Request, caller: Caller) -> None:
    if caller.scopes is None:
        return
    tags = getattr(request.scope.get("route"), "tags", None) or ["none"]
    scope = f"{tags[0]}:{'read' if request.method in _SAFE_METHODS else 'write'}"
    if scope not in caller.scopes:
        raise NotPermitted(f"this API key has no scope {scope}", rule=scope)


CurrentSession = Annotated[Authenticated, Depends(authenticated)]


@dataclass(frozen=True, slots=True)
class CallingMember:
    """A person acting for an organisation; `tenant_id` is the organisation as owner of rows."""

    caller: Caller
    organisation_id: UUID
    role: MemberRole

    @property
    def tenant_id(self) -> UUID:
        return self.organisation_id


class AccessRule:
    """A dependency that lets a request through or raises; `name` is what the matrix of rules shows."""

    name: str


class PublicRule(AccessRule):
    name = "public"

    async def __call__(self) -> None:
        return None


class PersonRule(AccessRule):
    name = "person"

    async def __call__(self, session: CurrentSession, request: Request) -> Caller:
        if session.caller.only_for is not None:
            tags = getattr(request.scope.get("route"), "tags", None) or ["none"]
            if tags[0] not in _OPEN_TO_ORGANISATION_KEYS:
                raise NotPermitted("this key is for an organisation, not for what is your own", rule=self.name)
        return session.caller


class PlatformRule(AccessRule):
    """Needs a platform role."""

    def __init__(self, role: PlatformRole) -> None:
        self.role = role
        self.name = role.value

    async def __call__(self, session: CurrentSession) -> Caller:
        if self.role not in session.caller.platform_roles:
            raise NotPermitted(f"this is for the role {self.role.value}", rule=self.role.value)
        return session.caller


class LoopbackRule(AccessRule):
    """From this machine, or an operator from anywhere."""

    name = "loopback"

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> None:
        if from_loopback(request):
            return
        if bearer is None or len(bearer.credentials) > _MAX_TOKEN_LENGTH:
            raise NotAuthenticated("from another machine this needs an operator's session")
        caller = await identify(request, SessionToken(bearer.credentials))
        if PlatformRole.OPERATOR not in caller.platform_roles:
            raise NotPermitted("this is for the role operator", rule=PlatformRole.OPERATOR.value)


class _OrganisationRule(AccessRule):
    def __init__(self, *roles: MemberRole) -> None:
        self.roles = frozenset(roles or MemberRole)
        self.name = "member:" + "|".join(sorted(role.value for role in self.roles))

    def _admit(self, caller: Caller, organisation_id: UUID) -> CallingMember:
        role = caller.memberships.get(organisation_id)
        if role is None:
            raise NotFound("no such organisation")
        if role not in self.roles:
            raise NotPermitted(f"your role {role.value} does not allow this", rule=self.name)
        return CallingMember(caller, organisation_id, role)


class MemberRule(_OrganisationRule):
    """Needs one of the roles in the organisation of the header."""

    async def __call__(
        self,
        session: CurrentSession,
        organisation_id: Annotated[
            UUID, Header(alias="Organisation-Id", description="The organisation that the caller acts for")
        ],
    ) -> CallingMember:
        return self._admit(session.caller, organisation_id)


class MemberInPathRule(_OrganisationRule):
    """Needs one of the roles in the organisation of the path."""

    async def __call__(self, session: CurrentSession, organisation_id: Annotated[UUID, Path()]) -> CallingMember:
        return self._admit(session.caller, organisation_id)


def member(*roles: MemberRole) -> Any:
    """`Annotated[CallingMember, member(MemberRole.OWNER)]`; no role given: any member."""
    return Depends(MemberRule(*roles))


def member_in_path(*roles: MemberRole) -> Any:
    """As `member`, for routes below `/organisations/{organisation_id}`."""
    return Depends(MemberInPathRule(*roles))


def from_loopback(request: Request) -> bool:
    """Whether the request comes from this machine and was addressed to it by a loopback name (no DNS rebinding)."""
    client = request.client
    if client is None:
        return False
    try:
        if not ipaddress.ip_address(client.host).is_loopback:
            return False
    except ValueError:
        return False
    return request.url.hostname in {"127.0.0.1", "localhost", "::1"}


PUBLIC = Depends(PublicRule())
LOOPBACK = Depends(LoopbackRule())
CallingPerson = Annotated[Caller, Depends(PersonRule())]
CallingAuditor = Annotated[Caller, Depends(PlatformRule(PlatformRole.AUDITOR))]
CallingOperator = Annotated[Caller, Depends(PlatformRule(PlatformRole.OPERATOR))]
AnyMember = Annotated[CallingMember, member()]
Owner = Annotated[CallingMember, member(MemberRole.OWNER)]
Manager = Annotated[CallingMember, member(MemberRole.OWNER, MemberRole.MANAGER)]
Till = Annotated[CallingMember, member(MemberRole.OWNER, MemberRole.MANAGER, MemberRole.CASHIER)]
Funder = Annotated[CallingMember, member(MemberRole.OWNER, MemberRole.MANAGER, MemberRole.SPONSOR)]
