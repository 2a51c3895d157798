"""A server that is away or slow, a session that ends in a form, a tab that leaves: words and a way on for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.running import PASSWORD, Payer, Person, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]

EVERYTHING = "**/api/v1/**"


@pytest.fixture
def seat(installation: RunningUp, browser: Browser, payer: Payer) -> Iterator[Seat]:
    """The payer's phone."""
    seat = Seat(browser, installation.base, size=PHONE)
    seat.sign_in(payer.person.email, PASSWORD)
    yield seat
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


def half_filled(seat: Seat, payer: Payer) -> Page:
    page = seat.open("/holder/send")
    page.get_by_label("To", exact=True).fill(payer.recipient)
    page.get_by_label("Amount").fill("0.5")
    return page


def expect_half_filled(page: Page, payer: Payer) -> None:
    expect(page.get_by_label("To", exact=True)).to_have_value(payer.recipient)
    expect(page.get_by_label("Amount")).to_have_value("0.5")


def sign_in(page: Page, person: Person) -> None:
    cover = page.get_by_role("dialog", name="Sign in again")
    cover.get_by_label("E-mail").fill(person.email)
    cover.get_by_label("Password").fill(PASSWORD)
    cover.get_by_role("button", name="Sign in", exact=True).click()
    expect(cover).to_have_count(0)


def test_a_server_that_is_away_is_named_and_everything_goes_on_when_it_is_back(seat: Seat, payer: Payer) -> None:
    page = half_filled(seat, payer)

    def away(route: Route) -> None:
        route.abort()

    page.route(EVERYTHING, away)
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    page.get_by_role("button", name="Change", exact=True).click()
    expect_half_filled(page, payer)
    expect(page.get_by_text("The server is out of reach.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.unroute(EVERYTHING, away)
    # By itself: nobody has to tap.
    expect(page.get_by_role("button", name="Review")).to_be_visible()
    expect(page.get_by_text("The server is out of reach.")).to_have_count(0)


def test_a_slow_server_is_told_of_while_it_is_slow(seat: Seat, payer: Payer) -> None:
    page = half_filled(seat, payer)
    held: list[Route] = []
    page.route("**/api/v1/transfers/preview", lambda route: held.append(route))
    page.get_by_role("button", name="Review").click()
    slow = page.get_by_text("The server takes longer than usual.")
    expect(slow).to_be_visible()
    expect(page.get_by_role("button", name="Load the page again")).to_be_visible()
    for route in held:
        route.continue_()
    page.unroute("**/api/v1/transfers/preview")
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()
    expect(slow).to_have_count(0)


def test_what_was_typed_outlives_the_session_and_nothing_of_it_is_shown_meanwhile(
    seat: Seat, payer: Payer, installation: RunningUp
) -> None:
    page = half_filled(seat, payer)
    seat.context.clear_cookies()
    page.get_by_role("button", name="Review").click()
    cover = page.get_by_role("dialog", name="Sign in again")
    expect(cover).to_contain_text("your session has ended")
    expect(cover.get_by_label("E-mail")).to_have_value(payer.person.email)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(cover).to_be_visible()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    behind = "getComputedStyle(document.querySelector('dialog.cover'), '::backdrop').backgroundColor"
    assert page.evaluate(behind) == paper
    sign_in(page, payer.person)
    expect(page.get_by_role("heading", name="Look once more")).to_be_visible()
    page.get_by_role("button", name="Change", exact=True).click()
    expect_half_filled(page, payer)

    # Whoever else signs in there finds nothing of it.
    stranger = installation.newcomer("stranger")
    seat.context.clear_cookies()
    page.get_by_role("button", name="Review").click()
    sign_in(page, stranger)
    expect(page.get_by_text("holds anything to send yet")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_have_count(0)
    assert payer.account.rsplit(":", 1)[1] not in page.content()


def test_leaving_in_one_tab_leaves_in_the_other(seat: Seat, payer: Payer) -> None:
    page = half_filled(seat, payer)
    other = seat.context.new_page()
    other.goto(f"{seat.base}/holder")
    other.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert payer.recipient not in page.content()
    other.close()
    assert good(payer.person.get("/transfers"))["items"] == []
