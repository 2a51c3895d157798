"""The till as a cashier uses it on a phone: basket, both handshakes, cash, the day, and what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.page.browser import PHONE, Seat, seated
from tests.e2e.running import PASSWORD, Person, RunningUp, good
from tests.e2e.shop import hire, open_shop

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]

GOODS = "sku,name,category,currency,price\ntea-001,龙井,tea,CNY,28.00\ncake-01,Mung cake,cake,CNY,12.50\n"


@pytest.fixture(scope="module")
def cashier(installation: RunningUp) -> Person:
    """Of a shop with a catalogue."""
    organisation, owner = open_shop(installation, "Tea house")
    good(owner.post(f"/organisations/{organisation}/catalogue/import", {"csv": GOODS}))
    return hire(owner, "cashier")


@pytest.fixture(scope="module")
def till(installation: RunningUp, browser: Browser, cashier: Person) -> Iterator[Seat]:
    """The cashier's phone."""
    with seated(browser, installation.base, cashier.email, "/till", size=PHONE) as seat:
        yield seat


_COUNT_TONES = """() => {
  window.tones = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.tones += 1;
    return start.apply(this, when);
  };
}"""


def _charge(page: Page, amount: str) -> None:
    page.goto(re.sub(r"/till.*", "/till", page.url))
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name=re.compile("^Charge ¥")).click()
    expect(page.get_by_role("img", name=re.compile("Scan to pay"))).to_be_visible()


def test_basket_is_charged_and_paid_in_cash(till: Seat) -> None:
    """The receipt calls it the shop's word; the day's sums tell it apart."""
    page = till.page
    page.get_by_role("button", name="Basket").click()
    page.get_by_role("button", name=re.compile("龙井")).first.click()
    page.get_by_role("button", name=re.compile("^Mung cake")).click()
    page.get_by_role("button", name="One Mung cake more").click()
    till.picture("till-basket")
    page.reload()  # the basket is not lost
    page.get_by_role("button", name="Basket").click()
    page.get_by_text("Note, cash or card").click()
    page.get_by_label("taken by hand").check()
    page.evaluate(_COUNT_TONES)
    page.get_by_role("button", name="Charge ¥53.00").click()
    form = page.get_by_role("form", name="Taken by hand")
    form.get_by_role("button", name="Card").click()
    form.get_by_label("Number of the slip").fill("0042")
    till.picture("till-by-hand")
    form.get_by_role("button", name="¥53.00 taken").click()
    expect(page.get_by_test_id("till-paid")).to_have_text("¥53.00")
    expect(page.get_by_text("taken by hand (Card): entered by you")).to_be_visible()
    page.wait_for_function("window.tones === 2")  # heard, also where nobody looks
    till.picture("till-paid")
    page.get_by_role("button", name="Next customer").click()
    till.picture("till-amount")
    page.get_by_role("link", name="Today").click()
    today = page.get_by_role("region", name="Today")
    expect(today.get_by_text("of them by hand: 1")).to_be_visible()
    expect(today.get_by_role("link", name=re.compile("¥53.00.*Paid"))).to_have_count(1)
    till.picture("till-today")


def test_wrong_codes_of_customers_are_told_apart(till: Seat) -> None:
    page = till.page
    _charge(page, "10")
    page.get_by_text("Scan the customer's code instead").click()
    code, ask = page.get_by_label("Or type what stands below it"), page.get_by_role("button", name="Ask to pay")
    code.fill("https://example.com/other")
    ask.click()
    expect(page.get_by_text("This is not a payment code of a wallet.")).to_be_visible()
    code.fill("quanbao:present:AAAAAAAAAAAAAAAAAAAAAA")
    ask.click()
    expect(page.get_by_role("alert")).to_contain_text("That did not work")
    till.picture("till-wrong-code")


def test_customers_code_is_scanned_and_the_customer_is_asked(till: Seat, installation: RunningUp) -> None:
    page, customer = till.page, installation.newcomer("customer")
    shown = good(customer.post("/presentments"))
    _charge(page, "11")
    page.get_by_text("Scan the customer's code instead").click()
    page.get_by_label("Or type what stands below it").fill(shown["qr"])
    page.get_by_role("button", name="Ask to pay").click()
    expect(page.get_by_text("Asked: the customer confirms on the own device.")).to_be_visible()
    till.picture("till-asked")
    order = page.url.rsplit("/", 1)[1]
    assert good(customer.get(f"/presentments/{shown['id']}"))["order"] == order


def test_till_says_when_the_network_is_gone_and_goes_on_by_itself(till: Seat) -> None:
    page = till.page
    _charge(page, "12")

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/api/v1/**", lose)
    expect(page.get_by_text("No connection")).to_be_visible()
    expect(page.get_by_text("do not charge again")).to_be_visible()
    till.picture("till-no-network")
    page.unroute("**/api/v1/**", lose)
    expect(page.get_by_text("No connection")).to_have_count(0)
    expect(page.get_by_role("img", name=re.compile("Scan to pay"))).to_be_visible()


def test_second_tab_is_told(till: Seat) -> None:
    page = till.page
    other = till.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("The till is open in another tab too")).to_be_visible()
    expect(page.get_by_text("The till is open in another tab too")).to_be_visible()
    other.close(run_before_unload=True)
    expect(page.get_by_text("The till is open in another tab too")).to_have_count(0)


def test_order_outlives_an_expired_session(till: Seat, cashier: Person) -> None:
    """Signed in again, the cashier stands before the same order; nothing was charged twice."""
    page = till.page
    _charge(page, "13")
    at = page.url
    till.context.clear_cookies()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail").fill(cashier.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name=re.compile("Scan to pay"))).to_be_visible()
    assert page.url == at
