"""No page has a serious or critical fault of access, in any dress, and none is heavy to load."""

from __future__ import annotations

import gzip
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.page.access import grave_violations, pages_from
from tests.e2e.page.browser import DESKTOP, PHONE, Seat
from tests.e2e.running import PAGE_DIR

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("page")]

MOST_SCRIPT_BYTES = 250_000


def _role_of(link: str) -> str:
    """Whose page it is; those that everybody has are looked at as the holder."""
    area = link.removeprefix("/").partition("/")[0].partition("?")[0]
    return area if area in {"merchant", "till", "auditor"} else "holder"


@pytest.mark.long
@pytest.mark.usefixtures("shop", "wallet")
@pytest.mark.parametrize("role", ["holder", "merchant", "till", "auditor"])
def test_no_page_has_a_grave_fault(seats: dict[str, Seat], role: str) -> None:
    """Wherever links lead, by day on a desktop and by night on a phone."""
    seat = seats[role]
    page, found, opened = seat.page, {}, []
    try:
        for path in pages_from(seat, f"/{role}", lambda link: _role_of(link) == role):
            opened.append(path)
            for scheme, (width, height) in (("light", DESKTOP), ("dark", PHONE)):
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
                expect(page.locator("main").first).to_be_visible()
                if violations := grave_violations(page):
                    found[f"{path} ({scheme})"] = violations
                too_wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
                if too_wide:
                    found[f"{path} ({scheme})"] = [*found.get(f"{path} ({scheme})", []), "scrolls sideways"]
    finally:
        width, height = PHONE if role == "holder" else DESKTOP
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=None, reduced_motion=None)
        seat.open(f"/{role}")
    assert found == {}
    assert len(opened) >= {"holder": 12, "merchant": 6, "till": 1, "auditor": 4}[role], opened


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
