"""/organisations/{organisation_id}/stores and /catalogue: where a merchant sells, and what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import CatalogueDep, StoresDep
from api.errors import problems
from api.paging import Page, Paging
from api.schemas.stores import CatalogueImport, CatalogueImported, CatalogueItemRead, StorePut, StoreRead
from api.security import CallingMember, member_in_path
from people.roles import MemberRole
from people.stores.sql import Store
from primitives.errors import InvalidRows, InvalidValue, NotAuthenticated, NotFound, NotPermitted

router = APIRouter(prefix="/organisations/{organisation_id}", tags=["organisations"])

_AnyMember = Annotated[CallingMember, member_in_path()]
_Manager = Annotated[CallingMember, member_in_path(MemberRole.OWNER, MemberRole.MANAGER)]
_ASKED = (NotAuthenticated, NotPermitted, NotFound)
StoreCode = Annotated[str, Path(min_length=1, max_length=40)]


@router.get("/stores", responses=problems(*_ASKED))
async def list_stores(member: _AnyMember, stores: StoresDep) -> Page[StoreRead]:
    """Its stores, by code."""
    return Page[StoreRead].whole([StoreRead.of(one) for one in await stores.all(member.tenant_id)])


@router.put("/stores/{store}", responses=problems(*_ASKED, InvalidValue))
async def put_store(store: StoreCode, body: StorePut, member: _Manager, stores: StoresDep) -> StoreRead:
    """Make a store or change it; the code never changes, because orders and terms name it."""
    wanted = Store(store, body.name, body.address, body.zone, body.open)
    return StoreRead.of(await stores.put(member.tenant_id, wanted))


@router.get("/catalogue", responses=problems(*_ASKED, InvalidValue))
async def list_catalogue(member: _AnyMember, catalogue: CatalogueDep, paging: Paging) -> Page[CatalogueItemRead]:
    """What it sells, by sku."""
    after = paging.after(str)
    if after is not None and "\x00" in after[0]:
        raise InvalidValue("this is not a cursor of this list")
    found = await catalogue.items(member.tenant_id, after=None if after is None else after[0], limit=paging.limit + 1)
    return paging.page(found, CatalogueItemRead.of, lambda item: (item.sku,))


@router.post("/catalogue/import", responses=problems(*_ASKED, InvalidValue, InvalidRows))
async def import_catalogue(body: CatalogueImport, member: _Manager, catalogue: CatalogueDep) -> CatalogueImported:
    """Take a CSV over. Bad rows are named by row in `rows`, and then nothing is imported."""
    return CatalogueImported.of(await catalogue.load(member.tenant_id, body.csv, whole=body.whole))
