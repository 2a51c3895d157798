"""An organisation that asks for payments on a real local chain, and payers with keys of their own."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from solders.keypair import Keypair
from solders.transaction import VersionedTransaction

from api.services import Services
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.solana.instruction import Instruction
from codec.solana.message import assemble_transaction, build_message
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from tests.fakes.solana_localnet import SolanaLocalnet, running_solana
from tests.integration.api.conftest import *  # noqa: F403 - every fixture of the application, however many
from tests.integration.api.conftest import SignedIn, SignIn
from wallets.solana_pay.service import SolanaPay

SOL = 10**9


@dataclass(frozen=True, slots=True)
class Shop:
    """A merchant's till, its account, and the node that both sides use."""

    client: httpx.AsyncClient
    person: SignedIn
    organisation: str
    treasury: AccountId
    node: SolanaLocalnet
    pay: SolanaPay
    sol: Asset

    @property
    def tenant(self) -> UUID:
        return UUID(self.organisation)

    async def payer(self) -> Keypair:
        key = Keypair()
        await self.node.give(AccountId.from_raw(self.node.chain_id, bytes(key.pubkey())), lamports=10 * SOL, cny=10**9)
        return key

    async def ask(self, base_units: int = SOL, asset: Asset | None = None, **fields: str) -> dict[str, Any]:
        body = {"asset": str((asset or self.sol).id), "base_units": str(base_units), "label": "茶馆", **fields}
        headers = self.person.acting_for(self.organisation)
        answer = await self.client.post("/api/v1/solana-pay/requests", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def read(self, request: dict[str, Any]) -> dict[str, Any]:
        headers = self.person.acting_for(self.organisation)
        answer = await self.client.get(f"/api/v1/solana-pay/requests/{request['id']}", headers=headers)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def composed(self, request: dict[str, Any], payer: Keypair) -> bytes:
        """The transaction that the server composes, signed as a wallet signs it."""
        path = "/api/v1" + request["transaction_link"].rpartition("/api/v1")[2]
        answer = await self.client.post(path, json={"account": str(payer.pubkey())})
        assert answer.status_code == 200, answer.text
        unsigned = VersionedTransaction.from_bytes(base64.b64decode(answer.json()["transaction"]))
        return bytes(VersionedTransaction(unsigned.message, [payer]))

    async def signed(self, payer: Keypair, *instructions: Instruction) -> bytes:
        blockhash = bytes(self.node.chain.bank.newest_blockhash)
        message = build_message(bytes(payer.pubkey()), instructions, blockhash)
        return assemble_transaction(message, {bytes(payer.pubkey()): bytes(payer.sign_message(message))})

    async def send(self, wire: bytes) -> str:
        """Confirmed afterwards, not final."""
        params = [base64.b64encode(wire).decode(), {"encoding": "base64", "preflightCommitment": "processed"}]
        async with httpx.AsyncClient() as raw:
            body = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": params}
            answer = (await raw.post(self.node.url, json=body)).json()
        assert "result" in answer, answer
        await self.node.advance()
        return str(answer["result"])


@pytest_asyncio.fixture
async def node() -> AsyncIterator[SolanaLocalnet]:
    async with running_solana() as node:
        yield node


@pytest_asyncio.fixture
async def shop(
    node: SolanaLocalnet, database: Database, services: Services, client: httpx.AsyncClient, sign_in: SignIn
) -> AsyncIterator[Shop]:
    chains = await ConfiguredChains.connect([ChainEndpoint("solana", node.url, assets=(node.cny,), local=True)])
    treasury = AccountId.from_raw(node.chain_id, bytes(Keypair().pubkey()))

    async def receiving(tenant_id: UUID, chain: ChainId) -> AccountId:
        return treasury

    services.chains = chains
    services.solana_pay = SolanaPay(database, chains, receiving)
    person = await sign_in("wang")
    made = await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=person.headers)
    assert made.status_code == 201, made.text
    sol = Asset(AssetId.native(node.chain_id), "SOL", 9)
    yield Shop(client, person, made.json()["id"], treasury, node, services.solana_pay, sol)
    await chains.close()
