"""Vouchers given out in every way on the campaign's page, and what is left of the escrow after the end."""

from __future__ import annotations

import csv
import io
import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from tests.e2e.page.acts import CHAINS
from tests.e2e.page.browser import Seat
from tests.e2e.page.shops import RARE, Running
from tests.e2e.running import Person, good, until
from tests.e2e.shop import PRICE_MINOR, UNITS_PER_MINOR

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]


def somebody(chain: str) -> str:
    """An account that nobody has used, as CAIP-10."""
    return str(AccountId.from_raw(ChainId.parse(chain), secrets.token_bytes(20)))


def give(page: Page, base: str, campaign: str, way: str) -> None:
    page.goto(f"{base}/merchant/campaigns/{campaign}/give")
    page.get_by_role("group", name="How to give out").get_by_role("button", name=way).click()


def test_by_file_by_segment_and_the_numbers_follow(office: Seat, running_shop: Running) -> None:
    """A file with bad rows does nothing and names them; a good one goes out as a whole."""
    page, customer = office.page, running_shop.customer
    chain = customer.chain["chain"]
    give(page, office.base, running_shop.giving, "File")
    form = page.get_by_role("form", name="File")
    field, go = form.get_by_label("Accounts"), form.get_by_role("button", name="Issue", exact=True)
    field.fill(f"account,count\n{somebody(chain)},2\n{chain}:0xnobody,1\n{somebody(chain)},0\n")
    go.click()
    refused = form.get_by_role("alert")
    expect(refused).to_contain_text("2 rows cannot be used; nothing was done.")
    expect(refused.get_by_role("row")).to_have_count(3)
    expect(refused.get_by_role("cell", name="3", exact=True)).to_be_visible()
    expect(refused.get_by_role("cell", name="4", exact=True)).to_be_visible()
    office.picture("merchant-file-refused")
    rows = f"account,count\n{somebody(chain)},2\n{somebody(chain)},1\n"
    form.get_by_label("or choose a file").set_input_files(
        {"name": "holders.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    expect(field).to_have_value(rows)
    go.click()
    expect(form.get_by_role("status")).to_have_text("3 vouchers issued.")

    page.get_by_role("button", name="Segment").click()
    form = page.get_by_role("form", name="Segment")
    count = form.get_by_role("button", name="Count them")
    count.click()
    expect(form.get_by_role("alert")).to_contain_text("say at least one thing")
    form.get_by_label("Seen within days", exact=True).fill("soon")
    expect(count).to_be_disabled()
    form.get_by_label("Seen within days", exact=True).fill("7")
    form.get_by_label("Bought (sku)").fill(RARE)
    count.click()
    expect(form.get_by_role("status")).to_have_text("Found: 1")
    form.get_by_role("button", name="Issue to all 1").click()
    expect(form.get_by_text("Issued. The customer has it.")).to_be_visible()
    until(
        "the voucher",
        lambda: [one["campaign"] for one in good(customer.person.get("/vouchers"))["items"]],
        lambda held: running_shop.giving in held,
    )

    page.get_by_role("link", name="Numbers", exact=True).click()
    expect(page.get_by_test_id("issued")).to_have_text("4")
    funnel = page.get_by_role("region", name="From issued to settled")
    expect(funnel.get_by_role("row", name=re.compile("^Issued"))).to_contain_text("4")
    expect(page.get_by_role("region", name="Budget")).to_contain_text("400.00 tCNY")
    office.picture("merchant-campaign-live")


def test_by_links_on_a_poster_and_as_a_drop(office: Seat, owner: Person, running_shop: Running) -> None:
    page, chain = office.page, owner.chains()["eip155"]["chain"]
    give(page, office.base, running_shop.giving, "Links & posters")
    form = page.get_by_role("form", name="New links")
    form.get_by_label("How many links").fill("2")
    form.get_by_label("Uses of each").fill("none")
    expect(form.get_by_role("button", name="Make links")).to_be_disabled()
    form.get_by_label("Uses of each").fill("1")
    form.get_by_role("button", name="Make links").click()
    expect(form.get_by_role("status")).to_contain_text("2 links are ready")
    addresses = form.get_by_role("status").get_by_role("code").all_inner_texts()
    form.get_by_role("button", name="Poster with QR code").click()
    poster = page.get_by_role("dialog", name="Poster with QR code")
    codes = poster.get_by_role("img")
    expect(codes).to_have_count(2)
    shown = [str(code.get_attribute("aria-label")) for code in codes.all()]
    assert shown == [f"Scan to get it: {address}" for address in addresses]
    office.picture("merchant-poster")
    page.emulate_media(media="print")
    expect(poster.get_by_role("button", name="Close")).to_be_hidden()
    page.emulate_media(media="screen")
    poster.get_by_role("button", name="Close").click()
    code = addresses[0].partition("#")[2]
    assert re.fullmatch(re.escape(office.base) + "/claim#[A-Za-z0-9]{40}", addresses[0])
    assert code not in office.kept()
    made = page.get_by_role("region", name="Links", exact=True)
    expect(made.get_by_text("0 / 1")).to_have_count(2)
    made.get_by_role("button", name="Close").first.click()
    page.get_by_role("dialog", name="Close this link for ever?").get_by_role("button", name="Close").click()
    expect(made.get_by_text("Closed")).to_have_count(1)

    page.get_by_role("button", name="Drop", exact=True).click()
    form = page.get_by_role("form", name="Drop")
    form.get_by_label(f"Addresses on {CHAINS['eip155']}").fill("0xnobody")
    form.get_by_role("button", name="Publish 1").click()
    expect(form.get_by_role("alert")).to_contain_text("0xnobody")
    holders = [somebody(chain).rpartition(":")[2] for _ in range(3)]
    form.get_by_label(f"Addresses on {CHAINS['eip155']}").fill("\n".join(holders))
    form.get_by_role("button", name="Publish 3").click()
    drop = page.get_by_role("region", name="Drop 1")
    expect(drop.get_by_text("On chain", exact=True)).to_be_visible()
    expect(drop.get_by_text("Root", exact=True)).to_be_visible()
    office.picture("merchant-drop")
    with page.expect_download() as download:
        drop.get_by_role("link", name=re.compile("^Download the list")).click()
    listed = download.value.path().read_bytes()
    assert listed.startswith(b"quanbao.drop.v1\0")
    assert all(bytes.fromhex(holder[2:]) in listed for holder in holders)


def test_what_is_left_comes_back_after_the_end(office: Seat, running_shop: Running) -> None:
    """By itself; the page says so, and never offers what cannot be done."""
    page = office.page
    page.goto(f"{office.base}/merchant/campaigns/{running_shop.giving}")
    expect(page.get_by_role("button", name="End", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Take back escrow")).to_have_count(0)
    page.goto(f"{office.base}/merchant/campaigns/{running_shop.short}/terms")
    done = page.get_by_role("region", name="What was done").get_by_role("listitem").filter(has_text="Escrow taken back")
    expect(done).to_contain_text("Done", timeout=240_000)  # its window may have had to be a longer one
    expect(done.get_by_role("button", name="Copy Transaction")).to_be_visible()
    expect(page.get_by_text("Over", exact=True)).to_be_visible()
    for name in ("Take back escrow", "Pause", "Add money", "End"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.get_by_role("link", name="Give out").click()
    expect(page.get_by_text("Vouchers are given out while the campaign runs.")).to_be_visible()
    page.get_by_role("link", name="Numbers", exact=True).click()
    lane = page.get_by_role("region", name="Budget").get_by_role("row").nth(1)
    expect(lane).to_contain_text("0.00 tCNY")
    office.picture("merchant-campaign-over")


def test_payouts_are_a_spreadsheet_of_what_the_chain_paid(office: Seat, running_shop: Running) -> None:
    page = office.page
    page.get_by_role("link", name="Orders & settlement", exact=True).click()
    page.get_by_role("link", name="Settlement", exact=True).click()
    payouts = page.get_by_role("region", name="What the treasuries got")
    expect(payouts.get_by_role("row")).to_have_count(2)
    office.picture("merchant-settlement")
    with page.expect_download() as download:
        payouts.get_by_role("button", name="Export CSV").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff"), "spreadsheets take it for something else"
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert int(row["remainders"]) >= PRICE_MINOR * UNITS_PER_MINOR
