"""The merchant's pages: a campaign in five steps, files with bad rows, refunds, exports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import DESKTOP, Seat
from tests.e2e.running import PASSWORD, Person, RunningUp, good
from tests.e2e.shop import open_shop

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page"), pytest.mark.long]


@pytest.fixture(scope="module")
def owner(installation: RunningUp) -> Person:
    """Of a shop that has nothing yet."""
    return open_shop(installation, "Tea house")[1]


@pytest.fixture(scope="module")
def desk(installation: RunningUp, browser: Browser, owner: Person) -> Iterator[Seat]:
    """The owner's browser; nothing goes elsewhere and nothing breaks."""
    seat = Seat(browser, installation.base, size=DESKTOP)
    seat.sign_in(owner.email, PASSWORD)
    seat.open("/merchant")
    yield seat
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


def _begin(page: Page, kind: str) -> None:
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("button", name=re.compile(f"^{kind}")).click()


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("20 off from 100", "100"),
        ("20 off for each 100", "each"),
        ("20 % off", "20 %"),
        ("A 5 cash voucher", "5"),
        ("A stored value of 100", "100"),
    ],
)
def test_every_kind_is_told_in_plain_words_before_it_is_launched(desk: Seat, kind: str, told: str) -> None:
    """Never more than eight things are asked for."""
    page, asked = desk.page, 0
    _begin(page, kind)
    for _ in range(3):
        asked += page.locator("form input, form select").count()
        page.get_by_role("button", name="Next").click()
    assert 3 <= asked <= 8
    preview = page.get_by_role("region", name="What customers see")
    expect(preview.get_by_role("listitem").first).to_be_visible()
    expect(preview).to_contain_text(re.compile(told, re.IGNORECASE))
    expect(page.get_by_role("button", name="Launch", exact=True)).to_be_enabled()


def test_what_is_wrong_stands_at_its_field(desk: Seat) -> None:
    """What was typed wrong at once, what the rules refuse in the API's words; neither goes on."""
    page = desk.page
    _begin(page, "20 off from 100")
    off, onward = page.get_by_label("Get off"), page.get_by_role("button", name="Next")
    off.fill("2o")
    expect(page.get_by_text("An amount such as 100 or 25.50.")).to_be_visible()
    expect(onward).to_be_disabled()
    off.fill("120")
    expect(off).to_have_attribute("aria-invalid", "true")
    expect(onward).to_be_disabled()
    off.fill("20")
    expect(onward).to_be_enabled()


def test_bad_rows_of_files_are_named(desk: Seat) -> None:
    page = desk.page
    page.get_by_role("link", name="Catalogue").click()
    field, take = page.get_by_label("Spreadsheet as CSV"), page.get_by_role("button", name="Take over")
    field.fill("sku,name,category,currency,price\ntea-001,Tea,tea,CNY,28.00\ntea-002,,tea,CNY,dear\n")
    take.click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be used; nothing was taken over")
    expect(page.get_by_role("alert").get_by_role("cell", name="3", exact=True).first).to_be_visible()
    field.fill("sku,name,category,currency,price\ntea-001,Tea,tea,CNY,28.00\n")
    take.click()
    expect(page.get_by_text("1 rows: 1 new, 0 changed, 0 withdrawn.")).to_be_visible()
    expect(page.get_by_role("cell", name="¥28.00")).to_be_visible()


def test_part_of_an_order_is_given_back_as_told_before(desk: Seat, owner: Person) -> None:
    page = desk.page
    line = {"sku": "tea-001", "name": "Tea", "quantity": 3, "unit_price_minor": 2800}
    cart = {"currency": "CNY", "lines": [line], "remainder_by": "recorded"}
    order = good(owner.post("/orders", cart))["id"]
    good(owner.post(f"/orders/{order}/tender", {"method": "cash", "amount_minor": 8400}))
    page.get_by_role("link", name="Orders & settlement", exact=True).click()
    page.get_by_role("link", name=re.compile("Tea × 3")).click()
    page.get_by_role("button", name="One unit of Tea more").click()
    expect(page.get_by_test_id("refund-amount")).to_have_text("¥28.00")
    page.get_by_role("button", name="Refund", exact=True).click()
    page.get_by_role("dialog", name="Refund ¥28.00?").get_by_role("button", name="Refund", exact=True).click()
    refund = page.get_by_role("article", name="Refund 1")
    expect(refund).to_contain_text("¥28.00")
    (kept,) = good(owner.get(f"/orders/{order}/refunds"))["items"]
    assert (kept["amount"]["minor"], kept["returned"]) == (2800, [1])


def test_numbers_are_exported_for_spreadsheets(desk: Seat, tmp_path: Path) -> None:
    page = desk.page
    page.get_by_role("link", name="Orders & settlement", exact=True).click()
    page.get_by_role("link", name="Settlement", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export CSV").click()
    file = tmp_path / "payouts.csv"
    download.value.save_as(file)
    assert file.read_text(encoding="utf-8").startswith("\ufeff")
