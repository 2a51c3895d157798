"""/wallets: known derivation schemes, addresses that nothing is sent from here, and watched holdings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.dependencies import AccountsDep, KeystoreDep, Unlocked
from api.errors import problems
from api.paging import Page
from api.schemas.addresses import (
    AddressCreate,
    AddressRead,
    CandidateRead,
    CandidatesAsk,
    NetworkRead,
    NetworkText,
    WatchedCreate,
    WatchedPortfolioRead,
)
from api.security import CallingPerson
from chains.schemes import network, networks
from primitives.errors import (
    InvalidAddress,
    InvalidDerivationPath,
    KeyNotFound,
    KeystoreLocked,
    NotAuthenticated,
    SigningRefused,
    UnknownChain,
)

router = APIRouter(prefix="/wallets", tags=["wallets"])


@router.get("/schemes", responses=problems(NotAuthenticated, UnknownChain))
async def list_schemes(
    caller: CallingPerson,
    accounts: AccountsDep,
    of: Annotated[NetworkText | None, Query(alias="network", description="CAIP-2; none: all known networks")] = None,
) -> Page[NetworkRead]:
    """Every known place where wallets keep keys: Ledger Live, Phantom, Trust and the others."""
    found = [network(of)] if of is not None else [*map(network, accounts.chains()), *networks()]
    return Page[NetworkRead].whole([NetworkRead.of(each) for each in found])


@router.get("/addresses", responses=problems(NotAuthenticated))
async def list_addresses(caller: CallingPerson, accounts: AccountsDep) -> Page[AddressRead]:
    """The addresses of all the caller's wallets that nothing is sent from here, oldest first."""
    found = await accounts.addresses.list(caller.tenant_id)
    return Page[AddressRead].whole([AddressRead.of(address) for address in found])


@router.get("/watched", responses=problems(NotAuthenticated))
async def read_watched(caller: CallingPerson, accounts: AccountsDep) -> WatchedPortfolioRead:
    """What the watched addresses hold now."""
    return WatchedPortfolioRead.of(await accounts.addresses.holdings(caller.tenant_id))


@router.get("/{wallet_id}/addresses", responses=problems(NotAuthenticated, KeyNotFound))
async def list_wallet_addresses(
    wallet_id: UUID, caller: CallingPerson, keystore: KeystoreDep, accounts: AccountsDep
) -> Page[AddressRead]:
    """The addresses of one wallet, oldest first."""
    wallet = await keystore.wallet(caller.tenant_id, wallet_id)
    found = await accounts.addresses.list(caller.tenant_id, wallet.id)
    return Page[AddressRead].whole([AddressRead.of(address) for address in found])


@router.post(
    "/{wallet_id}/addresses",
    status_code=201,
    responses=problems(
        NotAuthenticated, KeystoreLocked, KeyNotFound, UnknownChain, InvalidDerivationPath, SigningRefused
    ),
)
async def create_address(
    wallet_id: UUID, body: AddressCreate, caller: CallingPerson, unlock: Unlocked, accounts: AccountsDep
) -> AddressRead:
    """Make the next address of a wallet on Bitcoin, TRON, Aptos, Polkadot, Kusama or EOS."""
    address = await accounts.addresses.create(
        unlock,
        caller.tenant_id,
        wallet_id,
        body.network,
        scheme=body.scheme,
        path=body.path,
        label=body.label,
    )
    return AddressRead.of(address)


@router.post(
    "/{wallet_id}/watched",
    status_code=201,
    responses=problems(NotAuthenticated, KeyNotFound, UnknownChain, InvalidAddress, InvalidDerivationPath),
)
async def watch_address(
    wallet_id: UUID, body: WatchedCreate, caller: CallingPerson, accounts: AccountsDep
) -> AddressRead:
    """Watch one more address in a wallet that only watches."""
    if body.address is not None:
        address = await accounts.addresses.watch_address(
            caller.tenant_id, wallet_id, body.network, body.address, body.label
        )
    else:
        address = await accounts.addresses.watch_next(
            caller.tenant_id, wallet_id, body.network, scheme=body.scheme, path=body.path, label=body.label
        )
    return AddressRead.of(address)


@router.post(
    "/{wallet_id}/candidates",
    responses=problems(NotAuthenticated, KeystoreLocked, KeyNotFound, UnknownChain, SigningRefused),
)
async def list_candidates(
    wallet_id: UUID, body: CandidatesAsk, caller: CallingPerson, unlock: Unlocked, accounts: AccountsDep
) -> Page[CandidateRead]:
    """The first addresses by every known scheme, to find the accounts of another wallet. Nothing is stored."""
    found = await accounts.addresses.candidates(unlock, caller.tenant_id, wallet_id, body.network, body.count)
    return Page[CandidateRead].whole([CandidateRead.of(candidate) for candidate in found])
