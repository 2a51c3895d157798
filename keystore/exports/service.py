"""Letting secrets out: the passphrase again, the audit entry committed, then the secret."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from keystore import sql
from keystore.audit import AuditLog
from keystore.branch import Branch
from keystore.derivation import ExtendedKey
from keystore.exports.forms import KEY_FORMS, ExportForm, ScryptCost, curve_for, write_key, write_keystore_file
from keystore.extended_text import private_text, public_text
from keystore.master_secret import MasterSecret
from keystore.mnemonic import join_words
from keystore.model import WalletRecord
from keystore.origin import KeyOrigin, open_origin, purpose_of
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from keystore.shares import SharePlan, split_secret
from keystore.single_key import ITS_PATH, SingleKey
from keystore.unlocked import OpenVault, UnlockToken
from persistence.database import Database
from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue, KeyNotFound, WrongPassphrase
from primitives.key_path import KeyPath
from primitives.signing import Curve


@dataclass(frozen=True, slots=True, repr=False)
class ExportRequest:
    """What shall leave, in which form. It holds passwords, so it shows nothing.

    Attributes:
        curve: Of a key; needed for HEX only.
        path: Of a key or branch; None: the one key of a single-key wallet, or the root.
        file_password: For KEYSTORE.
        shares: For SHARES.
        share_passphrase: For SHARES; printable ASCII.
    """

    form: ExportForm
    curve: Curve | None = None
    path: KeyPath | None = None
    file_password: str = ""
    shares: SharePlan | None = None
    share_passphrase: str = ""

    def __repr__(self) -> str:
        return f"ExportRequest({self.form}, hidden)"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("a request with passwords is never pickled or copied")


@dataclass(frozen=True, slots=True, repr=False)
class Exported:
    """What left; show it once and wipe it.

    Attributes:
        text: The words, key, file or extended key; None for shares.
        groups: Shares by group.
        bip39_passphrase: Of a mnemonic that has one: without it the words open other accounts.
    """

    text: Secret | None = None
    groups: tuple[tuple[Secret, ...], ...] = ()
    bip39_passphrase: Secret | None = None

    def wipe(self) -> None:
        secrets = [share for group in self.groups for share in group]
        for secret in [self.text, self.bip39_passphrase, *secrets]:
            if secret is not None:
                secret.wipe()

    def __repr__(self) -> str:
        return "Exported(hidden)"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("an export is never pickled or copied")


class KeyExports:
    """Exports of a person's own secrets.

    Args:
        reopen: Opens a person's vault with the passphrase, or raises WrongPassphrase.
        vault_of: The open vault of a token and tenant, or KeystoreLocked.
        file_cost: Of written key files.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditLog,
        reopen: Callable[[UUID, str], Awaitable[OpenVault]],
        vault_of: Callable[[UnlockToken, UUID], OpenVault],
        *,
        file_cost: ScryptCost | None = None,
    ) -> None:
        self._database = database
        self._audit = audit
        self._reopen = reopen
        self._vault_of = vault_of
        self._file_cost = file_cost
        self._files = asyncio.Semaphore(1)

    async def export(self, tenant_id: UUID, wallet_id: UUID, passphrase: str, request: ExportRequest) -> Exported:
        """One export. The audit entry is committed before the sealed record is opened.

        Raises:
            WrongPassphrase: Audited too.
            KeyNotFound: No such wallet, or nothing of this form in it.
            SigningRefused: The wallet only watches.
            InvalidDerivationPath, InvalidShares, InvalidValue: The request.
            AuditUnavailable
        """
        _check(request)
        async with self._database.transaction() as tx:
            wallet = (await sql.wallet(tx, tenant_id, wallet_id)).record
            secret = await sql.secret_of(tx, wallet_id, purpose_of(wallet))
        try:
            opened = await self._reopen(tenant_id, passphrase)
        except WrongPassphrase:
            await self._audit.append(wallet_id, tenant_id, "export_refused", {"rule": "wrong_passphrase"})
            raise
        try:
            facts = {"form": str(request.form)}
            if request.path is not None:
                facts["path"] = str(request.path)
            await self._audit.append(wallet_id, tenant_id, "exported", facts)
            origin = open_origin(opened.master_key, wallet, secret.sealed)
            try:
                return await self._write(origin, wallet, request)
            finally:
                origin.wipe()
        finally:
            opened.wipe()

    async def extended_public_key(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, path: DerivationPath, prefix: str = "xpub"
    ) -> str:
        """The extended public key at a path, for a watch-only wallet elsewhere. It shows all addresses below it and
        signs nothing, so an unlock is enough.

        Raises:
            KeystoreLocked, KeyNotFound, InvalidDerivationPath
            InvalidValue: The wallet is no tree, or the prefix is none of a public key.
        """
        if not prefix.endswith("pub"):
            raise InvalidValue("the prefix of an extended public key is xpub, ypub, zpub, tpub, upub or vpub")
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id)
            if stored.vault_id != vault.vault_id:
                raise KeyNotFound("you have no such wallet", wallet=str(wallet_id))
            secret = await sql.secret_of(tx, wallet_id, purpose_of(stored.record))
        origin = open_origin(vault.master_key, stored.record, secret.sealed)
        try:
            with _root(origin) as root, root.at(path) as node:
                return public_text(node.neuter(), prefix)
        finally:
            origin.wipe()

    async def _write(self, origin: KeyOrigin, wallet: WalletRecord, request: ExportRequest) -> Exported:
        if request.form is ExportForm.MNEMONIC:
            return _mnemonic(origin)
        if request.form is ExportForm.SHARES:
            return await _shares(origin, request)
        if request.form is ExportForm.EXTENDED_KEY:
            if not isinstance(request.path, DerivationPath | None):
                raise InvalidDerivationPath("an extended key is at a BIP-32 path", path=str(request.path))
            with _root(origin) as root, root.at(request.path or DerivationPath(())) as node:
                return Exported(private_text(node))
        curve = curve_for(request.form, request.curve or wallet.curve)
        with origin.private_key(curve, request.path or ITS_PATH) as key:
            if request.form is not ExportForm.KEYSTORE:
                return Exported(write_key(key, curve, request.form))
            async with self._files:
                written = await asyncio.to_thread(
                    write_keystore_file, key, request.file_password, wallet.id, self._file_cost
                )
            return Exported(written)

    def __repr__(self) -> str:
        return "KeyExports(hidden)"


def _check(request: ExportRequest) -> None:
    """What can be told before anything is opened. Raises InvalidValue."""
    if request.form is ExportForm.SHARES and request.shares is None:
        raise InvalidValue("say how many shares of how many groups")
    if request.form in KEY_FORMS and request.form is not ExportForm.HEX:
        curve_for(request.form, request.curve)
    if request.form is ExportForm.KEYSTORE and len(request.file_password) < 8:
        raise InvalidValue("the file's password has at least 8 characters")


def _mnemonic(origin: KeyOrigin) -> Exported:
    if not isinstance(origin, SeedWords):
        raise KeyNotFound("this wallet has no words")
    sentence = Secret(join_words(origin.words(), origin.language).encode())
    passphrase = origin.passphrase()
    return Exported(sentence, bip39_passphrase=passphrase if len(passphrase) else None)


async def _shares(origin: KeyOrigin, request: ExportRequest) -> Exported:
    if request.shares is None:
        raise InvalidValue("say how many shares of how many groups")
    if isinstance(origin, MasterSecret):
        secret = Secret(origin.secret.expose())
    elif isinstance(origin, SeedWords):
        # The seed itself, not the entropy: a SLIP-39 wallet takes the secret as the seed, so the accounts stay.
        secret = origin.seed()
    else:
        raise KeyNotFound("this wallet has no master secret that could be split")
    with secret:
        groups = await asyncio.to_thread(split_secret, secret, request.shares, request.share_passphrase)
    return Exported(groups=tuple(tuple(Secret(share.encode()) for share in group) for group in groups))


def _root(origin: KeyOrigin) -> ExtendedKey:
    """The top of the secp256k1 tree of a wallet. Raises InvalidValue for a single key."""
    if isinstance(origin, SeedWords):
        with origin.seed() as seed:
            return ExtendedKey.master(seed, Curve.SECP256K1)
    if isinstance(origin, MasterSecret):
        return ExtendedKey.master(origin.secret, Curve.SECP256K1)
    if isinstance(origin, Branch):
        return origin.node.at(DerivationPath(()))
    if isinstance(origin, SingleKey):
        raise InvalidValue("a single key has no tree, so no extended key")
    raise InvalidValue("this wallet has no tree")
