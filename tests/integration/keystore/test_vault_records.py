"""Vault records that were damaged, cut, swapped or rolled back are refused, and named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from keystore.kdf import KdfParameters
from keystore.model import KeyRecord
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from primitives.derivation_path import DerivationPath
from primitives.errors import KeyNotFound, QuanbaoError, SealBroken, WrongPassphrase
from primitives.signing import Curve
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.conftest import CHEAP, PASSPHRASE
from tests.integration.keystore.test_signing import evm_request

NEW = "another long passphrase"


async def made(keystore: Keystore, tenant: UUID, token: UnlockToken) -> KeyRecord:
    wallet = await keystore.create_wallet(token, tenant, "home")
    return await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, DerivationPath.parse("m/44'/60'/0'/0/0"))


async def execute(database: Database, statement: str, **values: Any) -> None:
    async with database.transaction() as tx:
        await tx.execute(text(statement), values)


async def column(database: Database, table: str, name: str, row: UUID) -> bytes:
    async with database.transaction() as tx:
        value: bytes = await tx.scalar(text(f"SELECT {name} FROM {table} WHERE id = :row"), {"row": row})
    return bytes(value)


async def ids(database: Database, table: str) -> list[UUID]:
    async with database.transaction() as tx:
        return list((await tx.execute(text(f"SELECT id FROM {table} ORDER BY created_at, id"))).scalars())


class TestEveryByte:
    @pytest.mark.parametrize(
        ("table", "name"),
        [
            ("keystore_vault", "salt"),
            ("keystore_vault", "wrapped_master"),
            ("keystore_vault", "checksum"),
            ("keystore_secret", "wrapped_key"),
            ("keystore_secret", "sealed"),
        ],
    )
    async def test_one_flipped_byte_is_refused_by_name(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, table: str, name: str
    ) -> None:
        """Each byte of each sealed column in turn; the record opens again when the byte is back."""
        key = await made(keystore, tenant, token)
        (row,) = await ids(database, table)
        whole = await column(database, table, name, row)
        named = f"vault {row}" if table == "keystore_vault" else f"mnemonic {key.wallet_id}"

        async def use() -> None:
            opened = await keystore.unlock(tenant, PASSPHRASE)
            try:
                await keystore.signer(opened).sign(evm_request(key.id))
            finally:
                keystore.lock(opened)

        for at in range(len(whole)):
            changed = whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :]
            await execute(database, f"UPDATE {table} SET {name} = :value WHERE id = :row", value=changed, row=row)
            with pytest.raises(SealBroken) as caught:
                if table == "keystore_vault":
                    await keystore.unlock(tenant, PASSPHRASE)
                else:
                    await keystore.many.opened(token, tenant)
            assert caught.value.record == named
        for cut in (b"", whole[:-1]):
            await execute(database, f"UPDATE {table} SET {name} = :value WHERE id = :row", value=cut, row=row)
            with pytest.raises(SealBroken):
                await use()
        await execute(database, f"UPDATE {table} SET {name} = :value WHERE id = :row", value=whole, row=row)
        await use()

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE keystore_vault SET kdf = kdf || '{\"passes\": 2}'",
            'UPDATE keystore_vault SET kdf = \'{"algorithm": "none"}\'',
            "UPDATE keystore_key SET public_key = '\\x02' || sha256('other')",
            "UPDATE keystore_key SET path = 'm/44''/60''/0''/0/1'",
            "UPDATE keystore_secret SET purpose = 'master-secret'",
            "UPDATE keystore_wallet SET kind = 'shares'",
        ],
    )
    async def test_every_other_column_that_decides(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, change: str
    ) -> None:
        await made(keystore, tenant, token)
        await execute(database, change)
        with pytest.raises((SealBroken, KeyNotFound)):
            await keystore.many.opened(await keystore.unlock(tenant, PASSPHRASE), tenant)
            key = (await ids(database, "keystore_key"))[0]
            await keystore.signer(token).sign(evm_request(key))  # type: ignore[arg-type]

    async def test_service_vault(self, keystore: Keystore, database: Database, key_file: Path) -> None:
        await keystore.open_service(key_file)
        (row,) = await ids(database, "keystore_vault")
        for name in ("salt", "wrapped_master", "checksum"):
            whole = await column(database, "keystore_vault", name, row)
            for at in (0, len(whole) // 2, len(whole) - 1):
                changed = whole[:at] + bytes([whole[at] ^ 0x80]) + whole[at + 1 :]
                await execute(database, f"UPDATE keystore_vault SET {name} = :value", value=changed)
                with pytest.raises(SealBroken, match=str(row)):
                    await keystore.open_service(key_file)
            await execute(database, f"UPDATE keystore_vault SET {name} = :value", value=whole)
        await keystore.open_service(key_file)


class TestSwapped:
    async def test_two_wallets_of_one_person(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        keys = [await made(keystore, tenant, token) for _ in range(2)]
        first, second = await ids(database, "keystore_secret")
        for part in ("wrapped_key", "sealed", "wrapped_key = other.wrapped_key, sealed"):
            swap = f"""UPDATE keystore_secret AS mine SET {part} = other.{part.rpartition(" ")[2]}
                       FROM keystore_secret AS other WHERE mine.id IN (:first, :second)
                       AND other.id IN (:first, :second) AND mine.id <> other.id"""
            await execute(database, swap, first=first, second=second)
            for key in keys:
                with pytest.raises(SealBroken, match=str(key.wallet_id)):
                    await keystore.signer(token).sign(evm_request(key.id))
            await execute(database, swap, first=first, second=second)
        for key in keys:
            await keystore.signer(token).sign(evm_request(key.id))

    async def test_vaults_of_two_people(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        stranger = uuid4()
        await keystore.set_passphrase(stranger, PASSPHRASE)
        for columns in (("wrapped_master",), ("kdf", "salt", "wrapped_master", "checksum")):
            sets = ", ".join(f"{name} = other.{name}" for name in columns)
            swap = f"UPDATE keystore_vault AS mine SET {sets} FROM keystore_vault AS other WHERE mine.id <> other.id"
            await execute(database, swap)
            for owner in (tenant, stranger):
                with pytest.raises(SealBroken):
                    await keystore.unlock(owner, PASSPHRASE)
            await execute(database, swap)
        await keystore.unlock(stranger, PASSPHRASE)


class TestRolledBack:
    async def test_vault_before_a_passphrase_change(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        """The old record is whole and the old passphrase fits it: only the audit log knows better."""
        await made(keystore, tenant, token)
        await execute(database, "CREATE TABLE kept AS SELECT * FROM keystore_vault")
        await keystore.change_passphrase(tenant, PASSPHRASE, NEW)
        back = "UPDATE keystore_vault AS v SET salt = k.salt, wrapped_master = k.wrapped_master, checksum = k.checksum"
        await execute(database, f"{back} FROM kept AS k WHERE k.id = v.id")
        for passphrase in (PASSPHRASE, NEW):
            with pytest.raises(SealBroken, match="older version") as caught:
                await keystore.unlock(tenant, passphrase)
            assert caught.value.record == f"vault {(await ids(database, 'keystore_vault'))[0]}"

    async def test_change_leaves_every_data_key_as_it_is(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        key = await made(keystore, tenant, token)

        async def sealed() -> Any:
            async with database.transaction() as tx:
                return (await tx.execute(text("SELECT id, wrapped_key, sealed FROM keystore_secret"))).all()

        before = await sealed()
        await keystore.change_passphrase(tenant, PASSPHRASE, NEW)
        assert await sealed() == before
        with pytest.raises(WrongPassphrase):
            await keystore.unlock(tenant, PASSPHRASE)
        await keystore.signer(await keystore.unlock(tenant, NEW)).sign(evm_request(key.id))

    async def test_stored_cost_is_raised_at_the_unlock(
        self, keystore: Keystore, tenant: UUID, database: Database, audit_database: Database, clock: StoppedClock
    ) -> None:
        dearer = KdfParameters(memory_kib=64, passes=2, lanes=1)
        later = Keystore(database, audit_database, clock=clock, kdf=dearer)
        later.lock(await later.unlock(tenant, PASSPHRASE))
        async with database.transaction() as tx:
            assert await tx.scalar(text("SELECT kdf FROM keystore_vault")) == dearer.to_json()
        later.lock(await later.unlock(tenant, PASSPHRASE))
        (vault,) = await ids(database, "keystore_vault")
        assert (await later.verify_audit_chain(vault)).count == 2
        assert dearer != CHEAP
        later.close()

    async def test_two_changes_at_once_leave_one_passphrase(self, keystore: Keystore, tenant: UUID) -> None:
        acts: list[Callable[[], Awaitable[None]]] = [
            lambda: keystore.change_passphrase(tenant, PASSPHRASE, NEW + "1"),
            lambda: keystore.change_passphrase(tenant, PASSPHRASE, NEW + "2"),
        ]
        import asyncio

        answers = await asyncio.gather(*(act() for act in acts), return_exceptions=True)
        failed = [answer for answer in answers if isinstance(answer, QuanbaoError)]
        assert len(failed) == 1
        assert isinstance(failed[0], WrongPassphrase)
        winner = NEW + ("2" if answers[0] in failed else "1")
        await keystore.unlock(tenant, winner)


class TestManyKeys:
    async def test_same_records_as_one_by_one(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home", bip39_passphrase="more")
        evm = [DerivationPath.parse(f"m/44'/60'/0'/0/{n}") for n in range(5)]
        solana = [DerivationPath.parse(f"m/44'/501'/{n}'/0'") for n in range(5)]
        single = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, evm[3])
        many = await keystore.many.derive(token, tenant, wallet.id, Curve.SECP256K1, evm)
        many += await keystore.many.derive(token, tenant, wallet.id, Curve.ED25519, solana)
        assert many[3] == single
        for record in many:
            path = DerivationPath.parse(record.path)
            assert await keystore.derive(token, tenant, wallet.id, record.curve, path) == record
        listed = await keystore.many.opened(token, tenant)
        assert sorted(record.id for record in listed) == sorted(record.id for record in many)

    async def test_nobody_opens_a_strangers(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await made(keystore, tenant, token)
        stranger = uuid4()
        await keystore.set_passphrase(stranger, PASSPHRASE)
        theirs = await keystore.unlock(stranger, PASSPHRASE)
        assert await keystore.many.opened(theirs, stranger) == []
        with pytest.raises(KeyNotFound):
            await keystore.many.derive(theirs, stranger, key.wallet_id, Curve.SECP256K1, [DerivationPath((1,))])
        with pytest.raises(QuanbaoError):
            await keystore.many.opened(theirs, tenant)
