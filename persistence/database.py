"""The one database: an engine, a shared table registry, and transactions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import orjson
from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from primitives.errors import DatabaseUnavailable, DiskFull, QuanbaoError

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of every `sql.py` registers here; the migrations are compared with it by a test."""

SEAL = "quanbao_seal"
"""The engine's execution option that holds the seal of persons' words (`persistence.words`)."""

Transaction = AsyncConnection
"""An open transaction. Services pass it on; only `sql.py` files look inside."""

_DISK_FULL = {"53100"}  # PostgreSQL error code disk_full
_UNAVAILABLE = {"57P01", "57P02", "57P03", "53300"}  # shut down, crashed, starting, too many connections
_COLLIDED = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout: all is rolled back
_LOGIN_REFUSED = {"28000", "28P01", "3D000"}  # no such role, wrong password, no such database


def _plain(value: object) -> str:
    raise TypeError(f"{type(value).__name__} is not JSON: convert it before it reaches the database")


def _dumps(value: object) -> str:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS).decode()


def asyncpg_url(url: str) -> str:
    """Accept the usual `postgresql://` address and name the driver that we use."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    return url


def typed_state(state: str | None) -> QuanbaoError | None:
    """The typed error for a PostgreSQL error code that is not the caller's fault, or None."""
    if state in _DISK_FULL:
        return DiskFull("the database disk is full: free room and try again; nothing was half-done")
    if state in _COLLIDED:
        return DatabaseUnavailable("another transaction was in the way: try again; nothing was done", sqlstate=state)
    if state in _LOGIN_REFUSED:
        return DatabaseUnavailable(
            "PostgreSQL refuses the login: check user, password and database name in DATABASE_URL", sqlstate=state
        )
    if state in _UNAVAILABLE:
        return DatabaseUnavailable("PostgreSQL does not answer: check that it runs, then try again")
    return None


def translated(error: DBAPIError) -> QuanbaoError | None:
    """The typed error for a database failure that is not the caller's fault, or None."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    typed = typed_state(state)
    if typed is None and (isinstance(error, OperationalError) or error.connection_invalidated):
        return DatabaseUnavailable("PostgreSQL does not answer: check that it runs, then try again")
    return typed


class Database:
    """A pool of connections to PostgreSQL.

    Args:
        pool_size: Connections that are usual; twice as many are the most.
        seal: Of persons' words (`persistence.words.WordSeal`); None for processes that store none.
    """

    def __init__(self, url: str, *, pool_size: int = 8, seal: object | None = None) -> None:
        self.url = asyncpg_url(url)
        self._engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=2 * pool_size,
            # A new connection asks for its types and prepares every statement anew: none is thrown away after a burst,
            # and the last one put back, whose statements are warm, is the first taken out.
            max_overflow=0,
            pool_use_lifo=True,
            # Parameters may be password or token hashes: they belong in no exception text and no log.
            hide_parameters=True,
            json_serializer=_dumps,
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": {"timezone": "UTC", "application_name": "quanbao"},
                "timeout": 10,
            },
            execution_options={} if seal is None else {SEAL: seal},
        )

        _keep_alive(self._engine)
        self._at_once: AsyncEngine = self._engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction; commit when the block ends, roll back when it raises.

        Raises:
            DiskFull: The server has no room; the transaction is rolled back.
            DatabaseUnavailable: No connection, or the transaction collided with another; it can be repeated.
        """
        progress = _Progress()
        with _typed(progress):
            async with self._engine.begin() as connection:
                progress.connected = True
                yield connection

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[Transaction]:
        """A connection on which each statement is a transaction of its own: one exchange with the server in place of
        three. For reads, which see no more in a transaction either (READ COMMITTED), and for single writes.

        Raises:
            DiskFull, DatabaseUnavailable: As `transaction`.
        """
        progress = _Progress()
        with _typed(progress):
            async with self._at_once.connect() as connection:
                progress.connected = True
                yield connection

    async def ping(self) -> None:
        """Raises DatabaseUnavailable."""
        async with self.transaction() as tx:
            await tx.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self._engine.dispose()

    def __repr__(self) -> str:
        return "Database(…)"


class _Progress:
    connected = False


@contextmanager
def _typed(progress: _Progress) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        typed = translated(error)
        if typed is None:
            raise
        raise typed from error
    except OSError as error:
        # Before the connection stands, every one is about it: no such socket, host or permission.
        in_use = progress.connected and not isinstance(error, ConnectionError | TimeoutError)
        if isinstance(error, QuanbaoError) or in_use:
            raise
        raise DatabaseUnavailable("PostgreSQL does not answer: check that it runs, then try again") from error


_IDLE_SECONDS = 20.0
"""After which a connection is asked whether it stands: a server that went away without a word closes no socket."""


def _keep_alive(engine: AsyncEngine) -> None:
    """Never hand out a connection whose server is gone.

    The pool's own way asks the server at each checkout, in three exchanges; that the socket was closed is known here
    without asking.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def put_back(_: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def take_out(connection: Any, record: Any, _: Any) -> None:
        idle_since = record.info.get("idle_since")
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        if idle_since is not None and time.monotonic() - idle_since > _IDLE_SECONDS:
            try:
                connection.ping()
            except Exception as error:
                raise InvalidatePoolError from error


async def lock_for_transaction(tx: Transaction, *parts: Any) -> None:
    """Take an advisory lock on the given parts until the transaction ends; waits for other holders."""
    await tx.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": "|".join(map(str, parts))}
    )
