"""Registration tells nobody who is registered; how often one may try."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import event, text

from api.services import Services
from localnet.mail_catcher import MailCatcher
from people.kdf import PasswordKdf
from people.mail.sender import SmtpSender, SmtpServer
from people.mail.service import Mailboxes
from people.persons.registration import Registration
from people.privacy.personal_data import PersonalData
from people.privacy.retention import Retention
from persistence.database import Database
from persistence.jobs import Worker
from primitives.errors import NotFound
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignIn

REGISTER = "/api/v1/auth/register"
LOGIN = "/api/v1/auth/login"
VERIFY = "/api/v1/auth/email/verify"
ME = "/api/v1/auth/me"

ReadMails = Callable[[], Awaitable[list[str]]]


def _registration(email: str, password: str = PASSWORD) -> dict[str, str]:
    return {"email": email, "password": password, "display_name": "梅"}


async def _asked(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post(REGISTER, json=_registration(email, password))


class _Work:
    """Answers of registrations, and what each has cost: hashes, and statements in order."""

    def __init__(self, client: httpx.AsyncClient, kdf: PasswordKdf, database: Database) -> None:
        self._client = client
        self._kdf = kdf
        self._statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, statement, *_rest: self._statements.append(statement),
        )

    async def of(self, email: str) -> tuple[int, object, set[str], int, list[str]]:
        self._statements.clear()
        runs = self._kdf.runs
        answer = await _asked(self._client, email)
        return answer.status_code, answer.json(), set(answer.headers), self._kdf.runs - runs, list(self._statements)


class TestRegisterByMail:
    """Where accounts begin by mail, an account begins when its mailbox answers."""

    @pytest.fixture
    def mailed(self, services: Services, kdf: PasswordKdf, personal_data: PersonalData, clock: StoppedClock) -> None:
        services.registration = Registration(services.database, kdf, personal_data, by_mail=True, clock=clock)

    @pytest_asyncio.fixture
    async def mails(
        self, services: Services, personal_data: PersonalData, clock: StoppedClock
    ) -> AsyncIterator[ReadMails]:
        """Send what waits, and read what was sent so far, oldest first."""
        async with MailCatcher().listening() as catcher:
            sender = SmtpSender(SmtpServer("127.0.0.1", catcher.port, "quanbao@example.com", "none"))
            boxes = Mailboxes(services.database, personal_data, sender, "http://localhost:8080", clock=clock)

            async def read() -> list[str]:
                handlers = {**boxes.handlers(), **services.registration.handlers()}
                await Worker(services.database, handlers).run_due()
                return [mail for _, _, mail in reversed(catcher.caught())]

            yield read

    async def test_known_waiting_and_unknown_get_the_same_answer_after_the_same_work(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        kdf: PasswordKdf,
        database: Database,
        request: pytest.FixtureRequest,
    ) -> None:
        await sign_in("mei")
        request.getfixturevalue("mailed")
        await _asked(client, "waiting@example.com")
        work = _Work(client, kdf, database)
        known, waiting, unknown = [
            await work.of(email) for email in ("mei@example.com", "waiting@example.com", "nobody@example.com")
        ]
        assert known[:2] == (202, {"next": "look_into_your_mail"})
        assert known[3] == 1
        assert len(known[4]) >= 5
        assert known == waiting == unknown

    async def test_an_account_begins_when_its_mailbox_answers(
        self, client: httpx.AsyncClient, mailed: None, mails: ReadMails, services: Services
    ) -> None:
        login = {"email": "mei@example.com", "password": PASSWORD}
        await _asked(client, "Mei@example.com")
        assert (await client.post(LOGIN, json=login)).json()["code"] == "login_failed"
        with pytest.raises(NotFound):
            await services.persons.by_email("mei@example.com")
        (mail,) = await mails()
        token = re.findall(r"verify#(\S+)", mail)[0]
        for status in (204, 410):
            assert (await client.post(VERIFY, json={"token": token})).status_code == status
        opened = await client.post(LOGIN, json=login)
        me = await client.get(ME, headers={"Authorization": f"Bearer {opened.json()['token']}"})
        assert (me.json()["person"]["display_name"], me.json()["person"]["email_verified"]) == ("梅", True)

    async def test_whoever_registers_anothers_address_first_has_prepared_nothing(
        self, client: httpx.AsyncClient, mailed: None, mails: ReadMails
    ) -> None:
        await _asked(client, "mei@example.com", "the thief's password")
        (first,) = await mails()
        await _asked(client, "mei@example.com")
        thiefs, own = (re.findall(r"verify#(\S+)", mail)[0] for mail in (first, (await mails())[1]))
        assert (await client.post(VERIFY, json={"token": own})).status_code == 204
        assert (await client.post(VERIFY, json={"token": thiefs})).status_code == 410
        stolen = {"email": "mei@example.com", "password": "the thief's password"}
        assert (await client.post(LOGIN, json=stolen)).status_code == 401
        assert (await client.post(LOGIN, json={**stolen, "password": PASSWORD})).status_code == 200

    async def test_the_owner_of_an_account_is_told_and_nothing_changes(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        mails: ReadMails,
        request: pytest.FixtureRequest,
        tmp_path: Path,
    ) -> None:
        mei = await sign_in("mei")
        request.getfixturevalue("mailed")
        keys = set((tmp_path / "erasure" / "keys").rglob("*.key"))
        for _ in range(7):
            assert (await _asked(client, mei.email, "the thief's password")).status_code == 202
        sent = await mails()
        assert len(sent) == 5
        assert all("has an account" in mail and "verify#" not in mail for mail in sent)
        assert set((tmp_path / "erasure" / "keys").rglob("*.key")) == keys
        assert (await client.post(LOGIN, json={"email": mei.email, "password": PASSWORD})).status_code == 200

    async def test_who_never_answers_is_forgotten(
        self,
        client: httpx.AsyncClient,
        mailed: None,
        services: Services,
        personal_data: PersonalData,
        clock: StoppedClock,
    ) -> None:
        await _asked(client, "mei@example.com")
        clock.advance(timedelta(days=8))
        await Retention(services.database, personal_data, clock=clock).run()
        async with services.database.transaction() as tx:
            left = await tx.execute(text("SELECT count(*) FROM person UNION ALL SELECT count(*) FROM email_proof"))
            assert list(left.scalars()) == [0, 0]


class TestRegisterAtOnce:
    """Without mail the answer is as blind: whether there is an account now is told to who has its password."""

    @pytest.mark.parametrize("mails", [False, True])
    async def test_known_and_unknown_get_the_same_answer_after_the_same_work(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        kdf: PasswordKdf,
        database: Database,
        personal_data: PersonalData,
        clock: StoppedClock,
        mails: bool,
    ) -> None:
        await sign_in("mei")
        services.registration = Registration(database, kdf, personal_data, mails=mails, clock=clock)
        work = _Work(client, kdf, database)
        known, again, unknown = [
            await work.of(email) for email in ("mei@example.com", "mei@example.com", "nobody@example.com")
        ]
        assert known[:2] == (202, {"next": "log_in"})
        assert known[3] == 1
        assert len(known[4]) >= 3
        assert known == again == unknown

    async def test_an_account_is_nobody_elses_by_registering_again(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services, tmp_path: Path
    ) -> None:
        mei = await sign_in("mei")
        keys = set((tmp_path / "erasure" / "keys").rglob("*.key"))
        await _asked(client, mei.email, "the thief's password")
        await Worker(services.database, services.registration.handlers()).run_due()
        assert set((tmp_path / "erasure" / "keys").rglob("*.key")) == keys
        stolen = {"email": mei.email, "password": "the thief's password"}
        assert (await client.post(LOGIN, json=stolen)).status_code == 401
        assert (await client.post(LOGIN, json={**stolen, "password": PASSWORD})).status_code == 200
        assert (await client.get(ME, headers=mei.headers)).json()["person"]["display_name"] == "mei"

    async def test_the_key_of_an_account_stays(
        self, client: httpx.AsyncClient, services: Services, tmp_path: Path
    ) -> None:
        await _asked(client, "mei@example.com")
        (key,) = (tmp_path / "erasure" / "keys").rglob("*.key")
        await Worker(services.database, services.registration.handlers()).run_due()
        assert key.exists()
        assert (await services.persons.by_email("mei@example.com")).display_name == "梅"


class TestHowOften:
    async def test_registering_at_once_is_bounded_by_address(
        self, app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        mei = await sign_in("mei")
        wanted = _registration(mei.email)
        for place, tries in (("203.0.113.7", 20), ("203.0.113.8", 1)):
            transport = httpx.ASGITransport(app, client=(place, 40_000))
            async with httpx.AsyncClient(transport=transport, base_url="https://quanbao.example") as outside:
                for number in range(tries):
                    # Known and new ones count alike; what is refused for itself does not.
                    body = wanted if number % 2 else _registration(f"new{number}@example.com")
                    assert (await outside.post(REGISTER, json=body)).status_code == 202
                    assert (await outside.post(REGISTER, json={**body, "password": "short"})).status_code == 422 or (
                        number == 19
                    )
                assert (await outside.post(REGISTER, json=wanted)).status_code == (429 if tries == 20 else 202)
        # The machine itself may: whoever sits at it reads the database.
        assert (await client.post(REGISTER, json=wanted)).status_code == 202

    async def test_naming_members_is_bounded_by_person(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        place = (await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        tried = []
        for number in range(21):
            body = {"email": f"nobody{number}@example.com", "role": "cashier"}
            answer = await client.post(f"/api/v1/organisations/{place}/members", json=body, headers=mei.headers)
            tried.append(answer.status_code)
        assert tried == [404] * 20 + [429]
