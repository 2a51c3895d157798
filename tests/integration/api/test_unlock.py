"""The lock of a person's keys follows the session that opened it, and nothing else opens it."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from api.services import Services
from people.sessions.model import SessionToken
from persistence.database import Database
from primitives.errors import KeystoreLocked
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignedIn, SignIn

PASSPHRASE = "seven grey geese in a row"
AUTH = "/api/v1/auth"


async def _set_and_unlock(client: httpx.AsyncClient, person: SignedIn) -> httpx.Response:
    made = await client.post(f"{AUTH}/passphrase", json={"passphrase": PASSPHRASE}, headers=person.headers)
    assert made.status_code == 204, made.text
    opened = await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=person.headers)
    assert opened.status_code == 200, opened.text
    return opened


async def _unlocked(client: httpx.AsyncClient, headers: dict[str, str]) -> bool:
    return (await client.get(f"{AUTH}/me", headers=headers)).json()["unlocked_until"] is not None


class TestUnlock:
    async def test_it_lasts_a_quarter_of_an_hour(
        self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock, services: Services
    ) -> None:
        mei = await sign_in("mei")
        assert not (await client.get(f"{AUTH}/me", headers=mei.headers)).json()["passphrase_set"]
        opened = await _set_and_unlock(client, mei)
        assert opened.json() == {"unlocked_until": "2026-06-01T12:15:00Z"}
        shown = (await client.get(f"{AUTH}/me", headers=mei.headers)).json()
        assert (shown["passphrase_set"], shown["unlocked_until"]) == (True, "2026-06-01T12:15:00Z")
        token = services.unlocked.require(SessionToken(mei.token))
        assert services.keystore.is_unlocked(token, mei.person_id)
        clock.advance(timedelta(minutes=15))
        assert not await _unlocked(client, mei.headers)
        with pytest.raises(KeystoreLocked):
            services.unlocked.require(SessionToken(mei.token))

    async def test_the_keystores_token_never_travels(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        opened = await _set_and_unlock(client, mei)
        token = services.unlocked.require(SessionToken(mei.token))
        me = await client.get(f"{AUTH}/me", headers=mei.headers)
        for answer in (opened, me):
            assert token not in answer.text
            assert token not in str(answer.headers)

    async def test_a_wrong_passphrase_opens_nothing(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        await client.post(f"{AUTH}/passphrase", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        answer = await client.post(f"{AUTH}/unlock", json={"passphrase": "wrong words"}, headers=mei.headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_passphrase")
        assert not await _unlocked(client, mei.headers)

    async def test_guesses_are_bounded(self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock) -> None:
        mei = await sign_in("mei")
        await client.post(f"{AUTH}/passphrase", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        statuses = [
            (await client.post(f"{AUTH}/unlock", json={"passphrase": f"guess {n}"}, headers=mei.headers)).status_code
            for n in range(11)
        ]
        assert statuses == [403] * 10 + [429]
        right = await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert right.status_code == 429
        clock.advance(timedelta(minutes=16))
        right = await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert right.status_code == 200

    async def test_a_second_passphrase_is_refused(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        answer = await client.post(f"{AUTH}/passphrase", json={"passphrase": "another one"}, headers=mei.headers)
        assert answer.status_code == 422
        assert (await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=mei.headers)).is_success

    async def test_without_a_passphrase_there_is_nothing_to_unlock(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        mei = await sign_in("mei")
        answer = await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")


class TestLock:
    async def test_locking_wipes_the_keys(self, client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        token = services.unlocked.require(SessionToken(mei.token))
        assert (await client.post(f"{AUTH}/lock", headers=mei.headers)).status_code == 204
        assert not services.keystore.is_unlocked(token, mei.person_id)
        assert not await _unlocked(client, mei.headers)

    @pytest.mark.parametrize("act", ["logout", "revoke", "unlock again"])
    async def test_the_end_of_a_session_wipes_its_keys(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services, act: str
    ) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        token = services.unlocked.require(SessionToken(mei.token))
        if act == "logout":
            await client.post(f"{AUTH}/logout", headers=mei.headers)
        elif act == "revoke":
            session_id = (await client.get(f"{AUTH}/me", headers=mei.headers)).json()["session_id"]
            await client.delete(f"{AUTH}/sessions/{session_id}", headers=mei.headers)
        else:
            await client.post(f"{AUTH}/unlock", json={"passphrase": PASSPHRASE}, headers=mei.headers)
        assert not services.keystore.is_unlocked(token, mei.person_id)

    async def test_a_renewed_session_stays_unlocked_and_the_old_token_does_not(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        fresh = (await client.post(f"{AUTH}/refresh", headers=mei.headers)).json()["token"]
        assert await _unlocked(client, {"Authorization": f"Bearer {fresh}"})
        with pytest.raises(KeystoreLocked):
            services.unlocked.require(SessionToken(mei.token))

    async def test_a_changed_passphrase_locks(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services
    ) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        await services.keystore.change_passphrase(mei.person_id, PASSPHRASE, "eight grey geese in a row")
        assert not await _unlocked(client, mei.headers)


class TestOthers:
    async def test_another_device_of_the_same_person_stays_locked(
        self, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        other = await client.post(f"{AUTH}/login", json={"email": mei.email, "password": PASSWORD})
        assert not await _unlocked(client, {"Authorization": f"Bearer {other.json()['token']}"})

    async def test_rewriting_the_session_table_does_not_open_somebody_elses_keys(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services, database: Database
    ) -> None:
        """A thief who can write the database gives Mei's unlocked session a token of the thief's own."""
        mei = await sign_in("mei")
        await _set_and_unlock(client, mei)
        thief = SessionToken.new()
        session_id = (await client.get(f"{AUTH}/me", headers=mei.headers)).json()["session_id"]
        async with database.transaction() as tx:
            await tx.execute(
                text("UPDATE session SET token_hash = :hash WHERE id = :id"),
                {"hash": thief.digest, "id": UUID(session_id)},
            )
        stolen = await client.get(f"{AUTH}/me", headers={"Authorization": f"Bearer {thief.text}"})
        assert stolen.json()["person"]["id"] == str(mei.person_id)
        assert stolen.json()["unlocked_until"] is None
        with pytest.raises(KeystoreLocked):
            services.unlocked.require(thief)
