"""Persons' own words: sealed on their way into the database, opened on their way out.

A column of `words_column` holds bytes that only the key of the row's person opens, so that destroying one key ends
every copy of that person's words, in old backups too. The seal belongs to the `Database`; `sql.py` files ask their
transaction for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Column, Table, delete, select, text, update

from persistence.database import SEAL, Database, Transaction, metadata
from persistence.types import LargeBinary, Text, Uuid
from primitives.errors import MissingPart, PersonErased

_INFO = "words"
_AT_ONCE = 200


class WordOpener(Protocol):
    """Opens what belongs together; it reads each person's key once."""

    def open_words(self, subject: UUID, purpose: str, sealed: bytes) -> str | None:
        """None: the key is destroyed or lost, or the words belong elsewhere."""
        ...


class WordSeal(Protocol):
    """`people.privacy.personal_data.PersonalData` conforms."""

    def seal_words(self, subject: UUID, purpose: str, words: str) -> bytes:
        """Raises PersonErased: there is no key to seal with."""
        ...

    def opener(self) -> WordOpener: ...


class _Place(NamedTuple):
    subject: str
    row: str


def words_column(name: str, *, of: str = "tenant_id", row: str = "id") -> Column[Any]:
    """A column of sealed words; NULL: none, or emptied.

    Args:
        of: The column of the person (or organisation) whose key seals them.
        row: The column that finds the row again, together with `of`.
    """
    return Column(name, LargeBinary, info={_INFO: _Place(of, row)})


plain_words_table = Table(
    "words_plain",
    metadata,
    Column("place", Text, primary_key=True),
    Column("tenant_id", Uuid, primary_key=True),
    Column("row_id", Text, primary_key=True),
    Column("words", Text, nullable=False),
)
"""Words of an older version, until the first start of this one has sealed them; empty ever after.

`place`: table and column, `wallet_account.label`."""


class Words:
    """The words of one transaction."""

    def __init__(self, seal: WordSeal | None) -> None:
        self._seal = seal
        self._opener: WordOpener | None = None

    def sealed(self, column: Column[Any], subject: UUID, words: str | None) -> bytes | None:
        """What to store.

        Raises:
            MissingPart: This process has no erasure keys: it stores nobody's words, least of all plain.
            PersonErased: The person was erased, or the key is lost.
        """
        if words is None:
            return None
        if self._seal is None:
            raise MissingPart("this process was given no erasure keys and stores no words", mend="QUANBAO_ERASURE_DIR")
        return self._seal.seal_words(subject, _purpose(column), words)

    def kept(self, column: Column[Any], subject: UUID, words: str | None) -> bytes | None:
        """As `sealed`, for words beside an act that must not wait for them (a freeze, an account, a merchant's answer):
        nothing where the person was erased or the key is lost. Raises MissingPart."""
        try:
            return self.sealed(column, subject, words)
        except PersonErased:
            return None

    def text(self, column: Column[Any], subject: UUID, sealed: bytes | None) -> str | None:
        """What was stored; None: nothing, or its key is gone. Words that cannot be read keep nobody from the money
        beside them, so this raises nothing."""
        if sealed is None or self._seal is None:
            return None
        if self._opener is None:
            self._opener = self._seal.opener()
        return self._opener.open_words(subject, _purpose(column), sealed)


def words_in(tx: Transaction) -> Words:
    """For one call of an `sql.py`: keys that were read are not kept longer."""
    assert tx.sync_connection is not None
    return Words(tx.sync_connection.get_execution_options().get(SEAL))


def _purpose(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def is_words(column: Column[Any]) -> bool:
    return _INFO in column.info


def every_words_column() -> Sequence[Column[Any]]:
    """Of all tables that are imported, by name."""
    found = [one for table in metadata.tables.values() for one in table.columns if is_words(one)]
    return sorted(found, key=_purpose)


async def forget_words(tx: Transaction, subject: UUID) -> None:
    """Empty every column of a person's words: what is left of them cannot be opened any more."""
    for column in every_words_column():
        table, place = column.table, column.info[_INFO]
        own = (table.c[place.subject] == subject) & column.is_not(None)
        await tx.execute(update(table).where(own).values({column: None}))
    await tx.execute(delete(plain_words_table).where(plain_words_table.c.tenant_id == subject))


async def seal_older_words(database: Database) -> int:
    """Seal the words that an older version left plain; how many. Can be repeated and interrupted. Words of somebody who
    has no key are somebody's who was erased: they go."""
    places = {_purpose(one): one for one in every_words_column()}
    touched: set[str] = set()
    done = 0
    while True:
        async with database.transaction() as tx:
            words = words_in(tx)
            rows = list(await tx.execute(select(plain_words_table).limit(_AT_ONCE).with_for_update(skip_locked=True)))
            for row in rows:
                column = places[row.place]
                await _seal_row(tx, words, column, row)
                touched.add(column.table.name)
        done += len(rows)
        if not rows:
            break
    if done:
        # Updated and removed rows stay readable in the files until their blocks are used again: write them anew.
        async with database.statements() as tx:
            for name in sorted({*touched, plain_words_table.name}):
                await tx.execute(text(f'VACUUM FULL "{name}"'))
    return done


async def _seal_row(tx: Transaction, words: Words, column: Column[Any], row: Any) -> None:
    table, place = column.table, column.info[_INFO]
    key = table.c[place.row]
    row_id = UUID(row.row_id) if isinstance(key.type, Uuid) else row.row_id
    await tx.execute(
        update(table)
        .where(key == row_id, table.c[place.subject] == row.tenant_id)
        .values({column: words.kept(column, row.tenant_id, row.words)})
    )
    mine = plain_words_table.c
    await tx.execute(
        delete(plain_words_table).where(
            mine.place == row.place, mine.tenant_id == row.tenant_id, mine.row_id == row.row_id
        )
    )
