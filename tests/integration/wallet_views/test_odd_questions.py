"""Questions that no page asks: refused with words, never a broken answer."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import httpx
import orjson
import pytest

from people.catalogue.service import Catalogue
from people.stores.service import Stores
from primitives.account_id import AccountId
from tests.fakes.chains import BalanceAdapter, BalanceChains
from tests.fakes.clock import StoppedClock
from tests.fakes.vouchers import EVM
from tests.integration.api.conftest import (
    app,
    client,
    kdf,
    personal_data,
    routes,
    services,
    sign_in,
)
from vouchers.activity.sql import PaidShops
from vouchers.analytics.service import AnalyticsService
from vouchers.spending.sql import OrderSpending
from wallets.activity.payments.sql import PaymentSource
from wallets.activity.service import ActivityService
from wallets.activity.sql import MovementSource
from wallets.address_book.service import AddressBook
from wallets.payment_requests.service import PaymentRequests
from wallets.portfolio.pricing import Pricing
from wallets.portfolio.service import PortfolioService
from wallets.prices.file import FilePrices
from wallets.prices.local import LocalPrices
from wallets.spending.service import SpendingService

__all__ = ["app", "client", "kdf", "personal_data", "routes", "services", "sign_in"]


NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


class _Chains(BalanceChains):
    def known_assets(self, chain):
        return ()


@pytest.fixture
def asked(services, database):
    """The services of these routes over one account that has never done anything."""
    me = SimpleNamespace(account=AccountId.from_raw(EVM, b"\x11" * 20))

    class Accounts:
        async def list(self, tenant_id):
            return [me]

    chains = _Chains(BalanceAdapter(EVM))
    solana = SimpleNamespace(read=None)
    services.activity = ActivityService(
        database, chains, Accounts(), solana, [PaymentSource()], MovementSource(), AddressBook(database), PaidShops()
    )
    services.address_book = AddressBook(database)
    services.payment_requests = PaymentRequests(chains, Accounts(), services.address_book)
    services.spending = SpendingService(database, OrderSpending())
    services.prices = LocalPrices([])
    services.analytics = AnalyticsService(database)
    services.stores, services.catalogue = Stores(database), Catalogue(database)
    return me.account


def _cursor(*parts):
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


async def test_odd_questions_are_refused_with_words(asked, client: httpx.AsyncClient, sign_in) -> None:
    li = await sign_in("li")
    made = await client.post("/api/v1/organisations", json={"name": "梅记茶馆"}, headers=li.headers)
    shop, home = made.json()["id"], f"/organisations/{made.json()['id']}"
    acting = li.acting_for(shop)
    refused = {
        "/activity?since=0001-01-01T00:00:00%2B23:59": 422,
        "/activity?since=2026-01-01T00:00:00": 422,
        "/activity?q=%00": 422,
        "/activity?kind=%00": 422,
        "/activity?account=nobody": 422,
        "/activity?chain=nowhere": 422,
        f"/activity?cursor={_cursor('0001-01-01T00:00:00+23:59', 'x')}": 422,
        f"/activity?cursor={_cursor('2026-01-01T00:00:00+00:00', chr(0))}": 422,
        "/activity/export?format=xml": 422,
        "/spending?first=2026-99": 422,
        "/spending?zone=%00": 422,
        "/spending?currency=yuan": 422,
        "/spending?shown_in=yuan": 422,
        "/exchange-rates?base=USD&quote=USD": 422,
        "/exchange-rates?base=USD&quote=CNY": 404,
        "/exchange-rates?base=USD&quote=CNY&minor=-1": 422,
        "/exchange-rates?base=usd&quote=CNY": 422,
        "/worth?asset=nothing&base_units=1": 422,
        f"{home}/catalogue?cursor={_cursor(chr(0))}": 422,
        "/analytics/cohorts?zone=..%2F..%2Fetc%2Fpasswd": 422,
        "/campaigns/nonsense/analytics": 422,
        f"/campaigns/{'0' * 48}/analytics": 404,
        f"/campaigns/{'0' * 48}/analytics?by=nothing": 422,
    }
    told = {path: (await client.get(f"/api/v1{path}", headers=acting)).status_code for path in refused}
    assert told == refused
    paths = ("/activity", "/activity?q=anything", "/activity/export?format=jsonl", "/spending", "/spending/budgets")
    for path in paths:
        answer = await client.get(f"/api/v1{path}", headers=li.headers)
        assert answer.status_code == 200, (path, answer.text)
    answer = await client.delete("/api/v1/spending/budgets?currency=CNY&category=%00", headers=li.headers)
    assert answer.status_code == 422
    answer = await client.put("/api/v1/activity/%00%00%00/note", json={"note": "x"}, headers=li.headers)
    assert answer.status_code == 422
    answer = await client.put("/api/v1/activity/payment:nothing/note", json={"note": "x"}, headers=li.headers)
    assert answer.status_code == 404


async def test_a_bad_catalogue_is_answered_row_by_row(asked, client: httpx.AsyncClient, sign_in) -> None:
    li = await sign_in("li")
    made = await client.post("/api/v1/organisations", json={"name": "梅记茶馆"}, headers=li.headers)
    home = f"/api/v1/organisations/{made.json()['id']}/catalogue"
    body = {"csv": "sku,name,currency,price\ntea,Tea,CNY,12.50\ncup,Cup,CNY,a lot\n"}
    answer = await client.post(f"{home}/import", json=body, headers=li.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_rows")
    assert [row["row"] for row in answer.json()["rows"]] == [3]
    assert (await client.get(home, headers=li.headers)).json()["items"] == []
    stranger = await sign_in("wang")
    assert (await client.post(f"{home}/import", json=body, headers=stranger.headers)).status_code == 404


async def test_a_link_of_another_scheme_is_a_typed_problem(asked, client: httpx.AsyncClient, sign_in) -> None:
    li = await sign_in("li")
    answer = await client.post("/api/v1/payment-requests/read", json={"text": "bitcoin:bc1q"}, headers=li.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "payment_link_refused")
    assert answer.json()["reason"] == "scheme"
    elsewhere = {"text": f"ethereum:{asked.address}@1"}
    answer = await client.post("/api/v1/payment-requests/read", json=elsewhere, headers=li.headers)
    assert (answer.json()["reason"], answer.json()["chain"]) == ("chain", "eip155:1")


async def test_a_price_source_that_is_down_stale_or_absurd(services, client: httpx.AsyncClient, sign_in, tmp_path):
    """A total is never made of such a price, and says so; asked for it alone, it is refused."""
    adapter = BalanceAdapter(EVM, [BalanceAdapter(EVM).native])
    me = SimpleNamespace(account=AccountId.from_raw(EVM, b"\x11" * 20), chain=EVM, wallet_id=None, label="main")
    adapter.balances[me.account, adapter.native.id] = 10**18
    services.chains = _Chains(adapter)
    clock, file = StoppedClock(NOW), tmp_path / "prices.json"
    services.prices = FilePrices(file, max_age=timedelta(minutes=10), clock=clock)

    async def held(*_):
        return [me]

    async def nothing(*_):
        return (), True

    async def none(*_):
        return ()

    services.portfolio = PortfolioService(
        services.chains,
        SimpleNamespace(list=held),
        SimpleNamespace(holdings=nothing),
        SimpleNamespace(held_by=none, stand_for_vouchers=none),
        Pricing(services.prices),
    )
    li = await sign_in("li")

    async def told(price=None, rate=None):
        if price is not None:
            entries = [{"asset": str(adapter.native.id), "currency": "CNY", "price": price}]
            rates = [{"from": "USD", "to": "CNY", "rate": rate}]
            file.write_bytes(orjson.dumps({"source": "desk", "at": NOW.isoformat(), "prices": entries, "rates": rates}))
        asset = f"/worth?asset={adapter.native.id}&base_units={10**18}"
        found = [
            (await client.get(f"/api/v1{path}", headers=li.headers)).json()
            for path in (asset, "/exchange-rates?base=USD&quote=CNY&minor=100", "/portfolio")
        ]
        return (
            found[0].get("code"),
            found[1].get("code"),
            found[2]["total"]["complete"],
            found[2]["items"][0]["no_worth"],
        )

    assert await told() == ("price_unavailable", "price_unavailable", False, "price_missing"), "no file at all"
    assert await told("20000", "7.1") == (None, None, True, None)
    assert await told("9" * 30, "7.1") == ("invalid_value", None, False, "price_stale"), "nobody has so much"
    assert await told("20000", "0") == ("price_unavailable", "price_unavailable", False, "price_missing")
    assert (await told("20000", "7.1"))[2]
    clock.advance(timedelta(minutes=11))
    assert await told() == ("price_stale", "price_stale", False, "price_stale")
