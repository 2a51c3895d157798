"""Many rows at once, by PostgreSQL's COPY: several times faster than INSERT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import Table

from persistence.database import Transaction, typed_state
from primitives.errors import DatabaseUnavailable


async def copy_rows(tx: Transaction, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows in the caller's transaction; none of them may be there already.

    Args:
        columns: The others take their defaults.
        rows: Values as asyncpg takes them; of a JSONB column the text.

    Raises:
        DiskFull, DatabaseUnavailable: As `Database.transaction` does.
    """
    connection = (await tx.get_raw_connection()).driver_connection
    assert connection is not None
    with _typed():
        await connection.copy_records_to_table(table.name, records=rows, columns=list(columns))


async def copy_text(tx: Transaction, table: Table, columns: Sequence[str], lines: Iterable[str]) -> None:
    """`copy_rows` for rows that are already lines of PostgreSQL's text format, each with its end: a third of the cost.

    Args:
        lines: Values apart by tabs; the caller has escaped what needs it (PostgreSQL, COPY, "Text Format").

    Raises:
        DiskFull, DatabaseUnavailable
    """
    connection = (await tx.get_raw_connection()).driver_connection
    assert connection is not None
    source = BytesIO("".join(lines).encode())
    with _typed():
        await connection.copy_to_table(table.name, source=source, columns=list(columns))


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except PostgresError as error:
        typed = typed_state(error.sqlstate)
        if typed is None:
            raise
        raise typed from error
    except InterfaceError as error:
        raise DatabaseUnavailable("PostgreSQL does not answer: check that it runs, then try again") from error
