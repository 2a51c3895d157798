"""The whole application in this process with its PostgreSQL and local testnets, and a merchant who calls its API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from api.composition import Application, compose
from api.operator_key import ensure_operator_key
from api.settings import Settings
from localnet.testing import start_localnet
from persistence.embedded import EmbeddedPostgres
from primitives.chain_id import ChainId
from vouchers.claims.sql import get_claim

_OFF_MINOR = 100
_UNITS_PER_MINOR = 10_000


@dataclass(slots=True)
class DropShop:
    """`merchant`: the headers of its owner."""

    application: Application
    client: httpx.AsyncClient
    chain: ChainId
    merchant: dict[str, str]
    _keys: int = field(default=0)

    async def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> Any:
        """The body of a successful answer. Raises AssertionError with the problem otherwise."""
        self._keys += 1
        sent = {**(self.merchant if headers is None else headers), "Idempotency-Key": f"bench-{self._keys}"}
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=sent)
        if not answer.is_success:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    async def until(self, path: str, done: Callable[[Any], bool]) -> Any:
        while not done(found := await self.ask("GET", path)):  # noqa: ASYNC110 - the API has no event to wait for
            await asyncio.sleep(0.05)
        return found

    async def campaign(self, cap: int) -> str:
        """An active one that is funded for every voucher."""
        now = datetime.now(UTC).replace(microsecond=0)
        made = await self.ask(
            "POST",
            "/campaigns",
            {
                "title": "a million",
                "kind": "cash",
                "effect": {"amount_off": _OFF_MINOR},
                "currency": "CNY",
                "valid_from": (now - timedelta(days=1)).isoformat(),
                "valid_until": (now + timedelta(days=30)).isoformat(),
                "lanes": [{"chain": str(self.chain), "cap": cap}],
                "claim": {"ways": ["drop"]},
            },
        )
        await self.ask("POST", f"/campaigns/{made['id']}/launch", {})
        found = await self.until(f"/campaigns/{made['id']}", lambda seen: seen["status"] in ("active", "failed"))
        if found["status"] != "active":
            raise AssertionError(found["lanes"])
        return str(made["id"])

    async def hash_of_claim(self, claim_id: str) -> str:
        """Of the claim's transaction, as the engine has it."""
        services = self.application.services
        async with services.database.transaction() as tx:
            claim = await get_claim(tx, UUID(claim_id))
            assert claim is not None
            assert claim.payment_id is not None
            payment = await services.handouts.direct.payments.view(tx, claim.tenant_id, claim.payment_id)
        return str(payment.tx_hash)

    async def gas(self, tx_hash: str) -> int:
        """Gas that a transaction used."""
        return int((await self._node("eth_getTransactionReceipt", tx_hash))["gasUsed"], 16)

    async def height(self) -> int:
        """Of the newest block."""
        return int(await self._node("eth_blockNumber"), 16)

    async def gas_since(self, height: int) -> tuple[int, int]:
        """Gas of all transactions in the blocks after a height, and how many they are; nobody else uses this chain."""
        used, many = 0, 0
        for number in range(height + 1, await self.height() + 1):
            block = await self._node("eth_getBlockByNumber", hex(number), False)
            used, many = used + int(block["gasUsed"], 16), many + len(block["transactions"])
        return used, many

    async def _node(self, method: str, *parameters: Any) -> Any:
        return await self.application.services.chains.client(self.chain).call(method, *parameters)


@asynccontextmanager
async def drop_shop(folder: Path, cap: int) -> AsyncIterator[DropShop]:
    """A shop whose treasury can fund `cap` vouchers, on the EVM chain."""
    async with AsyncExitStack() as stack:
        server = EmbeddedPostgres(folder / "postgres")
        url = await server.start()
        stack.push_async_callback(server.stop)
        network = await start_localnet(folder / "chains", block_seconds=0.25, slot_seconds=0.2)
        stack.push_async_callback(network.stop)
        settings = Settings(
            data_dir=folder / "data",
            key_dir=folder / "keys",
            database_url=SecretStr(url),
            localnet_url=network.control_url,
            log_level="error",
        )
        ensure_operator_key(settings.key_file)
        application = await stack.enter_async_context(compose(settings))
        await stack.enter_async_context(application.working())
        await application.provision()
        transport = httpx.ASGITransport(application.asgi)
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=600)
        )
        chain = next(one for one in application.services.chains.all() if one.family == "eip155")
        shop = DropShop(application, client, chain, {})
        who = {"email": "bench@example.com", "password": "correct horse battery"}
        await shop.ask("POST", "/auth/register", {**who, "display_name": "bench"})
        opened = await shop.ask("POST", "/auth/login", who)
        shop.merchant = {"Authorization": f"Bearer {opened['token']}"}
        made = await shop.ask("POST", "/organisations", {"name": "bench"})
        shop.merchant["Organisation-Id"] = made["id"]
        faucet = application.services.faucet
        assert faucet is not None
        for held in await application.services.organisation_accounts(UUID(made["id"])):
            if held.account.chain == chain:
                await faucet.give(held.account, "native", 10**18)
                if held.purpose.value == "treasury":
                    await faucet.give(held.account, "tCNY", cap * _OFF_MINOR * _UNITS_PER_MINOR)
        yield shop
