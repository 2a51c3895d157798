"""One installation, and one browser with a seat for each role link that `up` printed.

Tests that sit on the printed links' seats are the group `page`. Those that bring their own people are `page_people`
and may run beside the others, in a process with an installation of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.page.acts import Wallet, make_wallet, open_shop
from tests.e2e.page.browser import DESKTOP, PHONE, Seat, chromium, seated
from tests.e2e.page.shops import Running, all_running
from tests.e2e.running import PAGE_DIR, Payer, Person, RunningUp, own_installation
from tests.e2e.shop import open_shop as open_shop_over_http

SEATS = {"holder": PHONE, "merchant": DESKTOP, "till": DESKTOP, "auditor": DESKTOP}


@pytest.fixture(scope="package")
def installation() -> Iterator[RunningUp]:
    """Its own, because a role link opens once."""
    assert (PAGE_DIR / "index.html").is_file(), "the page is not built: npm run build -w web"
    with own_installation() as up:
        up.start()
        yield up
        assert up.stop() == 0, up.output()[-3000:]


@pytest.fixture(scope="package")
def browser(installation: RunningUp) -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def seats(installation: RunningUp, browser: Browser) -> Iterator[dict[str, Seat]]:
    """Each role's page, opened by its link. Whatever the tests do there, nothing goes elsewhere and nothing breaks."""
    links = dict(re.findall(r"(holder|merchant|till|auditor)\s+(http\S+/auth/link\S+)", installation.output()))
    assert set(links) == set(SEATS)
    seats = {role: Seat(browser, installation.base, size=size) for role, size in SEATS.items()}
    for role, seat in seats.items():
        seat.open(links[role])
        assert seat.page.url == f"{installation.base}/{role}"
    yield seats
    assert {role: (seat.foreign, seat.faults) for role, seat in seats.items()} == dict.fromkeys(SEATS, ([], []))


@pytest.fixture(scope="package")
def wallet(seats: dict[str, Seat]) -> Wallet:
    """The sample holder's, made and backed up on the page."""
    return make_wallet(seats["holder"].page)


@pytest.fixture(scope="package")
def payer(installation: RunningUp) -> Payer:
    """Somebody with money on the EVM chain who has paid nothing yet, and pays nothing in the tests that share them."""
    return Payer(installation, "eip155")


@pytest.fixture(scope="package")
def shop(seats: dict[str, Seat]) -> None:
    """The sample merchant's, with a campaign on both chains and the sample cashier at the till."""
    open_shop(seats["merchant"].page)
    seats["till"].page.reload()


@pytest.fixture(scope="package")
def owner(installation: RunningUp) -> Person:
    """Of another shop, which has nothing yet; beside the page."""
    return open_shop_over_http(installation, "Tea house")[1]


@pytest.fixture(scope="package")
def office(installation: RunningUp, browser: Browser, owner: Person) -> Iterator[Seat]:
    """That owner's browser."""
    with seated(browser, installation.base, owner.email, "/merchant") as seat:
        yield seat


@pytest.fixture(scope="package")
def running_shop(installation: RunningUp, owner: Person) -> Running:
    """What that shop has on the chain."""
    return all_running(installation, owner)
