"""Who may call the auditors' routes: a person with the platform role, or an outside auditor with a token of a grant."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials

from api.auditing import Auditing
from api.security import CSRF_HEADER, AccessRule, _bearer, _cookie, authenticated
from api.services import Services
from audit.auditors.model import TOKEN_PREFIX
from audit.auditors.service import AuditReader, platform_reader
from people.roles import PlatformRole
from primitives.errors import NotPermitted


class AuditReaderRule(AccessRule):
    """The platform role auditor, or `Authorization: Bearer qa_…`, which reads what its grant names and nothing else."""

    name = "auditor"

    async def __call__(
        self,
        request: Request,
        bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        cookie: Annotated[str | None, Depends(_cookie)],
        csrf: Annotated[str | None, Header(alias=CSRF_HEADER, description="For writes by session cookie")] = None,
    ) -> AuditReader:
        services: Services = request.app.state.services
        if bearer is not None and bearer.credentials.startswith(TOKEN_PREFIX):
            auditing: Auditing = services.auditing
            return await auditing.auditors.reader(bearer.credentials)
        session = await authenticated(request, bearer, cookie, csrf)
        if PlatformRole.AUDITOR not in session.caller.platform_roles:
            raise NotPermitted("this is for the role auditor", rule=PlatformRole.AUDITOR.value)
        return platform_reader(session.caller.person_id)


CallingAuditReader = Annotated[AuditReader, Depends(AuditReaderRule())]
