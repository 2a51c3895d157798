"""/wallets: words, backup, accounts and what they hold."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.dependencies import AccountsDep, KeystoreDep, SessionsDep, Unlocked
from api.errors import problems
from api.paging import Page
from api.schemas.wallets import (
    AccountCreate,
    AccountRead,
    BackupAnswers,
    BackupChallenge,
    MnemonicRead,
    PortfolioRead,
    Reveal,
    WalletCreate,
    WalletImport,
    WalletRead,
)
from api.security import CallingPerson
from people.sessions.attempts import unlock_bounds
from primitives.chain_id import ChainId
from primitives.errors import (
    AuditUnavailable,
    BackupNotConfirmed,
    InvalidDerivationPath,
    InvalidMnemonic,
    KeyNotFound,
    KeystoreLocked,
    NotAuthenticated,
    SigningRefused,
    TooManyAttempts,
    UnknownChain,
    WalletBackedUp,
    WrongPassphrase,
)
from primitives.key_path import parse_key_path
from wallets.accounts.model import curve_of

router = APIRouter(prefix="/wallets", tags=["wallets"])


@router.post("", status_code=201, responses=problems(NotAuthenticated, KeystoreLocked))
async def create_wallet(
    body: WalletCreate, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Make a wallet from fresh entropy; then reveal its words and confirm the backup."""
    wallet = await keystore.create_wallet(
        unlock, caller.tenant_id, body.label, body.words, body.language, body.bip39_passphrase.get_secret_value()
    )
    return WalletRead.of(wallet)


@router.post("/import", status_code=201, responses=problems(NotAuthenticated, KeystoreLocked, InvalidMnemonic))
async def import_wallet(
    body: WalletImport, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Make a wallet from words. The same words again give the same wallet."""
    wallet = await keystore.import_mnemonic(
        unlock,
        caller.tenant_id,
        body.label,
        body.mnemonic.get_secret_value(),
        body.bip39_passphrase.get_secret_value(),
    )
    return WalletRead.of(wallet)


@router.get("", responses=problems(NotAuthenticated))
async def list_wallets(caller: CallingPerson, keystore: KeystoreDep) -> Page[WalletRead]:
    """The caller's wallets, oldest first."""
    return Page[WalletRead].whole([WalletRead.of(wallet) for wallet in await keystore.wallets(caller.tenant_id)])


@router.get("/accounts", responses=problems(NotAuthenticated))
async def list_accounts(caller: CallingPerson, accounts: AccountsDep) -> Page[AccountRead]:
    """The accounts of all the caller's wallets, oldest first."""
    found = await accounts.list(caller.tenant_id)
    return Page[AccountRead].whole([AccountRead.of(account) for account in found])


@router.get("/portfolio", deprecated=True, responses=problems(NotAuthenticated))
async def read_portfolio(caller: CallingPerson, accounts: AccountsDep) -> PortfolioRead:
    """What all the caller's accounts hold of known money now; `/portfolio` has every kind, and what it is worth."""
    return PortfolioRead.of(await accounts.portfolio(caller.tenant_id))


@router.get("/{wallet_id}", responses=problems(NotAuthenticated, KeyNotFound))
async def read_wallet(wallet_id: UUID, caller: CallingPerson, keystore: KeystoreDep) -> WalletRead:
    """One of the caller's wallets."""
    return WalletRead.of(await keystore.wallet(caller.tenant_id, wallet_id))


@router.post(
    "/{wallet_id}/backup/reveal",
    responses=problems(
        NotAuthenticated, KeyNotFound, WrongPassphrase, WalletBackedUp, AuditUnavailable, TooManyAttempts
    ),
)
async def reveal_mnemonic(
    wallet_id: UUID,
    body: Reveal,
    caller: CallingPerson,
    keystore: KeystoreDep,
    sessions: SessionsDep,
    response: Response,
) -> MnemonicRead:
    """Show the words of a wallet whose backup is not confirmed yet; needs the passphrase again and is audited."""
    bounds = unlock_bounds(str(caller.person_id))
    await sessions.attempts.begin(bounds)
    mnemonic = await keystore.reveal_mnemonic(wallet_id, caller.tenant_id, body.passphrase.get_secret_value())
    await sessions.attempts.succeeded(bounds)
    response.headers["Cache-Control"] = "no-store"
    return MnemonicRead(mnemonic=mnemonic)


@router.post("/{wallet_id}/backup/challenge", responses=problems(NotAuthenticated, KeyNotFound, WalletBackedUp))
async def challenge_backup(wallet_id: UUID, caller: CallingPerson, keystore: KeystoreDep) -> BackupChallenge:
    """Ask which words to type as proof of the backup."""
    return BackupChallenge(positions=list(await keystore.backup_challenge(caller.tenant_id, wallet_id)))


@router.post(
    "/{wallet_id}/backup/confirm",
    responses=problems(NotAuthenticated, KeystoreLocked, KeyNotFound, BackupNotConfirmed, InvalidMnemonic),
)
async def confirm_backup(
    wallet_id: UUID, body: BackupAnswers, caller: CallingPerson, unlock: Unlocked, keystore: KeystoreDep
) -> WalletRead:
    """Prove the backup with the words of the last challenge; afterwards the words are never shown again."""
    answers = {position: word.get_secret_value() for position, word in body.words.items()}
    return WalletRead.of(await keystore.confirm_backup(unlock, caller.tenant_id, wallet_id, answers))


@router.post(
    "/{wallet_id}/accounts",
    status_code=201,
    responses=problems(
        NotAuthenticated, KeystoreLocked, KeyNotFound, UnknownChain, InvalidDerivationPath, SigningRefused
    ),
)
async def create_account(
    wallet_id: UUID, body: AccountCreate, caller: CallingPerson, unlock: Unlocked, accounts: AccountsDep
) -> AccountRead:
    """Make an account at the chain's next free path, or at the one given (the same account each time)."""
    chain = ChainId.parse(body.chain)
    account = await accounts.create(
        unlock,
        caller.tenant_id,
        wallet_id,
        chain,
        None if body.path is None else parse_key_path(body.path, curve_of(chain)),
        body.label,
        scheme=body.scheme,
    )
    return AccountRead.of(account)


@router.get("/{wallet_id}/accounts", responses=problems(NotAuthenticated, KeyNotFound))
async def list_wallet_accounts(
    wallet_id: UUID, caller: CallingPerson, keystore: KeystoreDep, accounts: AccountsDep
) -> Page[AccountRead]:
    """The accounts of one wallet, oldest first."""
    wallet = await keystore.wallet(caller.tenant_id, wallet_id)
    found = await accounts.list(caller.tenant_id)
    return Page[AccountRead].whole([AccountRead.of(account) for account in found if account.wallet_id == wallet.id])


@router.get("/{wallet_id}/portfolio", deprecated=True, responses=problems(NotAuthenticated, KeyNotFound))
async def read_wallet_portfolio(
    wallet_id: UUID, caller: CallingPerson, keystore: KeystoreDep, accounts: AccountsDep
) -> PortfolioRead:
    """What the accounts of one wallet hold of known money now; `/portfolio?wallet=` has every kind, and its worth."""
    wallet = await keystore.wallet(caller.tenant_id, wallet_id)
    return PortfolioRead.of(await accounts.portfolio(caller.tenant_id, wallet_id=wallet.id))
