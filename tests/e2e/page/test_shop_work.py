"""What a shop does between campaigns: disputes, payouts, staff, webhooks and keys, on its pages."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.page.browser import PHONE, Seat
from tests.e2e.page.shops import Running
from tests.e2e.running import PASSWORD, Person, RunningUp, good

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page_people"), pytest.mark.long]


def _case(page: Page, title: str) -> None:
    page.get_by_role("link", name="Customers' cases", exact=True).click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


@pytest.mark.usefixtures("running_shop")
def test_a_dispute_is_answered_once_with_words(office: Seat) -> None:
    """Refused with reasons, or refunded; either way the case ends with it."""
    page = office.page
    _case(page, "Broken cup 0")
    card = page.get_by_role("region", name="The customer contests a voucher")
    expect(card.get_by_text("Write your words first.")).to_be_visible()
    expect(card.get_by_role("button", name="Refund")).to_have_count(0)
    card.get_by_label("Your words to the customer").fill("It was whole when you took it.")
    card.get_by_role("button", name="Refuse with reasons").click()
    page.get_by_role("dialog", name="Refuse?").get_by_role("button", name="Refuse with reasons").click()
    expect(card.get_by_text("Refused", exact=True)).to_be_visible()
    expect(page.get_by_text("Closed: refused")).to_be_visible()
    expect(card.get_by_label("Your words to the customer")).to_have_count(0)

    _case(page, "Broken cup 1")
    card.get_by_label("Your words to the customer").fill("You are right.")
    office.picture("merchant-dispute")
    card.get_by_role("button", name="Refund").click()
    page.get_by_role("dialog", name="Refund the order?").get_by_role("button", name="Refund").click()
    expect(card.get_by_text("Refunded", exact=True)).to_be_visible()
    expect(page.get_by_text("Closed: refunded")).to_be_visible()
    page.get_by_role("link", name="To the order").click()
    expect(page.get_by_role("heading", level=1, name="¥100.00")).to_be_visible()
    refund = page.get_by_role("article", name="Refund 1")
    expect(refund.get_by_text("Done").first).to_be_visible()
    expect(refund).to_contain_text("¥80.00")


@pytest.mark.usefixtures("running_shop")
def test_credit_is_paid_out_on_a_tap(office: Seat) -> None:
    page = office.page
    page.get_by_role("link", name="Orders & settlement", exact=True).click()
    page.get_by_role("link", name="Settlement", exact=True).click()
    credit = page.get_by_role("region", name="Credit")
    due = credit.get_by_role("row").filter(has_text="月结")
    expect(due).to_contain_text("40.00 tCNY")
    due.get_by_role("button", name="Pay out").click()
    expect(credit).to_have_count(0)
    payouts = page.get_by_role("region", name="What the treasuries got")
    expect(payouts.get_by_role("cell", name="40.00 tCNY").first).to_be_visible()


def test_somebody_new_joins_by_an_invitation(
    office: Seat, installation: RunningUp, browser: Browser, owner: Person
) -> None:
    page, email = office.page, f"{uuid4().hex}@example.com"
    page.get_by_role("link", name="Stores & staff").click()
    invitations = page.get_by_role("region", name="Invitations")
    invitations.get_by_label("E-mail to invite").fill(email)
    invitations.get_by_label("Role").select_option(label="manager")
    invitations.get_by_role("button", name="Invite", exact=True).click()
    expect(invitations.get_by_role("status")).to_contain_text(f"{email} is invited")
    link = str(invitations.get_by_role("status").get_by_role("code").get_attribute("title"))
    expect(invitations.get_by_role("listitem").filter(has_text=email)).to_be_visible()

    invited = Seat(browser, installation.base, size=PHONE)
    theirs = invited.open(link)
    theirs.get_by_role("button", name="New here?").click()
    theirs.get_by_label("Your name").fill("Newcomer")
    theirs.get_by_label("E-mail").fill(email)
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Create an account").click()
    expect(theirs.get_by_role("heading", name="Accept an invitation")).to_be_visible()
    assert link.partition("#")[2] not in invited.kept()
    theirs.get_by_role("button", name="Accept", exact=True).click()
    expect(theirs.get_by_text("You have joined as manager.")).to_be_visible()
    theirs.get_by_role("link", name="To the page of your work").click()
    expect(theirs.get_by_role("heading", level=1, name="Tea house")).to_be_visible()
    assert (invited.foreign, invited.faults) == ([], [])
    invited.context.close()

    page.reload()
    expect(page.get_by_role("combobox", name="Role of Newcomer")).to_have_value("manager")
    expect(page.get_by_text("No open invitation.")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="Newcomer").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove Newcomer?").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("combobox", name="Role of Newcomer")).to_have_count(0)


def test_a_store_is_opened_changed_and_closed(office: Seat, owner: Person) -> None:
    """What is wrong stands at its field; the till offers only stores that are open."""
    page = office.page
    page.get_by_role("link", name="Stores & staff").click()
    stores = page.get_by_role("region", name="Stores")
    form = stores.get_by_role("form", name="New store")
    form.get_by_label("Code").fill("west-lake")
    form.get_by_label("Name").fill("西湖店")
    form.get_by_label("Time zone").fill("Mars/Olympus")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("Name")).to_have_value("西湖店")
    form.get_by_label("Time zone").fill("Asia/Tokyo")
    form.get_by_role("button", name="Save").click()
    listed = stores.get_by_role("listitem").filter(has_text="西湖店")
    expect(listed).to_contain_text("Asia/Tokyo")
    expect(form.get_by_label("Code")).to_have_value("")

    listed.get_by_role("button", name="Change").click()
    form = stores.get_by_role("form", name="Change the store")
    expect(form.get_by_label("Code")).not_to_be_editable()
    form.get_by_label("Address").fill("1 Lakeside")
    form.get_by_role("button", name="Save").click()
    expect(listed).to_contain_text("1 Lakeside · Asia/Tokyo")
    office.picture("merchant-stores")
    page.goto(f"{office.base}/till")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("combobox", name="Store").select_option(label="西湖店")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("西湖店")

    page.goto(f"{office.base}/merchant/places")
    listed.get_by_role("button", name="Change").click()
    form.get_by_label("In use").uncheck()
    form.get_by_role("button", name="Save").click()
    expect(listed.get_by_text("Closed")).to_be_visible()
    (kept,) = good(owner.get(f"/organisations/{owner.organisation}/stores"))["items"]
    assert kept == {
        **{"code": "west-lake", "name": "西湖店", "address": "1 Lakeside"},
        **{"zone": "Asia/Tokyo", "open": False},
    }
    page.goto(f"{office.base}/till")
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("combobox", name="Show “paid” when the payment is")).to_be_visible()
    expect(page.get_by_role("combobox", name="Store")).to_have_count(0)
    page.goto(f"{office.base}/merchant")


# By the name on the page: what the API calls it, its field, what is typed there and what comes of it.
TRIGGERS = {
    "First payment": ("first_payment", "From an order of", "900000", {"min_minor": 90_000_000}),
    "Loyalty": ("loyalty", "Every so many orders", "99999", {"every": 99_999}),
    "Spent in all": ("spend", "Spent", "900000", {"minor": 90_000_000}),
    "Cashback": ("cashback", "From an order of", "900000", {"min_minor": 90_000_000}),
    "Visit": ("visit", "Every so many visits", "3", {"every": 3}),
    "Referral": ("referral", "Most for one person", "2", {"most": 2}),
}


def test_every_trigger_begins_and_ends_on_the_campaigns_page(
    office: Seat, owner: Person, running_shop: Running
) -> None:
    page, path = office.page, f"/campaigns/{running_shop.giving}/triggers"
    page.goto(f"{office.base}/merchant{path}")
    form = page.get_by_role("form", name="New trigger")
    kind, go = form.get_by_label("What earns a voucher"), form.get_by_role("button", name="Begin")
    for name, (_, field, value, _) in TRIGGERS.items():
        kind.select_option(label=name)
        form.get_by_label(field, exact=True).fill("many")
        expect(go).to_be_disabled()
        form.get_by_label(field, exact=True).fill(value)
        go.click()
        expect(form.get_by_role("status").filter(has_text="It works from now on.")).to_be_visible()
        expect(page.get_by_role("article", name=name).get_by_text("Running")).to_be_visible()
        if name == "Visit":
            form.get_by_role("button", name="Poster for the shop").click()
            poster = page.get_by_role("dialog", name="Poster with QR code")
            expect(poster.get_by_role("img", name=re.compile("^Scan to check in"))).to_be_visible()
            poster.get_by_role("button", name="Close").click()
    office.picture("merchant-triggers")
    made = {one["kind"]: one["rule"] for one in good(owner.get(path))["items"]}
    for api_name, _, _, rule in TRIGGERS.values():
        assert rule.items() <= made[api_name].items()
    for name in TRIGGERS:
        card = page.get_by_role("article", name=name)
        card.get_by_role("button", name="End").click()
        page.get_by_role("dialog", name="End this trigger?").get_by_role("button", name="End").click()
        expect(card.get_by_text("Ended", exact=True)).to_be_visible()
        expect(card.get_by_role("button", name="End")).to_have_count(0)


@contextmanager
def _receiver(url: str, *answers: int) -> Iterator[queue.Queue[bytes]]:
    """Somebody's server at this address, which answers these statuses in turn and then 204; what it was told."""
    told: queue.Queue[bytes] = queue.Queue()
    waiting = list(answers)

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(waiting.pop(0) if waiting else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing is written beside the test's own output."""

    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(url).port or 80), Hook)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_webhook_is_tried_read_and_sent_again(office: Seat, installation: RunningUp) -> None:
    page = office.page
    page.get_by_role("link", name="Settings").click()
    form = page.get_by_role("form", name="New endpoint")
    form.get_by_label("Address (https)").fill("https://10.0.0.1/hook")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_be_visible()
    with _receiver(installation.receiver, 500) as told:
        form.get_by_label("Address (https)").fill(installation.receiver)
        form.get_by_label("Everything").check()
        expect(form.get_by_label("settlements")).to_have_count(0)
        # Nothing but the trial: what other tests do in this shop may be told a moment later.
        form.get_by_label("Everything").uncheck()
        form.get_by_label("settlements").check()
        form.get_by_label("orders").uncheck()
        form.get_by_role("button", name="Add").click()
        secret = form.get_by_role("status").get_by_role("code").inner_text()
        assert secret.startswith("whsec_")
        assert secret not in office.kept()
        page.get_by_role("link", name=installation.receiver).click()
        expect(page.get_by_text("Nothing was sent yet.")).to_be_visible()
        page.get_by_role("button", name="Send a test").click()
        log = page.get_by_role("region", name="Deliveries")
        sent = log.get_by_role("button", name="webhook.test")
        first = told.get(timeout=60)
        expect(sent).to_contain_text("attempts: 1")
        sent.click()
        expect(log.get_by_role("cell", name="500")).to_be_visible()
        log.get_by_role("button", name="Send again").click()
        assert told.get(timeout=60) == first
        expect(sent).to_contain_text("Delivered")
        expect(log.get_by_role("cell", name="204")).to_be_visible()
        office.picture("merchant-webhook")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("On", exact=True)).to_be_visible()
    page.get_by_role("button", name="New secret").click()
    page.get_by_role("dialog", name="Make a new secret?").get_by_role("button", name="New secret").click()
    expect(page.get_by_role("status").get_by_role("code")).to_contain_text("whsec_")
    assert page.get_by_role("status").get_by_role("code").inner_text() != secret
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog", name="Remove this endpoint?").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No endpoint yet.")).to_be_visible()


def test_a_key_is_shown_once_may_what_was_ticked_and_ends(office: Seat, installation: RunningUp, owner: Person) -> None:
    page = office.page
    page.goto(f"{office.base}/merchant/settings")
    form = page.get_by_role("form", name="New key")
    form.get_by_label("What it is for").fill("Till software")
    form.get_by_label("Good for days").fill("0")
    expect(form.get_by_role("button", name="Make the key")).to_be_disabled()
    form.get_by_label("Good for days").fill("30")
    form.get_by_label("orders:write").uncheck()
    form.get_by_role("button", name="Make the key").click()
    token = form.get_by_role("status").get_by_role("code").inner_text()
    program = Person(installation, owner.person_id, owner.email, token, owner.organisation)
    good(program.get("/orders"))
    assert program.post("/orders", {}).status_code == 403
    assert token not in office.kept()
    office.picture("merchant-settings")
    page.reload()
    listed = page.get_by_role("region", name="API keys").get_by_role("listitem").filter(has_text="Till software")
    expect(listed).to_contain_text("orders:read")
    expect(listed).to_contain_text("last used")
    expect(page.get_by_text(token)).to_have_count(0)
    listed.get_by_role("button", name="End").click()
    page.get_by_role("dialog", name="End the key “Till software”?").get_by_role("button", name="End").click()
    expect(listed).to_have_count(0)
    assert program.get("/orders").status_code == 401
