"""Security and privacy on the page: passkeys of a real browser, codes, devices, mails, and the end of an account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.e2e.page.browser import DESKTOP, PHONE, Seat
from tests.e2e.running import PASSPHRASE, PASSWORD, Person, RunningUp, good, problem, until

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page")]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
    "hasPrf": True,
}
"""Of Chromium's own (DevTools protocol, domain WebAuthn)."""


class Desk:
    """A person before a browser, by name: browsers take no passkeys for IP addresses."""

    def __init__(self, browser: Browser, up: RunningUp, *, size: tuple[int, int] = DESKTOP) -> None:
        self.person: Person = up.newcomer("safety")
        self.seat = Seat(browser, up.base.replace("127.0.0.1", "localhost"), size=size)
        self.page: Page = self.seat.page
        self.said: list[str] = []
        self.sent: dict[str, list[Any]] = {}
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        if request.method == "POST" and request.post_data:
            self.sent.setdefault(request.url.partition("/api/v1")[2], []).append(json.loads(request.post_data))

    def sign_in(self, at: str = "/safety") -> Page:
        page = self.seat.open(at)
        page.get_by_label("E-mail").fill(self.person.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        return page

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def kept(self) -> str:
        """Everything that outlives the page, and everything that it said."""
        stored = self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
        return "\n".join([stored, self.page.url, *self.said])


@pytest.fixture
def desk(installation: RunningUp, browser: Browser) -> Iterator[Desk]:
    desk = Desk(browser, installation)
    yield desk
    desk.seat.context.close()
    assert (desk.seat.foreign, desk.seat.faults) == ([], [])


def test_a_passkey_signs_in_once_an_answer_and_unlocks_by_prf(desk: Desk) -> None:
    devtools = desk.seat.context.new_cdp_session(desk.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    desk.person.unlock()
    good(desk.person.post("/wallets", {"label": "Mine"}))

    page = desk.sign_in()
    passkeys = page.get_by_role("region", name="Passkeys")
    passkeys.get_by_label("Name of the device").fill("Desk")
    passkeys.get_by_role("button", name="Add a passkey").click()
    expect(passkeys.get_by_role("button", name="Remove Desk")).to_be_visible()
    passkeys.get_by_label("Wallet passphrase").fill(PASSPHRASE)
    passkeys.get_by_role("button", name="Let a passkey unlock the wallet").click()
    expect(passkeys.get_by_text("unlocks the wallet", exact=True)).to_be_visible()

    desk.sign_out()
    page.get_by_role("button", name="Sign in with a passkey").click()
    devices = page.get_by_role("region", name="Devices")
    expect(devices.get_by_role("listitem").filter(has_text="this device")).to_contain_text("by passkey")
    (answer,) = desk.sent["/auth/passkeys/login"]
    with desk.person.up.client() as http:
        problem(http.post("/auth/passkeys/login", json=answer), 410, "one_time_used")

    page.goto(f"{desk.seat.base}/holder")
    page.get_by_role("button", name="Open accounts").click()
    dialog = page.get_by_role("dialog", name="Unlock your wallet")
    dialog.get_by_role("button", name="Unlock with a passkey").click()
    expect(page.get_by_text(re.compile("^Unlocked until"))).to_be_visible()
    expect(page.get_by_role("region", name="Your accounts").get_by_role("code")).to_have_count(2)

    (added,), (unlocked,) = desk.sent["/auth/passkeys/unlock-keys"], desk.sent["/auth/passkeys/unlock"]
    assert added["device_answer"] == unlocked["device_answer"]
    assert "clientExtensionResults" not in unlocked["credential"]
    replayed = desk.person.post("/auth/passkeys/unlock", unlocked)
    problem(replayed, 410, "one_time_used")
    kept = desk.kept()
    assert not [secret for secret in (PASSWORD, PASSPHRASE, unlocked["device_answer"]) if secret in kept]


def test_codes_are_set_up_asked_for_and_turned_off(desk: Desk) -> None:
    page = desk.sign_in()
    factor = page.get_by_role("region", name="Second factor")
    factor.get_by_role("button", name="Set up an authenticator").click()
    expect(factor.get_by_role("img", name="Code for the authenticator app")).to_be_visible()
    secret = str(factor.get_by_role("code").get_attribute("title"))
    factor.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
    factor.get_by_role("button", name="Turn on").click()
    codes = factor.get_by_role("list", name="Your recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.all_inner_texts()
    assert not [code for code in (secret, *recovery) if code in desk.kept()]
    factor.get_by_role("button", name="I have kept them").click()
    expect(factor.get_by_text("10 recovery codes left")).to_be_visible()

    desk.sign_out()
    desk.sign_in()
    expect(page.get_by_text("This account also asks for a code.")).to_be_visible()
    page.get_by_label("Code of your authenticator").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code of your authenticator").fill(recovery[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(factor.get_by_text("9 recovery codes left")).to_be_visible()
    factor.get_by_label("Code, or a recovery code").fill(recovery[1])
    factor.get_by_role("button", name="Turn off").click()
    expect(factor.get_by_role("button", name="Set up an authenticator")).to_be_visible()
    assert not [code for code in (secret, *recovery) if code in desk.kept()]


def test_mails_links_leave_no_code_in_the_address(desk: Desk) -> None:
    """The verification mail's link, and an invitation that is opened before signing in; each is good once."""
    caught = until("the mail", lambda: _mail(desk))
    link = re.search(rf"{re.escape(desk.seat.base)}/verify#(\S+)", caught)
    assert link is not None
    page = desk.seat.open(link.group(0))
    expect(page).to_have_url(f"{desk.seat.base}/verify")
    assert link.group(1) not in desk.kept()
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("Your address is verified.")).to_be_visible()
    page.reload()
    page.get_by_label("Code of the mail").fill(link.group(1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("was used or has expired")

    owner = desk.person.up.newcomer("owner")
    shop = good(owner.post("/organisations", {"name": "梅记茶馆"}))["id"]
    path = f"/organisations/{shop}/invitations"
    token = good(owner.post(path, {"email": desk.person.email, "role": "cashier"}))["token"]
    desk.sign_in(f"/invitation#{token}")
    expect(page).to_have_url(f"{desk.seat.base}/invitation")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You have joined as cashier.")).to_be_visible()
    assert token not in desk.kept()
    page.reload()
    page.get_by_label("Code of the invitation").fill(token)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("was used, revoked or has expired")


def _mail(desk: Desk) -> Any:
    with desk.person.up.client() as http:
        mails = good(http.get("/caught-mails"))["items"]
    return next((mail["text"] for mail in mails if mail["to"] == desk.person.email), None)


def test_check_up_devices_consent_export_and_erasure(desk: Desk) -> None:
    lost = good(desk.person.post("/auth/login", {"email": desk.person.email, "password": PASSWORD, "device": "Lost"}))
    page = desk.sign_in()
    check_up = page.get_by_role("region", name="Check-up")
    expect(check_up.get_by_text("your password alone opens your account")).to_be_visible()
    check_up.get_by_role("link", name=re.compile("set up an authenticator")).click()
    assert page.url.endswith("/safety#second-factor")

    devices = page.get_by_role("region", name="Devices")
    devices.get_by_role("button", name="Sign out Lost").click()
    expect(devices.get_by_role("listitem")).to_have_count(2)
    with desk.person.up.client(Authorization=f"Bearer {lost['token']}") as http:
        problem(http.get("/auth/me"), 401, "not_authenticated")
    devices.get_by_role("button", name="Sign out all other devices").click()
    expect(devices.get_by_role("listitem")).to_have_count(1)

    consents = page.get_by_role("region", name="What you agree to").get_by_role("checkbox")
    expect(consents).to_have_count(4)
    consents.first.click()
    expect(consents.first).to_be_checked()

    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("region", name="安全体检").get_by_text("仅凭密码即可登录您的账户")).to_be_visible()
    page.get_by_role("link", name="我们保存您的哪些信息").click()
    expect(page.get_by_role("heading", name="隐私说明")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Privacy, in plain words")).to_be_visible()
    page.get_by_role("link", name="Security", exact=True).click()

    data = page.get_by_role("region", name="Your data")
    data.get_by_role("button", name="Get my data").click()
    with page.expect_download() as download:
        data.get_by_role("link", name="Download the file").click()
    kept = json.loads(download.value.path().read_text())["data"]
    assert kept["person"]["email"] == desk.person.email
    assert {"wallets", "cases", "words", "notifications"} <= set(kept)

    data.get_by_role("button", name="Erase me").click()
    dialog = page.get_by_role("dialog", name="Erase everything about you")
    now = dialog.get_by_role("button", name="Erase for ever")
    expect(now).to_be_disabled()
    dialog.get_by_label("Type “erase me”").fill("erase me")
    dialog.get_by_label("Your password").fill("not the password")
    now.click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Your password").fill(PASSWORD)
    now.click()
    expect(page.get_by_text("You are erased here.")).to_be_visible()
    with desk.person.up.client() as http:
        answer = http.post("/auth/login", json={"email": desk.person.email, "password": PASSWORD})
    problem(answer, 401, "login_failed")


def test_everything_is_named_and_reached_by_keyboard_on_a_phone(installation: RunningUp, browser: Browser) -> None:
    desk = Desk(browser, installation, size=PHONE)
    page = desk.sign_in()
    expect(page.get_by_role("region", name="Check-up").get_by_role("listitem")).to_have_count(8)
    expect(page.get_by_role("region", name="Devices").get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("checkbox")).to_have_count(4)
    expect(page.get_by_role("button", name="Set up an authenticator")).to_be_visible()
    expect(page.get_by_text("No passkey yet.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button:not(:disabled), input:not(:disabled)')]
             .map((one, place) => { one.dataset.place = place; return place })"""
    )
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("Number(document.activeElement.dataset.place ?? -1)"))
    assert len(wanted) > 15
    assert set(wanted) <= reached
    nodes = desk.seat.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    acting = [node for node in nodes if node["role"]["value"] in {"button", "link", "textbox", "checkbox", "region"}]
    assert len(acting) > 20
    assert [node for node in acting if not node.get("name", {}).get("value", "").strip()] == []
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    desk.seat.context.close()
    assert (desk.seat.foreign, desk.seat.faults) == ([], [])
