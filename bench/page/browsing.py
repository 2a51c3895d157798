"""The holder in Chromium, as a phone shows the page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.page.shop import Shop
from primitives.errors import MissingPart

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_PHONE = {"width": 390, "height": 844}

# From the tap to the moment at which the receipt is in the document, by the page's own clock.
_TAP_TO_PAID = """
() => new Promise((resolve, reject) => {
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find((found) => /^Pay ¥/.test(found.textContent));
  if (!button) return reject(new Error("no button to pay: " + document.body.innerText.slice(0, 500)));
  const started = performance.now();
  const look = () => {
    if (!document.querySelector("[data-testid=paid]")) return;
    watching.disconnect();
    resolve((performance.now() - started) / 1000);
  };
  const watching = new MutationObserver(look);
  watching.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => reject(new Error("not paid: " + document.body.innerText.slice(0, 500))), 60000);
  button.click();
})
"""

# Something to act on is there, and the page answers: the next frame after it is painted.
_USABLE = """
() => new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("nothing to act on: " + document.body.innerText.slice(0, 500))), 60000);
  const look = () => {
    const main = document.querySelector("main");
    const ready = main && main.querySelector("h1, h2") && main.querySelector("button:enabled, a, input");
    if (!ready) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() / 1000), 0));
  };
  look();
})
"""


@dataclass(slots=True)
class Browsing:
    """One signed-in phone; a fresh one for each opening that is measured."""

    browser: Browser
    shop: Shop
    page: Page

    async def pay(self, order: str) -> float:
        """Seconds from the tap to the receipt."""
        await self.page.goto(f"{self.shop.base}/pay/{order}")
        await self.page.get_by_test_id("discount").wait_for()
        return float(await self.page.evaluate(_TAP_TO_PAID))

    async def usable(self, path: str) -> float:
        """Seconds from the navigation until there is something to act on, with nothing in the cache."""
        context = await _context(self.browser)
        try:
            if path != "/":
                # A person has eight unlocked sessions at most: these would lock the one that pays.
                await _sign_in(context, self.shop, unlock=False)
            page = await context.new_page()
            await page.goto(self.shop.base + path, wait_until="commit")
            return float(await page.evaluate(_USABLE))
        finally:
            await context.close()


@asynccontextmanager
async def browsing(shop: Shop) -> AsyncIterator[Browsing]:
    """Raises MissingPart without Chromium."""
    executable = shutil.which("chromium")
    if executable is None:
        raise MissingPart("this benchmark needs Chromium: apt-get install -y chromium", mend="apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(_FLAGS))
        context = await _context(browser)
        await _sign_in(context, shop)
        page = await context.new_page()
        page.set_default_timeout(60_000)
        yield Browsing(browser, shop, page)
        await browser.close()


async def _context(browser: Browser) -> BrowserContext:
    # The worker that keeps the page's files would make every later opening a cached one.
    return await browser.new_context(viewport=_PHONE, locale="en-US", service_workers="block")  # type: ignore[arg-type]


async def _sign_in(context: BrowserContext, shop: Shop, *, unlock: bool = True) -> None:
    """A session of its own, with the wallet's keys unlocked if asked."""
    who = {"email": shop.email, "password": shop.state.password, "transport": "cookie"}
    await _posted(context, shop, "/auth/login", who)
    if not unlock:
        return
    me = await (await context.request.get(f"{shop.base}/api/v1/auth/me")).json()
    headers = {"X-CSRF-Token": me["csrf_token"]}
    await _posted(context, shop, "/auth/unlock", {"passphrase": shop.state.passphrase}, headers)


async def _posted(
    context: BrowserContext, shop: Shop, path: str, body: dict[str, str], headers: dict[str, str] | None = None
) -> None:
    answer = await context.request.post(f"{shop.base}/api/v1{path}", data=body, headers=headers)
    if not answer.ok:
        raise AssertionError(f"{path}: {answer.status} {(await answer.text())[:500]}")
