"""/auth/api-keys: keys for programs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter

from api.dependencies import ApiKeysDep
from api.errors import problems
from api.paging import Page
from api.schemas.second_factor import ApiKeyCreate, ApiKeyMade, ApiKeyRead
from api.security import CallingPerson
from primitives.errors import InvalidValue, NotAuthenticated, NotFound

router = APIRouter(prefix="/auth/api-keys", tags=["auth"])


@router.post("", status_code=201, responses=problems(NotAuthenticated, NotFound, InvalidValue))
async def create_api_key(body: ApiKeyCreate, caller: CallingPerson, keys: ApiKeysDep) -> ApiKeyMade:
    """A key by scopes and networks; it may at most what the caller may, and never what only a person does."""
    token, key = await keys.create(
        caller,
        body.label,
        body.scopes,
        organisation_id=body.organisation_id,
        networks=body.networks,
        lifetime=timedelta(days=body.days),
    )
    return ApiKeyMade.made(token, key)


@router.get("", responses=problems(NotAuthenticated))
async def list_api_keys(caller: CallingPerson, keys: ApiKeysDep) -> Page[ApiKeyRead]:
    """The caller's keys, newest first."""
    return Page[ApiKeyRead].whole([ApiKeyRead.of(key) for key in await keys.list(caller.person_id)])


@router.delete("/{key_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def revoke_api_key(key_id: UUID, caller: CallingPerson, keys: ApiKeysDep) -> None:
    """The key ends at once."""
    await keys.revoke(caller.person_id, key_id)
