"""A real keystore on a database of its own, with one service key and one person."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

from keystore.limits.model import KeyLimit
from keystore.model import KeyRecord
from keystore.policy import CallTarget, ProgramTarget, TypedDataTarget
from keystore.service import Keystore
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import migrate
from primitives.chain_id import ChainId
from primitives.signing import Curve, KeyPurpose

EVM = ChainId.evm(31337)
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
CONTRACT = bytes([0x11] * 20)
TRANSFER = bytes.fromhex("a9059cbb")
SYSTEM_TRANSFER = bytes.fromhex("02000000")
PASSPHRASE = "only for this benchmark"  # noqa: S105
PRIMARY_TYPE = "Order"

Answer = TypeVar("Answer")


class Stage:
    """Holds the event loop, the database and the keystore for the length of the benchmark."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)
        self._folder = folder
        self._runner = asyncio.Runner()
        self._server = EmbeddedPostgres(folder / "postgres")
        self.keystore: Keystore
        self.tenant: UUID = uuid4()
        self.evm: KeyRecord
        self.solana: KeyRecord

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self._runner.run(work)

    async def _open(self) -> None:
        url = await self._server.start()
        keys = PersonalData(ErasureKeys(self._folder / "erasure"))
        self._databases = (Database(url, seal=keys), Database(url, pool_size=2))
        await migrate(self._databases[0])
        self.keystore = Keystore(*self._databases)
        key_file = self._folder / "operator.key"
        key_file.touch(mode=0o600)
        key_file.write_text(secrets.token_hex(32))
        await self.keystore.open_service(key_file)
        await self.keystore.set_passphrase(self.tenant, PASSPHRASE)
        self.evm = await self.keystore.service_key(self.tenant, KeyPurpose.ISSUER, Curve.SECP256K1)
        self.solana = await self.keystore.service_key(self.tenant, KeyPurpose.ISSUER, Curve.ED25519)
        await self.keystore.allow(
            self.tenant,
            KeyPurpose.ISSUER,
            EVM,
            [CallTarget(CONTRACT, TRANSFER), TypedDataTarget(CONTRACT, PRIMARY_TYPE)],
        )
        system = ProgramTarget(bytes(32), SYSTEM_TRANSFER)
        await self.keystore.allow(self.tenant, KeyPurpose.ISSUER, SOLANA, [system])
        await self.keystore.limit(
            self.tenant, KeyPurpose.ISSUER, EVM, KeyLimit(value=0, fee=10**18, window_fee=10**30, window_count=10**12)
        )
        await self.keystore.limit(self.tenant, KeyPurpose.ISSUER, SOLANA, KeyLimit(window_value=10**18))

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self.run(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.keystore.close()
        for database in self._databases:
            self.run(database.close())
        self.run(self._server.stop())
        self._runner.__exit__(kind, error, trace)
