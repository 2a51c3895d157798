"""The merchant's pages: a campaign in five steps, drops, files with bad rows, refunds, exports."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page.acts import CHAINS
from tests.e2e.page.browser import Seat
from tests.e2e.running import Payer, Person, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]


def _begin(page: Page, kind: str) -> None:
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("button", name=re.compile(f"^{kind}")).click()


def _filled_in(page: Page) -> int:
    """Go through to the review; how many things were asked for on the way, the template itself among them."""
    expect(page.get_by_role("list", name="Five steps").get_by_role("listitem")).to_have_count(5)
    asked = 1
    for _ in range(3):
        gift = page.get_by_label("Gift", exact=True)
        if gift.count() > 0 and gift.input_value() == "":
            gift.select_option("gift-spoon")
        asked += page.locator("form input:visible, form select:visible, form textarea:visible").count()
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="Look once more, then launch")).to_be_visible()
    return asked


TOLD = {
    "threshold": "100",
    "newcomer": "10",
    "percent": "20 %",
    "cash": "5",
    "gift": "Spoon|Cup",
    "stored_value": "100",
    "points": "point",
}


def test_every_template_is_ready_to_launch_after_eight_things_at_most(
    office: Seat, installation: RunningUp, owner: Person
) -> None:
    """In five steps, with its rules in plain words and its cost beside every one of them."""
    page = office.page
    spoon = {"name": "Spoon", "currency": "CNY", "unit_price_minor": 900}
    with installation.client(**owner.headers) as http:
        good(http.put("/gifts/gift-spoon", json=spoon))
    served = {one["id"]: one["name"] for one in good(owner.get("/campaigns/templates"))["items"]}
    assert set(served) == set(TOLD)
    asked: dict[str, int] = {}
    for template, name in [*served.items(), ("each", "20 off for each 100")]:
        _begin(page, re.escape(name))
        asked[template] = _filled_in(page)
        preview = page.get_by_role("region", name="What customers see")
        expect(preview.get_by_role("listitem").first).to_be_visible()
        expect(preview).to_contain_text(re.compile(TOLD.get(template, "each"), re.IGNORECASE))
        if template == "points":
            expect(preview.get_by_text("Nothing is set aside")).to_be_visible()
        else:
            expect(preview.get_by_test_id("funding")).to_have_text(re.compile(r"^¥[\d,]+\.\d\d$"))
        expect(page.get_by_role("button", name="Launch", exact=True)).to_be_enabled()
        office.picture(f"merchant-launch-{template}")
    assert {template: count for template, count in asked.items() if not 3 <= count <= 8} == {}


def test_newcomers_have_their_welcome_from_the_launch_on(office: Seat, installation: RunningUp, owner: Person) -> None:
    page = office.page
    _begin(page, "10 off for newcomers")
    _filled_in(page)
    expect(page.get_by_text("the welcome begins with the launch")).to_be_visible()
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="10 off for newcomers")).to_be_visible()
    expect(page.get_by_text("Running", exact=True)).to_be_visible(timeout=240_000)
    page.get_by_role("link", name="Triggers").click()
    welcome = page.get_by_role("article", name="Welcome")
    expect(welcome).to_have_count(1)
    customer = Payer(installation, "eip155")
    campaign = page.url.rsplit("/", 2)[1]
    good(customer.person.post("/claims/welcome", {"campaign": campaign, "account": customer.account}))
    welcome.get_by_text("Who earned what").click()
    expect(welcome.get_by_text("× 1")).to_be_visible()


def test_what_is_wrong_stands_at_its_field(office: Seat) -> None:
    """What was typed wrong at once, what the rules refuse in the API's words; neither goes on."""
    page = office.page
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


def test_bad_rows_of_files_are_named(office: Seat) -> None:
    page = office.page
    page.get_by_role("link", name="Catalogue").click()
    field, take = page.get_by_label("Spreadsheet as CSV"), page.get_by_role("button", name="Take over")
    field.fill("sku,name,category,currency,price\ntea-001,Tea,tea,CNY,28.00\ntea-002,,tea,CNY,dear\n")
    take.click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be used; nothing was done")
    expect(page.get_by_role("alert").get_by_role("cell", name="3", exact=True).first).to_be_visible()
    field.fill("sku,name,category,currency,price\ntea-001,Tea,tea,CNY,28.00\n")
    take.click()
    expect(page.get_by_text("1 rows: 1 new, 0 changed, 0 withdrawn.")).to_be_visible()
    expect(page.get_by_role("cell", name="¥28.00")).to_be_visible()


def test_part_of_an_order_is_given_back_as_told_before(office: Seat, owner: Person) -> None:
    page = office.page
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


def test_a_gift_comes_from_the_stock_that_the_shop_keeps(office: Seat, owner: Person) -> None:
    page = office.page
    page.get_by_role("link", name="Catalogue").click()
    page.get_by_role("link", name="Gifts", exact=True).click()
    form = page.get_by_role("form", name="New gift")
    form.get_by_label("Name").fill("Cup")
    form.get_by_label("Sku").fill("gift-cup")
    form.get_by_label("Price in the shop").fill("25")
    form.get_by_label("Units in stock").fill("3")
    form.get_by_role("button", name="Add", exact=True).click()
    kept = page.get_by_role("region", name="Gifts", exact=True).get_by_role("listitem").filter(has_text="Cup")
    expect(kept).to_contain_text("3 available")
    change = kept.get_by_label("Stock of Cup: in, or out with −")
    for units, told in (("-9", None), ("+2", "5 available")):
        change.fill(units)
        kept.get_by_role("button", name="Book").click()
        if told is None:
            expect(kept.get_by_role("alert").or_(kept.locator("[aria-invalid=true]")).first).to_be_visible()
        else:
            expect(kept).to_contain_text(told)

    _begin(page, "A cup from 50")
    expect(page.get_by_label("Gift", exact=True)).to_have_value("gift-cup")
    page.get_by_role("button", name="Next").click()
    page.get_by_label(CHAINS["solana"]).fill("")
    page.get_by_label(CHAINS["eip155"]).fill("2")
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    # What is set aside is what the shop's own gift costs it.
    expect(page.get_by_test_id("funding")).to_have_text("¥50.00")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Cup for free")).to_be_visible()
    expect(page.get_by_text("Running", exact=True)).to_be_visible(timeout=240_000)
    _given_out_as_a_drop(page, owner)
    office.picture("merchant-drop-of-gifts")


def _given_out_as_a_drop(page: Page, owner: Person) -> None:
    """A list that is refused is mended; the one that is published is the one that was seen last."""
    chain = owner.chains()["eip155"]["chain"]
    page.get_by_role("link", name="Give out").click()
    page.get_by_role("group", name="How to give out").get_by_role("button", name="Drop", exact=True).click()
    form = page.get_by_role("form", name="Drop")
    field = form.get_by_label(f"Addresses on {CHAINS['eip155']}")
    holders = [f"0x{number:040d}" for number in (101, 102, 103)]
    field.fill("\n".join(holders))
    form.get_by_role("button", name="Publish 3").click()
    expect(form.get_by_role("alert")).to_contain_text("do not fit into the cap of 2")
    field.fill("\n".join(holders[:2]))
    form.get_by_role("button", name="Publish 2").click()
    expect(form.get_by_role("status").filter(has_text="The list is complete")).to_be_visible()
    drop = page.get_by_role("region").filter(has=page.get_by_text("On chain", exact=True))
    expect(drop.get_by_text("Each address has its voucher now")).to_be_visible()
    campaign, number = page.url.split("/")[-2], int(drop.get_by_role("heading").inner_text().split()[1]) - 1
    for holder in holders[:2]:
        found = owner.get(f"/campaigns/{campaign}/drops/{chain}/{number}/proof", holder=f"{chain}:{holder}")
        assert len(good(found)["items"]) == 1
    expect(page.get_by_text("2 on drops’ lists")).to_be_visible()


def test_points_run_without_a_chain_and_are_closed(office: Seat) -> None:
    page = office.page
    _begin(page, "Points")
    _filled_in(page)
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Points")).to_be_visible()
    expect(page.get_by_text("Running", exact=True)).to_be_visible()
    page.get_by_role("link", name="Catalogue").click()
    page.get_by_role("link", name="Points", exact=True).click()
    programme = page.get_by_role("region", name="Points", exact=True)
    expect(programme.get_by_text("Entries, accounts and lots agree.")).to_be_visible()
    office.picture("merchant-points")
    programme.get_by_role("button", name="Close").click()
    page.get_by_role("dialog", name="Close the programme?").get_by_role("button", name="Close").click()
    expect(programme.get_by_text("Closed", exact=True)).to_be_visible()
