"""The stream tells each caller what concerns the caller, in order, and misses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from api.services import Services
from keystore import PLATFORM_TENANT
from people.events import publish
from people.events.feed import EventFeed
from people.events.model import EventCursor
from people.roles import PlatformRole
from persistence.database import Database
from tests.integration.api.conftest import SignedIn, SignIn

Told = tuple[str, dict[str, Any]]
"""Id and data of one event of the stream."""


@pytest_asyncio.fixture
async def served(app: FastAPI) -> AsyncIterator[str]:
    """A real server on a free port: the in-process transport cannot stream."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not running.done(), running.result()
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await running
    listener.close()


class Stream:
    """One open connection, read line by line."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> Told:
        """The next event with data; hints without data (the opening place) have an empty one."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(15):
            async for line in self._lines:
                if line == "" and "id" in fields:
                    return fields["id"], json.loads(fields.get("data", "{}"))
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
        raise AssertionError("the stream ended")

    async def ended(self) -> bool:
        async with asyncio.timeout(15):
            async for _ in self._lines:
                pass
        return True


@contextlib.asynccontextmanager
async def _listen(base: str, person: SignedIn, last_seen: str | None = None) -> AsyncIterator[tuple[Stream, str]]:
    headers = dict(person.headers) if last_seen is None else {**person.headers, "Last-Event-ID": last_seen}
    async with (
        httpx.AsyncClient(base_url=base, timeout=20) as client,
        client.stream("GET", "/api/v1/events", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        stream = Stream(response)
        opening, _ = await stream.next()
        yield stream, opening


async def _tell(database: Database, tenant: UUID, kind: str, **data: Any) -> None:
    async with database.transaction() as tx:
        await publish(tx, tenant, kind, data)


class TestStream:
    async def test_operators_are_told_of_the_platforms_own_accounts(
        self, served: str, services: Services, sign_in: SignIn, database: Database
    ) -> None:
        """A relayer that runs low is everybody's trouble, and nobody else's to know."""
        mei, li = await sign_in("mei"), await sign_in("li")
        await services.persons.grant(mei.person_id, PlatformRole.OPERATOR)
        async with _listen(served, mei) as (operator, _), _listen(served, li) as (other, _):
            await _tell(database, PLATFORM_TENANT, "account.low_balance", account="eip155:1:0x")
            await _tell(database, li.person_id, "test.own")
            _, told = await operator.next()
            assert (told["kind"], told["data"]) == ("account.low_balance", {"account": "eip155:1:0x"})
            _, told = await other.next()
            assert told["kind"] == "test.own"

    async def test_an_act_is_told_as_it_happens(self, served: str, sign_in: SignIn, client: httpx.AsyncClient) -> None:
        mei = await sign_in("mei")
        async with _listen(served, mei) as (stream, _):
            made = await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)
            _, told = await stream.next()
        assert told["kind"] == "organisation.created"
        assert told["data"] == {"organisation_id": made.json()["id"]}
        assert told["tenant_id"] == str(mei.person_id)

    async def test_others_hear_nothing_of_it(self, served: str, sign_in: SignIn, database: Database) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        async with _listen(served, li) as (stream, _):
            await _tell(database, mei.person_id, "for.mei")
            await _tell(database, li.person_id, "for.li")
            assert (await stream.next())[1]["kind"] == "for.li"

    async def test_members_hear_their_organisation_from_the_moment_they_join(
        self, served: str, sign_in: SignIn, client: httpx.AsyncClient, database: Database
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = (await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        body = {"email": li.email, "role": "cashier"}
        async with _listen(served, li) as (stream, _):
            await client.post(f"/api/v1/organisations/{place}/members", json=body, headers=mei.headers)
            assert (await stream.next())[1]["kind"] == "organisation.joined"
            await _tell(database, UUID(place), "order.paid", order_id="7")
            kinds = {(await stream.next())[1]["kind"]}
            if kinds == {"organisation.member_added"}:
                kinds = {(await stream.next())[1]["kind"]}
            assert kinds == {"order.paid"}

    async def test_it_resumes_behind_the_last_event_seen(
        self, served: str, sign_in: SignIn, database: Database
    ) -> None:
        mei = await sign_in("mei")
        async with _listen(served, mei) as (stream, opening):
            await _tell(database, mei.person_id, "first")
            first, _ = await stream.next()
        await _tell(database, mei.person_id, "second")
        await _tell(database, mei.person_id, "third")
        async with _listen(served, mei, first) as (stream, _):
            assert [(await stream.next())[1]["kind"] for _ in range(2)] == ["second", "third"]
        async with _listen(served, mei, opening) as (stream, _):
            assert (await stream.next())[1]["kind"] == "first"

    @pytest.mark.parametrize("last_seen", ["nonsense", "1-2-3", "x" * 100])
    async def test_another_place_is_refused(self, client: httpx.AsyncClient, sign_in: SignIn, last_seen: str) -> None:
        mei = await sign_in("mei")
        answer = await client.get("/api/v1/events", headers={**mei.headers, "Last-Event-ID": last_seen})
        assert answer.status_code == 422

    async def test_a_revoked_session_ends_the_stream(
        self, served: str, sign_in: SignIn, client: httpx.AsyncClient, database: Database
    ) -> None:
        mei = await sign_in("mei")
        async with _listen(served, mei) as (stream, _):
            await client.post("/api/v1/auth/logout", headers=mei.headers)
            await _tell(database, mei.person_id, "wakes.the.stream")
            assert await stream.ended()


class TestFeed:
    async def test_a_late_commit_is_not_missed(self, database: Database) -> None:
        """The row numbered first commits last; a reader in between must not step over it."""
        tenant = uuid4()
        feed = EventFeed(database)
        start = await feed.start_place(None)
        async with database.transaction() as slow:
            await publish(slow, tenant, "early.number", {})
            await _tell(database, tenant, "late.number")
            assert await feed.read([tenant], start) == []
        found = await feed.read([tenant], start)
        assert [event.kind for event in found] == ["early.number", "late.number"]

    async def test_what_rolls_back_is_never_told(self, database: Database) -> None:
        tenant = uuid4()
        feed = EventFeed(database)
        start = await feed.start_place(None)
        with pytest.raises(RuntimeError):
            async with database.transaction() as tx:
                await publish(tx, tenant, "never", {})
                raise RuntimeError("roll back")
        await _tell(database, tenant, "always")
        assert [event.kind for event in await feed.read([tenant], start)] == ["always"]

    async def test_many_writers_are_read_once_each_and_in_feed_order(self, database: Database) -> None:
        tenant = uuid4()
        feed = EventFeed(database)
        place = await feed.start_place(None)
        writers = [asyncio.create_task(_tell(database, tenant, f"n{number}")) for number in range(60)]
        seen: list[str] = []
        places: list[EventCursor] = []
        async with asyncio.timeout(30):
            while len(seen) < 60:
                for event in await feed.next([tenant], place, within_seconds=1):
                    place = event.cursor
                    seen.append(event.kind)
                    places.append(place)
        await asyncio.gather(*writers)
        assert sorted(seen) == sorted(f"n{number}" for number in range(60))
        assert places == sorted(places)

    async def test_a_place_from_before_a_restored_backup_starts_now(self, database: Database) -> None:
        feed = EventFeed(database)
        tenant = uuid4()
        await _tell(database, tenant, "old")
        place = await feed.start_place("9000000000-1")
        await _tell(database, tenant, "new")
        assert [event.kind for event in await feed.read([tenant], place)] == ["new"]
