"""/chains: the configured chains, and the faucet of local ones."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from api.dependencies import AllServices, ChainsDep, IdempotencyKey
from api.errors import problems
from api.paging import Page
from api.schemas.chains import ChainRead, FaucetGift, FaucetRequest
from api.security import CallingPerson
from chains.ports import Heads
from chains.registry import ConfiguredChains
from people.roles import PlatformRole
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    IdempotencyConflict,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    NotAuthenticated,
    NotFound,
    UnknownAsset,
    UnknownChain,
)

router = APIRouter(prefix="/chains", tags=["chains"])

_HEALTH_SECONDS = 3.0


@router.get("", responses=problems(NotAuthenticated))
async def list_chains(caller: CallingPerson, chains: ChainsDep) -> Page[ChainRead]:
    """The configured chains with their nodes' health and heights, asked now."""
    ids = chains.all()
    operator = PlatformRole.OPERATOR in caller.platform_roles
    heads = await asyncio.gather(*(_heads(chains, chain) for chain in ids))
    return Page[ChainRead].whole(
        [
            ChainRead.of(chains.info(chain), found, chains.client(chain).endpoints, show_places=operator)
            for chain, found in zip(ids, heads, strict=True)
        ]
    )


@router.post(
    "/{chain}/faucet",
    responses=problems(
        NotAuthenticated,
        UnknownChain,
        NotFound,
        UnknownAsset,
        InvalidAddress,
        AmountNotPositive,
        IdempotencyConflict,
        NodeUnavailable,
    ),
)
async def ask_faucet(
    chain: str,
    body: FaucetRequest,
    caller: CallingPerson,
    chains: ChainsDep,
    services: AllServices,
    key: IdempotencyKey,
) -> FaucetGift:
    """Test money on a local chain; other chains have no faucet (404)."""
    info = chains.info(_chain_id(chain))
    if not info.local or not services.faucet:
        raise NotFound(f"{info.chain} has no faucet: it is not a local test network")
    account = AccountId.parse(body.account) if ":" in body.account else AccountId.of(info.chain, body.account)
    if account.chain != info.chain:
        raise InvalidAddress(f"{account} is not on {info.chain}", address=str(account))
    wanted = AssetId.parse(body.asset)
    asset = next((known for known in info.assets if known.id == wanted), None)
    if asset is None:
        raise UnknownAsset(f"the faucet has no {wanted}", asset=str(wanted))
    units = int(body.base_units)
    if units == 0:
        raise AmountNotPositive("ask for more than zero")
    name = "native" if asset.id.is_native else asset.symbol
    tx_hash = await services.faucet.give(account, name, units, idempotency_key=f"{caller.person_id}:{key}")
    return FaucetGift(tx_hash=tx_hash)


def _chain_id(text: str) -> ChainId:
    try:
        return ChainId.parse(text)
    except InvalidValue as error:
        raise UnknownChain(f"{text!r} is not a configured chain") from error


async def _heads(chains: ConfiguredChains, chain: ChainId) -> Heads | None:
    try:
        async with asyncio.timeout(_HEALTH_SECONDS):
            return await chains.adapter(chain).heads()
    except (NodeUnavailable, TimeoutError):
        return None
