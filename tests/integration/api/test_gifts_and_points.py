"""Gifts and points through the API: a shop's catalogue and programme, and what a holder sees and takes."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from api.services import Services
from audit.attestation import FileAttester
from people.privacy.personal_data import PersonalData
from primitives.voucher_id import CampaignId
from tests.fakes.clock import StoppedClock
from tests.integration.api.conftest import SignIn
from vouchers.checkout.model import Cart, CartLine
from vouchers.gifts.service import GiftCatalogue
from vouchers.points.acts import earn_points
from vouchers.points.service import PointsService

API = "/api/v1"
PROGRAMME = {
    "title": "Tea points",
    "currency": "CNY",
    "earn_rate": {"points": 1, "minor": 100},
    "redeem_rate": {"points": 10, "minor": 100},
    "lifetime_seconds": 86_400,
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2036-01-01T00:00:00Z",
    "zone": "Asia/Shanghai",
    "cap": 1_000,
}


@pytest_asyncio.fixture
async def parts(services: Services, clock: StoppedClock, personal_data: PersonalData) -> Services:
    services.gifts = GiftCatalogue(services.database, personal_data, clock=clock)
    services.points = PointsService(services.database, clock=clock)
    services.auditing = SimpleNamespace(attester=FileAttester(bytes(32)))  # type: ignore[assignment]
    return services


def require_signed(statement: dict[str, Any], programme: str, holder: str) -> None:
    """By what docs/proof-bundle.md says, with a library of others."""
    attestation = statement["attestation"]
    said = attestation["statement"]
    named = {name: said[name] for name in ("kind", "programme", "holder", "entries", "head")}
    assert named == {
        "kind": "points_statement",
        "programme": programme,
        "holder": holder,
        "entries": len(statement["entries"]),
        "head": statement["entries"][-1]["hash"],
    }
    assert said["available"] == statement["points"]["available"]
    body = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    key, signature = VerifyKey(bytes.fromhex(attestation["key"])), bytes.fromhex(attestation["signature"])
    key.verify(b"quanbao.attestation.v1\n" + body, signature)
    with pytest.raises(BadSignatureError):
        key.verify(b"quanbao.attestation.v1\n" + body.replace(b'"entries":2', b'"entries":1'), signature)


async def test_a_shop_gives_points_and_a_holder_takes_a_gift_for_them(
    client: httpx.AsyncClient, sign_in: SignIn, parts: Services, clock: StoppedClock
) -> None:
    mei, bo = await sign_in("mei"), await sign_in("bo")
    shop = (await client.post(f"{API}/organisations", json={"name": "Tea"}, headers=mei.headers)).json()["id"]
    owner = {**mei.acting_for(shop), "Idempotency-Key": "one"}

    made = await client.post(f"{API}/points/programmes", json=PROGRAMME, headers=owner)
    assert made.status_code == 201, made.text
    programme = made.json()["id"]
    assert made.json()["rules"]["kind"] == "points"
    again = await client.post(f"{API}/points/programmes", json=PROGRAMME, headers=owner)
    assert again.json()["id"] == programme
    other = await client.post(f"{API}/points/programmes", json={**PROGRAMME, "cap": 9}, headers=owner)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    wrong = {**PROGRAMME, "valid_until": PROGRAMME["valid_from"]}
    refused = await client.post(f"{API}/points/programmes", json=wrong, headers={**owner, "Idempotency-Key": "two"})
    assert (refused.status_code, refused.json()["pointer"]) == (422, "/window/valid_until")

    body = {"name": "Cup", "currency": "CNY", "unit_price_minor": 2_000, "programme": programme, "points_price": 40}
    assert (await client.put(f"{API}/gifts/cup", json=body, headers=owner)).status_code == 200
    stocked = await client.post(f"{API}/gifts/cup/stock", json={"units": 2}, headers=owner)
    assert (stocked.status_code, stocked.json()["available"]) == (200, 2)
    offered = await client.get(f"{API}/gifts/offered", params={"shop": shop}, headers=bo.headers)
    assert [(one["sku"], one["points_price"]) for one in offered.json()["items"]] == [("cup", 40)]

    async with parts.database.transaction() as tx:
        cart = Cart(shop, "CNY", (CartLine("tea", "Tea", 1, 9_000),))
        at = int(clock.now().timestamp())
        given = await earn_points(tx, cart, [9_000], order_id=uuid4(), holder_id=bo.person_id, at=at)
    assert given == {CampaignId.parse(programme): 90}
    (points,) = (await client.get(f"{API}/points", headers=bo.headers)).json()["items"]
    assert (points["available"], points["worth"]) == (90, {"minor": 900, "currency": "CNY"})
    assert [one["points"] for one in points["expiring"]] == [90]

    take = {"shop": shop, "sku": "cup", "delivery": "shipped", "shipping": "1 Lake Road"}
    holder = {**bo.headers, "Idempotency-Key": "take"}
    taken = await client.post(f"{API}/gifts/take", json=take, headers=holder)
    assert (taken.status_code, taken.json()["status"]) == (201, "due")
    assert (await client.post(f"{API}/gifts/take", json=take, headers=holder)).json()["id"] == taken.json()["id"]
    poor = await client.post(f"{API}/gifts/take", json={**take, "units": 2}, headers={**holder, "Idempotency-Key": "x"})
    assert (poor.status_code, poor.json()["code"]) == (409, "gift_out_of_stock")

    (delivery,) = (await client.get(f"{API}/gifts/deliveries", headers=owner)).json()["items"]
    assert delivery["shipping"] == "1 Lake Road"
    place = f"{API}/gifts/deliveries/{delivery['id']}"
    done = await client.post(f"{place}/advance", json={"status": "delivered"}, headers=owner)
    assert (done.json()["status"], done.json()["shipping"]) == ("delivered", None)
    foreign = await client.put(f"{place}/shipping", json={"shipping": "elsewhere"}, headers=mei.headers)
    assert foreign.status_code == 404

    statement = (await client.get(f"{API}/points/{programme}/statement", headers=bo.headers)).json()
    assert [entry["act"] for entry in statement["entries"]] == ["earn", "gift"]
    assert statement["head"] == statement["entries"][-1]["hash"]
    assert all(sum(entry["postings"].values()) == 0 for entry in statement["entries"])
    require_signed(statement, programme, str(bo.person_id))
    part = await client.get(f"{API}/points/{programme}/statement", params={"limit": 1}, headers=bo.headers)
    assert part.json()["next_after"] == 1
    assert (await client.get(f"{API}/points/{programme}/statement", headers=mei.headers)).status_code == 404

    report = (await client.get(f"{API}/points/programmes/{programme}", headers=owner)).json()
    assert (report["outstanding"], report["outstanding_worth"]["minor"], report["balanced"]) == (50, 500, True)
    assert (await client.get(f"{API}/points/programmes/{programme}", headers=bo.acting_for(shop))).status_code == 404
    closed = await client.post(f"{API}/points/programmes/{programme}/close", headers=owner)
    assert closed.json()["status"] == "closed"
