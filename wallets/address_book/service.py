"""A person's address book: whoever is in it is paid by name, and a look-alike of an entry is told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.errors import InvalidValue, NotFound
from wallets.address_book import sql
from wallets.address_book.sql import BookEntry
from wallets.assets.lookalike import resembles

MAX_ENTRIES = 1_000
MAX_NAME = 100
MAX_NOTE = 500


class AddressBook:
    """Names are the person's own: sealed under the person's key, and nothing of them leaves this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, tenant_id: UUID, account: AccountId, name: str, note: str | None = None) -> BookEntry:
        """Raises InvalidValue: a name or note that is too long, the account is there already, it looks like one that
        is there and is another, or 1,000 entries."""
        name, note = _checked(name, note)
        async with self._database.transaction() as tx:
            await sql.hold_book(tx, tenant_id)
            if await sql.count(tx, tenant_id) >= MAX_ENTRIES:
                raise InvalidValue(f"an address book has at most {MAX_ENTRIES} entries")
            known = await sql.entries_of(tx, tenant_id)
            if any(one.account == account for one in known):
                raise InvalidValue("this account is in your address book already", field="account")
            original = resembles(account, [one.account for one in known if one.account.chain == account.chain])
            if original is not None:
                raise InvalidValue(
                    f"{account.address} looks like {original.address}, which is in your book, and is another address: "
                    "compare every digit with its source",
                    field="account",
                    resembles=str(original),
                )
            return await sql.add(tx, uuid4(), tenant_id, account, name, note)

    async def change(self, tenant_id: UUID, entry_id: UUID, name: str, note: str | None) -> BookEntry:
        """Raises InvalidValue; NotFound, also for another person's."""
        name, note = _checked(name, note)
        async with self._database.transaction() as tx:
            entry = await sql.change(tx, entry_id, tenant_id, name, note)
        if entry is None:
            raise NotFound("your address book has no such entry")
        return entry

    async def remove(self, tenant_id: UUID, entry_id: UUID) -> None:
        """Raises NotFound, also for another person's."""
        async with self._database.transaction() as tx:
            if not await sql.remove(tx, entry_id, tenant_id):
                raise NotFound("your address book has no such entry")

    async def entries(self, tenant_id: UUID) -> Sequence[BookEntry]:
        """By name."""
        async with self._database.statements() as tx:
            return await sql.entries_of(tx, tenant_id)

    async def names(self, tenant_id: UUID) -> Mapping[str, str]:
        """All names of a person's book, by CAIP-10 account."""
        return {str(one.account): one.name for one in await self.entries(tenant_id)}

    async def name_of(self, tenant_id: UUID, account: AccountId) -> str | None:
        """What the person calls an account."""
        return (await self.names(tenant_id)).get(str(account))


def _checked(name: str, note: str | None) -> tuple[str, str | None]:
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise InvalidValue(f"a name has 1 to {MAX_NAME} printable characters", field="name")
    note = None if note is None or not note.strip() else note.strip()
    if note is not None and len(note) > MAX_NOTE:
        raise InvalidValue(f"a note has at most {MAX_NOTE} characters", field="note")
    return name, note
