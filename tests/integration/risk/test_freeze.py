"""Nobody signs for a frozen account, from the freeze's commit to its release."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from bench.risk.freezing import freeze_once
from keystore.holds import sql as holds
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import AccountFrozen, LoginFailed, NotFound, NotPermitted
from primitives.signing import KeyId
from tests.fakes.clock import StoppedClock
from tests.fakes.words import EveryonesWords
from wallets.freeze import sql
from wallets.freeze.service import FreezeService

CHAIN = ChainId.evm(31337)
ONE, OTHER = (AccountId.from_raw(CHAIN, bytes([at]) * 20) for at in (1, 2))


class Codes:
    """A second factor that is in use since a moment and knows one code."""

    def __init__(self, since: datetime) -> None:
        self.since = since

    async def require(self, person_id: UUID, code: str, *, set_up_before: datetime | None = None) -> None:
        if set_up_before is not None and self.since >= set_up_before:
            raise NotFound("set up too late")
        if code != "123456":
            raise LoginFailed("wrong")


@pytest_asyncio.fixture
async def pools(database: Database, tmp_path: Path) -> AsyncIterator[list[Database]]:
    """Two pools, as two processes have them."""
    second = Database(database.url, seal=EveryonesWords(tmp_path / "erasure"))
    yield [database, second]
    await second.close()


async def test_no_signature_follows_the_commit_of_a_freeze(pools: list[Database]) -> None:
    for _ in range(2):
        found = await freeze_once(pools, signers=6)
        assert found.after == 0
        assert found.before >= 30


async def test_a_freeze_waits_for_a_signature_that_has_begun_and_lets_none_begin(database: Database) -> None:
    freezes, tenant = FreezeService(database), uuid4()
    signs, may_end, order = asyncio.Event(), asyncio.Event(), list[str]()

    async def sign() -> None:
        async with freezes.signing(tenant, ONE):
            signs.set()
            await may_end.wait()
            order.append("signed")

    async def freeze() -> None:
        await freezes.freeze(tenant, None, "a test", uuid4())
        order.append("frozen")

    async def come_later() -> None:
        with pytest.raises(AccountFrozen):
            async with freezes.signing(tenant, ONE):
                order.append("signed too late")

    first = asyncio.create_task(sign())
    await signs.wait()
    second = asyncio.create_task(freeze())
    await _until_somebody_waits(database)
    third = asyncio.create_task(come_later())
    await _until_somebody_waits(database, 2)
    may_end.set()
    await asyncio.gather(first, second, third)
    assert order == ["signed", "frozen"]


async def test_one_account_is_frozen_and_the_other_signs(database: Database) -> None:
    freezes, tenant = FreezeService(database), uuid4()
    async with database.transaction() as tx:
        made = await freezes.freeze_in(tx, tenant, ONE, reason="score 100", by=None)
        again = await freezes.freeze_in(tx, tenant, ONE, reason="once more", by=None)
    assert again == made
    async with database.transaction() as tx:
        on_another_chain = AccountId.from_raw(ChainId.evm(10), ONE.raw)
        scopes = [(tenant, (ONE,)), (tenant, (OTHER,)), (uuid4(), (ONE,)), (tenant, (OTHER, on_another_chain))]
        refused = await freezes.require_free(tx, scopes)
    assert [one is not None for one in refused] == [True, False, False, True]


async def test_the_keystore_holds_every_key_until_the_release(database: Database) -> None:
    clock = StoppedClock()
    freezes = FreezeService(database, Codes(clock.now() - timedelta(days=1)), clock=clock)
    tenant, key, person = uuid4(), KeyId(uuid4()), uuid4()
    made = await freezes.freeze(tenant, None, "I lost my telephone", person)
    async with database.transaction() as tx:
        assert await holds.held_keys(tx, [(key, tenant), (KeyId(uuid4()), uuid4())]) == {key}
    with pytest.raises(LoginFailed):
        await freezes.release_by_code([tenant], made.id, person, "000000", "found it")
    with pytest.raises(NotFound):
        await freezes.release_by_code([uuid4()], made.id, person, "123456", "not mine")
    ended = await freezes.release_by_code([tenant], made.id, person, "123456", "found it")
    assert (ended.released_by, ended.released_how, ended.lasts) == (person, "second_factor", False)
    async with database.transaction() as tx:
        assert await holds.held_keys(tx, [(key, tenant)]) == set()
        assert await freezes.require_free(tx, [(tenant, (ONE,))]) == [None]


async def test_a_factor_that_is_younger_than_the_freeze_releases_nothing(database: Database) -> None:
    clock = StoppedClock()
    freezes = FreezeService(database, Codes(clock.now()), clock=clock)
    tenant, person = uuid4(), uuid4()
    made = await freezes.freeze(tenant, None, "score 100", person)
    with pytest.raises(NotPermitted) as refused:
        await freezes.release_by_code([tenant], made.id, person, "123456", "let me in")
    assert refused.value.rule == "second_factor_older_than_freeze"


async def test_a_second_person_agrees_and_never_the_same_one(database: Database) -> None:
    freezes = FreezeService(database)
    shop, asker, second = uuid4(), uuid4(), uuid4()
    made = await freezes.freeze(shop, None, "odd orders", asker)
    with pytest.raises(NotPermitted):
        await freezes.agree_to_release([shop], made.id, second)
    await freezes.ask_release([shop], made.id, asker, "all is well")
    with pytest.raises(NotPermitted) as refused:
        await freezes.agree_to_release([shop], made.id, asker)
    assert refused.value.rule == "second_person"
    ended = await freezes.agree_to_release([shop], made.id, second)
    assert (ended.released_by, ended.released_how, ended.release_asked_by) == (second, "second_person", asker)


async def test_a_person_never_is_the_second_one_for_an_own_account(database: Database) -> None:
    freezes = FreezeService(database)
    person, operator = uuid4(), uuid4()
    made = await freezes.freeze(person, None, "score 100", person)
    with pytest.raises(NotFound):
        await freezes.agree_to_release([operator], made.id, operator, operator=True)
    await freezes.ask_release([person], made.id, person, "it was me")
    with pytest.raises(NotPermitted):
        await freezes.agree_to_release([person], made.id, person, operator=True)
    assert [one.id for one in await freezes.list([operator], asked_too=True)] == [made.id]
    ended = await freezes.agree_to_release([operator], made.id, operator, operator=True)
    assert ended.released_how == "second_person"


async def test_of_a_freeze_and_its_rollback_nothing_is_left(database: Database) -> None:
    freezes, tenant = FreezeService(database), uuid4()
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await freezes.freeze_in(tx, tenant, None, reason="a test")
            raise RuntimeError("the process ends here")
    async with database.transaction() as tx:
        assert await sql.lasting_of(tx, [tenant]) == []
        assert await holds.held_keys(tx, [(KeyId(uuid4()), tenant)]) == set()


async def _until_somebody_waits(database: Database, count: int = 1) -> None:
    for _ in range(500):
        async with database.statements() as tx:
            asked = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if (await tx.execute(asked)).scalar_one() >= count:
                return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for the lock")
