"""Somebody's whole way on a phone or a desktop, in Chinese and in English, over both chains: account, wallet, claim,
checkout, payment at the till, refund, and the auditor's proof. What was seen is kept as pictures."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import DESKTOP, PHONE, PICTURES, Seat
from tests.e2e.page.words import Words, all_words
from tests.e2e.running import PASSPHRASE, PASSWORD, Person, RunningUp, good, run_cli, until
from tests.e2e.shop import hire, open_shop, terms

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page")]

UNITS_PER_MINOR = 10_000
CAP = 3


def test_every_text_is_in_both_languages() -> None:
    words = all_words()
    assert len(words) > 400
    places = re.compile(r"\{\w+\}")
    # Chinese counts a discount in tenths of the price, so the names of what is filled in may differ, not how many.
    uneven = [
        name
        for name, (english, chinese) in words.items()
        if len({*places.findall(english)}) != len({*places.findall(chinese)})
    ]
    assert uneven == []


class Traveller:
    """Somebody new, before a browser of one size and language; each thing is found by what the page calls it."""

    def __init__(self, seat: Seat, language: str, size: str) -> None:
        self.seat, self.words = seat, Words(language)
        self.page: Page = seat.page
        self._name = f"{language}-{size}"
        self._pictures = 0

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._pictures += 1
        self.page.screenshot(path=PICTURES / f"{self._name}-{self._pictures:02}-{name}.png", full_page=True)

    def button(self, name: str, **facts: object) -> Any:
        return self.page.get_by_role("button", name=self.words(name, **facts))

    def field(self, name: str) -> Any:
        return self.page.get_by_label(self.words(name), exact=True)

    def heading(self, name: str) -> Any:
        return self.page.get_by_role("heading", name=self.words(name))

    def registers(self) -> None:
        self.button("sign_in.to_register").click()
        self.field("sign_in.name").fill("Traveller 旅人")
        self.field("sign_in.email").fill(f"{uuid4().hex}@example.com")
        self.page.get_by_label(self.words("sign_in.password")).fill(PASSWORD)
        self.picture("register")
        self.button("sign_in.register").click()

    def makes_a_wallet(self) -> None:
        """With its words written down and asked back."""
        self.field("wallet.passphrase_new").fill(PASSPHRASE)
        self.field("wallet.passphrase_repeat").fill(PASSPHRASE)
        self.picture("passphrase")
        self.button("wallet.create").click()
        self.button("wallet.reveal").click()
        listed = self.page.get_by_role("list", name=self.words("wallet.words")).get_by_role("listitem")
        expect(listed).to_have_count(12)
        noted = listed.all_inner_texts()
        self.button("wallet.written").click()
        check = self.page.get_by_role("button", name=self.words("wallet.confirm"), exact=True)
        expect(check).to_be_visible()
        for position in range(1, 13):
            asked = self.page.get_by_label(self.words("wallet.word", position=position), exact=True)
            if asked.count():
                asked.fill(noted[position - 1].split()[-1])
        self.picture("words-asked-back")
        check.click()
        kept = self.seat.kept()
        assert PASSPHRASE not in kept
        assert " ".join(noted) not in kept


def _campaign(owner: Person, organisation: str, chain: Any) -> str:
    """满100减20 on one chain, funded, claimed by link."""
    money = next(asset for asset in chain["assets"] if asset["symbol"] == "tCNY")
    accounts = good(owner.get(f"/organisations/{organisation}"))["accounts"]
    treasury = next(a["account"] for a in accounts if (a["purpose"], a["chain"]) == ("treasury", chain["chain"]))
    funds = str(CAP * 2_000 * UNITS_PER_MINOR)
    gift = {"account": treasury, "asset": money["asset"], "base_units": funds}
    good(owner.post(f"/chains/{chain['chain']}/faucet", gift))
    drafted: str = good(owner.post("/campaigns", terms(chain["chain"])))["id"]
    good(owner.post(f"/campaigns/{drafted}/launch", {}))
    until("the launch", lambda: good(owner.get(f"/campaigns/{drafted}"))["status"], lambda status: status == "active")
    return drafted


@pytest.mark.long
@pytest.mark.parametrize(("language", "size", "family"), [("zh-CN", "phone", "eip155"), ("en", "desktop", "solana")])
def test_from_a_link_to_the_proof(
    installation: RunningUp, browser: Browser, seats: dict[str, Seat], language: str, size: str, family: str
) -> None:
    organisation, owner = open_shop(installation, "旅人茶馆 Sample tea house")
    chain = owner.chains()[family]
    campaign = _campaign(owner, organisation, chain)
    link = good(owner.post(f"/campaigns/{campaign}/claim-links", {"uses": 1}))["items"][0]

    seat = Seat(browser, installation.base, size=PHONE if size == "phone" else DESKTOP, locale=language)
    one = Traveller(seat, language, size)
    page = seat.open(f"/claim#{link['code']}")
    expect(page.get_by_test_id("remaining")).to_be_visible()
    one.picture("claim-before")
    one.button("claimpage.sign_in").click()
    one.registers()
    one.makes_a_wallet()
    one.button("claimpage.claim").click()
    expect(one.heading("claimpage.done")).to_be_visible()
    one.picture("claimed")
    page.get_by_role("link", name=one.words("claimpage.see")).click()
    expect(page.get_by_role("img").first).to_be_visible()
    one.picture("voucher")

    seat.open("/holder")
    gifts = page.get_by_role("button", name=one.words("holder.get_test_money", amount="500.00 tCNY"))
    gifts.nth(0).click()
    expect(page.get_by_text(one.words("holder.got_test_money", amount="500.00 tCNY")).first).to_be_visible()
    gifts.nth(1).click()
    expect(page.get_by_text(one.words("holder.got_test_money", amount="500.00 tCNY"))).to_have_count(2)
    one.picture("home")

    cashier = hire(owner, "cashier")
    line = {"sku": "tea-001", "name": "茶 tea", "quantity": 1, "unit_price_minor": 10_000}
    till = Seat(browser, installation.base, size=PHONE, locale=language)
    till.sign_in(cashier.email, PASSWORD)
    till.open("/till")
    till.page.screenshot(path=PICTURES / f"{language}-till.png", full_page=True)
    order = good(cashier.post("/orders", {"currency": "CNY", "lines": [line]}))["id"]

    seat.open(f"/pay/{order}")
    expect(page.get_by_test_id("discount")).to_have_text("−¥20.00")
    one.picture("checkout")
    page.get_by_role("button", name=one.words("pay.submit", amount="¥80.00")).click()
    expect(page.get_by_test_id("paid")).to_have_text("¥80.00")
    one.picture("receipt")

    good(owner.post(f"/orders/{order}/refund", {}))
    until(
        "the refund",
        lambda: [item["status"] for item in good(owner.get(f"/orders/{order}/refunds"))["items"]],
        lambda found: found == ["done"],
    )
    seat.open(f"/pay/{order}")
    expect(page.get_by_text(one.words("refund.amount_done", amount="¥80.00"))).to_be_visible()
    one.picture("refunded")

    auditor = seats["auditor"].page
    seats["auditor"].open(f"/auditor?q={order}")
    auditor.get_by_role("button", name="Make the proof").click()
    auditor.get_by_role("button", name="Check it", exact=True).click()
    expect(auditor.get_by_role("region", name="Proof", exact=True).get_by_role("status")).to_contain_text("Accepted")
    auditor.screenshot(path=PICTURES / f"{language}-{size}-proof.png", full_page=True)
    with auditor.expect_download() as download:
        auditor.get_by_role("link", name="Download", exact=True).click()
    # What the page tells somebody who wants to check it without this server.
    command = auditor.get_by_text("quanbao verify").inner_text()
    assert command == f".venv/bin/quanbao verify {download.value.suggested_filename}"
    code, said = run_cli("verify", str(download.value.path()))
    assert code == 0, said
    assert "ACCEPTED" in said
    auditor.get_by_role("button", name="Compute again").click()
    expect(auditor.get_by_text("It is the price that was paid: ¥20.00 off.")).to_be_visible()
    life = auditor.get_by_role("region", name="Life of the voucher")
    life.get_by_role("button", name="Table").click()
    row = life.get_by_role("row").filter(has_text="Redemption").first
    expect(row.get_by_text("¥20.00")).to_be_visible()
    expect(row.get_by_text("20.00 tCNY")).to_be_visible()
    expect(life.get_by_text("base units")).to_have_count(0)
    auditor.screenshot(path=PICTURES / f"{language}-{size}-table.png", full_page=True)
    life.get_by_role("button", name="Picture").click()
    drawn = life.get_by_role("img", name=re.compile("^Picture of the life"))
    expect(drawn.get_by_text(re.compile("Redemption · ¥20.00"))).to_be_visible()
    auditor.emulate_media(color_scheme="dark")
    ink = "one => [getComputedStyle(one.querySelector('text')).fill, getComputedStyle(document.body).color]"
    drawn_in, read_in = drawn.evaluate(ink)
    assert drawn_in == read_in, "it is not drawn in the colours that the page has in the dark"
    auditor.screenshot(path=PICTURES / f"{language}-{size}-graph.png", full_page=True)
    auditor.emulate_media(color_scheme=None)
    assert [(found.foreign, found.faults) for found in (seat, till)] == [([], []), ([], [])]
    for found in (seat, till):
        found.context.close()
