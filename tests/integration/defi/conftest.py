"""A person with an unlocked wallet on a chain that has Uniswap v2, WETH9 and tokens; a worker runs throughout."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest_asyncio

from api.services import Services
from chains.registry import ChainEndpoint, ConfiguredChains
from keystore.service import Keystore
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from tests.dapps.deploy import Exchange, deploy_exchange, give, plain_token
from tests.fakes.anvil import Anvil, running_anvil
from tests.integration.api.conftest import *  # noqa: F403 - every fixture of the application, however many
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.accounts.service import AccountService
from wallets.assets.foresight import Foresight
from wallets.assets.recipients import PaidRecipients
from wallets.assets.service import AssetService
from wallets.dapps.rpc import DappRpc
from wallets.dapps.service import DappRequests
from wallets.defi.outside import OutsideSwaps
from wallets.defi.service import SwapService
from wallets.engine.service import Engine
from wallets.transfers.service import TransferService

PASSPHRASE = "correct horse battery staple"
CHAIN = ChainId.evm(31337)
COIN = str(AssetId.native(CHAIN))
ENDED = ("done", "failed", "cancelled")
TEA = 10**18


@dataclass(frozen=True, slots=True)
class Trader:
    """One account with 100 ETH and 1,000 TEA; a pool of 1,000 TEA for 10 ETH."""

    person: SignedIn
    account: AccountId
    client: httpx.AsyncClient
    node: Anvil
    exchange: Exchange
    tea: Asset
    chains: ConfiguredChains

    async def post(self, path: str, body: dict[str, Any], key: str = "k") -> httpx.Response:
        headers = {**self.person.headers, "Idempotency-Key": key}
        return await self.client.post(f"/api/v1{path}", json=body, headers=headers)

    async def get(self, path: str) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1{path}", headers=self.person.headers)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def swap(self, key: str = "k", path: str = "/swaps", **body: Any) -> httpx.Response:
        return await self.post(path, {"account": str(self.account), **body}, key)

    async def send(self, key: str = "k", path: str = "/transfers", **body: Any) -> httpx.Response:
        return await self.post(path, {"sender": str(self.account), **body}, key)

    async def ended(self, path: str) -> dict[str, Any]:
        """Mine until it has ended, and for swaps until what came out is written down."""
        for _ in range(2_000):
            told = await self.get(path)
            if told["status"] in ENDED and told.get("ended_at") is not None:
                return told
            await self.node.mine()
            await asyncio.sleep(0.02)
        raise AssertionError(f"{path} never ended")

    async def units(self, token: str, holder: AccountId | None = None) -> int:
        from codec.evm import tokens

        who = (holder or self.account).address
        call = {"to": token, "data": "0x" + tokens.call("balanceOf(address)", who).hex()}
        return int(await self.node.rpc.call("eth_call", call, "latest"), 16)

    async def wei(self, holder: str | None = None) -> int:
        return int(await self.node.rpc.call("eth_getBalance", holder or self.account.address, "latest"), 16)

    async def nonce(self) -> int:
        return int(await self.node.rpc.call("eth_getTransactionCount", self.account.address, "latest"), 16)

    async def allowed(self, token: str) -> int:
        from codec.evm import tokens

        data = tokens.call("allowance(address,address)", self.account.address, self.exchange.router)
        return int(await self.node.rpc.call("eth_call", {"to": token, "data": "0x" + data.hex()}, "latest"), 16)


@pytest_asyncio.fixture
async def node() -> AsyncIterator[Anvil]:
    async with running_anvil(block_time=None) as node:
        yield node


@pytest_asyncio.fixture
async def exchange(node: Anvil) -> Exchange:
    return await deploy_exchange(node)


@pytest_asyncio.fixture
async def trader(
    database: Database,
    node: Anvil,
    exchange: Exchange,
    services: Services,
    keystore: Keystore,
    client: httpx.AsyncClient,
    sign_in: SignIn,
) -> AsyncIterator[Trader]:
    tea = await plain_token(node, "TEA")
    await exchange.coin_pool(tea.id.reference, 1_000 * TEA, 10 * 10**18)
    endpoint = ChainEndpoint(
        "eip155",
        node.url,
        assets=(tea,),
        local=True,
        wrapped_coin=bytes.fromhex(exchange.wrapped[2:]),
        swap_router=bytes.fromhex(exchange.router[2:]),
    )
    chains = await ConfiguredChains.connect([endpoint])
    accounts = AccountService(database, keystore, chains)
    quick = timedelta(seconds=0.05)
    engine = Engine(database, chains, accounts, follow_every=quick, rebroadcast_every=quick * 4, node_pause=quick)
    foresight = Foresight(chains)
    services.chains, services.accounts = chains, accounts
    services.transfers = TransferService(database, engine, chains, accounts, PaidRecipients(), foresight)
    services.assets = AssetService(database, chains, accounts, engine)
    services.swaps = SwapService(database, engine, chains, accounts)
    services.outside_swaps = OutsideSwaps(database, chains, services.swaps, follow_every=quick)
    requests = DappRequests(
        database, engine, chains, accounts, PaidRecipients(), foresight, look_every=timedelta(seconds=0.05)
    )
    services.dapps = DappRpc(database, chains, accounts, keystore, requests)
    person = await sign_in("mei")
    await client.post("/api/v1/auth/passphrase", json={"passphrase": PASSPHRASE}, headers=person.headers)
    token = await keystore.unlock(person.person_id, PASSPHRASE)
    wallet = await keystore.create_wallet(token, person.person_id, "mine")
    account = (await accounts.create(token, person.person_id, wallet.id, CHAIN)).account
    await client.post("/api/v1/auth/unlock", json={"passphrase": PASSPHRASE}, headers=person.headers)
    await node.fund(account.address, 100 * 10**18)
    await give(node, tea.id.reference, account, 1_000 * TEA)
    handlers = {**engine.handlers(), **services.swaps.handlers(), **services.outside_swaps.handlers()}
    worker = Worker(database, handlers, poll=timedelta(milliseconds=50))
    running = asyncio.create_task(worker.run())
    try:
        yield Trader(person, account, client, node, exchange, tea, chains)
    finally:
        worker.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 15)
        await chains.close()
