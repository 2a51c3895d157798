"""No page has a serious or critical fault of access, in any dress, and none is heavy to load."""

from __future__ import annotations

import gzip
import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.access import grave_violations, pages_from
from tests.e2e.page.browser import DESKTOP, PHONE, Seat
from tests.e2e.running import PAGE_DIR, PASSPHRASE, PASSWORD, RunningUp

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("page")]

MOST_SCRIPT_BYTES = 250_000


def _role_of(link: str) -> str:
    """Whose page it is; those that everybody has are looked at as the holder."""
    area = link.removeprefix("/").partition("/")[0].partition("?")[0]
    return area if area in {"merchant", "till", "auditor"} else "holder"


DRESSES: tuple[tuple[Literal["light", "dark"], tuple[int, int]], ...] = (("light", DESKTOP), ("dark", PHONE))


def _faults(page: Page, path: str) -> dict[str, list[str]]:
    """Of the page that is open: by day on a desktop and by night on a phone."""
    found: dict[str, list[str]] = {}
    for scheme, (width, height) in DRESSES:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("main").first).to_be_visible()
        faults = grave_violations(page)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults = [*faults, "scrolls sideways"]
        if faults:
            found[f"{path} ({scheme})"] = faults
    return found


@pytest.mark.long
@pytest.mark.usefixtures("shop", "wallet")
@pytest.mark.parametrize("role", ["holder", "merchant", "till", "auditor"])
def test_no_page_has_a_grave_fault(seats: dict[str, Seat], role: str) -> None:
    """Wherever links lead."""
    seat = seats[role]
    page, opened = seat.page, []
    found: dict[str, list[str]] = {}
    try:
        for path in pages_from(seat, f"/{role}", lambda link: _role_of(link) == role):
            opened.append(path)
            found |= _faults(page, path)
    finally:
        width, height = PHONE if role == "holder" else DESKTOP
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=None, reduced_motion=None)
        seat.open(f"/{role}")
    assert found == {}
    assert len(opened) >= {"holder": 12, "merchant": 6, "till": 1, "auditor": 4}[role], opened


@pytest.mark.long
def test_no_page_before_signing_in_has_a_grave_fault(installation: RunningUp, browser: Browser) -> None:
    """Also the one that covers the page of a session that has ended."""
    seat = Seat(browser, installation.base)
    page = seat.page
    found: dict[str, list[str]] = {}
    for path in ("/", "/claim", f"/claim#{'A' * 40}", "/help", "/privacy", "/verify"):
        seat.open(path)
        expect(page.locator(".loading")).to_have_count(0)
        found |= _faults(page, path)
    seat.open("/holder")
    page.get_by_role("button", name="New here?").click()
    found |= _faults(page, "registering")
    seat.sign_in(installation.newcomer("anybody").email, PASSWORD)
    seat.open("/holder")
    page.get_by_label("New passphrase").fill(PASSPHRASE)
    seat.context.clear_cookies()
    page.get_by_label("Once more").fill(PASSPHRASE)
    page.get_by_role("button", name="Make the wallet").click()
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    found |= _faults(page, "an ended session")
    seat.context.close()
    assert found == {}
    assert (seat.foreign, seat.faults) == ([], [])


def test_the_first_load_is_light() -> None:
    """Compressed script of the entry and of the heaviest area, as the browser gets them."""
    index = (PAGE_DIR / "index.html").read_text()
    first = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', index)
    assert first
    weigh = {path.name: len(gzip.compress(path.read_bytes())) for path in (PAGE_DIR / "assets").glob("*.js")}
    entry = sum(weigh[name.removeprefix("assets/")] for name in first)
    named = set(re.findall(r"assets/([\w.-]+\.js)", (PAGE_DIR / "worker.js").read_text()))
    areas = {name: size for name, size in weigh.items() if "Area-" in name and name in named}
    assert len(areas) >= 4
    assert entry + max(areas.values()) <= MOST_SCRIPT_BYTES, (entry, areas)
