"""Names, titles and notes that would be markup elsewhere stay text on every page that shows them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.page.browser import DESKTOP, PHONE, Seat
from tests.e2e.running import PASSPHRASE, PASSWORD, Payer, RunningUp, good
from tests.e2e.shop import open_shop, terms

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]

MARKUP = "<img src=x onerror=\"window.ran='yes'\"><b>bold</b>"
LINK = "javascript:window.ran='yes'"


def test_what_people_write_is_shown_and_never_run(installation: RunningUp, browser: Browser) -> None:
    """A shop's name, a campaign's title, goods, a reference and a person's name, seen by merchant and customer."""
    organisation, owner = open_shop(installation, MARKUP)
    payer = Payer(installation, "eip155")
    campaign = good(owner.post("/campaigns", {**terms(payer.chain["chain"]), "title": MARKUP}))
    line = {"sku": LINK, "name": MARKUP, "quantity": 1, "unit_price_minor": 10_000}
    order = good(owner.post("/orders", {"currency": "CNY", "lines": [line], "reference": MARKUP}))
    assert campaign["rules"]["title"] == MARKUP if "rules" in campaign else campaign["title"] == MARKUP

    customer = Seat(browser, installation.base, size=PHONE)
    customer.sign_in(payer.person.email, PASSWORD)
    page = customer.open(f"/pay/{order['id']}")
    expect(page.get_by_test_id("order-total")).to_have_text("¥100.00")
    expect(page.get_by_text(MARKUP).first).to_be_visible()

    merchant = Seat(browser, installation.base, size=DESKTOP)
    merchant.sign_in(owner.email, PASSWORD)
    shop = merchant.open("/merchant")
    expect(shop.get_by_text(MARKUP).first).to_be_visible()
    for seat in (customer, merchant):
        assert seat.page.evaluate("window.ran") is None
        assert seat.page.locator("main img[src='x'], main b").count() == 0
        assert (seat.foreign, seat.faults) == ([], [])
        kept = seat.kept()
        assert PASSPHRASE not in kept
        assert PASSWORD not in kept
        seat.context.close()
    assert good(owner.get(f"/organisations/{organisation}"))["name"] == MARKUP
