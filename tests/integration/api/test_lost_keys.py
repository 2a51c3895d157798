"""A database beside a folder of erasure keys that is not its own is not served."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from api.services import Services
from people.persons.registration import Registration
from people.persons.service import Persons
from people.privacy.journal import ErasureJournal
from people.privacy.key_files import ErasureKeys
from people.privacy.loss import give_up, require_keys, unreadable
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.errors import OperationError
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignIn

ERASE = {"password": PASSWORD, "confirm": "erase me"}


async def _other(tmp_path: Path, folder: str) -> tuple[PersonalData, ErasureKeys]:
    keys = ErasureKeys(tmp_path / folder)
    return PersonalData(keys), keys


async def test_a_lost_folder_is_refused_until_its_loss_is_accepted(
    database: Database, services: Services, sign_in: SignIn, tmp_path: Path, clock: StoppedClock
) -> None:
    mei = await sign_in("mei")
    own = ErasureKeys(tmp_path / "erasure")
    await require_keys(database, PersonalData(own), own)
    data, keys = await _other(tmp_path, "empty")
    with pytest.raises(OperationError, match=r"of the newest 1 persons 1 cannot be read.*accept-lost-keys"):
        await require_keys(database, data, keys)
    assert list((tmp_path / "empty").rglob("*")) == [], "looking makes nothing"
    keys.accept_loss(clock.now())
    keys.check()
    await require_keys(database, data, keys)
    assert await give_up(database, data, clock.now()) == 1
    assert await give_up(database, data, clock.now()) == 0
    # The address may begin anew, and whoever registers from now on is looked at again.
    clock.advance(timedelta(seconds=1))
    kdf = services.persons._kdf
    await Registration(database, kdf, data, clock=clock).register(mei.email, PASSWORD, "梅")
    fresh = await Persons(database, kdf, data).by_email(mei.email)
    assert await unreadable(database, data, keys) == (0, 1)
    await data.destroy(fresh.id)
    with pytest.raises(OperationError, match="accept-lost-keys"):
        await require_keys(database, data, keys)


async def test_an_older_copy_or_another_index_key_is_noticed(
    database: Database, services: Services, sign_in: SignIn, tmp_path: Path, clock: StoppedClock
) -> None:
    await sign_in("mei")
    shutil.copytree(tmp_path / "erasure", tmp_path / "older")
    clock.advance(timedelta(days=1))
    li = await sign_in("li")
    data, keys = await _other(tmp_path, "older")
    assert await unreadable(database, data, keys) == (1, 2)
    shutil.copytree(tmp_path / "erasure", tmp_path / "mixed")
    (tmp_path / "mixed" / "index.key").write_bytes(bytes(32))
    data, keys = await _other(tmp_path, "mixed")
    assert await unreadable(database, data, keys) == (2, 2)
    # Nobody's data are lost with the key of indexes alone: everybody is found again by the one that is there.
    assert await give_up(database, data, clock.now()) == 0
    assert await unreadable(database, data, keys) == (0, 2)
    assert (await Persons(database, services.persons._kdf, data).by_email(li.email)).id == li.person_id


async def test_a_lost_journal_is_written_again_from_the_database(
    client: httpx.AsyncClient, services: Services, sign_in: SignIn, tmp_path: Path, database: Database
) -> None:
    mei = await sign_in("mei")
    assert (await client.post("/api/v1/people/me/erase", json=ERASE, headers=mei.headers)).status_code == 204
    journal = ErasureJournal(tmp_path / "erasure" / "journal.jsonl")
    (before,) = journal.read()
    (tmp_path / "erasure" / "journal.jsonl").unlink()
    assert await services.erasure.replay() == 0
    for _ in range(2):
        await services.erasure.complete_journal()
        assert journal.read() == [before]
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT erased_at FROM person"))).scalar_one() == before.at


def test_what_the_operator_accepted_is_read_strictly(tmp_path: Path) -> None:
    keys = ErasureKeys(tmp_path / "erasure")
    assert keys.loss_accepted is None
    keys.accept_loss(datetime(2026, 6, 1, tzinfo=UTC))
    assert keys.loss_accepted == datetime(2026, 6, 1, tzinfo=UTC)
    (keys.folder / "loss-accepted").write_text("yes")
    with pytest.raises(OperationError, match="holds no moment"):
        _ = keys.loss_accepted
