"""`quanbao up` in this process with its sample people, a campaign on both chains, and orders to pay."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from api.cli.client import ApiClient
from api.cli.demo.evidence import Tale
from api.cli.demo.nodes import connect_local
from api.cli.demo.people import HOLDER, ensure_people
from api.cli.demo.persons import Sessions, open_sessions
from api.cli.demo.state import DemoState
from api.cli.demo.story import Story
from api.cli.demo.target import DemoTarget, state_file
from api.cli.up import running
from api.settings import Settings
from localnet.processes import free_port

PRICE_MINOR = 10_000
OFF_MINOR = 2_000
_CAP = 500
_POCKET_MINOR = 20_000_000
_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Shop:
    """A holder with money on every chain, a till, and a campaign that issues to the holder.

    Attributes:
        families: Of its chains: eip155, solana.
    """

    base: str
    state: DemoState
    people: Sessions
    shop: ApiClient
    till: ApiClient
    campaign: str
    holders: dict[str, str]
    chains: dict[str, str]
    _number: itertools.count[int] = field(default_factory=itertools.count)

    @property
    def families(self) -> list[str]:
        return list(self.chains)

    @property
    def email(self) -> str:
        return HOLDER.email

    async def order_with_voucher(self, family: str) -> str:
        """An open order of 100.00, and the one voucher of the holder's, on this chain; the order's id."""
        number = next(self._number)
        issued = await self.shop.post(
            f"/campaigns/{self.campaign}/issue", {"holders": [self.holders[family]]}, key=f"bench-issue-{number}"
        )
        while issued["status"] not in ("done", "failed"):
            await asyncio.sleep(_LOOK_SECONDS)
            issued = await self.shop.get(f"/campaigns/{self.campaign}/issuances/{issued['id']}")
        (voucher,) = issued["vouchers"]
        while voucher not in {item["id"] for item in (await self.people.holder.get("/vouchers"))["items"]}:  # noqa: ASYNC110 - the chain is read elsewhere
            await asyncio.sleep(_LOOK_SECONDS)
        line = {"sku": "tea-001", "name": "Sample tea 示例茶", "quantity": 1, "unit_price_minor": PRICE_MINOR}
        order = await self.till.post("/orders", {"currency": "CNY", "lines": [line]}, key=f"bench-order-{number}")
        return str(order["id"])

    async def pay(self, order: str) -> float:
        """Seconds from asking to `paid`, by HTTP alone."""
        holder = self.people.holder
        quote = await holder.post(f"/orders/{order}/quote", {})
        if quote["discount"]["minor"] != OFF_MINOR:
            raise AssertionError(f"the voucher is not in the price: {quote['discount']}")
        started = time.perf_counter()
        await holder.post(f"/orders/{order}/pay", {"quote": quote["id"]}, key=f"bench-pay-{order}")
        while (shown := await holder.get(f"/orders/{order}"))["order"]["status"] != "paid":
            if shown["order"]["status"] != "pending":
                raise AssertionError(f"the payment ended otherwise: {shown['payment']}")
            await asyncio.sleep(_LOOK_SECONDS)
        return time.perf_counter() - started


@asynccontextmanager
async def opened_shop(folder: Path) -> AsyncIterator[Shop]:
    """Blocks come every second on the EVM chain and slots every 0.4 s on Solana, as `quanbao up` has them."""
    settings = Settings(data_dir=folder / "data", port=free_port(), demo=True, log_level="error")
    async with running(settings, quiet=True) as application:
        localnet_url = application.settings.localnet_url
        assert localnet_url is not None
        target = DemoTarget(application.settings.served_at, localnet_url, state_file(application.settings))
        await ensure_people(application, DemoState.load(target.state_file))
        state = DemoState.load(target.state_file)
        async with connect_local(localnet_url) as chains, open_sessions(target.base, state) as people:
            story = Story(target, state, Tale(as_json=True), chains, people)
            await story.wallets()
            await story.shop()
            (organisation,) = (await people.merchant.get("/organisations"))["items"]
            accounts = (await people.holder.get("/wallets/accounts"))["items"]
            merchant = people.merchant.acting_for(organisation["id"])
            known = {str(chain): chain.family for chain in chains.all()}
            shown = {entry["chain"]: entry for entry in (await people.holder.get("/chains"))["items"]}
            for chain in known:
                money = next(asset for asset in shown[chain]["assets"] if asset["symbol"] == "tCNY")
                units = 10 ** (money["decimals"] - 2)
                treasury = next(
                    entry["account"]
                    for entry in organisation["accounts"]
                    if entry["purpose"] == "treasury" and entry["account"].startswith(chain)
                )
                holder = next(entry["account"] for entry in accounts if entry["chain"] == chain)
                for account, minor in ((treasury, _CAP * OFF_MINOR), (holder, _POCKET_MINOR)):
                    gift = {"account": account, "asset": money["asset"], "base_units": str(units * minor)}
                    await people.merchant.post(f"/chains/{chain}/faucet", gift, key=secrets.token_hex(8))
            yield Shop(
                target.base,
                state,
                people,
                merchant,
                people.cashier.acting_for(organisation["id"]),
                await _campaign(merchant, list(known)),
                {known[entry["chain"]]: entry["account"] for entry in accounts},
                {family: chain for chain, family in known.items()},
            )


async def _campaign(merchant: ApiClient, chains: list[str]) -> str:
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    terms: dict[str, Any] = {
        "title": "满100减20",
        "kind": "threshold",
        "effect": {"min_spend": PRICE_MINOR, "amount_off": OFF_MINOR},
        "currency": "CNY",
        "valid_from": start.isoformat(),
        "valid_until": (start + timedelta(days=30)).isoformat(),
        "zone": "Asia/Shanghai",
        "lanes": [{"chain": chain, "cap": _CAP} for chain in chains],
    }
    drafted = await merchant.post("/campaigns", terms, key="bench-campaign")
    await merchant.post(f"/campaigns/{drafted['id']}/launch", {})
    while (shown := await merchant.get(f"/campaigns/{drafted['id']}"))["status"] != "active":
        if shown["status"] == "failed":
            raise AssertionError(f"the campaign failed to launch: {shown}")
        await asyncio.sleep(_LOOK_SECONDS)
    return str(drafted["id"])
