"""The holder's vouchers on the page: claimed by a link, shown without network, paid with, asked about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.acts import Wallet, charge, open_link
from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.running import PASSPHRASE, PASSWORD, RunningUp, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.xdist_group("page")]

TITLE = "八折 <b>优惠</b>"


class Desk:
    """What a shop does beside the page: calls of its own session."""

    def __init__(self, seat: Seat) -> None:
        self._request, self._base = seat.context.request, f"{seat.base}/api/v1"
        me = self.get("/auth/me")
        self._headers = {"X-CSRF-Token": me["csrf_token"]}
        self.organisation = self.get("/organisations")["items"][0]["id"]
        self._headers["Organisation-Id"] = self.organisation

    def get(self, path: str) -> Any:
        answer = self._request.get(self._base + path, headers=getattr(self, "_headers", {}))
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {**self._headers, "Idempotency-Key": uuid4().hex}
        answer = self._request.post(self._base + path, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()

    def campaign(self) -> str:
        """20 % off on the EVM chain, claimed by links, one for each person."""
        chain = next(one for one in self.get("/chains")["items"] if one["chain"].startswith("eip155:"))
        money = next(asset for asset in chain["assets"] if asset["symbol"] == "tCNY")
        accounts = self.get(f"/organisations/{self.organisation}")["accounts"]
        treasury = next(a["account"] for a in accounts if (a["purpose"], a["chain"]) == ("treasury", chain["chain"]))
        funds = str(5 * 3000 * 10 ** (money["decimals"] - 2))
        self.post(
            f"/chains/{chain['chain']}/faucet", {"account": treasury, "asset": money["asset"], "base_units": funds}
        )
        now = datetime.now(UTC).replace(microsecond=0)
        terms = {
            "title": TITLE,
            "kind": "percent",
            "effect": {"percent_bp": 2000, "max_off": 3000},
            "currency": "CNY",
            "valid_from": (now - timedelta(hours=1)).isoformat(),
            "valid_until": (now + timedelta(days=5)).isoformat(),
            "zone": "Asia/Shanghai",
            "lanes": [{"chain": chain["chain"], "cap": 5}],
            "claim": {"ways": ["link"], "per_identity": 1},
        }
        campaign: str = self.post("/campaigns", terms)["id"]
        self.post(f"/campaigns/{campaign}/launch", {})
        until("the launch", lambda: self.get(f"/campaigns/{campaign}")["status"], lambda status: status == "active")
        return campaign

    def link(self, campaign: str, uses: int) -> str:
        """A claim link's code."""
        made = self.post(f"/campaigns/{campaign}/claim-links", {"uses": uses})
        code: str = made["items"][0]["code"]
        return code


@pytest.fixture(scope="module")
def desk(seats: dict[str, Seat], shop: None) -> Desk:
    return Desk(seats["merchant"])


@pytest.fixture(scope="module")
def campaign(desk: Desk) -> str:
    return desk.campaign()


@pytest.fixture
def stranger(installation: RunningUp, browser: Browser) -> Iterator[Seat]:
    """Somebody without an account, on a phone."""
    seat = Seat(browser, installation.base, size=PHONE)
    yield seat
    assert (seat.foreign, seat.faults) == ([], [])
    seat.context.close()


def make_first_wallet(page: Page) -> None:
    page.get_by_label("New passphrase").fill(PASSPHRASE)
    page.get_by_label("Once more").fill(PASSPHRASE)
    page.get_by_role("button", name="Make the wallet").click()
    page.get_by_role("button", name="Later").click()


class TestClaiming:
    def test_stranger_claims_by_a_link_and_shows_the_voucher_without_network(
        self, stranger: Seat, desk: Desk, campaign: str
    ) -> None:
        code = desk.link(campaign, 2)
        page = stranger.open(f"/claim#{code}")
        expect(page.get_by_test_id("remaining")).to_have_text("2 left")
        # A name of the shop's is text and nothing else.
        expect(page.get_by_text(f"{TITLE} · From 梅记茶馆")).to_be_visible()
        assert code not in page.url
        page.get_by_role("button", name="Sign in to claim it").click()
        page.get_by_role("button", name="New here?").click()
        page.get_by_label("Your name").fill("Newcomer")
        page.get_by_label("E-mail").fill(f"{uuid4().hex}@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create an account").click()
        make_first_wallet(page)
        page.get_by_role("button", name="Claim it").click()
        expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
        assert code not in stranger.kept()

        page.get_by_role("link", name="See the voucher").click()
        expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
        expect(page.get_by_role("img", name="QR code of the voucher")).to_be_visible()
        expect(page.get_by_role("region", name="What the issuer can still do")).to_contain_text(
            "Nothing to your voucher"
        )
        expect(page.get_by_role("region", name="Where it comes from")).to_contain_text("It was issued to your account")
        expect(page.get_by_role("region", name="What it gives")).to_contain_text("20 % off")

        page.goto(f"{stranger.base}/claim#{code}")
        expect(page.get_by_text("You have claimed it already.")).to_be_visible()

        stranger.context.route("**/api/**", lambda route: route.abort())
        page.goto(f"{stranger.base}/holder/vouchers")
        expect(page.get_by_role("heading", name="No connection")).to_be_visible()
        page.get_by_role("button", name="20% off").click()
        expect(page.get_by_role("img", name="QR code of the voucher")).to_be_visible()
        stranger.context.unroute("**/api/**")
        # By itself, as soon as the server is back.
        expect(page.get_by_role("heading", name="My vouchers")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert TITLE not in stranger.kept()

    def test_each_closed_door_has_its_own_words(
        self, seats: dict[str, Seat], stranger: Seat, desk: Desk, campaign: str, wallet: Wallet
    ) -> None:
        page = stranger.open(f"/claim#{'A' * 40}")
        expect(page.get_by_role("alert")).to_contain_text("This link does not work.")
        page.get_by_role("button", name="Another code").click()
        page.get_by_label("Code of 40 letters and digits").fill("too short")
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_text("A code has 40 letters and digits.")).to_be_visible()
        page.get_by_label("Code of 40 letters and digits").fill(f"https://shop.example/claim#{desk.link(campaign, 1)}")
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_test_id("remaining")).to_have_text("1 left")

        page.goto(f"{stranger.base}/claim/{campaign}")
        expect(page.get_by_text("To get the voucher you need a link or code")).to_be_visible()
        desk.post(f"/campaigns/{campaign}/pause", {"reason": "tried"})
        expect(page.get_by_text("The shop has paused this for now.")).to_be_visible()
        desk.post(f"/campaigns/{campaign}/resume", {})
        expect(page.get_by_text("The shop has paused this for now.")).to_have_count(0)


class TestCheckout:
    def test_both_sums_are_told_when_money_is_short(self, seats: dict[str, Seat], wallet: Wallet, shop: None) -> None:
        holder, till = seats["holder"].page, seats["till"].page
        open_link(holder, charge(till, "9000"))
        expect(holder.get_by_test_id("short")).to_have_text(
            re.compile(
                r"^[89],\d{3}\.\d\d tCNY is needed, this account has \d[\d,.]* tCNY: \d[\d,.]* tCNY is missing\.$"
            )
        )
        expect(holder.get_by_role("button", name=re.compile("^Pay "))).to_have_count(0)
        till.get_by_role("button", name="Cancel the order").click()
        # Nobody has to load anything anew to hear of it.
        expect(holder.get_by_text("The shop has taken this order back. Nothing was paid.")).to_be_visible()
        till.get_by_role("button", name="Next customer").click()

    def test_order_is_paid_once_over_two_windows_and_a_double_tap(
        self, seats: dict[str, Seat], wallet: Wallet, shop: None
    ) -> None:
        holder, till = seats["holder"].page, seats["till"].page
        link = charge(till, "150.34")
        open_link(holder, link)
        left = holder.get_by_test_id("left").inner_text()
        second = seats["holder"].context.new_page()
        second.set_default_timeout(60_000)
        second.goto(link)
        expect(second.get_by_role("button", name=f"Pay {left}")).to_be_enabled()
        holder.get_by_role("button", name=f"Pay {left}").dblclick()
        dialog = holder.get_by_role("dialog", name="Unlock your wallet")
        paying = holder.get_by_role("heading", name="Paying")
        expect(dialog.or_(paying).or_(holder.get_by_test_id("paid")).first).to_be_visible()
        if dialog.is_visible():
            dialog.get_by_label("Wallet passphrase").fill(PASSPHRASE)
            dialog.get_by_role("button", name="Unlock").click()
        expect(holder.get_by_test_id("paid")).to_have_text(left)
        expect(second.get_by_test_id("paid")).to_have_text(left)
        second.close()
        till.get_by_role("button", name="Next customer").click()

    def test_something_wrong_with_a_payment_becomes_a_case(
        self, seats: dict[str, Seat], wallet: Wallet, shop: None
    ) -> None:
        holder = seats["holder"].page
        holder.goto(f"{seats['holder'].base}/notifications")
        expect(holder.get_by_role("heading", name="Notifications")).to_be_visible()
        holder.get_by_role("link", name="Open").first.click()
        expect(holder).not_to_have_url(re.compile("/notifications$"))
        holder.goto(f"{seats['holder'].base}/support/new")
        holder.get_by_label("In one line").fill("Where is my tea?")
        holder.get_by_label("What happened?").fill("I paid <script>alert(1)</script> and got none.")
        holder.get_by_role("button", name="Send").click()
        expect(holder.get_by_role("heading", name="Where is my tea?")).to_be_visible()
        expect(holder.get_by_role("region", name="Conversation")).to_contain_text("<script>alert(1)</script>")
        expect(holder.get_by_role("region", name="How far it is")).to_contain_text("We are at it")
        holder.get_by_role("button", name="It is solved").click()
        expect(holder.get_by_role("heading", name="Two questions")).to_be_visible()
        holder.get_by_label("Yes").check()
        holder.get_by_label("5", exact=True).check()
        holder.get_by_role("button", name="Send").click()
        expect(holder.get_by_text("Thank you. It is noted.")).to_be_visible()


def test_help_is_searched_kept_and_large(stranger: Seat) -> None:
    page = stranger.open("/help")
    page.get_by_label("What would you like to know?").fill("lost words")
    expect(page.get_by_text("make a new wallet, write its words down")).to_be_visible()
    page.get_by_label("What would you like to know?").fill("")
    before = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.get_by_role("switch", name="Large type").check()
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == pytest.approx(1.25 * before)
    stranger.context.route("**/api/v1/guidance/**", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("Shown as kept on this device")).to_be_visible()
    expect(page.get_by_text("Can somebody take my money?")).to_be_visible()
    assert page.locator("html").get_attribute("data-type") == "large"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
