"""The whole application in this process, its PostgreSQL, an Anvil that mines by hand, and further workers beside it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from coincurve import PrivateKey
from pydantic import SecretStr

from api.composition import Application, compose
from api.operator_key import ensure_operator_key
from api.pace import Pace, Rate
from api.settings import Settings
from bench.engine.calling import ask
from chains.rpc.client import JsonRpcClient
from codec.evm.transaction import address_of_public_key
from localnet.evm.anvil import find_anvil
from localnet.processes import free_port
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable
from wallets.engine.attempts.sql import attempts_by_status, handed_over

CHAIN = ChainId.evm(31337)
_ROOT = Path(__file__).resolve().parents[2]
_WALLET_ACCOUNTS = 8
_WEI = 10**24
_PASSPHRASE = "a passphrase of the benchmark"  # noqa: S105


@dataclass(slots=True)
class Node:
    rpc: JsonRpcClient
    process: asyncio.subprocess.Process

    async def mine(self, blocks: int = 1) -> None:
        await self.rpc.call("anvil_mine", hex(blocks))

    async def fund(self, address: str) -> None:
        await self.rpc.call("anvil_setBalance", address, hex(_WEI))


@dataclass(slots=True)
class Installation:
    """A person with an unlocked wallet of eight funded accounts, who calls the API in process."""

    application: Application
    database: Database
    node: Node
    headers: dict[str, str]
    accounts: list[str]
    others: list[asyncio.subprocess.Process] = field(default_factory=list)
    _keys: int = field(default=0)

    async def fresh_key(self) -> bytes:
        """A funded private key that nobody has used."""
        key = PrivateKey(secrets.token_bytes(32))
        account = AccountId.from_raw(CHAIN, address_of_public_key(key.public_key.format(compressed=True)))
        await self.node.fund(account.address)
        return bytes(key.secret)

    async def transfer(self, sender: str, count: int) -> list[str]:
        """Ask for `count` transfers of one account in one request; their ids."""
        self._keys += 1
        body = [
            {
                "sender": sender,
                "recipient": AccountId.from_raw(CHAIN, secrets.token_bytes(20)).address,
                "asset": f"{CHAIN}/slip44:60",
                "base_units": "1",
            }
            for _ in range(count)
        ]
        headers = {**self.headers, "Idempotency-Key": f"bench-{self._keys}"}
        if count == 1:
            status, answer = await ask(self.application.asgi, "/api/v1/transfers", body[0], headers)
            transfers = [answer]
        else:
            status, answer = await ask(self.application.asgi, "/api/v1/transfers/batch", {"transfers": body}, headers)
            transfers = [outcome["transfer"] for outcome in answer.get("outcomes", [])]
        if status != 202 or any(one is None or one["status"] != "in_flight" for one in transfers):
            raise AssertionError(f"{status}: {str(answer)[:500]}")
        return [one["id"] for one in transfers]

    async def sent(self) -> int:
        """How many transactions a node has ever taken from us."""
        async with self.database.statements() as tx:
            return sum(n for status, n in (await attempts_by_status(tx)).items() if status != "signed")

    async def done(self) -> int:
        async with self.database.statements() as tx:
            return (await attempts_by_status(tx)).get("final", 0)

    async def until_sent(self, count: int) -> None:
        while await self.sent() < count:  # noqa: ASYNC110 - other processes write what is waited for
            await asyncio.sleep(0.005)

    async def until_done(self, count: int) -> None:
        """Mine as a chain does, until so many are final."""
        while await self.done() < count:
            await self.node.mine()
            await asyncio.sleep(0.05)

    async def until_handed_over(self, payment_id: str) -> None:
        while True:
            async with self.database.statements() as tx:
                if await handed_over(tx, UUID(payment_id)):
                    return
            await asyncio.sleep(0.005)

    async def settle(self) -> None:
        """Everything that was sent becomes final, so that the next case starts from an empty pool."""
        async with self.database.transaction() as tx:
            everything = sum((await attempts_by_status(tx)).values())
        await self.until_done(everything)


@asynccontextmanager
async def installation(folder: Path, *, workers: int) -> AsyncIterator[Installation]:
    """One worker runs in this process, as in `quanbao up`; the others in processes of their own."""
    server = EmbeddedPostgres(folder / "postgres")
    url = await server.start()
    others: list[asyncio.subprocess.Process] = []
    try:
        async with _anvil(folder) as node:
            settings = Settings(
                data_dir=folder / "data",
                key_dir=folder / "keys",
                database_url=SecretStr(url),
                evm_rpc_url=node.rpc.place,
                price_file=_prices(folder),
                price_max_age_seconds=86_400,
                log_level="error",
            )
            ensure_operator_key(settings.key_file)
            database = Database(url)
            async with compose(settings) as application, application.working():
                for _ in range(workers - 1):
                    others.append(await _worker(url, node.rpc.place, folder))
                transport = httpx.ASGITransport(application.asgi)
                async with httpx.AsyncClient(
                    transport=transport, base_url="http://127.0.0.1:8080", timeout=120
                ) as client:
                    _let_one_person_ask_for_all(application)
                    place = await _person(application, database, node, client)
                    place.others = others
                    yield place
            await database.close()
    finally:
        for process in others:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        await server.stop()


def _let_one_person_ask_for_all(application: Application) -> None:
    """The bound on how much one session may ask for would be what is measured."""
    generous = Rate(per_second=1e6, burst=10**6)
    for middleware in application.asgi.user_middleware:
        if "pace" in middleware.kwargs:
            middleware.kwargs["pace"] = Pace(address=generous, account=generous)


def _prices(folder: Path) -> Path:
    """What the default rules reckon payments by, on a chain that is no local one of ours."""
    entry = {"asset": f"{CHAIN}/slip44:60", "currency": "CNY", "price": "20000"}
    document = {"source": "the benchmark", "at": datetime.now(UTC).isoformat(), "prices": [entry]}
    file = folder / "prices.json"
    file.write_text(json.dumps(document))
    return file


async def _worker(url: str, node_url: str, folder: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bench.engine.worker", url, node_url, str(folder)),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    if await process.stdout.readline() != b"ready\n":
        raise RuntimeError("a worker did not start")
    return process


@asynccontextmanager
async def _anvil(folder: Path) -> AsyncIterator[Node]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(find_anvil()),
        *("--host", "127.0.0.1", "--port", str(port), "--order", "fifo", "--slots-in-an-epoch", "1", "--no-mining"),
        *("--gas-limit", "60000000", "--enable-tx-gas-limit", "--cache-path", str(folder / "anvil"), "--silent"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    rpc = JsonRpcClient(f"http://127.0.0.1:{port}", timeout_seconds=60)
    try:
        for _ in range(200):
            with contextlib.suppress(NodeUnavailable):
                await rpc.call("eth_chainId")
                break
        yield Node(rpc, process)
    finally:
        process.kill()
        await process.wait()
        await rpc.close()


async def _person(application: Application, database: Database, node: Node, client: httpx.AsyncClient) -> Installation:
    async def post(path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
        answer.raise_for_status()
        content: dict[str, Any] = answer.json() if answer.content else {}
        return content

    who = {"email": "bench@example.com", "password": "correct horse battery"}
    await post("/auth/register", {**who, "display_name": "bench"})
    headers = {"Authorization": f"Bearer {(await post('/auth/login', who))['token']}"}
    await post("/auth/passphrase", {"passphrase": _PASSPHRASE}, headers)
    await post("/auth/unlock", {"passphrase": _PASSPHRASE}, headers)
    wallet = await post("/wallets", {"label": "bench"}, headers)
    accounts = []
    for _ in range(_WALLET_ACCOUNTS):
        made = await post(f"/wallets/{wallet['id']}/accounts", {"chain": str(CHAIN)}, headers)
        account = AccountId.parse(made["account"])
        await node.fund(account.address)
        accounts.append(str(account))
    return Installation(application, database, node, headers, accounts)
