"""What leaves the keystore: only with the passphrase again, audited first, in forms that other programs read."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
import pytest_asyncio
from eth_account import Account
from solders.keypair import Keypair

from keystore.audit_log import sql
from keystore.exports.forms import ExportForm, ScryptCost
from keystore.exports.service import Exported, ExportRequest
from keystore.imports.key_text import KeyForm
from keystore.model import WalletRecord
from keystore.service import Keystore, UnlockToken
from keystore.shares import SharePlan, combine_shares
from persistence.database import Database
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    AuditUnavailable,
    InvalidDerivationPath,
    InvalidValue,
    KeyNotFound,
    SigningRefused,
    WrongPassphrase,
)
from primitives.signing import Curve
from tests.integration.keystore.conftest import PASSPHRASE

JUNK = "test test test test test test test test test test test junk"
EVM_PATH = DerivationPath.parse("m/44'/60'/0'/0/0")
SOLANA_PATH = DerivationPath.parse("m/44'/501'/0'/0'")
EVM_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


@pytest.fixture(autouse=True)
def cheap_files(keystore: Keystore) -> None:
    keystore.exports._file_cost = ScryptCost(n=16)


@pytest_asyncio.fixture
async def words(keystore: Keystore, token: UnlockToken, tenant: UUID) -> WalletRecord:
    return await keystore.import_mnemonic(token, tenant, "words", JUNK)


def text_of(exported: Exported) -> str:
    assert exported.text is not None
    return exported.text.expose().decode()


async def events(database: Database, wallet: UUID) -> list[tuple[str, dict[str, str]]]:
    async with database.transaction() as tx:
        return [(entry.event, entry.facts) for entry in await sql.audit_entries(tx, wallet)]


class TestForms:
    async def test_words_and_their_passphrase(self, keystore: Keystore, token: UnlockToken, tenant: UUID) -> None:
        plain = await keystore.import_mnemonic(token, tenant, "plain", JUNK)
        with_passphrase = await keystore.import_mnemonic(token, tenant, "more", JUNK, "TREZOR")
        exported = await keystore.exports.export(tenant, plain.id, PASSPHRASE, ExportRequest(ExportForm.MNEMONIC))
        assert (text_of(exported), exported.bip39_passphrase) == (JUNK, None)
        exported = await keystore.exports.export(
            tenant, with_passphrase.id, PASSPHRASE, ExportRequest(ExportForm.MNEMONIC)
        )
        assert exported.bip39_passphrase is not None
        assert exported.bip39_passphrase.expose().decode() == "TREZOR"
        exported.wipe()
        assert exported.bip39_passphrase.wiped

    async def test_raw_key_is_anvils(self, keystore: Keystore, tenant: UUID, words: WalletRecord) -> None:
        request = ExportRequest(ExportForm.HEX, Curve.SECP256K1, EVM_PATH)
        assert text_of(await keystore.exports.export(tenant, words.id, PASSPHRASE, request)) == EVM_KEY

    async def test_key_file_opens_in_eth_account(self, keystore: Keystore, tenant: UUID, words: WalletRecord) -> None:
        request = ExportRequest(ExportForm.KEYSTORE, path=EVM_PATH, file_password="file password")
        file = text_of(await keystore.exports.export(tenant, words.id, PASSPHRASE, request))
        assert bytes(Account.decrypt(json.loads(file), "file password")).hex() == EVM_KEY

    async def test_solana_forms_open_in_solders(self, keystore: Keystore, tenant: UUID, words: WalletRecord) -> None:
        as_json = await keystore.exports.export(
            tenant, words.id, PASSPHRASE, ExportRequest(ExportForm.SOLANA_JSON, path=SOLANA_PATH)
        )
        as_base58 = await keystore.exports.export(
            tenant, words.id, PASSPHRASE, ExportRequest(ExportForm.SOLANA_BASE58, path=SOLANA_PATH)
        )
        pair = Keypair.from_json(text_of(as_json))
        assert str(pair.pubkey()) == "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96"
        assert Keypair.from_base58_string(text_of(as_base58)) == pair

    @pytest.mark.parametrize("form", [ExportForm.WIF, ExportForm.WIF_TESTNET])
    async def test_wif_comes_back(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID, words: WalletRecord, form: ExportForm
    ) -> None:
        exported = await keystore.exports.export(tenant, words.id, PASSPHRASE, ExportRequest(form, path=EVM_PATH))
        back = await keystore.imports.key(token, tenant, "wif", text_of(exported), KeyForm.WIF)
        again = await keystore.exports.export(tenant, back.id, PASSPHRASE, ExportRequest(ExportForm.HEX))
        assert text_of(again) == EVM_KEY

    async def test_extended_key_comes_back(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID, words: WalletRecord
    ) -> None:
        branch = DerivationPath.parse("m/44'/60'/0'")
        request = ExportRequest(ExportForm.EXTENDED_KEY, path=branch)
        exported = await keystore.exports.export(tenant, words.id, PASSPHRASE, request)
        back = await keystore.imports.key(token, tenant, "branch", text_of(exported), KeyForm.EXTENDED_KEY)
        key = await keystore.derive(token, tenant, back.id, Curve.SECP256K1, DerivationPath.parse("m/0/0"))
        assert key.public_key == (await keystore.derive(token, tenant, words.id, Curve.SECP256K1, EVM_PATH)).public_key
        public = await keystore.exports.extended_public_key(token, tenant, words.id, branch)
        assert back.extended_public_key == public

    async def test_shares_of_words_keep_the_accounts(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID, words: WalletRecord
    ) -> None:
        request = ExportRequest(ExportForm.SHARES, shares=SharePlan(1, ((2, 3),)))
        exported = await keystore.exports.export(tenant, words.id, PASSPHRASE, request)
        shares = [share.expose().decode() for share in exported.groups[0]][:2]
        assert len(combine_shares(shares)) == 64
        back = await keystore.imports.shares(token, tenant, "shares", shares)
        for curve, path in ((Curve.SECP256K1, EVM_PATH), (Curve.ED25519, SOLANA_PATH)):
            there = await keystore.derive(token, tenant, back.id, curve, path)
            assert there.public_key == (await keystore.derive(token, tenant, words.id, curve, path)).public_key


class TestGuards:
    async def test_wrong_passphrase_lets_nothing_out_and_is_audited(
        self, keystore: Keystore, tenant: UUID, words: WalletRecord, database: Database
    ) -> None:
        with pytest.raises(WrongPassphrase):
            await keystore.exports.export(tenant, words.id, "not this one", ExportRequest(ExportForm.MNEMONIC))
        assert await events(database, words.id) == [("export_refused", {"rule": "wrong_passphrase"})]

    async def test_every_export_is_in_the_log(
        self, keystore: Keystore, tenant: UUID, words: WalletRecord, database: Database
    ) -> None:
        request = ExportRequest(ExportForm.HEX, Curve.SECP256K1, EVM_PATH)
        await keystore.exports.export(tenant, words.id, PASSPHRASE, request)
        assert await events(database, words.id) == [("exported", {"form": "hex", "path": str(EVM_PATH)})]
        await keystore.verify_audit_chain(words.id)

    async def test_without_audit_log_nothing_leaves(
        self, keystore: Keystore, tenant: UUID, words: WalletRecord, audit_database: Database
    ) -> None:
        await audit_database.close()

        async def broken(*_: object, **__: object) -> None:
            raise AuditUnavailable("down")

        keystore.exports._audit.append = broken  # type: ignore[method-assign,assignment]
        with pytest.raises(AuditUnavailable):
            await keystore.exports.export(tenant, words.id, PASSPHRASE, ExportRequest(ExportForm.MNEMONIC))

    async def test_watch_only_wallet_has_nothing_to_give(self, keystore: Keystore, tenant: UUID) -> None:
        wallet = await keystore.imports.watch(tenant, "cold")
        with pytest.raises(SigningRefused):
            await keystore.exports.export(tenant, wallet.id, PASSPHRASE, ExportRequest(ExportForm.MNEMONIC))

    async def test_somebody_else_finds_no_wallet(self, keystore: Keystore, words: WalletRecord) -> None:
        with pytest.raises(KeyNotFound):
            await keystore.exports.export(UUID(int=9), words.id, PASSPHRASE, ExportRequest(ExportForm.MNEMONIC))

    @pytest.mark.parametrize(
        "request_",
        [
            ExportRequest(ExportForm.HEX),
            ExportRequest(ExportForm.SHARES),
            ExportRequest(ExportForm.KEYSTORE, path=EVM_PATH, file_password="short"),
            ExportRequest(ExportForm.WIF, Curve.ED25519, SOLANA_PATH),
            ExportRequest(ExportForm.HEX, Curve.SR25519, EVM_PATH),
        ],
    )
    async def test_impossible_requests(
        self, keystore: Keystore, tenant: UUID, words: WalletRecord, request_: ExportRequest
    ) -> None:
        with pytest.raises(InvalidValue):
            await keystore.exports.export(tenant, words.id, PASSPHRASE, request_)

    async def test_soft_ed25519_path_is_refused(self, keystore: Keystore, tenant: UUID, words: WalletRecord) -> None:
        request = ExportRequest(ExportForm.SOLANA_JSON, path=DerivationPath.parse("m/44'/501'/0'/0"))
        with pytest.raises(InvalidDerivationPath, match="soft"):
            await keystore.exports.export(tenant, words.id, PASSPHRASE, request)

    async def test_a_single_key_has_no_words_shares_or_tree(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.imports.key(token, tenant, "key", EVM_KEY, KeyForm.HEX)
        for request in (
            ExportRequest(ExportForm.MNEMONIC),
            ExportRequest(ExportForm.SHARES, shares=SharePlan(1, ((1, 1),))),
            ExportRequest(ExportForm.EXTENDED_KEY),
        ):
            with pytest.raises((KeyNotFound, InvalidValue)):
                await keystore.exports.export(tenant, wallet.id, PASSPHRASE, request)
