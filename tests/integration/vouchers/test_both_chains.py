"""The whole life of a voucher over HTTP, on the real local chains."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from api.composition import Application, compose
from api.operator_key import ensure_operator_key
from api.settings import Settings
from localnet.testing import Localnet, start_localnet
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId

FEES = {"eip155": 10**18, "solana": 10**9}


class Shop:
    """A merchant and holders, as HTTP clients of the application."""

    def __init__(self, app: Application, http: httpx.AsyncClient, chain: ChainId) -> None:
        self.app = app
        self.http = http
        self.chain = chain
        self.merchant: dict[str, str] = {}
        self.treasury: AccountId | None = None

    async def ask(
        self, method: str, path: str, who: dict[str, str], body: Any = None, *, expect: int | None = None
    ) -> Any:
        answer = await self.http.request(
            method, f"/api/v1{path}", headers={**who, "Idempotency-Key": uuid4().hex}, json=body
        )
        assert expect == answer.status_code or (expect is None and answer.is_success), answer.text
        return answer.json() if answer.content else None

    async def person(self, name: str) -> dict[str, str]:
        login = {"email": f"{name}-{uuid4().hex[:6]}@example.com", "password": "correct horse battery"}
        await self.ask("POST", "/auth/register", {}, {**login, "display_name": name})
        opened = await self.ask("POST", "/auth/login", {}, login)
        return {"Authorization": f"Bearer {opened['token']}"}

    async def holder(self, name: str) -> tuple[dict[str, str], str]:
        """An unlocked person with one account on the chain."""
        who = await self.person(name)
        for step in ("passphrase", "unlock"):
            await self.ask("POST", f"/auth/{step}", who, {"passphrase": "correct horse battery staple"})
        wallet = await self.ask("POST", "/wallets", who, {"label": "main"})
        account = await self.ask("POST", f"/wallets/{wallet['id']}/accounts", who, {"chain": str(self.chain)})
        return who, account["account"]

    async def give(self, account: str, symbol: str, units: int) -> None:
        faucet = self.app.services.faucet
        assert faucet is not None
        await faucet.give(AccountId.parse(account), symbol, units)

    async def balance(self, account: AccountId) -> int:
        adapter = self.app.services.chains.adapter(self.chain)
        found: Amount = await adapter.balance(account, self.money)
        return found.base_units

    @property
    def money(self) -> Any:
        assets = self.app.services.chains.known_assets(self.chain)
        return next(asset for asset in assets if asset.symbol == "tCNY")


async def until(read: Callable[[], Awaitable[Any]], done: Callable[[Any], bool], seconds: float = 180) -> Any:
    """Ask until it is so; the last answer when it never is."""
    answer = await read()
    async with asyncio.timeout(seconds):
        while not done(answer):
            await asyncio.sleep(0.2)
            answer = await read()
    return answer


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Iterator[Localnet]:
    """One pair of chains for all tests here; every test brings its own people, campaign and database."""
    running = asyncio.run(start_localnet(tmp_path_factory.mktemp("chains"), block_seconds=0.25, slot_seconds=0.2))
    yield running
    asyncio.run(running.stop())


@pytest_asyncio.fixture
async def shop(network, database_url, tmp_path, request) -> AsyncIterator[Shop]:
    settings = Settings(
        data_dir=tmp_path / "data",
        key_dir=tmp_path / "keys",
        database_url=SecretStr(database_url),
        localnet_url=network.control_url,
        log_level="error",
    )
    ensure_operator_key(settings.key_file)
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(compose(settings))
        await stack.enter_async_context(app.working())
        await app.provision()
        transport = httpx.ASGITransport(app.asgi)
        http = await stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60)
        )
        chain = next(one for one in app.services.chains.all() if one.family == request.param)
        shop = Shop(app, http, chain)
        owner = await shop.person("mei")
        made = await shop.ask("POST", "/organisations", owner, {"name": "梅记茶馆"})
        shop.merchant = {**owner, "Organisation-Id": made["id"]}
        accounts = await app.services.organisation_accounts(UUID(made["id"]))
        for held in accounts:
            if held.account.chain == chain:
                await shop.give(str(held.account), "native", FEES[chain.family])
                if held.purpose.value == "treasury":
                    shop.treasury = held.account
        yield shop


def draft(shop: Shop, cap: int = 5, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "title": "满100减20",
        "kind": "threshold",
        "effect": {"min_spend": 10_000, "amount_off": 2_000},
        "currency": "CNY",
        "valid_from": (now - timedelta(days=1)).isoformat(),
        "valid_until": (now + timedelta(days=30)).isoformat(),
        "zone": "Asia/Shanghai",
        "lanes": [{"chain": str(shop.chain), "cap": cap}],
        **changes,
    }


async def launched(shop: Shop, *, cap: int = 5, **changes: Any) -> str:
    campaign = await shop.ask("POST", "/campaigns", shop.merchant, draft(shop, cap, **changes), expect=201)
    await shop.ask("POST", f"/campaigns/{campaign['id']}/launch", shop.merchant, {}, expect=202)
    active = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign['id']}", shop.merchant),
        lambda found: found["status"] in ("active", "failed"),
    )
    assert active["status"] == "active", active["lanes"]
    return str(campaign["id"])


async def issued(shop: Shop, campaign: str, *accounts: str) -> list[str]:
    asked = await shop.ask("POST", f"/campaigns/{campaign}/issue", shop.merchant, {"holders": accounts}, expect=202)
    done = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign}/issuances/{asked['id']}", shop.merchant),
        lambda found: found["status"] in ("done", "failed"),
    )
    assert done["status"] == "done", done["failure"]
    return list(done["vouchers"])


async def charged(shop: Shop, price: int = 10_000) -> str:
    line = {"sku": "tea", "name": "龙井 250g", "quantity": 1, "unit_price_minor": price}
    order = await shop.ask("POST", "/orders", shop.merchant, {"currency": "CNY", "lines": [line]}, expect=201)
    return str(order["id"])


async def settled(shop: Shop, order: str, who: dict[str, str]) -> Any:
    return await until(
        lambda: shop.ask("GET", f"/orders/{order}", who),
        lambda found: found["order"]["status"] in ("paid", "open"),
    )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_a_voucher_from_campaign_to_receipt(shop):
    """The merchant gets 100.00 for 80.00 and a voucher; the same voucher again and a stranger get nothing."""
    assert shop.treasury is not None
    await shop.give(str(shop.treasury), "tCNY", 5 * 20_000_000)
    campaign = await launched(shop)
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 200_000_000)
    vouchers = await issued(shop, campaign, account, account)
    held = await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 2)
    assert sorted(item["id"] for item in held["items"]) == sorted(vouchers)

    first, second = await charged(shop), await charged(shop)
    before = await shop.balance(shop.treasury)
    quotes = [await shop.ask("POST", f"/orders/{order}/quote", holder, {}) for order in (first, second)]
    assert quotes[0]["remainder"] == {"minor": 8_000, "currency": "CNY"}
    (used,) = quotes[0]["used"]
    stranger, _ = await shop.holder("wang")
    await shop.ask("POST", f"/orders/{first}/pay", stranger, {"quote": quotes[0]["id"]}, expect=404)
    await shop.ask("POST", f"/orders/{first}/pay", holder, {"quote": quotes[0]["id"]}, expect=202)
    again = await shop.ask("POST", f"/orders/{second}/pay", holder, {"quote": quotes[1]["id"]}, expect=409)
    assert again["code"] in ("voucher_in_flight", "voucher_already_redeemed")
    paid = await settled(shop, first, holder)
    assert paid["order"]["status"] == "paid", paid
    assert await shop.balance(shop.treasury) == before + 100_000_000
    assert await shop.balance(AccountId.parse(account)) == 200_000_000 - 80_000_000

    receipt = await shop.ask("GET", f"/orders/{first}/receipt", holder)
    assert receipt["payment"]["tx_hash"]
    seen = await until(
        lambda: shop.ask("GET", f"/vouchers/{used['voucher']}", holder), lambda view: view["status"] == "redeemed"
    )
    assert seen["order_hash"] == receipt["payment"]["order_hash"]
    assert seen["redemption"] == receipt["payment"]["redemptions"][0]["id"]
    again = await shop.ask("POST", f"/orders/{second}/pay", holder, {"quote": quotes[1]["id"]}, expect=409)
    assert again["code"] == "voucher_already_redeemed"
    counts = (await shop.ask("GET", f"/campaigns/{campaign}", shop.merchant))["counts"]
    assert (counts["issued"], counts["redeemed"], counts["live"], counts["alarms"]) == (2, 1, 1, 0)
    assert counts["cost"]["minor"] == 2_000


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shop", ["solana"], indirect=True)
async def test_one_order_redeems_vouchers_of_two_campaigns_on_solana(shop):
    """Of three campaigns that all consent, the best two pay the merchant their shares in one transaction; the third
    voucher is told that the order is full, and stays."""
    assert shop.treasury is not None
    await shop.give(str(shop.treasury), "tCNY", 3 * 20_000_000)
    offs = (2_000, 1_500, 1_000)
    campaigns = [
        await launched(
            shop, cap=1, stacking_group="joint", per_holder=1, effect={"min_spend": 10_000, "amount_off": off}
        )
        for off in offs
    ]
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 200_000_000)
    vouchers = [(await issued(shop, campaign, account))[0] for campaign in campaigns]
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 3)

    order = await charged(shop)
    before = await shop.balance(shop.treasury)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    assert {used["voucher"] for used in quote["used"]} == set(vouchers[:2])
    assert [(unused["voucher"], unused["reason"]) for unused in quote["unused"]] == [(vouchers[2], "order_full")]
    assert quote["remainder"]["minor"] == 6_500
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    assert await shop.balance(shop.treasury) == before + 100_000_000
    assert await shop.balance(AccountId.parse(account)) == 200_000_000 - 65_000_000
    for voucher, status in zip(vouchers, ("redeemed", "redeemed", "live"), strict=True):
        await until(
            lambda voucher=voucher: shop.ask("GET", f"/vouchers/{voucher}", holder),
            lambda view, status=status: view["status"] == status,
        )


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_without_money_nothing_is_half_done(shop):
    """An unfunded campaign fails with both figures and can go on; an order that the holder cannot pay stays open."""
    assert shop.treasury is not None
    campaign = await shop.ask("POST", "/campaigns", shop.merchant, draft(shop), expect=201)
    await shop.ask("POST", f"/campaigns/{campaign['id']}/launch", shop.merchant, {}, expect=202)
    failed = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign['id']}", shop.merchant),
        lambda found: found["status"] in ("active", "failed"),
    )
    assert failed["status"] == "failed"
    assert failed["lanes"][0]["failure"]["code"] in ("insufficient_funds", "erc20_insufficient_balance")
    await shop.give(str(shop.treasury), "tCNY", 5 * 20_000_000)
    await shop.ask("POST", f"/campaigns/{campaign['id']}/launch", shop.merchant, {}, expect=202)
    active = await until(
        lambda: shop.ask("GET", f"/campaigns/{campaign['id']}", shop.merchant),
        lambda found: found["status"] in ("active", "failed"),
    )
    assert active["status"] == "active", active["lanes"]

    holder, account = await shop.holder("li")
    (voucher,) = await issued(shop, campaign["id"], account)
    await until(lambda: shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == 1)
    order = await charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    assert quote["short_by"] == "80000000"
    refused = await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=409)
    assert (refused["code"], refused["needed"], refused["available"]) == ("insufficient_funds", 80_000_000, 0)
    shown = await shop.ask("GET", f"/orders/{order}", holder)
    assert (shown["order"]["status"], shown["payment"]) == ("open", None)
    assert (await shop.ask("GET", f"/vouchers/{voucher}", holder))["status"] == "live"
    await shop.give(account, "tCNY", 80_000_000)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]})
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shop", ["eip155", "solana"], indirect=True)
async def test_an_order_is_paid_without_any_voucher(shop):
    """The whole price moves from holder to merchant, once, though the shop never launched a campaign."""
    assert shop.treasury is not None
    holder, account = await shop.holder("li")
    await shop.give(account, "tCNY", 250_000_000)
    before = await shop.balance(shop.treasury)
    order = await charged(shop)
    quote = await shop.ask("POST", f"/orders/{order}/quote", holder, {})
    assert (quote["used"], quote["remainder"]["minor"]) == ([], 10_000)
    await shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
    assert (await settled(shop, order, holder))["order"]["status"] == "paid"
    assert await shop.balance(shop.treasury) == before + 100_000_000
    assert await shop.balance(AccountId.parse(account)) == 150_000_000
    again = await shop.ask("POST", f"/orders/{order}/quote", holder, {}, expect=409)
    assert again["code"] == "order_not_payable"
