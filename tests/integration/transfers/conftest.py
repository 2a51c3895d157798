"""The API over a real keystore, a real engine and a real Anvil that mines by hand; a worker runs throughout."""

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
from primitives.asset import Asset
from tests.conformance.adapter.evm_stage import CHAIN, deploy_test_money, mint_test_money
from tests.fakes.anvil import Anvil, running_anvil
from tests.integration.api.conftest import *  # noqa: F403 - every fixture of the application, however many
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.accounts.service import AccountService
from wallets.assets.recipients import PaidRecipients
from wallets.assets.service import AssetService
from wallets.engine.service import Engine
from wallets.transfers.service import TransferService

PASSPHRASE = "correct horse battery staple"
MINTER = AccountId.of(CHAIN, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


@pytest_asyncio.fixture
async def node() -> AsyncIterator[Anvil]:
    async with running_anvil(block_time=None) as node:
        yield node


@pytest_asyncio.fixture
async def money(node: Anvil) -> Asset:
    return await deploy_test_money(node, MINTER)


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with an unlocked wallet and one funded account: 10 ETH and 5.00 tCNY."""

    person: SignedIn
    account: AccountId
    client: httpx.AsyncClient
    node: Anvil
    money: Asset

    async def send(self, body: dict[str, Any], key: str = "k", path: str = "/transfers") -> httpx.Response:
        headers = {**self.person.headers, "Idempotency-Key": key}
        return await self.client.post(f"/api/v1{path}", json={"sender": str(self.account), **body}, headers=headers)

    async def ended(self, payment_id: str, path: str = "/transfers") -> dict[str, Any]:
        for _ in range(400):
            answer = await self.client.get(f"/api/v1{path}/{payment_id}", headers=self.person.headers)
            assert answer.status_code == 200, answer.text
            body: dict[str, Any] = answer.json()
            if body["status"] in ("done", "failed", "cancelled"):
                return body
            await self.node.mine()
            await asyncio.sleep(0.05)
        raise AssertionError(f"payment {payment_id} never ended")


@pytest_asyncio.fixture
async def holder(
    database: Database,
    node: Anvil,
    money: Asset,
    services: Services,
    keystore: Keystore,
    client: httpx.AsyncClient,
    sign_in: SignIn,
) -> AsyncIterator[Holder]:
    chains = await ConfiguredChains.connect([ChainEndpoint("eip155", node.url, assets=(money,), local=True)])
    accounts = AccountService(database, keystore, chains)
    quick = timedelta(seconds=0.05)
    engine = Engine(database, chains, accounts, follow_every=quick, rebroadcast_every=quick * 4, node_pause=quick)
    services.chains = chains
    services.transfers = TransferService(database, engine, chains, accounts, PaidRecipients())
    services.assets = AssetService(database, chains, accounts, engine)
    person = await sign_in("mei")
    await client.post("/api/v1/auth/passphrase", json={"passphrase": PASSPHRASE}, headers=person.headers)
    token = await keystore.unlock(person.person_id, PASSPHRASE)
    wallet = await keystore.create_wallet(token, person.person_id, "mine")
    account = (await accounts.create(token, person.person_id, wallet.id, CHAIN)).account
    await client.post("/api/v1/auth/unlock", json={"passphrase": PASSPHRASE}, headers=person.headers)
    await node.fund(account.address, 10 * 10**18)
    await mint_test_money(node, MINTER, money, account, 5_000_000)
    worker = Worker(database, engine.handlers(), poll=timedelta(milliseconds=50))
    running = asyncio.create_task(worker.run())
    try:
        yield Holder(person, account, client, node, money)
    finally:
        worker.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 15)
        await chains.close()
