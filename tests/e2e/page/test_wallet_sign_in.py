"""MetaMask, Phantom and others sign people in on the signed-out page, and every way in which they do not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eth_account import Account
from nacl.signing import SigningKey
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.page.outside import Outside
from tests.e2e.running import PASSWORD, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.long, pytest.mark.xdist_group("page_people")]

DECLINED, STILL_OPEN = 4001, -32002


@pytest.fixture
def seat(installation: RunningUp, browser: Browser) -> Iterator[Seat]:
    """Somebody on a phone, signed out."""
    seat = Seat(browser, installation.base, size=PHONE)
    yield seat
    seat.context.close()
    assert (seat.foreign, seat.faults) == ([], [])


def by(page: Page, wallet: str) -> None:
    page.get_by_role("button", name=f"Sign in with {wallet}", exact=True).click()


def signed_in_as(seat: Seat) -> str:
    """The person's id, once the page shows the wallet."""
    expect(seat.page.get_by_text("You have no wallet here yet")).to_be_visible()
    answer = seat.context.request.get(f"{seat.base}/api/v1/auth/me")
    person: str = answer.json()["person"]["id"]
    return person


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_without_a_wallet_the_page_says_where_to_get_one(seat: Seat) -> None:
    page = seat.open("/holder")
    for wallet in ("MetaMask", "Phantom"):
        by(page, wallet)
        expect(page.get_by_role("alert")).to_contain_text(f"{wallet} is not in this browser")
        expect(page.get_by_role("link", name=f"Get {wallet}")).to_be_visible()


@pytest.mark.parametrize(
    ("wallet", "asks", "signs"),
    [("MetaMask", "eth_requestAccounts", "personal_sign"), ("Phantom", "connect", "signMessage")],
)
def test_a_wallet_is_one_person_and_every_refusal_has_its_words(seat: Seat, wallet: str, asks: str, signs: str) -> None:
    outside = Outside()
    outside.put_into(seat)
    page = seat.open("/holder")
    told = page.get_by_role("alert")
    for question in (asks, signs):
        outside.answers[question] = DECLINED
        by(page, wallet)
        expect(told).to_contain_text(f"You declined in {wallet}")
    outside.answers[asks] = STILL_OPEN
    by(page, wallet)
    expect(told).to_contain_text("shows an earlier question still")

    # Another account of the wallet signs than the one that was asked: nobody is signed in.
    mine = (outside.evm, outside.solana)
    outside.answers.clear()

    def swap(route: Route) -> None:
        outside.evm, outside.solana = Account.create(), SigningKey.generate()
        route.continue_()

    page.route("**/api/v1/auth/wallet/message", swap)
    by(page, wallet)
    expect(told).to_contain_text("signed by another account")
    page.unroute("**/api/v1/auth/wallet/message")
    outside.evm, outside.solana = mine

    by(page, wallet)
    first = signed_in_as(seat)
    address = outside.evm.address if wallet == "MetaMask" else outside.solana_address
    shown = seat.context.request.get(f"{seat.base}/api/v1/wallets/addresses").json()["items"]
    assert {one["address"] for one in shown} == {address}, "what it holds is shown from the start"
    sign_out(page)
    by(page, wallet)
    assert signed_in_as(seat) == first


@pytest.mark.parametrize("wallet", ["Field mouse", "Sun bird"])
def test_wallets_that_announce_themselves_are_listed_and_sign(seat: Seat, wallet: str) -> None:
    """EIP-6963 and Wallet Standard."""
    outside = Outside()
    outside.put_into(seat, announced=True)
    page = seat.open("/holder")
    by(page, wallet)
    signed_in_as(seat)


def test_onboarding_connects_phantom_and_says_when_metamask_is_on_another_chain(
    installation: RunningUp, seat: Seat
) -> None:
    person, outside = installation.newcomer("traveller"), Outside()
    outside.put_into(seat, chain="0x2105")
    seat.sign_in(person.email, PASSWORD)
    page = seat.open("/holder")
    page.get_by_role("button", name="Connect MetaMask or Phantom").click()
    outside.answers["connect"] = DECLINED
    page.get_by_role("button", name="Connect Phantom", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You declined in Phantom")
    page.get_by_role("button", name="Connect Phantom", exact=True).click()
    expect(page.get_by_text("You have no wallet here yet")).to_be_visible()
    (linked,) = good(person.get("/auth/wallet"))["items"]
    assert linked["account"] == f"solana:{outside.solana_address}"

    page.get_by_role("link", name="More", exact=True).click()
    page.get_by_role("link", name="MetaMask and Phantom").click()
    page.get_by_role("button", name="Connect MetaMask", exact=True).click()
    expect(page.get_by_text("MetaMask is on a chain that is not set up here")).to_be_visible()
    expect(page.get_by_role("button", name="Unlink", exact=False)).to_have_count(2)
    page.get_by_role("button", name="Connect Phantom", exact=True).click()
    expect(page.get_by_text(f"{outside.solana_address[:8]}…{outside.solana_address[-6:]} is linked.")).to_be_visible()
    assert {one["account"].split(":")[0] for one in good(person.get("/auth/wallet"))["items"]} == {"ethereum", "solana"}
