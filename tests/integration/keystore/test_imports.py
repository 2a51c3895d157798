"""Keys of other wallets on a real database: what comes in signs, what only watches never does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from eth_account import Account
from solders.keypair import Keypair

from codec.evm.transaction import address_of_public_key
from keystore import sql
from keystore.imports.key_text import KeyForm
from keystore.model import WalletKind
from keystore.secret import Secret
from keystore.service import Keystore, UnlockToken
from keystore.shares import SharePlan, split_secret
from keystore.single_key import ITS_PATH
from persistence.database import Database
from primitives.account_id import checksum_address
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    BackupNotConfirmed,
    InvalidDerivationPath,
    InvalidKeyFile,
    InvalidShares,
    KeyNotFound,
    KeystoreLocked,
    SealBroken,
    SigningRefused,
)
from primitives.signing import Curve, SigningRequest, SigningScheme

VECTORS = Path(__file__).parents[2] / "vectors"
FILES: dict[str, Any] = json.loads((VECTORS / "keystore_v3.json").read_text())["files"]
BITCOIN: dict[str, Any] = json.loads((VECTORS / "bitcoin_accounts.json").read_text())
RAW = bytes(range(1, 33))
EVM = ChainId.evm(31337)


async def _signed_text(keystore: Keystore, token: UnlockToken, key: Any) -> str:
    request = SigningRequest(key.id, SigningScheme.EVM_MESSAGE, b"hello", EVM, "test")
    return (await keystore.signer(token).sign(request)).raw.hex()


class TestSingleKeys:
    async def test_raw_key_signs_as_eth_account_does(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.imports.key(token, tenant, "old", "0x" + RAW.hex(), KeyForm.HEX)
        assert (wallet.kind, wallet.curve, wallet.words) == (WalletKind.SINGLE_KEY, Curve.SECP256K1, None)
        key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ITS_PATH)
        known = Account.from_key(RAW)
        assert checksum_address(address_of_public_key(key.public_key.raw)) == known.address
        from eth_account.messages import encode_defunct

        signed = known.sign_message(encode_defunct(b"hello")).signature.hex()
        assert (await _signed_text(keystore, token, key))[:128] == signed[:128]

    async def test_solana_key_signs(self, keystore: Keystore, token: UnlockToken, tenant: UUID) -> None:
        pair = Keypair.from_seed(RAW)
        wallet = await keystore.imports.key(token, tenant, "cli", pair.to_json(), KeyForm.SOLANA_JSON)
        again = await keystore.imports.key(token, tenant, "phantom", encode_base58(bytes(pair)), KeyForm.SOLANA_BASE58)
        assert again.id == wallet.id
        key = await keystore.derive(token, tenant, wallet.id, Curve.ED25519, ITS_PATH)
        assert key.public_key.raw == bytes(pair.pubkey())

    @pytest.mark.parametrize(
        ("curve", "path"), [(Curve.ED25519, "m"), (Curve.SECP256K1, "m/0"), (Curve.SECP256K1, "m/44'/60'/0'/0/0")]
    )
    async def test_it_has_no_other_place(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID, curve: Curve, path: str
    ) -> None:
        wallet = await keystore.imports.key(token, tenant, "old", RAW.hex(), KeyForm.HEX)
        with pytest.raises(InvalidDerivationPath):
            await keystore.derive(token, tenant, wallet.id, curve, DerivationPath.parse(path))

    async def test_locked_keystore_takes_nothing(self, keystore: Keystore, tenant: UUID) -> None:
        with pytest.raises(KeystoreLocked):
            await keystore.imports.key(UnlockToken("none"), tenant, "old", RAW.hex(), KeyForm.HEX)

    async def test_a_record_of_another_kind_does_not_open(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID, database: Database
    ) -> None:
        """Changing the kind in the row cannot make a key be read as something else."""
        wallet = await keystore.imports.key(token, tenant, "old", RAW.hex(), KeyForm.HEX)
        async with database.transaction() as tx:
            table = sql.wallet_table
            await tx.execute(table.update().where(table.c.id == wallet.id).values(kind="shares"))
            secrets = sql.secret_table
            await tx.execute(secrets.update().where(secrets.c.wallet_id == wallet.id).values(purpose="master-secret"))
        with pytest.raises(SealBroken, match=str(wallet.id)):
            await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ITS_PATH)


class TestFiles:
    async def test_key_file(self, keystore: Keystore, token: UnlockToken, tenant: UUID) -> None:
        case = FILES["mycrypto"]
        wallet = await keystore.imports.keystore_file(token, tenant, "file", json.dumps(case["file"]), case["password"])
        key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, ITS_PATH)
        assert address_of_public_key(key.public_key.raw).hex() == case["file"]["address"]

    async def test_wrong_password_stores_nothing(self, keystore: Keystore, token: UnlockToken, tenant: UUID) -> None:
        with pytest.raises(InvalidKeyFile) as caught:
            await keystore.imports.keystore_file(
                token, tenant, "file", json.dumps(FILES["mycrypto"]["file"]), "another"
            )
        assert caught.value.part == "password"
        assert await keystore.wallets(tenant) == []


class TestBranches:
    async def test_extended_private_key_has_the_accounts_of_its_tree(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        account = BITCOIN["accounts"]["bip84"]
        wallet = await keystore.imports.key(
            token, tenant, "branch", account["account"]["private"], KeyForm.EXTENDED_KEY
        )
        for known in account["keys"]:
            below = DerivationPath(DerivationPath.parse(known["path"]).levels[3:])
            key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, below)
            assert key.public_key.raw.hex() == known["public"]
            assert len(await _signed_text(keystore, token, key)) == 130


class TestShares:
    async def test_shares_give_the_wallet_again(self, keystore: Keystore, token: UnlockToken, tenant: UUID) -> None:
        groups = split_secret(Secret(RAW), SharePlan(2, ((2, 3), (1, 1), (3, 5))), "pw")
        chosen = [*groups[0][1:], *groups[1]]
        wallet = await keystore.imports.shares(token, tenant, "shares", chosen, "pw")
        other = await keystore.imports.shares(token, tenant, "again", [groups[1][0], *groups[2][:3]], "pw")
        assert other.id == wallet.id
        assert wallet.kind is WalletKind.SHARES
        without = await keystore.imports.shares(token, tenant, "other passphrase", chosen)
        assert without.id != wallet.id

    async def test_new_wallet_is_confirmed_by_its_own_shares_only(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        from keystore.exports.forms import ExportForm
        from keystore.exports.service import ExportRequest
        from tests.integration.keystore.conftest import PASSPHRASE

        wallet = await keystore.imports.new_shares_wallet(token, tenant, "fresh", 256)
        assert not wallet.backup_confirmed
        plan = ExportRequest(ExportForm.SHARES, shares=SharePlan(1, ((2, 3),)), share_passphrase="pw")
        exported = await keystore.exports.export(tenant, wallet.id, PASSPHRASE, plan)
        shares = [share.expose().decode() for share in exported.groups[0]]
        assert [len(share.split()) for share in shares] == [33] * 3
        with pytest.raises(InvalidShares) as caught:
            await keystore.imports.confirm_shares(token, tenant, wallet.id, shares[:1], "pw")
        assert caught.value.part == "missing"
        with pytest.raises(BackupNotConfirmed):
            await keystore.imports.confirm_shares(token, tenant, wallet.id, shares[:2], "another")
        foreign = split_secret(Secret(RAW), SharePlan(1, ((1, 1),)))[0]
        with pytest.raises(BackupNotConfirmed):
            await keystore.imports.confirm_shares(token, tenant, wallet.id, foreign)
        assert not (await keystore.wallet(tenant, wallet.id)).backup_confirmed
        confirmed = await keystore.imports.confirm_shares(token, tenant, wallet.id, shares[1:], "pw")
        assert confirmed.backup_confirmed


class TestWatching:
    async def test_watched_branch_has_addresses_and_no_signature(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        account = BITCOIN["accounts"]["bip84"]
        wallet = await keystore.imports.watch(tenant, "cold", account["account"]["public"])
        assert wallet.kind is WalletKind.WATCH
        for known in account["keys"]:
            below = DerivationPath(DerivationPath.parse(known["path"]).levels[3:])
            key = await keystore.imports.watched_key(tenant, wallet.id, below)
            assert key.public_key.raw.hex() == known["public"]
        with pytest.raises(SigningRefused) as caught:
            await _signed_text(keystore, token, key)
        assert caught.value.rule == "watch_only"
        with pytest.raises(SigningRefused):
            await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, DerivationPath.parse("m/0/0"))

    async def test_hardened_child_is_refused(self, keystore: Keystore, tenant: UUID) -> None:
        wallet = await keystore.imports.watch(tenant, "cold", BITCOIN["accounts"]["bip86"]["account"]["public"])
        with pytest.raises(InvalidDerivationPath, match="soft"):
            await keystore.imports.watched_key(tenant, wallet.id, DerivationPath.parse("m/0'/0"))

    async def test_private_key_is_not_watched(self, keystore: Keystore, tenant: UUID) -> None:
        private = BITCOIN["accounts"]["bip86"]["account"]["private"]
        with pytest.raises(InvalidKeyFile) as caught:
            await keystore.imports.watch(tenant, "cold", private)
        assert private not in str(caught.value) + str(caught.value.facts)
        assert await keystore.wallets(tenant) == []

    async def test_somebody_elses_wallet_is_unknown(self, keystore: Keystore, tenant: UUID) -> None:
        wallet = await keystore.imports.watch(tenant, "cold", BITCOIN["accounts"]["bip86"]["account"]["public"])
        with pytest.raises(KeyNotFound):
            await keystore.imports.watched_key(uuid4(), wallet.id, DerivationPath.parse("m/0/0"))

    async def test_watching_needs_no_unlock_and_importing_later_signs(
        self, keystore: Keystore, token: UnlockToken, tenant: UUID
    ) -> None:
        account = BITCOIN["accounts"]["bip84"]["account"]
        watched = await keystore.imports.watch(tenant, "cold", account["public"])
        await keystore.imports.watched_key(tenant, watched.id, DerivationPath.parse("m/0/0"))
        owned = await keystore.imports.key(token, tenant, "hot", account["private"], KeyForm.EXTENDED_KEY)
        assert owned.id != watched.id
        key = await keystore.derive(token, tenant, owned.id, Curve.SECP256K1, DerivationPath.parse("m/0/0"))
        assert len(await _signed_text(keystore, token, key)) == 130
