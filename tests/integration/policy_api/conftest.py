"""The API over a real keystore, an engine with the policy's gate, and an Anvil that mines by hand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest_asyncio

from api.policies import join_policies, known_decimals
from api.services import Services
from chains.registry import ChainEndpoint, ConfiguredChains
from keystore.service import Keystore
from persistence.database import Database
from persistence.jobs import Worker
from primitives.asset import Asset
from tests.conformance.adapter.evm_stage import CHAIN
from tests.fakes.anvil import Anvil
from tests.integration.api.conftest import SignIn
from tests.integration.transfers.conftest import *  # noqa: F403 - every fixture of the application, and the node
from tests.integration.transfers.conftest import PASSPHRASE, Holder
from wallets.accounts.service import AccountService
from wallets.assets.recipients import PaidRecipients
from wallets.engine.service import Engine
from wallets.policy.approvals import Approvals
from wallets.policy.replay import Replay
from wallets.policy.service import PolicyService
from wallets.prices.local import LocalPrices
from wallets.transfers.service import TransferService


@pytest_asyncio.fixture
async def ruled(
    database: Database,
    node: Anvil,
    money: Asset,
    services: Services,
    keystore: Keystore,
    client: httpx.AsyncClient,
    sign_in: SignIn,
) -> AsyncIterator[Holder]:
    """A person with an unlocked wallet of 10 ETH, whose payments the policy governs."""
    chains = await ConfiguredChains.connect([ChainEndpoint("eip155", node.url, assets=(money,), local=True)])
    accounts = AccountService(database, keystore, chains)
    prices = LocalPrices([chains.adapter(CHAIN).native, money])
    policies = join_policies(chains, prices)
    quick = timedelta(seconds=0.05)
    engine = Engine(
        database,
        chains,
        accounts,
        follow_every=quick,
        rebroadcast_every=quick * 4,
        node_pause=quick,
        gates=(policies.gate,),
    )
    codes = services.sessions.second_factor
    services.chains = chains
    services.transfers = TransferService(database, engine, chains, accounts, PaidRecipients())
    services.policies = PolicyService(
        database, policies.gate.defaults, Replay(prices, known_decimals(chains)), codes, chains.all()
    )
    services.approvals = Approvals(database, engine, codes)
    person = await sign_in("mei")
    await client.post("/api/v1/auth/passphrase", json={"passphrase": PASSPHRASE}, headers=person.headers)
    token = await keystore.unlock(person.person_id, PASSPHRASE)
    wallet = await keystore.create_wallet(token, person.person_id, "mine")
    account = (await accounts.create(token, person.person_id, wallet.id, CHAIN)).account
    await client.post("/api/v1/auth/unlock", json={"passphrase": PASSPHRASE}, headers=person.headers)
    await node.fund(account.address, 10 * 10**18)
    worker = Worker(database, {**engine.handlers(), **services.approvals.handlers()}, poll=timedelta(milliseconds=50))
    running = asyncio.create_task(worker.run())
    try:
        yield Holder(person, account, client, node, money)
    finally:
        worker.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(running, 15)
        await chains.close()
