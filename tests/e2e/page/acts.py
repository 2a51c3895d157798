"""What people do on the page, step by step as they see it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

PASSPHRASE = "a passphrase of tests only"
CASHIER = "cashier@demo.test"
CAMPAIGN = "100 − 20"
CHAINS = {"eip155": "EVM, local test chain", "solana": "Solana, local test chain"}


@dataclass(frozen=True, slots=True)
class Wallet:
    """`addresses` by chain family."""

    addresses: dict[str, str]


def make_wallet(page: Page) -> Wallet:
    """Passphrase, words written down and asked back, test money on both chains."""
    page.get_by_label("New passphrase").fill(PASSPHRASE)
    page.get_by_label("Once more").fill(PASSPHRASE)
    page.get_by_role("button", name="Make the wallet").click()
    page.get_by_role("button", name="Show the words").click()
    words = page.get_by_role("list", name="Your words").get_by_role("listitem")
    expect(words).to_have_count(12)
    noted = words.all_inner_texts()
    page.get_by_role("button", name="I have written them down").click()
    expect(page.get_by_role("button", name="Check", exact=True)).to_be_visible()
    for label in page.locator("label", has_text=re.compile(r"^Word \d+$")).all_inner_texts():
        page.get_by_label(label, exact=True).fill(noted[int(label.split()[1]) - 1])
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="Vouchers")).to_be_visible()
    gifts = page.get_by_role("button", name="Get 500.00 tCNY")
    expect(gifts).to_have_count(2)
    for place in range(2):
        gifts.nth(place).click()
        expect(page.get_by_text("500.00 tCNY has arrived.")).to_have_count(place + 1)
    expect(page.get_by_test_id("total")).to_have_text("¥1,000.00")
    shown = page.get_by_role("region", name="Your accounts").get_by_role("code")
    first, second = (str(code.get_attribute("title")) for code in shown.all())
    return Wallet({"eip155": first, "solana": second})


def open_shop(page: Page) -> None:
    """A shop, its cashier, and 满100减20 launched on both chains with test money from the faucet."""
    page.get_by_label("Name of the shop").fill("梅记茶馆")
    page.get_by_role("button", name="Open the shop").click()
    page.get_by_role("link", name="Stores & staff").click()
    page.get_by_label("E-mail of a registered person").fill(CASHIER)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Sample cashier")).to_be_visible()
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("link", name="New campaign").click()
    page.get_by_role("button", name=re.compile("^20 off from 100")).click()
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_test_id("funding")).to_have_text("¥2,000.00")
    page.get_by_role("button", name="Launch", exact=True).click()
    expect(page.get_by_role("heading", level=1, name=CAMPAIGN)).to_be_visible()
    # It runs once every chain's lane does, which on a busy machine takes its time.
    expect(page.get_by_text("Running", exact=True)).to_be_visible(timeout=240_000)


def open_campaign(page: Page) -> None:
    """The shop's first campaign, on its merchant's page."""
    page.get_by_role("link", name="Campaigns", exact=True).click()
    page.get_by_role("link", name=re.compile(f"^{CAMPAIGN}")).last.click()
    expect(page.get_by_role("heading", level=1, name=CAMPAIGN)).to_be_visible()


def issue(page: Page, family: str, address: str) -> None:
    open_campaign(page)
    page.get_by_role("link", name="Give out").click()
    form = page.get_by_role("form", name="Issue vouchers")
    form.get_by_label("Chain").select_option(label=CHAINS[family])
    form.get_by_label("Customer's address").fill(address)
    form.get_by_role("button", name="Issue", exact=True).click()
    expect(form.get_by_text("Issued. The customer has it.")).to_be_visible()


def charge(page: Page, amount: str) -> str:
    """At the till. Returns the payment link."""
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name=re.compile(r"^Charge ¥")).click()
    expect(page.get_by_role("img", name=re.compile("Scan to pay"))).to_be_visible()
    link = page.locator("code", has_text="/pay/").inner_text()
    assert re.search(r"/pay/[0-9a-f-]{36}$", link)
    return link


def open_link(page: Page, link: str) -> None:
    """In the holder's wallet, as somebody pastes it."""
    page.get_by_role("link", name="Wallet", exact=True).click()
    page.get_by_role("link", name="Pay or scan").click()
    page.get_by_label("Payment link or order number").fill(link)
    page.get_by_role("button", name="Open", exact=True).click()


def pay_locked(page: Page) -> None:
    """Lock the keys first, then pay: the page asks for the passphrase, a wrong one is refused, the tap goes on."""
    page.get_by_role("button", name="Lock now").click()
    expect(page.get_by_text("Locked", exact=True)).to_be_visible()
    page.get_by_role("button", name="Pay ¥").click()
    dialog = page.get_by_role("dialog", name="Unlock your wallet")
    dialog.get_by_label("Wallet passphrase").fill("not the passphrase")
    dialog.get_by_role("button", name="Unlock").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not the password you sign in with")
    dialog.get_by_label("Wallet passphrase").fill(PASSPHRASE)
    dialog.get_by_role("button", name="Unlock").click()
