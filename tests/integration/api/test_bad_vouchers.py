"""Bad input to campaigns and orders, as HTTP callers send it: each a typed problem, and nothing is half-done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest_asyncio
from sqlalchemy import text

from api.services import Services
from people.catalogue.charging import Charging
from people.catalogue.service import Catalogue
from people.stores.service import Stores
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.voucher_id import CampaignId
from tests.fakes.vouchers import EVM
from tests.integration.api.conftest import SignedIn, SignIn
from tests.integration.vouchers.stage import Stage
from vouchers.issuance.drops.sql import get_drop
from vouchers.orders.quotes import QUOTE_SECONDS
from vouchers.views import VoucherViews

TERMS: dict[str, Any] = {
    "title": "满100减20",
    "kind": "threshold",
    "effect": {"min_spend": 10_000, "amount_off": 2_000},
    "currency": "CNY",
    "valid_from": "2026-05-01T00:00:00",
    "valid_until": "2027-06-01T00:00:00",
    "zone": "Asia/Shanghai",
    "lanes": [{"chain": str(EVM), "cap": 50}],
}
CART: dict[str, Any] = {
    "currency": "CNY",
    "lines": [{"sku": "tea", "name": "tea", "quantity": 1, "unit_price_minor": 10_000}],
    "remainder_by": "recorded",
}


@dataclass
class Counter:
    """A shop and a holder behind the API, over a chain in memory."""

    stage: Stage
    client: httpx.AsyncClient
    shop: dict[str, str]
    li: SignedIn
    account: AccountId

    async def ask(self, path: str, body: Any, who: dict[str, str], key: str | None = None) -> httpx.Response:
        return await self.client.post(
            f"/api/v1{path}", json=body, headers={**who, "Idempotency-Key": key or uuid4().hex}
        )

    async def refused(self, path: str, body: Any, status: int, code: str, who: dict[str, str] | None = None) -> Any:
        answer = await self.ask(path, body, self.shop if who is None else who)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()

    async def good(self, path: str, body: Any, who: dict[str, str], key: str | None = None) -> Any:
        answer = await self.ask(path, body, who, key)
        assert answer.is_success, answer.text
        return answer.json()

    async def issued(self) -> int:
        async with self.stage.database.transaction() as tx:
            return int((await tx.execute(text("SELECT count(*) FROM issuance_item"))).scalar_one())


@pytest_asyncio.fixture
async def counter(services: Services, database: Database, client: httpx.AsyncClient, sign_in: SignIn) -> Counter:
    stage = Stage(database)
    services.campaigns, services.orders = stage.campaigns, stage.orders
    services.voucher_views = VoucherViews(database, stage.accounts)
    services.charging, services.catalogue, services.stores = (
        Charging(database),
        Catalogue(database),
        Stores(database),
    )
    owner, li = await sign_in("mei"), await sign_in("li")
    made = await client.post(
        "/api/v1/organisations", json={"name": "tea"}, headers={**owner.headers, "Idempotency-Key": "o"}
    )
    async with database.transaction() as tx:
        await tx.execute(text("DELETE FROM job"))  # a new shop waits for fees, which this chain does not take
    stage.merchant = UUID(made.json()["id"])
    _, account = stage.holder()
    stage.accounts.persons[li.person_id] = [account]
    return Counter(stage, client, owner.acting_for(made.json()["id"]), li, account)


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"valid_until": "2026-05-01T00:00:00"}, "window.valid_until"),
    ({"claim_until": "2027-07-01T00:00:00"}, "window.claim_until"),
    ({"zone": "Asia/Atlantis"}, "window.zone"),
    ({"zone": "Europe/Berlin", "valid_from": "2027-03-28T02:30:00"}, "valid_from"),
    ({"zone": "Europe/Berlin", "valid_until": "2026-10-25T02:30:00"}, "valid_until"),
    ({"kind": "percent", "effect": {"percent_bp": 1_000}}, "effect.max_off"),
    ({"effect": {"min_spend": 10_000, "amount_off": 20_000}}, "effect.amount_off"),
    ({"limits": [{"entity": "holder", "period": "day", "count": 0}]}, "limits[0].count"),
    ({"limits": [{"entity": "holder", "period": "day", "count": 1}] * 2}, "limits[1]"),
    ({"stacking_group": "exclusive", "stacking_consents": ["bank"]}, "stacking.consents"),
    ({"per_campaign": 2}, "stacking.consents"),
    ({"lanes": [TERMS["lanes"][0]] * 2}, "lanes"),
    ({"lanes": []}, "lanes"),
    ({"powers": {"declared": ["pause"], "max_pause_seconds": 0}}, "powers.max_pause_seconds"),
]
"""Terms, and the field that the refusal names."""


async def test_impossible_terms_are_refused_at_draft_with_their_field(counter: Counter) -> None:
    told = [await counter.refused("/campaigns", {**TERMS, **change}, 422, "invalid_terms") for change, _ in IMPOSSIBLE]
    assert [one["field"] for one in told] == [field for _, field in IMPOSSIBLE]
    listed = await counter.client.get("/api/v1/campaigns", headers=counter.shop)
    assert listed.json()["items"] == []


async def test_every_bad_row_of_a_file_is_told_and_nothing_is_issued(counter: Counter) -> None:
    stage = counter.stage
    campaign = await stage.campaign(caps={EVM: 5})
    account, other = str(counter.account), str(stage.holder()[1])
    path = f"/campaigns/{campaign.id}/issue-csv"
    rows = f"account,count\n{account}\nnobody\n{other},0\n{other},1,2\n{other},two\n"
    told = await counter.refused(path, {"csv": rows}, 422, "invalid_rows")
    assert [one["row"] for one in told["rows"]] == [3, 4, 5, 6]
    assert all(one["reason"] for one in told["rows"])
    await counter.refused(path, {"csv": f"{account},6\n"}, 409, "campaign_exhausted")
    await counter.refused(path, {"csv": "\n\n"}, 422, "invalid_rows")
    of_windows = "account\n".encode("utf-16").decode(errors="replace")
    assert "UTF-8" in (await counter.refused(path, {"csv": of_windows}, 422, "invalid_rows"))["rows"][0]["reason"]
    await counter.refused(path, {"csv": "a", "\0": "b"}, 422, "request_invalid")
    await counter.refused(path, {"csv": f'{account}\n"{other}\n'}, 422, "invalid_rows")
    assert await counter.issued() == 0
    await counter.good(path, {"csv": f"account\n{account}\n{other},2\n"}, counter.shop)
    assert await counter.issued() == 3


async def test_wrong_currencies_and_unknown_skus(counter: Counter) -> None:
    await counter.refused("/orders", {**CART, "currency": "cny"}, 422, "request_invalid")
    nowhere = await counter.good("/orders", {**CART, "currency": "JPY"}, counter.shop)
    await counter.refused(f"/orders/{nowhere['id']}/quote", {}, 422, "unknown_asset", counter.li.headers)
    other = await counter.stage.campaign(currency="CNY")
    await counter.stage.issue(other, counter.account)
    organisation = counter.shop["Organisation-Id"]
    goods = {"csv": "sku,name,currency,price\ntea,tea,CNY,100.00\n"}
    await counter.good(f"/organisations/{organisation}/catalogue/import", goods, counter.shop)
    unknown = {**CART, "lines": [{**CART["lines"][0], "sku": "coffee"}]}
    told = await counter.refused("/orders", unknown, 422, "goods_unknown")
    assert told["skus"] == ["coffee"]
    await counter.good("/orders", CART, counter.shop)


async def test_expired_quotes_and_replayed_orders(counter: Counter) -> None:
    stage, li = counter.stage, counter.li.headers
    campaign = await stage.campaign()
    await stage.issue(campaign, counter.account, counter.account)
    first, second = [(await counter.good("/orders", CART, counter.shop))["id"] for _ in range(2)]
    quote = await counter.good(f"/orders/{first}/quote", {}, li)
    signed = {"quote": quote["id"], "consents": {"redeem_order": "0x" + "01" * 64 + "1c"}}
    await counter.refused(f"/orders/{second}/submit", signed, 404, "order_not_found", li)
    stage.chain.mine(seconds=QUOTE_SECONDS)
    await counter.refused(f"/orders/{first}/submit", signed, 410, "quote_expired", li)
    signed["quote"] = (await counter.good(f"/orders/{first}/quote", {}, li))["id"]
    paid = await counter.good(f"/orders/{first}/submit", signed, li, key="once")
    assert await counter.good(f"/orders/{first}/submit", signed, li, key="once") == paid
    await counter.refused(f"/orders/{first}/submit", signed, 409, "order_not_payable", li)
    again = await counter.ask(f"/orders/{second}/submit", {**signed, "quote": str(uuid4())}, li, key="once")
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_conflict")
    await stage.work()
    await counter.refused(f"/orders/{first}/submit", signed, 409, "voucher_already_redeemed", li)
    await counter.refused(f"/orders/{first}/quote", {}, 409, "order_not_payable", li)
    late = await counter.ask("/orders", {**CART, "reference": "other"}, counter.shop, key="order")
    same = await counter.ask("/orders", {**CART, "reference": "another"}, counter.shop, key="order")
    assert (late.status_code, same.status_code, same.json()["code"]) == (201, 409, "idempotency_conflict")


async def test_a_drop_of_a_number_that_cannot_be(counter: Counter) -> None:
    """Beyond what the column holds: refused, where the database would fail."""
    campaign = CampaignId(bytes(24))
    for number in (-1, 2**16, 2**31, 2**40, 2**70):
        for what in ("leaves", "proof"):
            path = f"/api/v1/campaigns/{campaign}/drops/{EVM}/{number}/{what}"
            assert (await counter.client.get(path)).status_code == 422
        async with counter.stage.database.transaction() as tx:
            assert await get_drop(tx, campaign, EVM, number) is None
