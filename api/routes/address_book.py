"""/address-book: names for the accounts that the caller pays."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.dependencies import AddressBookDep
from api.errors import problems
from api.paging import Page
from api.schemas.address_book import ContactAdd, ContactChange, ContactRead
from api.security import CallingPerson
from primitives.account_id import AccountId
from primitives.errors import InvalidAddress, InvalidValue, NotAuthenticated, NotFound

router = APIRouter(prefix="/address-book", tags=["address-book"])


@router.get("", responses=problems(NotAuthenticated))
async def list_contacts(caller: CallingPerson, book: AddressBookDep) -> Page[ContactRead]:
    """The caller's address book, by name."""
    return Page[ContactRead].whole([ContactRead.of(one) for one in await book.entries(caller.tenant_id)])


@router.post("", status_code=201, responses=problems(NotAuthenticated, InvalidValue, InvalidAddress))
async def add_contact(body: ContactAdd, caller: CallingPerson, book: AddressBookDep) -> ContactRead:
    """Add an account; one that looks like another entry and is not it is refused."""
    account = AccountId.parse(body.account)
    return ContactRead.of(await book.add(caller.tenant_id, account, body.name, body.note))


@router.put("/{contact_id}", responses=problems(NotAuthenticated, InvalidValue, NotFound))
async def change_contact(
    contact_id: UUID, body: ContactChange, caller: CallingPerson, book: AddressBookDep
) -> ContactRead:
    """Call somebody otherwise; the account of an entry never changes."""
    return ContactRead.of(await book.change(caller.tenant_id, contact_id, body.name, body.note))


@router.delete("/{contact_id}", status_code=204, responses=problems(NotAuthenticated, NotFound))
async def remove_contact(contact_id: UUID, caller: CallingPerson, book: AddressBookDep) -> None:
    """Remove an entry."""
    await book.remove(caller.tenant_id, contact_id)
