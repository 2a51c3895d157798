"""A person's vault: unlocking, wallets, backup, derivation."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from eth_account import Account
from sqlalchemy import text

from keystore.kdf import KdfParameters
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    BackupNotConfirmed,
    InvalidDerivationPath,
    InvalidMnemonic,
    InvalidValue,
    KeyNotFound,
    KeystoreLocked,
    SealBroken,
    WalletBackedUp,
    WrongPassphrase,
)
from primitives.signing import Curve
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.conftest import CHEAP, PASSPHRASE

JUNK = "test test test test test test test test test test test junk"
ETHEREUM = DerivationPath.parse("m/44'/60'/0'/0/0")
SOLANA = DerivationPath.parse("m/44'/501'/0'/0'")


class TestUnlock:
    async def test_token_opens_only_its_own_tenant(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        assert keystore.is_unlocked(token, tenant)
        assert not keystore.is_unlocked(token, uuid4())
        assert not keystore.is_unlocked(UnlockToken("guess"), tenant)
        with pytest.raises(KeystoreLocked):
            await keystore.create_wallet(token, uuid4(), "mine")

    async def test_wrong_passphrase(self, keystore: Keystore, tenant: UUID) -> None:
        with pytest.raises(WrongPassphrase):
            await keystore.unlock(tenant, PASSPHRASE + " ")

    async def test_no_passphrase_yet(self, keystore: Keystore) -> None:
        nobody = uuid4()
        assert not await keystore.has_passphrase(nobody)
        with pytest.raises(KeyNotFound):
            await keystore.unlock(nobody, PASSPHRASE)

    async def test_passphrase_is_set_once(self, keystore: Keystore, tenant: UUID) -> None:
        with pytest.raises(InvalidValue, match="already"):
            await keystore.set_passphrase(tenant, "another passphrase")
        await keystore.unlock(tenant, PASSPHRASE)

    async def test_short_passphrase_is_refused(self, keystore: Keystore) -> None:
        with pytest.raises(InvalidValue, match="8"):
            await keystore.set_passphrase(uuid4(), "seven77")

    async def test_unlock_ends_with_its_time(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, clock: StoppedClock
    ) -> None:
        clock.advance(timedelta(minutes=15) - timedelta(seconds=1))
        assert keystore.is_unlocked(token, tenant)
        clock.advance(timedelta(seconds=1))
        assert not keystore.is_unlocked(token, tenant)

    async def test_lock_ends_one_token(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        other = await keystore.unlock(tenant, PASSPHRASE)
        keystore.lock(token)
        assert not keystore.is_unlocked(token, tenant)
        assert keystore.is_unlocked(other, tenant)

    async def test_new_passphrase_opens_the_same_wallets(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "junk", JUNK)
        async with database.transaction() as tx:
            before = (await tx.execute(text("SELECT * FROM keystore_secret"))).all()
        await keystore.change_passphrase(tenant, PASSPHRASE, "an entirely new one")
        assert not keystore.is_unlocked(token, tenant)
        with pytest.raises(WrongPassphrase):
            await keystore.unlock(tenant, PASSPHRASE)
        again = await keystore.unlock(tenant, "an entirely new one")
        key = await keystore.derive(again, tenant, wallet.id, Curve.SECP256K1, ETHEREUM)
        assert key.public_key.raw.hex().startswith("038318535b54105d")
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT * FROM keystore_secret"))).all() == before

    async def test_wrong_old_passphrase_changes_nothing(self, keystore: Keystore, tenant: UUID) -> None:
        with pytest.raises(WrongPassphrase):
            await keystore.change_passphrase(tenant, "not the old one", "an entirely new one")
        await keystore.unlock(tenant, PASSPHRASE)

    async def test_derivation_cost_is_brought_up_on_unlock(
        self, keystore: Keystore, tenant: UUID, database: Database, audit_database: Database
    ) -> None:
        dearer = Keystore(database, audit_database, kdf=KdfParameters(memory_kib=64, passes=2, lanes=1))
        await dearer.unlock(tenant, PASSPHRASE)
        async with database.transaction() as tx:
            stored = (await tx.execute(text("SELECT kdf FROM keystore_vault"))).scalar_one()
        assert stored == {"algorithm": "argon2id", "memory_kib": 64, "passes": 2, "lanes": 1}
        await dearer.unlock(tenant, PASSPHRASE)
        dearer.close()


class TestWallets:
    @pytest.mark.parametrize("words", [12, 15, 18, 21, 24])
    async def test_created_words_are_revealed_and_rebuild_the_wallet(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, words: int
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, " home ", words)
        assert (wallet.label, wallet.words, wallet.backup_confirmed) == ("home", words, False)
        mnemonic = await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        assert len(mnemonic.split()) == words
        key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ETHEREUM)
        Account.enable_unaudited_hdwallet_features()
        reference = Account.from_mnemonic(mnemonic)._key_obj.public_key.to_compressed_bytes()
        assert key.public_key.raw == reference

    async def test_bip39_passphrase_makes_another_wallet(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        plain = await keystore.import_mnemonic(token, tenant, "plain", JUNK)
        salted = await keystore.import_mnemonic(token, tenant, "salted", JUNK, bip39_passphrase="TREZOR")
        assert plain.id != salted.id
        keys = [await keystore.derive(token, tenant, w.id, Curve.ED25519, SOLANA) for w in (plain, salted)]
        assert keys[0].public_key != keys[1].public_key

    async def test_same_words_again_give_the_same_wallet(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        first = await keystore.import_mnemonic(token, tenant, "one", JUNK)
        assert await keystore.import_mnemonic(token, tenant, "two", JUNK) == first
        assert await keystore.wallets(tenant) == [first]

    async def test_typing_all_words_of_an_own_wallet_confirms_it(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        mnemonic = await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        imported = await keystore.import_mnemonic(token, tenant, "again", mnemonic)
        assert imported == dataclasses.replace(wallet, backup_confirmed=True)
        assert await keystore.wallets(tenant) == [imported]

    async def test_wrong_checksum_word_echoes_nothing(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        with pytest.raises(InvalidMnemonic, match="checksum") as caught:
            await keystore.import_mnemonic(token, tenant, "bad", JUNK.replace("junk", "zebra"))
        assert "zebra" not in str(caught.value) + str(caught.value.facts)
        assert await keystore.wallets(tenant) == []

    async def test_wallets_are_of_one_tenant(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        stranger = uuid4()
        await keystore.set_passphrase(stranger, "a stranger's own")
        theirs = await keystore.unlock(stranger, "a stranger's own")
        assert await keystore.wallets(stranger) == []
        with pytest.raises(KeyNotFound):
            await keystore.derive(theirs, stranger, wallet.id, Curve.SECP256K1, ETHEREUM)
        with pytest.raises(KeyNotFound):
            await keystore.reveal_mnemonic(wallet.id, stranger, "a stranger's own")
        with pytest.raises(KeyNotFound):
            await keystore.backup_challenge(stranger, wallet.id)

    @pytest.mark.parametrize(
        ("label", "words", "language"), [("", 12, "english"), ("x" * 101, 12, "english"), ("x", 13, "english")]
    )
    async def test_bad_request(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, label: str, words: int, language: str
    ) -> None:
        with pytest.raises(InvalidValue):
            await keystore.create_wallet(token, tenant, label, words, language)

    async def test_unknown_language(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        with pytest.raises(InvalidValue, match="klingon"):
            await keystore.create_wallet(token, tenant, "x", 12, "klingon")


class TestBackup:
    async def test_words_asked_back_confirm_and_end_the_reveal(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        words = (await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)).split()
        positions = await keystore.backup_challenge(tenant, wallet.id)
        assert len(set(positions)) == 4
        assert all(1 <= position <= 12 for position in positions)
        confirmed = await keystore.confirm_backup(
            token, tenant, wallet.id, {position: words[position - 1].upper() for position in positions}
        )
        assert confirmed.backup_confirmed
        with pytest.raises(WalletBackedUp):
            await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        with pytest.raises(WalletBackedUp):
            await keystore.backup_challenge(tenant, wallet.id)
        chain = await keystore.verify_audit_chain(wallet.id)
        assert chain.count == 2

    async def test_wrong_words_are_named_by_position(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        words = (await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)).split()
        positions = await keystore.backup_challenge(tenant, wallet.id)
        answers = {position: words[position - 1] for position in positions}
        answers[positions[1]] = "zoo" if words[positions[1] - 1] != "zoo" else "zone"
        with pytest.raises(InvalidMnemonic) as caught:
            await keystore.confirm_backup(token, tenant, wallet.id, answers)
        assert caught.value.positions == [positions[1]]
        assert not (await keystore.wallet(tenant, wallet.id)).backup_confirmed

    async def test_other_positions_prove_nothing(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        words = (await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)).split()
        with pytest.raises(BackupNotConfirmed):
            await keystore.confirm_backup(token, tenant, wallet.id, {1: words[0]})
        positions = await keystore.backup_challenge(tenant, wallet.id)
        with pytest.raises(BackupNotConfirmed) as caught:
            await keystore.confirm_backup(token, tenant, wallet.id, {positions[0]: words[positions[0] - 1]})
        assert caught.value.positions == list(positions)

    async def test_reveal_needs_the_passphrase_and_leaves_a_trace(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        with pytest.raises(WrongPassphrase):
            await keystore.reveal_mnemonic(wallet.id, tenant, "something else")
        await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        async with database.transaction() as tx:
            mine = {"wallet": wallet.id}
            rows = await tx.execute(
                text("SELECT event FROM keystore_audit_entry WHERE subject_id = :wallet ORDER BY sequence"), mine
            )
        assert list(rows.scalars()) == ["reveal_refused", "revealed"]


class TestDerivation:
    async def test_known_addresses_of_the_junk_words(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "junk", JUNK)
        evm = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ETHEREUM)
        assert await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ETHEREUM) == evm
        assert (await keystore.signer(token).public_key(evm.id)) == evm.public_key

    async def test_soft_level_on_ed25519_is_refused(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        with pytest.raises(InvalidDerivationPath, match="soft"):
            await keystore.derive(token, tenant, wallet.id, Curve.ED25519, DerivationPath.parse("m/44'/501'/0"))


_COLUMNS = {
    "keystore_vault": ("salt", "wrapped_master", "checksum"),
    "keystore_secret": ("wrapped_key", "sealed"),
}


class TestDamage:
    @pytest.mark.parametrize(
        ("table", "column"), [(table, column) for table, columns in _COLUMNS.items() for column in columns]
    )
    async def test_any_flipped_byte_is_refused_and_named(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, table: str, column: str
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        async with database.transaction() as tx:
            original = (await tx.execute(text(f"SELECT {column} FROM {table}"))).scalar_one()
        for at in range(len(original)):
            damaged = original[:at] + bytes([original[at] ^ 1]) + original[at + 1 :]
            async with database.transaction() as tx:
                await tx.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": damaged})
            with pytest.raises(SealBroken) as caught:
                await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
            record = "vault" if table == "keystore_vault" else str(wallet.id)
            assert record in caught.value.record
        for damaged in (original[:-1], b"", original + b"\0"):
            async with database.transaction() as tx:
                await tx.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": damaged})
            with pytest.raises(SealBroken):
                await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)

    async def test_swapped_records_are_refused(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        wallets = [await keystore.create_wallet(token, tenant, name) for name in ("one", "two")]
        async with database.transaction() as tx:
            await tx.execute(
                text(
                    "UPDATE keystore_secret AS a SET sealed = b.sealed, wrapped_key = b.wrapped_key "
                    "FROM keystore_secret AS b WHERE a.id <> b.id"
                )
            )
        for wallet in wallets:
            with pytest.raises(SealBroken, match=str(wallet.id)):
                await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)

    async def test_another_tenants_vault_does_not_open(
        self, keystore: Keystore, tenant: UUID, database: Database
    ) -> None:
        other = uuid4()
        await keystore.set_passphrase(other, PASSPHRASE)
        async with database.transaction() as tx:
            await tx.execute(
                text(
                    "UPDATE keystore_vault SET (salt, wrapped_master, checksum) = "
                    "(SELECT salt, wrapped_master, checksum FROM keystore_vault WHERE tenant_id = :other) "
                    "WHERE tenant_id = :mine"
                ),
                {"other": other, "mine": tenant},
            )
        with pytest.raises(SealBroken, match="vault"):
            await keystore.unlock(tenant, PASSPHRASE)

    async def test_tampered_cost_is_refused_before_it_is_paid(
        self, keystore: Keystore, tenant: UUID, database: Database
    ) -> None:
        async with database.transaction() as tx:
            huge = CHEAP.to_json() | {"memory_kib": 2**31}
            await tx.execute(
                text("UPDATE keystore_vault SET kdf = cast(:kdf AS jsonb)"), {"kdf": str(huge).replace("'", '"')}
            )
        with pytest.raises(SealBroken):
            await keystore.unlock(tenant, PASSPHRASE)
