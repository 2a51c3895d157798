"""/wallets: keys that come in from other wallets, wallets of shares, and exports."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import KeystoreDep, SessionsDep, Unlocked
from api.errors import problems
from api.schemas.keys import (
    Export,
    ExportRead,
    ExtendedPublicKeyAsk,
    ExtendedPublicKeyRead,
    KeyImport,
    KeystoreImport,
    SharesImport,
    SharesProof,
    SharesWalletCreate,
    WatchCreate,
)
from api.schemas.wallets import WalletRead
from api.security import CallingPerson
from people.sessions.attempts import unlock_bounds
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    AuditUnavailable,
    BackupNotConfirmed,
    InvalidDerivationPath,
    InvalidKeyFile,
    InvalidMnemonic,
    InvalidShares,
    KeyNotFound,
    KeystoreLocked,
    NotAuthenticated,
    SigningRefused,
    TooManyAttempts,
    WrongPassphrase,
)

router = APIRouter(prefix="/wallets", tags=["wallets"])


@router.post("/import/key", status_code=201, responses=problems(NotAuthenticated, KeystoreLocked, InvalidKeyFile))
async def import_key(body: KeyImport, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep) -> WalletRead:
    """Make a wallet of one key (hexadecimal, WIF, Solana) or of an extended private key."""
    wallet = await keystore.imports.key(
        unlock, caller.tenant_id, body.label, body.key.get_secret_value(), body.form, body.curve
    )
    return WalletRead.of(wallet)


@router.post(
    "/import/keystore",
    status_code=201,
    responses=problems(NotAuthenticated, KeystoreLocked, InvalidKeyFile, InvalidMnemonic),
)
async def import_keystore(
    body: KeystoreImport, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Make a wallet from a password-protected key file."""
    wallet = await keystore.imports.keystore_file(
        unlock, caller.tenant_id, body.label, body.file.get_secret_value(), body.password.get_secret_value()
    )
    return WalletRead.of(wallet)


@router.post("/import/shares", status_code=201, responses=problems(NotAuthenticated, KeystoreLocked, InvalidShares))
async def import_shares(
    body: SharesImport, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Make a wallet from enough SLIP-39 shares."""
    wallet = await keystore.imports.shares(
        unlock,
        caller.tenant_id,
        body.label,
        [share.get_secret_value() for share in body.shares],
        body.passphrase.get_secret_value(),
    )
    return WalletRead.of(wallet)


@router.post("/shares", status_code=201, responses=problems(NotAuthenticated, KeystoreLocked))
async def create_shares_wallet(
    body: SharesWalletCreate, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Make a wallet from fresh entropy; then export its shares and confirm the backup with enough of them."""
    wallet = await keystore.imports.new_shares_wallet(unlock, caller.tenant_id, body.label, body.strength)
    return WalletRead.of(wallet)


@router.post("/watch", status_code=201, responses=problems(NotAuthenticated, InvalidKeyFile))
async def create_watch_wallet(body: WatchCreate, caller: CallingPerson, keystore: KeystoreDep) -> WalletRead:
    """Make a wallet that only watches: an extended public key, or addresses added one by one."""
    return WalletRead.of(await keystore.imports.watch(caller.tenant_id, body.label, body.extended_public_key))


@router.post(
    "/{wallet_id}/backup/confirm-shares",
    responses=problems(NotAuthenticated, KeystoreLocked, KeyNotFound, InvalidShares, BackupNotConfirmed),
)
async def confirm_shares(
    wallet_id: UUID, body: SharesProof, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Prove the backup of a wallet of shares with enough of them."""
    wallet = await keystore.imports.confirm_shares(
        unlock,
        caller.tenant_id,
        wallet_id,
        [share.get_secret_value() for share in body.shares],
        body.passphrase.get_secret_value(),
    )
    return WalletRead.of(wallet)


@router.post(
    "/{wallet_id}/export",
    responses=problems(
        NotAuthenticated,
        KeyNotFound,
        WrongPassphrase,
        SigningRefused,
        InvalidDerivationPath,
        InvalidShares,
        AuditUnavailable,
        TooManyAttempts,
    ),
)
async def export_secret(
    wallet_id: UUID,
    body: Export,
    caller: CallingPerson,
    keystore: KeystoreDep,
    sessions: SessionsDep,
    response: Response,
) -> ExportRead:
    """Let a secret out in a standard form; needs the passphrase again and is audited."""
    request = body.to_domain()
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    exported = await keystore.exports.export(caller.tenant_id, wallet_id, body.passphrase.get_secret_value(), request)
    await sessions.attempts.succeeded(bounds)
    response.headers["Cache-Control"] = "no-store"
    try:
        return ExportRead.of(body.form, exported)
    finally:
        exported.wipe()


@router.post(
    "/{wallet_id}/extended-public-key",
    responses=problems(NotAuthenticated, KeystoreLocked, KeyNotFound, SigningRefused, InvalidDerivationPath),
)
async def show_extended_public_key(
    wallet_id: UUID,
    body: ExtendedPublicKeyAsk,
    caller: CallingPerson,
    unlock: Unlocked,
    keystore: KeystoreDep,
    response: Response,
) -> ExtendedPublicKeyRead:
    """The public half of a branch, for a watch-only wallet elsewhere; it shows all addresses and signs nothing."""
    path = DerivationPath.parse(body.path)
    text = await keystore.exports.extended_public_key(unlock, caller.tenant_id, wallet_id, path, body.prefix)
    response.headers["Cache-Control"] = "no-store"
    return ExtendedPublicKeyRead(extended_public_key=text, path=str(path))
