"""Help over HTTP: a disputed redemption that ends in a linked refund, and a failed payment that is told and retried."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.local_node import node
from tests.e2e.running import Payer, RunningUp, good, problem, run_cli, until
from tests.e2e.shop import DISCOUNT_MINOR, PRICE_MINOR, UNITS_PER_MINOR, whole_shop

pytestmark = [pytest.mark.long, pytest.mark.timeout(400), pytest.mark.xdist_group("running_up")]

DEAR = "0x" + "de" * 20
REFUSES_WHOEVER_PAYS_FOR_GAS = "0x3a156008575f5ffd5b00"
"""GASPRICE ISZERO PUSH1 8 JUMPI PUSH0 PUSH0 REVERT JUMPDEST STOP: takes money in simulations, and nowhere else."""


def told(person: Any, kind: str) -> list[dict[str, Any]]:
    return [one for one in good(person.get("/notifications"))["items"] if one["kind"] == kind]


def test_a_dispute_ends_in_a_linked_refund_and_its_case_with_it(running_up: RunningUp) -> None:
    shop = whole_shop(running_up)
    holder, owner = shop.holder.person, shop.owner
    good(holder.post(f"/orders/{shop.order}/pay", {"quote": shop.quote}))
    paid = until(
        "the payment",
        lambda: good(holder.get(f"/orders/{shop.order}")),
        lambda found: found["order"]["status"] == "paid",
        seconds=120,
    )
    (redemption,) = [one["id"] for one in paid["payment"]["redemptions"]]
    had = shop.holder.held(shop.holder.token)

    body = {"title": "杯子破了", "text": "The cup was broken.", "about": "redemption", "subject": redemption}
    case = good(holder.post("/cases", {**body, "dispute": True}))
    assert (case["status"], case["merchant"]) == ("open", shop.organisation)
    assert good(holder.post("/cases", {**body, "dispute": True}))["id"] == case["id"], "one dispute, one case"
    inbox = until("the shop's inbox", lambda: good(shop.cashier.get("/cases/inbox"))["items"])
    assert [one["reference"] for one in inbox] == [case["reference"]]
    good(shop.cashier.post(f"/cases/inbox/{case['id']}/messages", {"text": "We look into it."}))
    answered = good(holder.get(f"/cases/{case['id']}"))
    assert (answered["case"]["status"], answered["dispute"]["status"]) == ("answered", "open")
    assert [one["side"] for one in answered["messages"]] == ["holder", "merchant"]

    decided = {"answer": "You are right.", "refund": True}
    good(owner.post(f"/redemptions/{redemption}/dispute/answer", decided))
    closed = until(
        "the case's end",
        lambda: good(holder.get(f"/cases/{case['id']}")),
        lambda found: found["case"]["status"] == "closed",
    )
    assert (closed["case"]["outcome"], closed["dispute"]["status"]) == ("refunded", "refunded")
    refunds = good(holder.get(f"/orders/{shop.order}/refunds"))["items"]
    assert [one["id"] for one in refunds] == [closed["dispute"]["refund"]], "linked to its reversal"
    until(
        "the refund",
        lambda: good(holder.get(f"/orders/{shop.order}/refunds"))["items"][0]["status"],
        lambda status: status == "done",
        seconds=120,
    )
    assert shop.holder.held(shop.holder.token) == had + (PRICE_MINOR - DISCOUNT_MINOR) * UNITS_PER_MINOR
    until("the notification", lambda: told(holder, "dispute") and told(holder, "case"))
    problem(holder.post("/cases", {**body, "dispute": True}), 409, "dispute_closed")
    problem(holder.post(f"/cases/{case['id']}/messages", {"text": "Thanks"}), 409, "case_closed")
    good(holder.post(f"/cases/{case['id']}/survey", {"solved": True, "score": 5}))
    survey = good(owner.get("/cases/survey"))
    assert (survey["closed"], survey["solved"]) == (1, 1)


def test_a_failed_payment_has_a_reference_and_is_retried_without_paying_twice(running_up: RunningUp) -> None:
    payer = Payer(running_up, "eip155")
    person, amount = payer.person, 10**15
    node(running_up, "anvil_setCode", DEAR, REFUSES_WHOEVER_PAYS_FOR_GAS)
    before = int(node(running_up, "eth_getBalance", DEAR, "latest"), 16)
    body = payer.transfer(recipient=DEAR, asset=payer.native["asset"], value="0.001")
    sent = good(person.post("/transfers", {**body, "accept_warnings": ["contract_recipient"]}))
    failed = payer.ended(sent["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "transaction_reverted"), failed
    reference = failed["support_reference"]

    (notice,) = until("the notification", lambda: told(person, "payment_failed"))
    assert reference in notice["body"]
    (line,) = [one for one in good(person.get("/activity?kind=transfer"))["items"] if one["state"] == "failed"]
    assert (line["facts"]["reference"], line["facts"]["code"]) == (reference, "transaction_reverted")
    case = good(person.post("/cases", {"title": "?", "text": "?", "about": "payment", "subject": sent["id"]}))
    assert (case["merchant"], case["payment_reference"]) == (None, reference), "the operator's, by the same reference"
    operator = running_up.newcomer("operator")
    code, said = run_cli("admin", "grant", operator.email, "operator", "--data-dir", str(running_up.data_dir))
    assert code == 0, said
    waiting = good(operator.get("/cases/platform"))["items"]
    assert reference in [one["payment_reference"] for one in waiting]

    node(running_up, "anvil_setCode", DEAR, "0x")
    again = good(person.post(f"/transfers/{sent['id']}/retry", key="once"))
    assert again["retry_of"] == sent["id"]
    assert good(person.post(f"/transfers/{sent['id']}/retry", key="once"))["id"] == again["id"]
    done = payer.ended(again["id"])
    assert done["status"] == "done", done
    assert int(node(running_up, "eth_getBalance", DEAR, "latest"), 16) == before + amount, "paid once"
    problem(person.post(f"/transfers/{again['id']}/retry"), 409, "payment_not_retryable")
