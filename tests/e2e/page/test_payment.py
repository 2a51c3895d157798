"""An order charged at the till, paid by the holder with a voucher, traced and proven by the auditor."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.page.acts import CHAINS, Wallet, charge, issue, open_link, pay_locked
from tests.e2e.page.browser import Seat

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page")]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("family", "times"), [("eip155", 1), ("solana", 2)])
def test_voucher_is_used_paid_and_proven(seats: dict[str, Seat], wallet: Wallet, family: str, times: int) -> None:
    holder, merchant, till, auditor = (seats[role].page for role in ("holder", "merchant", "till", "auditor"))
    issue(merchant, family, wallet.addresses[family])
    holder.get_by_role("link", name="Wallet", exact=True).click()
    expect(holder.get_by_role("region", name="Vouchers").get_by_text("days left")).to_have_count(1)

    link = charge(till, "100")
    open_link(holder, link)
    expect(holder.get_by_test_id("order-total")).to_have_text("¥100.00")
    expect(holder.get_by_test_id("discount")).to_have_text("−¥20.00")
    expect(holder.get_by_test_id("left")).to_have_text("¥80.00")
    expect(holder.get_by_text(f"80.00 tCNY moves on {CHAINS[family]}, in one transaction")).to_be_visible()
    pay_locked(holder)
    expect(holder.get_by_test_id("paid")).to_have_text("¥80.00")
    expect(holder.get_by_text("Saved ¥20.00")).to_be_visible()
    expect(holder.locator("dl")).to_contain_text(CHAINS[family])

    expect(till.get_by_test_id("till-paid")).to_have_text("¥100.00")
    expect(till.get_by_text("¥80.00 from the customer, ¥20.00 by voucher.")).to_be_visible()
    till.get_by_role("button", name="Next customer").click()
    expect(merchant.get_by_test_id("redeemed")).to_have_text(str(times))
    expect(merchant.get_by_test_id("cost")).to_have_text(f"¥{20 * times}.00")

    auditor.get_by_role("searchbox").fill(link.rsplit("/", 1)[1])
    auditor.get_by_role("search").get_by_role("button", name="Trace").click()
    life = auditor.get_by_role("region", name="Life of the voucher")
    expect(life.get_by_text("Redemption", exact=True)).to_be_visible()
    # Folded details tell the same sums again.
    for amount in ("20.00 tCNY", "80.00 tCNY"):
        expect(life.get_by_text(amount, exact=True).filter(visible=True)).to_have_count(1)
    proof = auditor.get_by_role("region", name="Proof", exact=True)
    proof.get_by_role("button", name="Make the proof").click()
    proof.get_by_role("button", name="Check it").click()
    expect(proof.get_by_role("status")).to_contain_text("Accepted")
    expect(proof.get_by_text("Proven").first).to_be_visible()
    with auditor.expect_download() as download:
        proof.get_by_role("link", name="Download").click()
    auditor.get_by_label("Choose a file that somebody gave you.").set_input_files(download.value.path())
    expect(auditor.get_by_role("region", name="Check a proof file").get_by_role("status")).to_contain_text("Accepted")
    proof.get_by_role("button", name=re.compile("Change one byte")).click()
    expect(proof.get_by_role("alert")).to_contain_text("Refused")
    expect(proof.get_by_text("Accepted")).to_have_count(0)


@pytest.mark.usefixtures("shop", "wallet")
def test_order_that_the_till_takes_back(seats: dict[str, Seat]) -> None:
    holder, till = seats["holder"].page, seats["till"].page
    link = charge(till, "60.50")
    open_link(holder, link)
    expect(holder.get_by_text("No voucher of yours applies to this order.")).to_be_visible()
    expect(holder.get_by_test_id("left")).to_have_text("¥60.50")
    till.get_by_role("button", name="Cancel the order").click()
    expect(till.get_by_role("heading", name="Cancelled")).to_be_visible()
    till.get_by_role("button", name="Next customer").click()
    holder.reload()
    expect(holder.get_by_text("The shop has taken this order back. Nothing was paid.")).to_be_visible()


@pytest.mark.usefixtures("shop")
class TestTill:
    @pytest.mark.parametrize(
        ("typed", "shown"),
        [
            ("0.1", "¥0.10"),
            ("25.50", "¥25.50"),
            ("1000000.05", "¥1,000,000.05"),
            ("70368744177.67", "¥70,368,744,177.67"),
        ],
    )
    def test_amount_is_exact(self, seats: dict[str, Seat], typed: str, shown: str) -> None:
        till = seats["till"].page
        till.get_by_label("Amount").fill(typed)
        expect(till.get_by_role("button", name=f"Charge {shown}", exact=True)).to_be_enabled()

    @pytest.mark.parametrize("typed", ["", "0", "0.00", "-5", "1e3", "1.234", "ten", "99999999999999"])
    def test_other_texts_cannot_be_charged(self, seats: dict[str, Seat], typed: str) -> None:
        till = seats["till"].page
        till.get_by_label("Amount").fill(typed)
        expect(till.get_by_role("button", name="Charge", exact=True)).to_be_disabled()

    def test_tap_whose_answer_was_lost_is_not_charged_twice(self, seats: dict[str, Seat]) -> None:
        till = seats["till"].page
        asked: list[str] = []

        def lose_the_answer(route, request) -> None:  # type: ignore[no-untyped-def]
            if request.method != "POST":
                route.continue_()
                return
            asked.append(request.headers["idempotency-key"])
            if len(asked) == 1:
                assert route.fetch().status == 201
                route.abort()
            else:
                route.continue_()

        till.route("**/api/v1/orders", lose_the_answer)
        till.get_by_label("Amount").fill("33.33")
        tap = till.get_by_role("button", name="Charge ¥33.33")
        tap.click()
        expect(till.get_by_role("alert")).to_contain_text("The server does not answer")
        tap.click()
        expect(till.get_by_role("img", name=re.compile("Scan to pay"))).to_be_visible()
        till.unroute("**/api/v1/orders")
        assert len(asked) == 2
        assert asked[0] == asked[1]
        today = till.get_by_role("region", name="Today")
        expect(today.get_by_text("¥33.33")).to_have_count(1)
        till.get_by_role("button", name="Next customer").click()
        # The same amount for the next customer is another act.
        charge(till, "33.33")
        expect(today.get_by_text("¥33.33")).to_have_count(2)
        till.get_by_role("button", name="Next customer").click()
