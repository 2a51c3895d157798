"""What the page is before anybody does anything: languages, sign-in, refusals in words."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.running import PASSWORD, RunningUp

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page")]


def test_language_follows_the_browser_and_the_choice_is_remembered(installation: RunningUp, browser: Browser) -> None:
    seat = Seat(browser, installation.base, locale="zh-CN", size=PHONE)
    page = seat.open("/")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    assert (seat.foreign, seat.faults) == ([], [])


def test_newcomer_registers_by_keyboard_and_is_told_what_is_wrong(installation: RunningUp, browser: Browser) -> None:
    seat = Seat(browser, installation.base)
    page, email = seat.open("/holder"), f"{uuid4().hex}@example.com"
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Check e-mail and password")
    page.get_by_role("button", name="New here?").click()
    page.get_by_label("Your name").fill("Newcomer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Make your wallet")).to_be_visible()

    page.goto(f"{installation.base}/pay/{uuid4()}")
    expect(page.get_by_role("alert")).to_contain_text("Check the link")
    page.goto(f"{installation.base}/auditor")
    expect(page.get_by_text("This page needs the role of an auditor.")).to_be_visible()
    page.goto(f"{installation.base}/till")
    expect(page.get_by_text("You belong to no shop yet.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

    # Who asks for the same account again hears of it only what its password would have said.
    page.get_by_role("button", name="New here?").click()
    page.get_by_label("Your name").fill("Again")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("not the same password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("has an account already")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("You belong to no shop yet.")).to_be_visible()
    assert (seat.foreign, seat.faults) == ([], [])


@pytest.mark.parametrize("role", ["holder", "merchant", "till", "auditor"])
def test_nothing_is_wider_than_a_phone(seats: dict[str, Seat], role: str) -> None:
    page = seats[role].page
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input:not([aria-label])')].filter(x => x.labels.length === 0).length"
    )
    assert unnamed == 0
    assert size is not None
    page.set_viewport_size(size)


def test_style_and_script_come_from_files(installation: RunningUp, browser: Browser) -> None:
    """The server's policy allows no inline script or style, so that injected text stays text."""
    seat = Seat(browser, installation.base)
    answer = seat.page.goto(seat.base)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\bon\w+=", answer.text())
    expect(seat.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert seat.faults == []
