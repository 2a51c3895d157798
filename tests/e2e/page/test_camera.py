"""The camera of the wallet reads codes as they are shown: where each leads, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.page.camera import seeing, show
from tests.e2e.running import PASSWORD, Payer, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees; shown anew before each look."""
    film = tmp_path_factory.mktemp("camera") / "film.y4m"
    show(None, film)
    return film


@pytest.fixture(scope="module")
def page(installation: RunningUp, browser: Browser, payer: Payer, film: Path) -> Iterator[Page]:
    """The payer's phone."""
    with seeing(browser, film) as other:
        seat = Seat(other, installation.base, size=PHONE)
        seat.sign_in(payer.person.email, PASSWORD)
        yield seat.page
        assert (seat.foreign, seat.faults) == ([], [])


def look(page: Page, base: str, film: Path, text: str) -> None:
    show(text, film)
    page.goto(f"{base}/holder/scan")
    page.get_by_role("button", name="Use the camera").click()


def test_an_address_and_a_request_for_payment_open_the_form(
    page: Page, film: Path, installation: RunningUp, payer: Payer
) -> None:
    look(page, installation.base, film, payer.recipient)
    expect(page.get_by_label("To", exact=True)).to_have_value(payer.recipient)

    asked = {"account": payer.account, "asset": payer.token["asset"], "base_units": "750000"}
    code = good(payer.person.post("/payment-requests", asked))
    look(page, installation.base, film, code["link"])
    expect(page.get_by_text("This is one of your own accounts.")).to_be_visible()
    expect(page.get_by_label("Amount (tCNY)")).to_have_value("0.75")


def test_a_shops_codes_lead_to_the_order_and_to_the_claim(page: Page, film: Path, installation: RunningUp) -> None:
    order, code = uuid4(), "A" * 40
    look(page, installation.base, film, f"{installation.base}/pay/{order}")
    page.wait_for_url(f"**/pay/{order}")
    expect(page.get_by_role("alert")).to_contain_text("Check the link, or ask the till to show it again.")
    look(page, installation.base, film, f"{installation.base}/claim#{code}")
    expect(page.get_by_role("alert")).to_contain_text("This link does not work.")
    assert code not in page.url


def test_wrong_codes_are_told_apart_and_the_camera_looks_again(
    page: Page, film: Path, installation: RunningUp, payer: Payer
) -> None:
    for text, words in {
        "https://elsewhere.example/pay": "This leads to another site, elsewhere.example.",
        "bitcoin:bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq": "This is no payment link of this place",
        f"ethereum:{payer.recipient}@1": "on a chain that is not set up here",
        "WIFI:S:guests;T:WPA;P:tea;;": "This is no payment link of this place",
    }.items():
        look(page, installation.base, film, text)
        expect(page.get_by_role("alert")).to_contain_text(words)
        expect(page.get_by_role("alert")).to_contain_text(text[:20])
    show(payer.recipient, film)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_label("To", exact=True)).to_have_value(payer.recipient)


def test_a_refused_camera_leaves_picture_and_paste(
    installation: RunningUp, browser: Browser, payer: Payer, film: Path
) -> None:
    with seeing(browser, film, allowed=False) as other:
        seat = Seat(other, installation.base, size=PHONE)
        seat.sign_in(payer.person.email, PASSWORD)
        page = seat.open("/holder/scan")
        page.get_by_role("button", name="Use the camera").click()
        expect(page.get_by_role("alert")).to_contain_text("The camera is not allowed here.")
        page.get_by_label("Payment link or order number").fill(payer.recipient)
        page.get_by_role("button", name="Open", exact=True).click()
        expect(page.get_by_label("To", exact=True)).to_have_value(payer.recipient)
        assert (seat.foreign, seat.faults) == ([], [])
