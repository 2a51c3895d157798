"""How money and vouchers come to a holder, and how links go on: by the faucet of a local chain, by a code that asks for
money, by what a drop holds ready; by sheets that share."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.page.shops import begun, bought, running
from tests.e2e.running import PASSWORD, Payer, Person, RunningUp, good, until

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]

TITLE = "名单 <i>赠券</i>"

_SHARES = """
window.shared = [];
Object.defineProperty(navigator, "share", {
    configurable: true,
    value: async (what) => {
        window.shared.push(what);
        if (window.refuse) throw new Error("no");
    },
});
"""
_DOES_NOT_SHARE = 'Object.defineProperty(navigator, "share", { configurable: true, value: undefined });'


@pytest.fixture(scope="module")
def payer(installation: RunningUp) -> Payer:
    return Payer(installation, "eip155")


@pytest.fixture
def seat(installation: RunningUp, browser: Browser, payer: Payer) -> Iterator[Seat]:
    """The payer's phone, which has a clipboard."""
    seat = Seat(browser, installation.base, size=PHONE)
    seat.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=installation.base)
    seat.sign_in(payer.person.email, PASSWORD)
    yield seat
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


def _shared(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.evaluate("JSON.stringify(window.shared)"))
    return found


def test_money_is_added_from_home_and_told_for_what_it_is(seat: Seat, payer: Payer) -> None:
    page = seat.open("/holder")
    before = payer.held(payer.token)
    page.get_by_role("link", name="Receive", exact=True).click()
    gifts = page.get_by_role("region", name="Test networks only")
    gifts.get_by_role("button", name="Get 500.00 tCNY").click()
    expect(gifts.get_by_role("status")).to_have_text("500.00 tCNY has arrived.")
    assert payer.held(payer.token) == before + 500 * 10 ** payer.token["decimals"]
    page.goto(f"{seat.base}/holder/activity")
    expect(page.get_by_text("Test money from the local faucet: 500 tCNY")).to_be_visible()
    expect(page.get_by_text("0x0000")).to_have_count(0)


def test_a_payment_code_is_handed_on_by_the_device_or_copied(seat: Seat) -> None:
    seat.context.add_init_script(_SHARES)
    page = seat.open("/holder/receive")
    page.get_by_text("Ask for an amount").click()
    page.get_by_label("What", exact=True).select_option(label="tCNY")
    page.get_by_label("Amount").fill("12.5")
    page.get_by_role("button", name="Make the code").click()
    code = page.get_by_role("region", name="Payment code")
    expect(code.get_by_text("Asks for 12.50 tCNY")).to_be_visible()
    link = str(code.get_by_role("code").get_attribute("title"))
    assert re.match(r"ethereum:0x[0-9a-fA-F]{40}@", link)
    code.get_by_role("button", name="Share").click()
    assert [one["text"] for one in _shared(page)] == [link]

    seat.context.add_init_script(_DOES_NOT_SHARE)
    page.reload()
    address = page.get_by_role("region", name=re.compile("^Your address on"))
    expect(address).to_be_visible()
    expect(address.get_by_role("button", name="Share")).to_have_count(0)
    address.get_by_role("button", name=re.compile("^Copy")).click()
    expect(address.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address.get_by_role("code").get_attribute("title")


def test_a_drops_voucher_is_found_claimed_paid_with_and_its_links_are_shared(
    seat: Seat, owner: Person, payer: Payer
) -> None:
    chain = payer.chain["chain"]
    campaign = running(owner, begun(owner, title=TITLE))
    drop = f"/campaigns/{campaign}/drops"
    number = good(owner.post(drop, {"chain": chain}))["number"]
    good(owner.post(f"{drop}/{chain}/{number}/holders", {"first": 0, "holders": [payer.account]}))
    good(owner.post(f"{drop}/{chain}/{number}/commit"))
    waiting = until("the drop", lambda: good(payer.person.get("/claims/waiting"))["items"])
    assert [(one["campaign"], one["account"]) for one in waiting] == [(campaign, payer.account)]
    stranger = owner.up.newcomer("stranger")
    assert good(stranger.get("/claims/waiting"))["items"] == []

    seat.context.add_init_script(_SHARES)
    page = seat.open("/holder/vouchers")
    mine = page.get_by_role("region", name="Waiting for you").get_by_role("article", name=TITLE)
    expect(mine).to_contain_text("Claim before")
    mine.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("region", name="Waiting for you")).to_have_count(0)
    until("the voucher", lambda: good(payer.person.get("/vouchers"))["items"])
    expect(page.get_by_text(TITLE)).to_be_visible()
    assert good(payer.person.get("/claims/waiting"))["items"] == []

    page.get_by_role("link", name=re.compile("20 off|¥20")).first.click()
    _shares_or_copies(page, "Tell somebody", f"/claim/{campaign}")
    order = bought(owner, payer)["order"]["id"]
    page.goto(f"{seat.base}/pay/{order}")
    _shares_or_copies(page, "Share", f"/pay/{order}")
    page.goto(f"{seat.base}/holder/activity?q=Tea+house")
    expect(page.get_by_text(f"Used the voucher “{TITLE}” at Tea house and saved 20 CNY")).to_be_visible()
    expect(page.get_by_text("Paid 80 tCNY at Tea house")).to_be_visible()


def _shares_or_copies(page: Page, opened_by: str, path: str) -> None:
    """The sheet of a link: by an app, by its copy; an app that refuses is said so."""
    page.get_by_role("button", name=opened_by, exact=True).click()
    sheet = page.get_by_role("dialog", name="Share")
    link = str(sheet.get_by_role("code").get_attribute("title"))
    assert link.endswith(path)
    told = len(_shared(page))
    sheet.get_by_role("button", name="Send with an app").click()
    expect(sheet.get_by_role("alert")).to_have_count(0)
    assert [one["url"] for one in _shared(page)[told:]] == [link]
    page.evaluate("window.refuse = true")
    sheet.get_by_role("button", name="Send with an app").click()
    expect(sheet.get_by_role("alert")).to_have_text("It was not sent.")
    page.evaluate("window.refuse = false")
    sheet.get_by_role("button", name="Copy Copy the link").click()
    assert page.evaluate("navigator.clipboard.readText()") == link
    sheet.get_by_role("button", name="Close").click()
