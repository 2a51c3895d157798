"""What a holder does about payments that do not simply go through: stuck ones, rules that want a word, approvals."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from codec.evm import tokens
from tests.e2e.local_node import node
from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.running import PASSPHRASE, PASSWORD, Payer, Person, RunningUp, good, until
from tests.e2e.shop import open_shop

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]

EVM = "EVM, local test chain"
SPENDER = "0x" + "33" * 20


@pytest.fixture(scope="module")
def payer(installation: RunningUp) -> Payer:
    return Payer(installation, "eip155")


@pytest.fixture
def page(installation: RunningUp, browser: Browser, payer: Payer) -> Iterator[Page]:
    """The payer's phone."""
    with phone(browser, installation, payer.person) as page:
        yield page


@contextmanager
def phone(browser: Browser, up: RunningUp, person: Person) -> Iterator[Page]:
    seat = Seat(browser, up.base, size=PHONE)
    seat.sign_in(person.email, PASSWORD)
    yield seat.open("/holder")
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


@contextmanager
def no_blocks(up: RunningUp) -> Iterator[None]:
    """The EVM node takes transactions, and nobody makes blocks of them."""
    clock = int(up.localnet_status()["pid"])
    os.kill(clock, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(clock, signal.SIGCONT)


def unlocked(page: Page, base: str) -> None:
    """The browser's own session."""
    request = page.context.request
    csrf = request.get(f"{base}/api/v1/auth/me").json()["csrf_token"]
    answer = request.post(f"{base}/api/v1/auth/unlock", data={"passphrase": PASSPHRASE}, headers={"X-CSRF-Token": csrf})
    assert answer.ok, answer.text()


def test_a_stuck_payment_is_sped_up_and_cancelled_and_a_double_tap_sends_once(
    page: Page, payer: Payer, installation: RunningUp
) -> None:
    held = payer.held(payer.token)
    page.get_by_role("link", name="Send", exact=True).click()
    source = page.get_by_label("From", exact=True)
    option = source.locator("option", has_text=f"tCNY · {EVM}")
    source.select_option(value=option.get_attribute("value"))
    page.get_by_label("To", exact=True).fill(payer.recipient)
    page.get_by_label("Amount (tCNY)").fill("1")
    page.get_by_role("button", name="Review").click()
    tap = page.get_by_role("button", name="Send 1.00 tCNY")
    expect(tap).to_be_enabled()
    unlocked(page, installation.base)
    with no_blocks(installation):
        tap.dblclick()
        page.wait_for_url("**/holder/transfers/**")
        page.get_by_role("button", name="Speed up").click()
        expect(page.locator("dl")).to_contain_text(re.compile("Transactions signed\\s*2"))
        page.get_by_role("button", name="Cancel it").click()
        expect(page.get_by_text("Being cancelled")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel it")).to_have_count(0)
    expect(page.get_by_text("Cancelled. Nothing was sent")).to_be_visible()
    (only,) = good(payer.person.get("/transfers"))["items"]
    assert (only["status"], only["attempts"]) == ("cancelled", 3)
    assert payer.held(payer.token) == held


def test_an_approval_is_seen_and_ended(page: Page, payer: Payer, installation: RunningUp) -> None:
    address, token = payer.account.rsplit(":", 1)[1], payer.token["asset"].rsplit(":", 1)[1]
    data = "0x" + tokens.call("approve(address,uint256)", SPENDER, 2**256 - 1).hex()
    node(installation, "anvil_impersonateAccount", address)
    node(installation, "eth_sendTransaction", {"from": address, "to": token, "data": data})
    node(installation, "anvil_stopImpersonatingAccount", address)
    until(
        "the approval",
        lambda: good(payer.person.get("/token-approvals", account=payer.account))["items"],
    )
    page.get_by_role("link", name="More", exact=True).click()
    page.get_by_role("link", name="Approvals").click()
    expect(page.get_by_text("everything, without limit").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^End the approval of 0x3333")).click()
    unlocked(page, installation.base)
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(page.get_by_text("Ended for good.").or_(page.get_by_text("Nobody may take anything"))).to_be_visible()
    until(
        "its end on the chain",
        lambda: good(payer.person.get("/token-approvals", account=payer.account))["items"],
        lambda found: found == [],
    )


def _rules(person: Person, *rules: dict[str, Any]) -> None:
    with person.up.client(**person.headers) as http:
        saved = http.put("/policies", json={"policy": {"zone": "Asia/Shanghai", "rules": list(rules)}})
    assert saved.is_success, saved.text


def test_an_order_waits_for_the_word_that_the_payers_rules_want(installation: RunningUp, browser: Browser) -> None:
    """A code that does not fit and one that does; then a friend's yes, said on the friend's own phone."""
    payer, friend = Payer(installation, "eip155"), installation.newcomer("friend")
    _, owner = open_shop(installation, "Tea house")
    by_code = {"id": "code", "kind": "second_factor", "currency": "CNY", "above": "100"}
    by_friend = {
        **{"id": "friend", "kind": "approval", "currency": "CNY", "above": "100", "needed": 1, "seconds": 3600},
        "approvers": [friend.person_id],
    }
    with phone(browser, installation, payer.person) as page:
        secret = good(payer.person.post("/auth/totp"))["secret"]
        codes = good(payer.person.post("/auth/totp/confirm", {"code": pyotp.TOTP(secret).now()}))["codes"]
        _rules(payer.person, by_code)
        _to_pay(page, installation, owner, 200)
        told = page.get_by_role("alert")
        expect(told).to_contain_text("Confirm with your authenticator")
        told.get_by_label("Code for this payment").fill("000000")
        told.get_by_role("button", name="Confirm and pay").click()
        expect(told.first).to_contain_text("The code does not fit.")
        told.first.get_by_label("Code for this payment").fill(codes[0])
        told.first.get_by_role("button", name="Confirm and pay").click()
        expect(page.get_by_test_id("paid")).to_have_text("¥2.00")

        _rules(payer.person, by_code, by_friend)
        _to_pay(page, installation, owner, 150)
        expect(told).to_contain_text("Others must agree first")
        told.get_by_label("Code for this payment").fill(codes[1])
        told.get_by_role("button", name="Confirm and pay").click()
        expect(told.first).to_contain_text("Others must agree first")
        with phone(browser, installation, friend) as other:
            other.goto(f"{installation.base}/holder/approvals")
            waiting = other.get_by_role("region", name="Payments that wait for your word")
            waiting.get_by_role("button", name="Agree").click()
            expect(waiting.get_by_text("You have agreed.")).to_be_visible()
        expect(told.first).to_contain_text("Everybody has said yes.")
        page.get_by_role("button", name="Pay now").click()
        expect(page.get_by_test_id("paid")).to_have_text("¥1.50")


def _to_pay(page: Page, up: RunningUp, owner: Person, minor: int) -> None:
    """An order of so much, up to the holder's tap."""
    line = {"sku": "tea-001", "name": "茶", "quantity": 1, "unit_price_minor": minor}
    order = good(owner.post("/orders", {"currency": "CNY", "lines": [line]}))["id"]
    page.goto(f"{up.base}/pay/{order}")
    unlocked(page, up.base)
    page.get_by_role("button", name=re.compile("^Pay ¥")).click()
