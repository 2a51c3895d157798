"""Registration by mail, and how often one may ask who is registered."""

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
from people.persons.mail_first import MailFirst
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


class TestRegisterByMail:
    """Where accounts begin by mail, nobody learns who is registered."""

    @pytest.fixture
    def mailed(self, services: Services, kdf: PasswordKdf, personal_data: PersonalData, clock: StoppedClock) -> None:
        services.mail_first = MailFirst(services.database, kdf, personal_data, clock=clock)

    @pytest_asyncio.fixture
    async def mails(
        self, services: Services, personal_data: PersonalData, clock: StoppedClock
    ) -> AsyncIterator[ReadMails]:
        """Send what waits, and read what was sent so far, oldest first."""
        async with MailCatcher().listening() as catcher:
            sender = SmtpSender(SmtpServer("127.0.0.1", catcher.port, "quanbao@example.com", "none"))
            boxes = Mailboxes(services.database, personal_data, sender, "http://localhost:8080", clock=clock)

            async def read() -> list[str]:
                await Worker(services.database, boxes.handlers()).run_due()
                return [mail for _, _, mail in reversed(catcher.caught())]

            yield read

    async def _asked(self, client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
        return await client.post(REGISTER, json=_registration(email, password))

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
        await self._asked(client, "waiting@example.com")
        statements: list[str] = []
        event.listen(
            database.engine.sync_engine,
            "before_cursor_execute",
            lambda _c, _k, statement, *_rest: statements.append(statement),
        )
        shapes = []
        for email in ("mei@example.com", "waiting@example.com", "nobody@example.com"):
            statements.clear()
            runs = kdf.runs
            answer = await self._asked(client, email)
            shapes.append((answer.status_code, answer.json(), set(answer.headers), kdf.runs - runs, list(statements)))
        assert shapes[0][:2] == (202, {"next": "look_into_your_mail"})
        assert shapes[0][3] == 1
        assert len(shapes[0][4]) >= 5
        assert shapes[0] == shapes[1] == shapes[2]

    async def test_an_account_begins_when_its_mailbox_answers(
        self, client: httpx.AsyncClient, mailed: None, mails: ReadMails, services: Services
    ) -> None:
        login = {"email": "mei@example.com", "password": PASSWORD}
        await self._asked(client, "Mei@example.com")
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
        await self._asked(client, "mei@example.com", "the thief's password")
        (first,) = await mails()
        await self._asked(client, "mei@example.com")
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
            assert (await self._asked(client, mei.email, "the thief's password")).status_code == 202
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
        await self._asked(client, "mei@example.com")
        clock.advance(timedelta(days=8))
        await Retention(services.database, personal_data, clock=clock).run()
        async with services.database.transaction() as tx:
            left = await tx.execute(text("SELECT count(*) FROM person UNION ALL SELECT count(*) FROM email_proof"))
            assert list(left.scalars()) == [0, 0]


class TestAskingWhoIsRegistered:
    async def test_registering_at_once_is_bounded_by_address(
        self, app: FastAPI, client: httpx.AsyncClient, sign_in: SignIn
    ) -> None:
        mei = await sign_in("mei")
        wanted = _registration(mei.email)
        for place, last in (("203.0.113.7", 429), ("203.0.113.8", 409)):
            transport = httpx.ASGITransport(app, client=(place, 40_000))
            async with httpx.AsyncClient(transport=transport, base_url="https://quanbao.example") as outside:
                for _ in range(20 if last == 429 else 0):
                    assert (await outside.post(REGISTER, json=wanted)).status_code == 409
                assert (await outside.post(REGISTER, json=wanted)).status_code == last
        # The machine itself may ask: whoever sits at it reads the database.
        assert (await client.post(REGISTER, json=wanted)).status_code == 409

    async def test_naming_members_is_bounded_by_person(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        place = (await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        tried = []
        for number in range(21):
            body = {"email": f"nobody{number}@example.com", "role": "cashier"}
            answer = await client.post(f"/api/v1/organisations/{place}/members", json=body, headers=mei.headers)
            tried.append(answer.status_code)
        assert tried == [404] * 20 + [429]
