"""Migrated databases without rows, one at a time per test; emptied and used again, as copying one costs much more."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from persistence.database import Database
from persistence.migrate import migrate

_SCHEMA = """
SELECT md5(
  (SELECT string_agg(c.relname || c.relkind::text || c.relnatts, ',' ORDER BY c.relname)
     FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace)
  || (SELECT string_agg(version_num, ',') FROM alembic_version)
  || (SELECT coalesce(string_agg(t.tgname || t.tgenabled::text, ',' ORDER BY t.tgrelid::regclass::text, t.tgname), '')
        FROM pg_trigger t WHERE NOT t.tgisinternal)
)
"""

_EMPTY = """
DO $$
DECLARE name text; found boolean; filled text[] := '{}';
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT quote_ident(tablename) FROM pg_tables
               WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO found;
    IF found THEN filled := filled || name; END IF;
  END LOOP;
  IF cardinality(filled) > 0 THEN
    EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
  END IF;
  PERFORM setval(c.oid::regclass, s.seqstart, false)
     FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace;
END $$
"""

_OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"


class BlankDatabases:
    """Hands out a database that no other test uses now; a test that changed the schema has its database dropped."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._template = f"template_{uuid4().hex[:12]}"
        self._schema = ""
        self._made: list[str] = []
        self._free: list[str] = []

    async def open(self) -> None:
        """Make the database that the others are copied from, by the real migrations."""
        await self._admin(f'CREATE DATABASE "{self._template}"')
        url = self._url(self._template)
        database = Database(url)
        await migrate(database)
        await database.close()
        connection = await asyncpg.connect(url)
        self._schema = await connection.fetchval(_SCHEMA)
        await connection.close()

    async def take(self) -> str:
        """The URL of a migrated database without rows."""
        if self._free:
            return self._free.pop()
        name = f"test_{uuid4().hex[:12]}"
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        self._made.append(name)
        return self._url(name)

    async def give_back(self, url: str) -> None:
        """Empty it for the next test; connections that a test left open are ended."""
        connection = await asyncpg.connect(url)
        try:
            await connection.fetch(_OTHERS, connection.get_server_pid())
            unchanged = await connection.fetchval(_SCHEMA) == self._schema
            if unchanged:
                await connection.execute(_EMPTY)
        finally:
            await connection.close()
        if unchanged:
            self._free.append(url)
            return
        name = urlsplit(url).path.removeprefix("/")
        await self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')
        self._made.remove(name)

    async def close(self) -> None:
        await self._admin(*(f'DROP DATABASE "{name}" WITH (FORCE)' for name in (*self._made, self._template)))

    def _url(self, name: str) -> str:
        return urlunsplit(urlsplit(self._server_url)._replace(path=f"/{name}"))

    async def _admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._server_url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()
