"""The receipt to print, and what a draft is warned of, through the API over a chain in memory."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from api.services import Services
from people.catalogue.charging import Charging
from tests.fakes.vouchers import EVM
from tests.integration.api.conftest import SignIn
from tests.integration.vouchers.stage import Stage
from vouchers.till.service import TillService
from vouchers.views import VoucherViews

API = "/api/v1"
DRAFT = {
    "title": "满100减20",
    "kind": "threshold",
    "effect": {"min_spend": 10_000, "amount_off": 2_000},
    "currency": "CNY",
    "valid_from": "2027-03-01T00:00:00",
    "valid_until": "2027-04-01T00:00:00",
    "zone": "Europe/Berlin",
    "lanes": [{"chain": str(EVM), "cap": 5}],
}


@pytest_asyncio.fixture
async def parts(services: Services) -> Services:
    stage = Stage(services.database)
    services.orders, services.campaigns = stage.orders, stage.campaigns
    services.till = TillService(services.database, stage.chains, stage.accounts)
    services.voucher_views = VoucherViews(services.database, stage.accounts)
    services.charging = Charging(services.database)
    return services


@pytest_asyncio.fixture
async def owner(client: httpx.AsyncClient, sign_in: SignIn, parts: Services) -> dict[str, str]:
    mei = await sign_in("mei")
    shop = (await client.post(f"{API}/organisations", json={"name": "梅记 & Co"}, headers=mei.headers)).json()["id"]
    return mei.acting_for(shop)


def keyed(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Idempotency-Key": uuid4().hex}


async def test_a_receipt_to_print(client: httpx.AsyncClient, sign_in: SignIn, owner: dict[str, str]) -> None:
    """Paid in cash: said to be the merchant's word. What people typed is text there, never markup."""
    line = {"sku": "tea", "name": "<script>alert('茶')</script>", "quantity": 2, "unit_price_minor": 4_000}
    body = {"currency": "CNY", "lines": [line], "remainder_by": "recorded"}
    order = (await client.post(f"{API}/orders", json=body, headers=keyed(owner))).json()["id"]
    page = f"{API}/orders/{order}/receipt.html"
    early = await client.get(page, headers=owner)
    assert (early.status_code, early.json()["code"], early.json()["status"]) == (409, "order_not_payable", 409)
    entered = {"method": "cash", "amount_minor": 8_000}
    assert (await client.post(f"{API}/orders/{order}/tender", json=entered, headers=owner)).status_code == 201
    shown = await client.get(page, headers=owner)
    assert shown.status_code == 200, shown.text
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["cache-control"] == "no-store"
    assert "<script" not in shown.text
    assert "&lt;script&gt;alert(&#x27;茶&#x27;)&lt;/script&gt;" in shown.text
    for told in ("梅记 &amp; Co", order, "80.00", "现金 · cash", "not proved on chain", "合计 · Total"):
        assert told in shown.text, told
    stranger = await client.get(page, headers=(await sign_in("bo")).headers)
    assert (stranger.status_code, stranger.json()["code"]) == (404, "order_not_found")
    assert (await client.get(page)).status_code == 401


async def test_a_draft_says_what_is_possible_and_probably_not_meant(
    client: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    plain = await client.post(f"{API}/campaigns", json=DRAFT, headers=keyed(owner))
    assert plain.status_code == 201, plain.text
    assert plain.json()["warnings"] == []
    odd = {**DRAFT, "per_holder": 5, "stacking_group": "a", "stacking_consents": ["b"]}
    warned = (await client.post(f"{API}/campaigns", json=odd, headers=keyed(owner))).json()
    assert {(one["code"], one["field"]) for one in warned["warnings"]} >= {
        ("limit_without_effect", "per_holder"),
        ("not_with_itself", "stacking.consents"),
    }
    assert all(one["message"] for one in warned["warnings"])


async def test_dates_without_an_offset_are_the_zones(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    drafted = await client.post(f"{API}/campaigns", json=DRAFT, headers=keyed(owner))
    window = drafted.json()["rules"]["window"]
    assert (window["valid_from"], window["valid_until"]) == (1_803_855_600, 1_806_530_400), "an hour of it was skipped"


@pytest.mark.parametrize(
    ("changes", "pointer", "told"),
    [
        ({"valid_from": "2027-03-28T02:30:00"}, "/valid_from", "does not exist"),
        ({"valid_until": "2027-10-31T02:30:00"}, "/valid_until", "happens twice"),
        ({"zone": "Mars/Olympus"}, "/window/zone", "IANA"),
    ],
)
async def test_a_moment_that_no_clock_shows_once_is_refused_with_its_field(
    client: httpx.AsyncClient, owner: dict[str, str], changes: dict[str, str], pointer: str, told: str
) -> None:
    refused = await client.post(f"{API}/campaigns", json={**DRAFT, **changes}, headers=keyed(owner))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_terms"), refused.text
    assert refused.json()["pointer"] == pointer
    assert told in refused.json()["detail"]
