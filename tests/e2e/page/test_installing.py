"""Chromium finds nothing that keeps the page from being installed, and opens it with the network off."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.page.browser import FLAGS, PHONE, chromium_program
from tests.e2e.page.shops import Running, handed_out
from tests.e2e.running import PAGE_DIR, PASSWORD, Payer, Person, RunningUp

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]


@pytest.fixture
def device(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A phone's browser as its owner uses it: a private window, as other tests have, can install nothing."""
    width, height = PHONE
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium_program(),
        args=list(FLAGS),
        viewport={"width": width, "height": height},
        locale="en-US",
    )
    context.set_default_timeout(60_000)
    yield context
    context.close()


def _ask(page: Page, method: str) -> dict[str, Any]:
    session = page.context.new_cdp_session(page)
    told: dict[str, Any] = session.send(method)
    session.detach()
    return told


def test_it_is_installed_and_shows_a_vouchers_code_with_the_network_off(
    device: BrowserContext, installation: RunningUp, owner: Person, running_shop: Running
) -> None:
    customer = Payer(installation, "eip155")
    handed_out(owner, running_shop.monthly, customer, 1)
    who = {"email": customer.person.email, "password": PASSWORD, "transport": "cookie"}
    assert device.request.post(f"{installation.base}/api/v1/auth/login", data=who).ok

    page = device.new_page()
    page.goto(f"{installation.base}/healthz")
    (missing,) = _ask(page, "Page.getInstallabilityErrors")["installabilityErrors"]
    assert missing["errorId"] == "no-manifest", "what is asked is not what keeps pages from being installed"

    page.goto(f"{installation.base}/holder/vouchers")
    expect(page.get_by_text("月结").first).to_be_visible()
    page.wait_for_function("() => navigator.serviceWorker.controller?.state === 'activated'")
    assert _ask(page, "Page.getInstallabilityErrors") == {"installabilityErrors": []}
    read = _ask(page, "Page.getAppManifest")
    assert read["errors"] == []
    assert read["url"] == f"{installation.base}/manifest.webmanifest"
    assert _ask(page, "Page.getAppId")["appId"] == f"{installation.base}/"
    manifest = json.loads(read["data"])
    for place in (manifest["start_url"], *(shortcut["url"] for shortcut in manifest["shortcuts"])):
        assert place.startswith(manifest["scope"])
        answer = device.request.get(installation.base + place, headers={"Accept": "text/html"})
        assert answer.headers["content-type"].startswith("text/html")

    device.set_offline(True)
    page.goto(f"{installation.base}{manifest['start_url']}")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.get_by_role("button", name="¥20 off").click()
    expect(page.get_by_role("img", name="QR code of the voucher")).to_be_visible()
    device.set_offline(False)


def test_every_icon_is_a_picture_of_the_size_that_the_manifest_says() -> None:
    """Also whole: an icon that may be cropped has its own, and the names are in both languages."""
    manifest = json.loads((PAGE_DIR / "manifest.webmanifest").read_text())
    sizes: dict[str, set[str]] = {"any": set(), "maskable": set()}
    for icon in manifest["icons"]:
        data = (PAGE_DIR / icon["src"].lstrip("/")).read_bytes()
        if icon["type"] == "image/png":
            assert data.startswith(b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", data[16:24])
            assert icon["sizes"] == f"{width}x{height}"
            sizes[icon["purpose"]].add(icon["sizes"])
        else:
            assert (icon["type"], icon["sizes"], data[:4]) == ("image/svg+xml", "any", b"<svg")
    assert sizes == {"any": {"192x192", "512x512"}, "maskable": {"192x192", "512x512"}}
    for member in ("name", "short_name", "description"):
        told = manifest[f"{member}_localized"]
        assert set(told) == {"en", "zh"}
        assert manifest[member] == told["zh"] != told["en"]
