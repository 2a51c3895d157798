"""A headless Chromium that talks to nobody but the server under test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.e2e.running import PASSWORD, ROOT

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = (1280, 900)
PHONE = (390, 844)

PICTURES = Path(os.environ.get("QUANBAO_PICTURES") or ROOT / "var/pictures")

# A payment is final after several blocks, and the machine may be busy with other tests.
expect.set_options(timeout=60_000)


def chromium_program() -> str:
    """Raises AssertionError with the command that installs it, when it is missing."""
    executable = shutil.which("chromium")
    assert executable is not None, "the page's tests need Chromium: apt-get install -y chromium"
    return executable


@contextmanager
def chromium() -> Iterator[Browser]:
    """Raises AssertionError as `chromium_program`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=list(FLAGS))
        yield browser
        browser.close()


class Seat:
    """One person before one browser: a page of their own cookies, and what went wrong on it.

    Attributes:
        foreign: Requests to anybody but the server.
        faults: Exceptions of the page, and what its content security policy refused.
        said: Whatever the page wrote to the console.
    """

    def __init__(self, browser: Browser, base: str, *, size: tuple[int, int] = DESKTOP, locale: str = "en-US") -> None:
        self.base = base
        self.foreign: list[str] = []
        self.faults: list[str] = []
        self.said: list[str] = []
        width, height = size
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, timezone_id="Asia/Shanghai"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("request", lambda request: self._seen(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._said)

    def _seen(self, url: str) -> None:
        if not url.startswith((self.base + "/", "blob:")):
            self.foreign.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        self.said.append(message.text)
        # A refused request is logged as an error too, but that is how a problem reaches the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    def open(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.base + path)
        return self.page

    def sign_in(self, email: str, password: str) -> None:
        """A session of this browser's own, as the sign-in form makes it."""
        who = {"email": email, "password": password, "transport": "cookie"}
        answer = self.context.request.post(f"{self.base}/api/v1/auth/login", data=who)
        assert answer.ok, answer.text()

    def picture(self, name: str) -> None:
        """Keep what is seen now; below `PICTURES`."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def kept(self) -> str:
        """Everything that the page leaves where another page, person or program may find it."""
        stored: str = self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, location.href])")
        caches: str = self.page.evaluate(
            "Promise.resolve(window.caches ? caches.keys() : []).then(names => Promise.all(names.map(name =>"
            " caches.open(name).then(cache => cache.keys()).then(found => found.map(one => one.url)))))"
            ".then(JSON.stringify)"
        )
        return "\n".join([stored, caches, *self.said])


@contextmanager
def seated(
    browser: Browser, base: str, email: str, path: str, *, size: tuple[int, int] = DESKTOP, locale: str = "en-US"
) -> Iterator[Seat]:
    """Somebody signed in before a browser of their own; nothing goes elsewhere and nothing breaks."""
    seat = Seat(browser, base, size=size, locale=locale)
    seat.sign_in(email, PASSWORD)
    seat.open(path)
    yield seat
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])
