"""/auth/wallet: Sign-In with Ethereum (EIP-4361) and with Solana."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from api.dependencies import ClientAddress, SessionsDep, WalletLoginDep
from api.errors import problems
from api.paging import Page
from api.schemas.auth import SessionOpened
from api.schemas.second_factor import LinkedWalletRead, SignInAsk, SignInMessage, WalletLogin, WalletSignature
from api.security import PUBLIC, CallingPerson
from api.session_cookie import opened
from people.sessions.attempts import passkey_bounds
from people.sessions.model import LoginMethod
from people.wallet_login.message import Family
from primitives.errors import (
    InvalidAddress,
    InvalidValue,
    LoginFailed,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OneTimeUsed,
    TooManyAttempts,
)

router = APIRouter(prefix="/auth/wallet", tags=["auth"])


@router.post("/message", dependencies=[PUBLIC], responses=problems(InvalidAddress, InvalidValue))
async def sign_in_message(body: SignInAsk, wallets: WalletLoginDep) -> SignInMessage:
    """The text for the wallet to sign, with a fresh nonce."""
    text = wallets.message(Family(body.family), body.address, chain_id=body.chain_id, origin=body.origin)
    return SignInMessage(message=text)


@router.post(
    "/login", dependencies=[PUBLIC], responses=problems(InvalidValue, LoginFailed, OneTimeUsed, TooManyAttempts)
)
async def wallet_login(
    body: WalletLogin,
    request: Request,
    response: Response,
    address: ClientAddress,
    wallets: WalletLoginDep,
    sessions: SessionsDep,
) -> SessionOpened:
    """Open a session by a wallet's signature; an account that nobody has linked makes a new person."""
    bounds = passkey_bounds(address)
    await sessions.attempts.begin(bounds)
    person_id = await wallets.login(body.message, body.signature)
    await sessions.attempts.succeeded(bounds)
    token, session = await sessions.open(person_id, device=body.device, method=LoginMethod.WALLET)
    return opened(request, response, token, session, transport=body.transport)


@router.post(
    "/link", status_code=201, responses=problems(NotAuthenticated, NotPermitted, InvalidValue, LoginFailed, OneTimeUsed)
)
async def link_wallet(body: WalletSignature, caller: CallingPerson, wallets: WalletLoginDep) -> LinkedWalletRead:
    """Let a wallet sign the caller in from now on."""
    return LinkedWalletRead.of(await wallets.link(caller.person_id, body.message, body.signature))


@router.get("", responses=problems(NotAuthenticated))
async def list_linked_wallets(caller: CallingPerson, wallets: WalletLoginDep) -> Page[LinkedWalletRead]:
    """The accounts that sign the caller in."""
    return Page[LinkedWalletRead].whole([LinkedWalletRead.of(each) for each in await wallets.list(caller.person_id)])


@router.delete("/{linked_id}", status_code=204, responses=problems(NotAuthenticated, NotFound, NotPermitted))
async def unlink_wallet(linked_id: UUID, caller: CallingPerson, wallets: WalletLoginDep) -> None:
    """This account signs the caller in no more; the only way in stays."""
    await wallets.unlink(caller.person_id, linked_id)
