"""Bringing keys in, and watching keys that stay elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID, uuid4

from codec.bitcoin.extended_key import read_extended_key
from keystore import sql
from keystore.audit import AuditLog
from keystore.branch import Branch
from keystore.derivation import public_key_of
from keystore.extended_text import private_node, public_node
from keystore.imports.key_text import KeyForm, read_key
from keystore.imports.keystore_file import open_keystore_file
from keystore.master_secret import MasterSecret
from keystore.mnemonic import words_to_entropy
from keystore.model import KeyRecord, WalletKind, WalletRecord
from keystore.origin import KeyOrigin, open_origin, purpose_of
from keystore.seed_words import SeedWords
from keystore.shares import combine_shares, fresh_master_secret
from keystore.unlocked import OpenVault, UnlockToken
from persistence.database import Database
from primitives.clock import Clock
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    BackupNotConfirmed,
    InvalidDerivationPath,
    InvalidKeyFile,
    InvalidShares,
    InvalidValue,
    KeyNotFound,
)
from primitives.key_path import KeyPath
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey

_FILES_AT_ONCE = 1
"""Each may take 512 MiB."""


class StoreWallet(Protocol):
    """How the keystore seals an origin; it wipes it, and gives the wallet that has the same origin already."""

    async def __call__(
        self,
        vault: OpenVault,
        tenant_id: UUID,
        label: str,
        kind: WalletKind,
        origin: KeyOrigin,
        *,
        backup_confirmed: bool,
    ) -> WalletRecord: ...


class KeyImports:
    """Keys, files and shares of other wallets, and wallets that only watch.

    Args:
        vault_of: The open vault of a token and tenant, or KeystoreLocked.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        clock: Clock,
        vault_of: Callable[[UnlockToken, UUID], OpenVault],
        store: StoreWallet,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._vault_of = vault_of
        self._store = store
        self._files = asyncio.Semaphore(_FILES_AT_ONCE)

    async def key(
        self, token: UnlockToken, tenant_id: UUID, label: str, text: str, form: KeyForm, curve: Curve | None = None
    ) -> WalletRecord:
        """A wallet of one key, or of one branch for an extended key. The same key again gives the same wallet.

        Raises:
            KeystoreLocked
            InvalidKeyFile: `part` says what is wrong.
        """
        vault = self._vault_of(token, tenant_id)
        if form is KeyForm.EXTENDED_KEY:
            origin: KeyOrigin = Branch(private_node(read_extended_key(text)))
            return await self._keep(vault, tenant_id, label, WalletKind.EXTENDED_KEY, origin, form)
        return await self._keep(vault, tenant_id, label, WalletKind.SINGLE_KEY, read_key(text, form, curve), form)

    async def keystore_file(
        self, token: UnlockToken, tenant_id: UUID, label: str, text: str, password: str
    ) -> WalletRecord:
        """A wallet from a password-protected key file: one key, or a mnemonic where the file holds one.

        Raises:
            KeystoreLocked
            InvalidKeyFile: `part` says what is wrong; `password` also stands for a changed file.
            InvalidMnemonic: The words in the file.
        """
        self._vault_of(token, tenant_id)
        async with self._files:
            opened = await asyncio.to_thread(open_keystore_file, text, password)
        try:
            # Minutes may have passed in the queue.
            vault = self._vault_of(token, tenant_id)
            if opened.key is not None:
                return await self._keep(vault, tenant_id, label, WalletKind.SINGLE_KEY, opened.key, "keystore")
            if opened.mnemonic is None:
                raise InvalidKeyFile("the key file is empty", part="key")
            entropy, language = words_to_entropy(opened.mnemonic.expose().decode())
            words = SeedWords.of(entropy, language)
            return await self._keep(vault, tenant_id, label, WalletKind.MNEMONIC, words, "keystore")
        finally:
            opened.wipe()

    async def shares(
        self, token: UnlockToken, tenant_id: UUID, label: str, shares: Sequence[str], passphrase: str = ""
    ) -> WalletRecord:
        """A wallet of the master secret of enough SLIP-39 shares.

        Raises:
            KeystoreLocked
            InvalidShares: `part`, `share` and `positions` say what is wrong.
        """
        vault = self._vault_of(token, tenant_id)
        secret = await asyncio.to_thread(combine_shares, shares, passphrase)
        if not 16 <= len(secret) <= 64:
            secret.wipe()
            raise InvalidShares("these shares hold no seed: a seed has 16 to 64 bytes", part="secret")
        return await self._keep(vault, tenant_id, label, WalletKind.SHARES, MasterSecret(secret), "slip39")

    async def new_shares_wallet(
        self, token: UnlockToken, tenant_id: UUID, label: str, strength: int = 128
    ) -> WalletRecord:
        """A wallet from fresh entropy whose backup is SLIP-39 shares: export them, then confirm with enough of them.

        Raises:
            KeystoreLocked
            InvalidValue: Neither 128 nor 256 bits, or the label.
        """
        vault = self._vault_of(token, tenant_id)
        origin = MasterSecret(fresh_master_secret(strength))
        return await self._store(vault, tenant_id, label, WalletKind.SHARES, origin, backup_confirmed=False)

    async def confirm_shares(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, shares: Sequence[str], passphrase: str = ""
    ) -> WalletRecord:
        """Prove the backup of a shares wallet with enough of its shares.

        Raises:
            KeystoreLocked, KeyNotFound, InvalidShares
            BackupNotConfirmed: The shares are of another secret, or the passphrase is another.
        """
        self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            await sql.wallet(tx, tenant_id, wallet_id)
        secret = MasterSecret(await asyncio.to_thread(combine_shares, shares, passphrase))
        try:
            fingerprint = secret.fingerprint()
        finally:
            secret.wipe()
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id, lock=True)
            same = await sql.wallet_by_fingerprint(tx, tenant_id, WalletKind.SHARES, fingerprint)
            if stored.record.kind is not WalletKind.SHARES:
                raise KeyNotFound("you have no such wallet of shares", wallet=str(wallet_id))
            if same is None or same.id != wallet_id:
                raise BackupNotConfirmed("these shares give another secret than this wallet's, or the passphrase does")
            await sql.set_backup_confirmed(tx, wallet_id)
            confirmed = (await sql.wallet(tx, tenant_id, wallet_id)).record
        await self._audit.append(wallet_id, tenant_id, "backup_confirmed", {})
        return confirmed

    async def watch(self, tenant_id: UUID, label: str, extended_public_key: str | None = None) -> WalletRecord:
        """A wallet without any secret: all soft children of an extended public key, or addresses added one by one.

        Raises:
            InvalidKeyFile: No extended public key, or a private one, which is never stored by this way.
            InvalidValue: The label.
        """
        label = label.strip()
        if not 1 <= len(label) <= 100:
            raise InvalidValue("a wallet's label has 1 to 100 characters")
        wallet_id = uuid4()
        fingerprint = wallet_id.bytes[:8]
        if extended_public_key is not None:
            extended_public_key = extended_public_key.strip()
            fields = read_extended_key(extended_public_key)
            public = public_node(fields)
            fingerprint = hashlib.sha256(public.public_key + public.chain_code).digest()[:8]
        record = WalletRecord(
            id=wallet_id,
            tenant_id=tenant_id,
            label=label,
            kind=WalletKind.WATCH,
            words=None,
            language=None,
            backup_confirmed=True,
            created_at=self._clock.now(),
            curve=None if extended_public_key is None else Curve.SECP256K1,
            extended_public_key=extended_public_key,
        )
        async with self._database.transaction() as tx:
            if await sql.insert_wallet(tx, record, None, fingerprint, None):
                return record
            known = await sql.wallet_by_fingerprint(tx, tenant_id, WalletKind.WATCH, fingerprint)
        if known is None:
            raise InvalidValue("the wallet could not be stored")
        return known

    async def watched_key(self, tenant_id: UUID, wallet_id: UUID, path: DerivationPath) -> KeyRecord:
        """The public key at a soft path of a watched extended key; the same record each time. It signs nothing.

        Raises:
            KeyNotFound: No such wallet, or one that watches no extended key.
            InvalidDerivationPath: A hardened level, which needs the private key.
        """
        async with self._database.transaction() as tx:
            wallet = (await sql.wallet(tx, tenant_id, wallet_id)).record
            if wallet.kind is not WalletKind.WATCH or wallet.extended_public_key is None:
                raise KeyNotFound("this wallet watches no extended public key", wallet=str(wallet_id))
            known = await sql.find_key_at(tx, wallet_id, Curve.SECP256K1, str(path))
            if known is not None:
                return known
            node = public_node(read_extended_key(wallet.extended_public_key)).at(path)
            record = KeyRecord(
                KeyId(uuid4()),
                tenant_id,
                wallet_id,
                KeyPurpose.HOLDER,
                Curve.SECP256K1,
                PublicKey(Curve.SECP256K1, node.public_key),
                str(path),
            )
            await sql.insert_key(tx, record)
            return await sql.find_key_at(tx, wallet_id, Curve.SECP256K1, str(path)) or record

    async def preview(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, wanted: Sequence[tuple[Curve, KeyPath]]
    ) -> list[PublicKey | None]:
        """Public keys at several places of a wallet, for somebody who looks for accounts of before. Nothing is
        stored; None where this wallet has no key.

        Raises:
            KeystoreLocked, KeyNotFound, SealBroken
            SigningRefused: The wallet only watches.
        """
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id)
            purpose = purpose_of(stored.record)
            if stored.vault_id != vault.vault_id:
                raise KeyNotFound("you have no such wallet", wallet=str(wallet_id))
            secret = await sql.secret_of(tx, wallet_id, purpose)
        origin = open_origin(vault.master_key, stored.record, secret.sealed)
        try:
            return [_public_key_at(origin, curve, path) for curve, path in wanted]
        finally:
            origin.wipe()

    async def _keep(
        self, vault: OpenVault, tenant_id: UUID, label: str, kind: WalletKind, origin: KeyOrigin, form: str
    ) -> WalletRecord:
        wallet = await self._store(vault, tenant_id, label, kind, origin, backup_confirmed=True)
        await self._audit.append(wallet.id, tenant_id, "imported", {"form": str(form)})
        return wallet

    def __repr__(self) -> str:
        return "KeyImports(hidden)"


def _public_key_at(origin: KeyOrigin, curve: Curve, path: KeyPath) -> PublicKey | None:
    try:
        with origin.private_key(curve, path) as private_key:
            return public_key_of(private_key, curve)
    except InvalidDerivationPath:
        return None
