"""What is kept about a person, who sees it, and how it goes."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog
from sqlalchemy import text

from api.services import Services
from localnet.mail_catcher import MailCatcher
from people.consents import has_consent, require_consent
from people.consents.model import Purpose
from people.identity.model import IdentityLevel
from people.identity.service import require_level
from people.invitations.service import Invitations
from people.mail.sender import SmtpSender, SmtpServer
from people.mail.service import Mailboxes
from people.organisations.service import Organisations
from people.persons.registration import Registration
from people.privacy.erasure import Erasure
from people.privacy.journal import ErasureJournal
from people.privacy.personal_data import PersonalData
from people.privacy.retention import Retention
from people.roles import PlatformRole
from persistence.database import Database
from persistence.jobs import Worker
from primitives.errors import ConsentMissing, IdentityLevelTooLow, PersonErased
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import PASSWORD, SignedIn, SignIn

API = "/api/v1"
_HEX = re.compile(r"\\\\x((?:[0-9a-f]{2})+)")
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"a face" * 10).decode()


async def _dump(database: Database) -> str:
    """Every row of every table."""
    found = []
    async with database.transaction() as tx:
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        for name in (await tx.execute(text(names))).scalars().all():
            rows = await tx.execute(text(f'SELECT to_jsonb(t)::text FROM "{name}" t'))
            found += list(rows.scalars())
    # Bytes are drawn in hexadecimal: text inside them is looked for as well.
    plain = [bytes.fromhex(each).decode("utf-8", "replace") for row in found for each in _HEX.findall(row)]
    return "\n".join([*found, *plain])


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def erase_body() -> dict[str, str]:
    return {"password": PASSWORD, "confirm": "erase me"}


class TestErasure:
    async def _everything(self, client: httpx.AsyncClient, mei: SignedIn) -> None:
        """Leave traces wherever a person can."""
        headers = mei.headers
        await client.post(
            f"{API}/auth/api-keys", json={"label": "梅的程序", "scopes": ["orders:read"]}, headers=headers
        )
        await client.post(f"{API}/auth/totp", headers=headers)
        await client.put(f"{API}/consents/suggestions", headers=headers)
        document = {"kind": "passport", "media_type": "image/png", "document": PNG}
        assert (await client.post(f"{API}/identity/reviews", json=document, headers=headers)).status_code == 201
        await client.post(f"{API}/auth/passphrase", json={"passphrase": "a passphrase of tests"}, headers=headers)
        body = {"email": mei.email, "password": PASSWORD, "device": "梅的手机"}
        await client.post(f"{API}/auth/login", json=body)

    async def test_nothing_readable_is_left(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        database: Database,
        personal_data: PersonalData,
        erase_body: dict[str, str],
        tmp_path: Path,
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        await self._everything(client, mei)
        before = await _dump(database)
        refused = await client.post(
            f"{API}/people/me/erase", json={**erase_body, "password": "wrong"}, headers=mei.headers
        )
        assert refused.status_code == 401
        gone = await client.post(f"{API}/people/me/erase", json=erase_body, headers=mei.headers)
        assert gone.status_code == 204, gone.text
        after = await _dump(database)
        files = b"".join(path.read_bytes() for path in _files(tmp_path))
        for plain in ("mei@example.com", "梅的程序", "梅的手机", PNG[:40]):
            # It was sealed from the first moment on, not only afterwards.
            assert plain not in before
            assert plain not in after
            assert plain.encode() not in files
        assert not personal_data.known(mei.person_id)
        assert (await client.get(f"{API}/auth/me", headers=mei.headers)).status_code == 401
        assert (await client.get(f"{API}/auth/me", headers=li.headers)).status_code == 200
        login = await client.post(f"{API}/auth/login", json={"email": mei.email, "password": PASSWORD})
        assert (login.status_code, login.json()["code"]) == (401, "login_failed")
        # The mailbox may begin anew.
        await sign_in("mei")

    async def test_an_older_backup_cannot_be_read_and_is_erased_again(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        database: Database,
        erase_body: dict[str, str],
    ) -> None:
        mei = await sign_in("mei")
        async with database.transaction() as tx:
            person = dict((await tx.execute(text("SELECT * FROM person"))).mappings().one())
        await client.post(f"{API}/people/me/erase", json=erase_body, headers=mei.headers)
        # The backup comes back: the row as it was, with its session.
        async with database.transaction() as tx:
            columns = ", ".join(f"{name} = :{name}" for name in person if name != "id")
            await tx.execute(text(f"UPDATE person SET {columns} WHERE id = :id"), person)
        with pytest.raises(PersonErased):
            await services.persons.get(mei.person_id)
        assert await services.erasure.replay() == 1
        assert await services.erasure.replay() == 0
        async with database.transaction() as tx:
            row = (await tx.execute(text("SELECT profile, email_index, password_hash FROM person"))).one()
        assert tuple(row) == (None, None, None)

    async def test_a_crash_after_the_journal_is_made_good_at_the_next_start(
        self, sign_in: SignIn, services: Services, database: Database, personal_data: PersonalData, tmp_path: Path
    ) -> None:
        mei = await sign_in("mei")

        async def crash(tx: object, person_id: object) -> None:
            raise RuntimeError("killed")

        journal = ErasureJournal(tmp_path / "erasure" / "journal.jsonl")
        with pytest.raises(RuntimeError):
            await Erasure(database, personal_data, journal, (crash,)).erase(mei.person_id)
        assert await services.erasure.replay() == 1
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT erased_at IS NOT NULL FROM person"))).scalar_one()

    async def test_the_only_owner_hands_over_first(
        self, client: httpx.AsyncClient, sign_in: SignIn, erase_body: dict[str, str], personal_data: PersonalData
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        refused = await client.post(f"{API}/people/me/erase", json=erase_body, headers=mei.headers)
        assert (refused.status_code, refused.json()["rule"]) == (403, "last_owner")
        assert personal_data.known(mei.person_id)
        members = f"{API}/organisations/{place}/members"
        await client.post(members, json={"email": li.email, "role": "owner"}, headers=mei.headers)
        assert (await client.post(f"{API}/people/me/erase", json=erase_body, headers=mei.headers)).status_code == 204
        left = (await client.get(members, headers=li.headers)).json()["items"]
        assert [item["email"] for item in left] == [li.email]

    async def test_who_merely_waits_in_an_invitation_goes_too(
        self, client: httpx.AsyncClient, sign_in: SignIn, erase_body: dict[str, str], database: Database
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        invitations = f"{API}/organisations/{place}/invitations"
        await client.post(invitations, json={"email": li.email, "role": "cashier"}, headers=mei.headers)
        await client.post(f"{API}/people/me/erase", json=erase_body, headers=li.headers)
        assert (await client.get(invitations, headers=mei.headers)).json()["items"] == []


async def test_persons_of_an_older_version_are_sealed_at_the_first_start(
    database: Database, services: Services, client: httpx.AsyncClient, sign_in: SignIn
) -> None:
    mei = await sign_in("mei")
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE person SET profile = NULL, email_index = NULL"))
        await tx.execute(text("INSERT INTO person_plain SELECT id, 'mei@example.com', '梅' FROM person"))
    assert await services.persons.seal_older() == 1
    assert await services.persons.seal_older() == 0
    assert (await services.persons.by_email(mei.email)).display_name == "梅"
    assert "mei@example.com" not in await _dump(database)
    login = await client.post(f"{API}/auth/login", json={"email": mei.email, "password": PASSWORD})
    assert login.status_code == 200


async def test_the_export_holds_everything_and_is_kept_nowhere(
    client: httpx.AsyncClient, sign_in: SignIn, tmp_path: Path
) -> None:
    mei = await sign_in("mei")
    await client.put(f"{API}/consents/suggestions", headers=mei.headers)
    before = _files(tmp_path)
    answer = await client.get(f"{API}/people/me/export", headers=mei.headers)
    data = answer.json()["data"]
    assert data["person"]["email"] == mei.email
    assert [item["purpose"] for item in data["consents"]] == ["suggestions"]
    assert {"sessions", "passkeys", "api_keys", "organisations", "identity", "second_factor"} <= set(data)
    assert "password" not in answer.text.replace('"method":"password"', "")
    assert _files(tmp_path) == before


async def test_a_manager_sees_masked_addresses(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei, li = await sign_in("mei"), await sign_in("li")
    place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
    members = f"{API}/organisations/{place}/members"
    await client.post(members, json={"email": li.email, "role": "manager"}, headers=mei.headers)
    shown = {item["email"] for item in (await client.get(members, headers=li.headers)).json()["items"]}
    assert shown == {"m•••@example.com", "l•••@example.com"}
    whole = {item["email"] for item in (await client.get(members, headers=mei.headers)).json()["items"]}
    assert whole == {mei.email, li.email}


class TestConsent:
    async def test_off_until_given_and_off_again(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        mei = await sign_in("mei")
        items = (await client.get(f"{API}/consents", headers=mei.headers)).json()["items"]
        assert {item["purpose"] for item in items} == {purpose.value for purpose in Purpose}
        assert not any(item["given"] for item in items)
        given = await client.put(f"{API}/consents/spending_plan", headers=mei.headers)
        assert given.json()["given"]
        async with database.transaction() as tx:
            await require_consent(tx, mei.person_id, Purpose.SPENDING_PLAN)
            assert not await has_consent(tx, mei.person_id, Purpose.SUGGESTIONS)
        await client.delete(f"{API}/consents/spending_plan", headers=mei.headers)
        async with database.transaction() as tx:
            with pytest.raises(ConsentMissing):
                await require_consent(tx, mei.person_id, Purpose.SPENDING_PLAN)

    async def test_texts_are_in_the_callers_language(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        chinese = await client.get(f"{API}/consents", headers={**mei.headers, "Accept-Language": "zh-CN"})
        assert "优惠券" in chinese.json()["items"][0]["text"]

    async def test_unknown_purposes_are_refused(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        assert (await client.put(f"{API}/consents/everything", headers=mei.headers)).status_code == 422


class TestIdentity:
    async def test_only_a_persons_decision_says_document(
        self, client: httpx.AsyncClient, sign_in: SignIn, services: Services, database: Database
    ) -> None:
        mei, reviewer = await sign_in("mei"), await sign_in("reviewer")
        await services.persons.grant(reviewer.person_id, PlatformRole.OPERATOR)
        await services.persons.grant(mei.person_id, PlatformRole.OPERATOR)
        body = {"kind": "passport", "media_type": "image/png", "document": PNG}
        review = (await client.post(f"{API}/identity/reviews", json=body, headers=mei.headers)).json()["id"]
        again = await client.post(f"{API}/identity/reviews", json=body, headers=mei.headers)
        assert (again.status_code, again.json()["rule"]) == (403, "waiting")
        place = f"{API}/identity/reviews/{review}"
        decision = {"approve": True, "reason": "Name and photograph agree"}
        own = await client.post(f"{place}/decision", json=decision, headers=mei.headers)
        assert (own.status_code, own.json()["rule"]) == (403, "own_document")
        seen = (await client.get(place, headers=reviewer.headers)).json()
        assert (seen["document"], seen["name"]) == (PNG, "mei")
        assert (await client.get(f"{API}/identity", headers=mei.headers)).json()["level"] == "wallet"
        async with database.transaction() as tx:
            with pytest.raises(IdentityLevelTooLow):
                await require_level(tx, mei.person_id, IdentityLevel.DOCUMENT)
        assert (await client.post(f"{place}/decision", json=decision, headers=reviewer.headers)).status_code == 200
        mine = (await client.get(f"{API}/identity", headers=mei.headers)).json()
        assert (mine["level"], mine["reviews"][0]["reason"]) == ("document", decision["reason"])
        # The document is gone with the decision, and so is the way to it.
        assert (await client.get(place, headers=reviewer.headers)).status_code == 404
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT document FROM identity_review"))).scalar_one() is None
            await require_level(tx, mei.person_id, IdentityLevel.DOCUMENT)

    async def test_the_table_itself_refuses_a_verdict_of_nobody(
        self, client: httpx.AsyncClient, sign_in: SignIn, database: Database
    ) -> None:
        from sqlalchemy.exc import IntegrityError

        mei = await sign_in("mei")
        body = {"kind": "passport", "media_type": "image/png", "document": PNG}
        await client.post(f"{API}/identity/reviews", json=body, headers=mei.headers)
        for change in ("status = 'approved'", f"status = 'approved', reviewer_id = '{mei.person_id}'"):
            with pytest.raises(IntegrityError):
                async with database.transaction() as tx:
                    await tx.execute(text(f"UPDATE identity_review SET {change}"))

    async def test_bad_documents_are_refused(self, client: httpx.AsyncClient, sign_in: SignIn) -> None:
        mei = await sign_in("mei")
        good = {"kind": "passport", "media_type": "image/png", "document": PNG}
        for change in (
            {"document": base64.b64encode(b"GIF89a").decode()},
            {"document": "no base64!"},
            {"media_type": "text/html"},
            {"kind": "anything"},
            {"document": base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(700_000)).decode()},
        ):
            body = {**good, **change}
            refused = await client.post(f"{API}/identity/reviews", json=body, headers=mei.headers)
            assert refused.status_code == 422, list(change)


class TestMail:
    """Over real SMTP, to the catcher of a development installation."""

    @pytest.fixture
    async def catcher(
        self, services: Services, database: Database, personal_data: PersonalData, kdf: Any, clock: StoppedClock
    ) -> AsyncIterator[MailCatcher]:
        async with MailCatcher().listening() as catcher:
            server = SmtpServer("127.0.0.1", catcher.port, "quanbao@example.com", "none")
            sender, url = SmtpSender(server), "http://localhost:8080"
            services.registration = Registration(database, kdf, personal_data, clock=clock, mails=True)
            services.mailboxes = Mailboxes(database, personal_data, sender, url, clock=clock)
            services.invitations = Invitations(database, personal_data, sender, url, clock=clock)
            services.mail_catcher = catcher
            yield catcher

    async def _send(self, services: Services, database: Database) -> None:
        handlers = {**services.mailboxes.handlers(), **services.invitations.handlers()}
        await Worker(database, handlers).run_due()

    @staticmethod
    def _code(mail: str) -> str:
        return next(line.strip() for line in mail.splitlines() if len(line.strip()) == 43 and " " not in line.strip())

    async def test_a_mailbox_is_verified_by_its_mail_once(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        database: Database,
        catcher: MailCatcher,
        clock: StoppedClock,
    ) -> None:
        mei = await sign_in("mei")
        await self._send(services, database)
        ((to, subject, mail),) = catcher.caught()
        assert to == mei.email
        assert "验证" in subject
        code = self._code(mail)
        assert code not in await _dump(database)
        assert (await client.get("/api/v1/caught-mails")).json()["items"][0]["to"] == mei.email
        for wrong in ("A" * 43, code[:-2] + "AA"):
            assert (await client.post(f"{API}/auth/email/verify", json={"token": wrong})).status_code == 410
        assert (await client.post(f"{API}/auth/email/verify", json={"token": code})).status_code == 204
        assert (await client.post(f"{API}/auth/email/verify", json={"token": code})).status_code == 410
        me = (await client.get(f"{API}/auth/me", headers=mei.headers)).json()
        assert me["person"]["email_verified"]
        assert (await client.get(f"{API}/identity", headers=mei.headers)).json()["level"] == "email"

    async def test_it_expires_and_asking_is_bounded(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        database: Database,
        catcher: MailCatcher,
        clock: StoppedClock,
    ) -> None:
        mei = await sign_in("mei")
        asked = [
            (await client.post(f"{API}/auth/email/verification", headers=mei.headers)).status_code for _ in range(5)
        ]
        assert asked == [202] * 4 + [429]
        await self._send(services, database)
        code = self._code(catcher.caught()[0][2])
        clock.advance(timedelta(days=2))
        assert (await client.post(f"{API}/auth/email/verify", json={"token": code})).status_code == 410

    async def test_dead_codes_are_bounded(self, client: httpx.AsyncClient) -> None:
        sent = [
            (await client.post(f"{API}/auth/email/verify", json={"token": "x" * 43})).status_code for _ in range(21)
        ]
        assert sent == [410] * 20 + [429]

    async def test_an_invitation_is_for_one_person_once(
        self,
        client: httpx.AsyncClient,
        sign_in: SignIn,
        services: Services,
        database: Database,
        catcher: MailCatcher,
    ) -> None:
        mei, li, other = await sign_in("mei"), await sign_in("li"), await sign_in("other")
        place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        invitations = f"{API}/organisations/{place}/invitations"
        made = await client.post(invitations, json={"email": "LI@example.com", "role": "auditor"}, headers=mei.headers)
        assert (await client.get(invitations, headers=mei.headers)).json()["items"][0]["email"] == li.email
        await self._send(services, database)
        mail = next(text for to, _, text in catcher.caught() if to == li.email and "茶馆" in text)
        token = self._code(mail)
        assert token == made.json()["token"]
        accept = f"{API}/invitations/accept"
        stolen = await client.post(accept, json={"token": token}, headers=other.headers)
        assert (stolen.status_code, stolen.json()["code"]) == (410, "one_time_used")
        joined = await client.post(accept, json={"token": token}, headers=li.headers)
        assert joined.json() == {"organisation_id": place, "role": "auditor"}
        assert (await client.post(accept, json={"token": token}, headers=li.headers)).status_code == 410
        await client.delete(f"{API}/organisations/{place}/members/{li.person_id}", headers=mei.headers)
        assert (await client.post(accept, json={"token": token}, headers=li.headers)).status_code == 410

    async def test_a_revoked_or_old_invitation_is_dead(
        self, client: httpx.AsyncClient, sign_in: SignIn, clock: StoppedClock
    ) -> None:
        mei, li = await sign_in("mei"), await sign_in("li")
        place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
        invitations, body = f"{API}/organisations/{place}/invitations", {"email": li.email, "role": "cashier"}
        revoked = (await client.post(invitations, json=body, headers=mei.headers)).json()
        old = (await client.post(invitations, json=body, headers=mei.headers)).json()
        assert (await client.delete(f"{invitations}/{revoked['id']}", headers=mei.headers)).status_code == 204
        clock.advance(timedelta(days=7))
        for token in (revoked["token"], old["token"]):
            answer = await client.post(f"{API}/invitations/accept", json={"token": token}, headers=li.headers)
            assert answer.status_code == 410


async def test_retention_forgets_what_it_promises(
    client: httpx.AsyncClient,
    sign_in: SignIn,
    database: Database,
    personal_data: PersonalData,
    clock: StoppedClock,
    services: Services,
) -> None:
    mei = await sign_in("mei")
    place = (await client.post(f"{API}/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
    body = {"email": "somebody@example.com", "role": "cashier"}
    await client.post(f"{API}/organisations/{place}/invitations", json=body, headers=mei.headers)
    retention = Retention(database, personal_data, clock=clock)
    assert await retention.run() == 0
    async with database.transaction() as tx:
        # The database's own clock wrote them.
        await tx.execute(text("UPDATE event SET created_at = :at"), {"at": clock.now()})
    clock.advance(timedelta(days=100))
    assert await retention.run() >= 3
    async with database.transaction() as tx:
        for table in ("session", "attempt", "event"):
            assert (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0
        assert (await tx.execute(text("SELECT email FROM invitation"))).scalar_one() is None
    assert isinstance(services.organisations, Organisations)


class _NoAccounts:
    async def list(self, tenant_id: object) -> list[object]:
        return []


async def test_the_check_up_names_what_to_mend(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    services.accounts = _NoAccounts()  # type: ignore[assignment]
    mei = await sign_in("mei")
    answer = (await client.get(f"{API}/people/me/check-up", headers=mei.headers)).json()
    states = {item["id"]: item["state"] for item in answer["items"]}
    assert set(states) == {
        *("backup", "second_factor", "devices", "email", "passphrase", "approvals", "limits", "version")
    }
    assert (states["second_factor"], states["backup"]) == ("mend", "ok")
    assert answer["tip"]["act"] == "POST /auth/totp"
    chinese = await client.get(f"{API}/people/me/check-up", headers={**mei.headers, "Accept-Language": "zh"})
    assert "密码" in chinese.json()["tip"]["says"]


@pytest.mark.parametrize(
    ("count", "state", "act"), [(None, "advice", None), (0, "advice", "PUT /policies"), (2, "ok", None)]
)
async def test_the_check_up_counts_spending_limits(
    client: httpx.AsyncClient,
    sign_in: SignIn,
    services: Services,
    count: int | None,
    state: str,
    act: str | None,
) -> None:
    async def limits_of(person_id: UUID) -> int:
        assert person_id == mei.person_id
        assert count is not None
        return count

    mei = await sign_in("mei")
    services.accounts = _NoAccounts()  # type: ignore[assignment]
    services.limits_set = None if count is None else limits_of
    answer = (await client.get(f"{API}/people/me/check-up", headers=mei.headers)).json()
    (line,) = (item for item in answer["items"] if item["id"] == "limits")
    assert (line["state"], line["act"]) == (state, act)


@pytest.mark.parametrize(("language", "word"), [("en", "# Privacy"), ("zh-CN", "# 隐私说明")])
async def test_the_privacy_page_is_served_to_anybody(client: httpx.AsyncClient, language: str, word: str) -> None:
    answer = await client.get(f"{API}/privacy", headers={"Accept-Language": language})
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.headers["content-language"] == language
    assert answer.text.startswith(word)


async def test_no_name_reaches_the_log(
    client: httpx.AsyncClient, sign_in: SignIn, erase_body: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.JSONRenderer(default=str)],
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    try:
        mei = await sign_in("mei")
        await client.post(f"{API}/auth/login", json={"email": mei.email, "password": "wrong"})
        await client.get(f"{API}/people/me/export", headers=mei.headers)
        await client.post(f"{API}/people/me/erase", json=erase_body, headers=mei.headers)
    finally:
        structlog.configure(**before)
    lines = out.getvalue()
    assert lines.count('"event": "request"') >= 4
    assert "person_erased" in lines
    for plain in ("mei", "127.0.0.1", PASSWORD, mei.token):
        assert plain not in lines
