"""The sample shop beside a running installation: bought on its page, paid with a voucher, told by webhook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.running import NO_TLS, PASSWORD, ROOT, Person, RunningUp, good, problem, until
from tests.e2e.shop import DISCOUNT_MINOR, Shop, whole_shop

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("running_up")]

SCRIPT = ROOT / "samples" / "shop" / "shop.py"


@pytest.fixture(scope="module")
def shop(running_up: RunningUp) -> Shop:
    return whole_shop(running_up)


def _run(config: Path, *words: str) -> list[str]:
    return [sys.executable, str(SCRIPT), "--config", str(config), *words]


@pytest.fixture
def counter(running_up: RunningUp, shop: Shop, tmp_path: Path) -> Iterator[httpx.Client]:
    """A browser at the sample shop's page."""
    origin = running_up.receiver.removesuffix("/hook")
    config = tmp_path / "shop.json"
    words = ("set-up", "--api", running_up.base, "--email", shop.owner.email, "--url", origin)
    done = subprocess.run(
        _run(config, *words), env={**os.environ, "SHOP_PASSWORD": PASSWORD}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert config.stat().st_mode & 0o077 == 0
    assert "whsec_" not in done.stdout + done.stderr
    process = subprocess.Popen(_run(config, "serve", "--port", str(urlsplit(origin).port)), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert b"open:" in process.stdout.readline()
        with httpx.Client(base_url=origin, trust_env=False, verify=NO_TLS, timeout=60) as browser:
            yield browser
    finally:
        process.terminate()
        process.wait(20)


def test_an_order_of_its_page_is_paid_with_a_voucher_and_told(
    running_up: RunningUp, shop: Shop, counter: httpx.Client
) -> None:
    assert "龙井" in counter.get("/").text
    bought = counter.post("/buy", data={"sku": "tea-001"})
    assert bought.status_code == 303
    order = bought.headers["location"].removeprefix("/order/")
    page = counter.get(f"/order/{order}").text
    link = re.search(r'class="quanbao-pay" href="([^"]+)"', page)
    assert link is not None
    assert link[1] == f"{running_up.base}/pay/{order}"
    assert counter.get(f"/state/{order}").json() == {"paid": False}

    holder: Person = shop.holder.person
    quote = good(holder.post(f"/orders/{order}/quote", {"account": shop.holder.account}))
    assert quote["discount"]["minor"] == DISCOUNT_MINOR
    assert [used["voucher"] for used in quote["used"]] == [shop.voucher]
    good(holder.post(f"/orders/{order}/pay", {"quote": quote["id"]}))
    until("the webhook", lambda: counter.get(f"/state/{order}").json(), lambda told: told["paid"])

    owner = shop.owner
    (webhook,) = good(owner.get("/webhooks"))["items"]
    paid = [one for one in _deliveries(owner, webhook["id"]) if one["type"] == "order.paid"]
    assert [one["status"] for one in paid] == ["delivered"]
    whole = good(owner.get(f"/webhooks/{webhook['id']}/deliveries/{paid[0]['id']}"))
    assert whole["body"]["data"]["order"] == order
    assert whole["log"][-1]["answer"] == 204
    # A second time by hand: the shop knows the event's id and does nothing again.
    good(owner.post(f"/webhooks/{webhook['id']}/deliveries/{paid[0]['id']}/redeliver"))
    until(
        "the redelivery",
        lambda: good(owner.get(f"/webhooks/{webhook['id']}/deliveries/{paid[0]['id']}")),
        lambda one: one["status"] == "delivered" and len(one["log"]) == 2,
    )
    told = good(holder.get("/notifications"))["items"]
    assert {"received", "redeemed"} <= {one["kind"] for one in told}, told


def _deliveries(owner: Person, webhook: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = good(owner.get(f"/webhooks/{webhook}/deliveries"))["items"]
    return found


def test_a_forged_webhook_moves_nothing(counter: httpx.Client) -> None:
    order = counter.post("/buy", data={"sku": "cup-002"}).headers["location"].removeprefix("/order/")
    body = '{"id":"evt_x","type":"order.paid","data":{"order":"' + order + '"}}'
    headers = {"webhook-id": "evt_x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert counter.post("/webhook", content=body, headers=headers).status_code == 401
    assert counter.get(f"/state/{order}").json() == {"paid": False}


@pytest.mark.parametrize("url", ["https://127.0.0.1/hook", "https://10.1.2.3/hook", "http://shop.example/hook"])
def test_a_webhook_into_our_own_network_is_refused(shop: Shop, url: str) -> None:
    problem(shop.owner.post("/webhooks", {"url": url, "events": ["*"]}), 422, "invalid_value")
