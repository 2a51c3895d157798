"""The application over a fresh database, called in process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from fastapi import FastAPI

from api.app import create_app
from api.metrics import HttpMetrics
from api.services import Services
from api.unlocked import UnlockedSessions
from keystore.erasure.sql import forget_person as forget_in_keystore
from keystore.kdf import KdfParameters
from keystore.service import Keystore
from people.api_keys.service import ApiKeys
from people.consents.service import Consents
from people.events.feed import EventFeed
from people.identity.service import Identity
from people.invitations.service import Invitations
from people.kdf import PasswordKdf
from people.login_links import LoginLinks
from people.mail.service import Mailboxes
from people.organisations.service import Organisations
from people.passkeys.service import Passkeys, RelyingParty
from people.persons.registration import Registration
from people.persons.service import Persons
from people.privacy.erasure import Erasure
from people.privacy.export import PersonExport
from people.privacy.journal import ErasureJournal
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.sessions.service import Sessions
from people.wallet_login.service import WalletLogin
from persistence.database import Database
from tests.fakes.clock import StoppedClock

PASSWORD = "correct horse battery"
PARTY = RelyingParty("localhost", ["http://localhost:8080", "http://127.0.0.1:8080"])


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A registered person with an open session."""

    person_id: UUID
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def acting_for(self, organisation_id: str) -> dict[str, str]:
        return {**self.headers, "Organisation-Id": organisation_id}


SignIn = Callable[[str], Awaitable[SignedIn]]


@pytest_asyncio.fixture
async def clock() -> StoppedClock:
    return StoppedClock()


@pytest_asyncio.fixture
async def kdf() -> PasswordKdf:
    """Quick parameters: the tests are not about argon2's cost."""
    return PasswordKdf(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest_asyncio.fixture
async def keystore(database: Database, database_url: str, clock: StoppedClock) -> AsyncIterator[Keystore]:
    audit_database = Database(database_url)
    keystore = Keystore(database, audit_database, clock=clock, kdf=KdfParameters(memory_kib=32, passes=1, lanes=1))
    yield keystore
    keystore.close()
    await audit_database.close()


@pytest_asyncio.fixture
async def personal_data(tmp_path: Path) -> PersonalData:
    return PersonalData(ErasureKeys(tmp_path / "erasure"))


def _people(
    database: Database, data: PersonalData, sessions: Sessions, kdf: PasswordKdf, clock: StoppedClock, folder: Path
) -> dict[str, Any]:
    persons = Persons(database, kdf, data, clock=clock)
    organisations = Organisations(database, data, clock=clock)
    api_keys = ApiKeys(database, data, sessions, clock=clock)
    passkeys = Passkeys(database, data, PARTY, clock=clock)
    wallets = WalletLogin(database, data, persons, PARTY, clock=clock)
    identity = Identity(database, data, clock=clock)
    journal = ErasureJournal(folder / "erasure" / "journal.jsonl")
    return {
        "persons": persons,
        "registration": Registration(database, kdf, data, clock=clock),
        "organisations": organisations,
        "api_keys": api_keys,
        "passkeys": passkeys,
        "wallet_login": wallets,
        "identity": identity,
        "mailboxes": Mailboxes(database, data, None, "http://localhost:8080", clock=clock),
        "invitations": Invitations(database, data, None, "http://localhost:8080", clock=clock),
        "consents": Consents(database, clock=clock),
        "erasure": Erasure(database, data, journal, (forget_in_keystore,), clock=clock),
        "person_export": PersonExport(
            database, persons, sessions, organisations, api_keys, passkeys, wallets, identity
        ),
    }


@pytest_asyncio.fixture
async def services(
    database: Database,
    clock: StoppedClock,
    kdf: PasswordKdf,
    keystore: Keystore,
    personal_data: PersonalData,
    tmp_path: Path,
) -> Services:
    data = personal_data
    sessions = Sessions(database, kdf, data, clock=clock)
    return Services(
        database=database,
        sessions=sessions,
        login_links=LoginLinks(database, sessions, clock=clock),
        **_people(database, data, sessions, kdf, clock, tmp_path),
        events=EventFeed(database),
        keystore=keystore,
        unlocked=UnlockedSessions(keystore, clock=clock),
        demo=True,
    )


@pytest.fixture(scope="session")
def routes() -> FastAPI:
    """Building every route costs more than most tests; what they answer with comes from the services of one test."""
    return create_app(Services(), web_dist=None)


@pytest.fixture
def app(routes: FastAPI, services: Services) -> FastAPI:
    routes.state.services = services
    routes.dependency_overrides.clear()
    routes.state.metrics = HttpMetrics()
    (edge,) = (one for one in routes.user_middleware if "metrics" in one.kwargs)
    edge.kwargs["metrics"] = routes.state.metrics
    routes.middleware_stack = None  # built again at the first request: it remembers nothing of another test
    return routes


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


@pytest_asyncio.fixture
async def sign_in(client: httpx.AsyncClient) -> SignIn:
    """Register and log in by name: `await sign_in("mei")`."""

    async def make(name: str) -> SignedIn:
        email = f"{name}@example.com"
        body = {"email": email, "password": PASSWORD, "display_name": name}
        registered = await client.post("/api/v1/auth/register", json=body)
        assert registered.status_code == 202, registered.text
        opened = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        assert opened.status_code == 200, opened.text
        token = opened.json()["token"]
        me = await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
        return SignedIn(UUID(me.json()["person"]["id"]), email, token)

    return make
