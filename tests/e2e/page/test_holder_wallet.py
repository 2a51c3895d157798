"""The holder's wallet on the page: sending, asking to be paid, scanning, limits, and wallets that are elsewhere."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import DESKTOP, PHONE, Seat
from tests.e2e.running import PASSPHRASE, PASSWORD, Payer, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]

EVM = "EVM, local test chain"
KNOWN_WORDS = "test test test test test test test test test test test junk"
"""Of the local test nodes; its first account is the same in every wallet."""
KNOWN_ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
EMPTY_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
METAMASK = """
window.ethereum = { request: async ({ method, params }) => {
  if (method === "eth_requestAccounts") return [await window.outsideAddress()];
  if (method === "eth_chainId") return "0x1";
  if (method === "personal_sign") return window.outsideSign(params[0]);
  throw { code: 4200, message: "unsupported" };
} };
"""


@pytest.fixture(scope="module")
def payer(installation: RunningUp) -> Payer:
    return Payer(installation, "eip155")


@pytest.fixture
def page(installation: RunningUp, browser: Browser, payer: Payer) -> Iterator[Page]:
    """The payer before a phone."""
    seat = Seat(browser, installation.base, size=PHONE)
    yield sign_in(seat, payer.person.email, "/holder/send")
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


def sign_in(seat: Seat, email: str, path: str) -> Page:
    page = seat.open(path)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    return page


def unlock(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Unlock your wallet")
    dialog.get_by_label("Wallet passphrase").fill(PASSPHRASE)
    dialog.get_by_role("button", name="Unlock").click()


def fill(page: Page, symbol: str, recipient: str, amount: str) -> None:
    source = page.get_by_label("From", exact=True)
    option = source.locator("option", has_text=f"{symbol} · {EVM}")
    expect(option).to_have_count(1)
    source.select_option(value=option.get_attribute("value"))
    page.get_by_label("To", exact=True).fill(recipient)
    page.get_by_label(f"Amount ({symbol})").fill(amount)


def review(page: Page) -> None:
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()


def sent(payer: Payer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = good(payer.person.get("/transfers"))["items"]
    return found


def test_a_transfer_is_looked_at_twice_sent_once_and_found_again(page: Page, payer: Payer) -> None:
    """The answer of the first tap is lost; the second tap is the same act. Then note, search and export."""
    before = len(sent(payer))
    fill(page, "tCNY", payer.recipient, "1.25")
    review(page)
    expect(page.get_by_text("Network fee, at most")).to_be_visible()
    expect(page.get_by_text("+1.25 tCNY")).to_be_visible()
    asked: list[str] = []
    lost: list[int] = []

    def lose_the_answer(route, request) -> None:  # type: ignore[no-untyped-def]
        asked.append(request.headers["idempotency-key"])
        answer = route.fetch()
        if answer.status == 202 and not lost:
            lost.append(answer.status)
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/api/v1/transfers", lose_the_answer)
    tap = page.get_by_role("button", name="Send 1.25 tCNY")
    tap.click()
    unlock(page)
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    tap.click()
    page.wait_for_url("**/holder/transfers/**")
    expect(page.get_by_text("It is there, for good.")).to_be_visible()
    assert len(sent(payer)) == before + 1
    assert lost == [202]
    assert len(set(asked)) == 1
    page.unroute("**/api/v1/transfers")

    page.get_by_label("Name").fill("老王")
    page.get_by_role("button", name="Keep in the address book").click()
    expect(page.get_by_text("to 老王")).to_be_visible()
    page.get_by_role("link", name="Activity", exact=True).click()
    page.get_by_role("button", name=re.compile("Sent 1.25 tCNY to 老王")).click()
    dialog = page.get_by_role("dialog", name="What happened")
    dialog.get_by_label("Your note").fill("<b>tea</b>")
    dialog.get_by_role("button", name="Keep the note").click()
    expect(dialog.get_by_text("Kept.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill("<b>tea")
    page.keyboard.press("Enter")
    rows = page.get_by_role("button", name=re.compile("^Sent|^Received"))
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("<b>tea</b>")
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    assert "<b>tea</b>" in download.value.path().read_text()


def test_warnings_and_limits_stand_in_the_way_in_plain_words(page: Page, payer: Payer) -> None:
    token = payer.token["asset"].rsplit(":", 1)[1]
    fill(page, "tCNY", token, "1")
    review(page)
    tap = page.get_by_role("button", name="Send 1.00 tCNY")
    expect(tap).to_be_disabled()
    expect(page.get_by_role("group", name="Please read")).to_contain_text("what is sent there is lost")
    for box in page.get_by_role("checkbox", name="I have read this").all():
        box.check()
    expect(tap).to_be_enabled()

    page.goto(page.url.replace("/holder/send", "/holder/limits"))
    page.get_by_label("A payment, at most (CNY)").fill("1.50")
    page.get_by_role("button", name="Set the limits").click()
    expect(page.get_by_text("The limits are set.")).to_be_visible()
    expect(page.get_by_text("¥1.50 at most")).to_be_visible()
    page.goto(page.url.replace("/holder/limits", "/holder/send"))
    fill(page, "tCNY", payer.recipient, "2")
    review(page)
    page.get_by_role("button", name="Send 2.00 tCNY").click()
    unlock(page)
    denied = page.get_by_role("alert")
    expect(denied).to_contain_text("Your own rules do not allow this")
    expect(denied).to_contain_text("Nothing was sent.")
    page.get_by_role("button", name="Get help").click()
    expect(page.get_by_text("Your support reference:")).to_be_visible()


def test_codes_are_read_by_picture_and_paste_and_others_refused_with_the_reason(page: Page, payer: Payer) -> None:
    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Receive").click()
    page.locator("summary", has_text="Ask for an amount").click()
    page.get_by_label("What", exact=True).select_option(label="tCNY")
    page.get_by_label("Amount").fill("0.75")
    page.get_by_role("button", name="Make the code").click()
    expect(page.get_by_text("Asks for 0.75 tCNY")).to_be_visible()
    picture = page.get_by_role("img", name="Payment code").screenshot()

    page.get_by_role("link", name="Back").click()
    page.get_by_role("link", name="Pay or scan").click()
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a picture or paste the text below")
    files = page.get_by_label("A picture with a code")
    files.set_input_files({"name": "none.png", "mimeType": "image/png", "buffer": EMPTY_PICTURE})
    refused = page.get_by_role("alert").filter(has_text="No QR code was found")
    expect(refused).to_be_visible()
    for text, words in {
        "https://elsewhere.example/pay": "This leads to another site, elsewhere.example.",
        "bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq": "This is no payment link of this place",
        f"ethereum:{payer.recipient}@1": "on a chain that is not set up here",
        "ethereum:vitalik.eth": "This names somebody instead of an address",
        "<img src=x onerror=alert(1)>": "This is no payment link of this place",
    }.items():
        page.get_by_label("Payment link or order number").fill(text)
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    files.set_input_files({"name": "code.png", "mimeType": "image/png", "buffer": picture})
    expect(page.get_by_text("This is one of your own accounts.")).to_be_visible()
    expect(page.get_by_label("Amount (tCNY)")).to_have_value("0.75")
    expect(page.get_by_label("To", exact=True)).to_have_value(payer.account.rsplit(":", 1)[1])
    expect(page.get_by_label("To", exact=True)).not_to_be_editable()


def test_a_newcomer_links_metamask_then_brings_words(installation: RunningUp, browser: Browser) -> None:
    person = installation.newcomer("traveller")
    outside = Account.create()
    seat = Seat(browser, installation.base, size=DESKTOP)
    seat.page.expose_function("outsideAddress", lambda: outside.address)
    seat.page.expose_function(
        "outsideSign", lambda text: "0x" + outside.sign_message(encode_defunct(hexstr=text)).signature.hex()
    )
    seat.page.add_init_script(METAMASK)
    page = sign_in(seat, person.email, "/holder")
    page.get_by_role("button", name="Connect MetaMask or Phantom").click()
    page.get_by_role("button", name="Connect Phantom").click()
    expect(page.get_by_role("alert")).to_contain_text("Phantom is not in this browser")
    page.get_by_role("button", name="Connect MetaMask", exact=True).click()
    expect(page.get_by_text("You have no wallet here yet")).to_be_visible()
    (linked,) = good(person.get("/auth/wallet"))["items"]
    assert linked["account"].endswith(outside.address)
    assert {one["address"] for one in good(person.get("/wallets/addresses"))["items"]} == {outside.address}

    page.get_by_role("link", name="Make your wallet").click()
    page.get_by_label("Words", exact=True).fill(KNOWN_WORDS.replace(" junk", ""))
    page.get_by_label("New passphrase").fill(PASSPHRASE)
    page.get_by_label("Once more").fill(PASSPHRASE)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("these are 11")).to_be_visible()
    page.get_by_label("Words", exact=True).fill(KNOWN_WORDS)
    page.get_by_role("button", name="Import").click()
    accounts = page.get_by_role("region", name="Your accounts").get_by_role("code")
    expect(accounts).to_have_count(2)
    expect(accounts.first).to_have_attribute("title", KNOWN_ACCOUNT)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])") + page.url
    assert not [secret for secret in (KNOWN_WORDS, PASSPHRASE, PASSWORD) if secret in kept]
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])
