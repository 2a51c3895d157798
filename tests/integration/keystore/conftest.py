"""A keystore on a real database, with a key derivation that costs nothing."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from keystore.kdf import KdfParameters
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from tests.fakes.clock import StoppedClock

CHEAP = KdfParameters(memory_kib=32, passes=1, lanes=1)
PASSPHRASE = "correct horse battery staple"


@pytest_asyncio.fixture
async def audit_database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest_asyncio.fixture
async def keystore(database: Database, audit_database: Database, clock: StoppedClock) -> AsyncIterator[Keystore]:
    keystore = Keystore(database, audit_database, clock=clock, kdf=CHEAP)
    yield keystore
    keystore.close()


@pytest_asyncio.fixture
async def tenant(keystore: Keystore) -> UUID:
    tenant = uuid4()
    await keystore.set_passphrase(tenant, PASSPHRASE)
    return tenant


@pytest_asyncio.fixture
async def token(keystore: Keystore, tenant: UUID) -> UnlockToken:
    return await keystore.unlock(tenant, PASSPHRASE)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "operator.key"
    path.write_text(secrets.token_hex(32) + "\n")
    path.chmod(0o600)
    return path
