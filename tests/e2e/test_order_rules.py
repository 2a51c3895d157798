"""Owners' rules and freezes at the till, over HTTP and on the real chains of one installation."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.e2e.running import Payer, Person, RunningUp, good, problem, until
from tests.e2e.shop import DISCOUNT_MINOR, PRICE_MINOR, UNITS_PER_MINOR, cart, launch, open_shop

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.xdist_group("running_up")]

LEAVES = (PRICE_MINOR - DISCOUNT_MINOR) * UNITS_PER_MINOR


def save_rules(person: Person, *rules: dict[str, Any]) -> httpx.Response:
    with person.up.client(**person.headers) as http:
        return http.put("/policies", json={"policy": {"zone": "UTC", "rules": list(rules)}})


def mails_to(person: Person, *words: str) -> list[str]:
    """Texts of what was mailed with one of these words in its subject, newest first."""
    return [
        one["text"]
        for one in good(person.get("/caught-mails"))["items"]
        if one["to"] == person.email and any(word in one["subject"] for word in words)
    ]


def show_mailbox(person: Person) -> None:
    """Only a mailbox that its person has shown to read is told anything."""
    good(person.post("/auth/email/verification"))
    (mail, *_) = until("the mail with the code", lambda: mails_to(person, "验证", "erify", "onfirm"))
    found = re.search(r"/verify#([A-Za-z0-9_-]{43})", mail)
    assert found, mail
    good(person.post("/auth/email/verify", {"token": found[1]}))


def quoted(owner: Person, holder: Payer) -> tuple[str, str]:
    """An open order, and the holder's quote of it."""
    order = good(owner.post("/orders", cart()))["id"]
    quote = good(holder.person.post(f"/orders/{order}/quote", {"account": holder.account}))
    assert quote["discount"]["minor"] == DISCOUNT_MINOR
    return order, quote["id"]


def in_status(owner: Person, order: str, *wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = until(
        f"the order {' or '.join(wanted)}",
        lambda: good(owner.get(f"/orders/{order}")),
        lambda answer: answer["order"]["status"] in wanted,
        seconds=180,
    )
    return found


@pytest.mark.parametrize("family", ["eip155", "solana"])
def test_rules_and_freezes_of_a_holder_at_the_till(running_up: RunningUp, family: str) -> None:
    ruled, frozen = Payer(running_up, family), Payer(running_up, family)
    for holder in (ruled, frozen):
        holder.give(holder.token, 200_000_000)
    show_mailbox(frozen.person)
    organisation, owner = open_shop(running_up)
    campaign = launch(owner, ruled, organisation)
    holders = [ruled.account, ruled.account, frozen.account]
    good(owner.post(f"/campaigns/{campaign}/issue", {"holders": holders}))
    for holder, count in ((ruled, 2), (frozen, 1)):
        until(
            "the vouchers",
            lambda holder=holder: good(holder.person.get("/vouchers"))["items"],  # type: ignore[misc]
            lambda items, count=count: len(items) == count,  # type: ignore[misc]
            seconds=180,
        )

    # One order and a transfer share a limit.
    daily = {"id": "day", "kind": "limit", "window": "day", "asset": ruled.token["asset"], "at_most": str(LEAVES + 10)}
    good(save_rules(ruled.person, daily))
    first, paying = quoted(owner, ruled)
    good(ruled.person.post(f"/orders/{first}/pay", {"quote": paying}))
    second, refused = quoted(owner, ruled)
    denied = problem(ruled.person.post(f"/orders/{second}/pay", {"quote": refused}), 403, "policy_refused")
    assert denied["rule"] == "day"
    assert in_status(owner, second, "open")["payment"] is None
    transfer = good(ruled.person.post("/transfers", ruled.transfer(value="11")))
    assert ruled.ended(transfer["id"])["failure"]["code"] == "policy_refused"
    in_status(owner, first, "paid")
    (used,) = good(ruled.person.get("/policies/limits"))["items"]
    assert (used["used"], used["left"]) == (str(LEAVES), "10")
    told = good(ruled.person.get("/policies/decisions"))["items"]
    assert [(one["act"], one["outcome"]) for one in told] == [
        ("transfer", "deny"),
        ("order.pay", "deny"),
        ("order.pay", "allow"),
    ]
    assert told[2]["subject"] == {"order": first}

    # What a dry run says of the same past under narrower rules.
    narrower = {"policy": {"zone": "UTC", "rules": [{**daily, "at_most": "1"}]}, "days": 1}
    assert good(ruled.person.post("/policies/dry-run", narrower))["complete"] is True

    # A redemption that is signed goes on to its end, whatever is frozen since.
    third, paying = quoted(owner, frozen)
    good(frozen.person.post(f"/orders/{third}/pay", {"quote": paying}))
    until(
        "the transaction's hash",
        lambda: good(owner.get(f"/orders/{third}"))["payment"]["tx_hash"],
        seconds=180,
    )
    good(frozen.person.post("/freezes", {"account": None, "reason": "my phone is gone"}))
    in_status(owner, third, "paid")
    later = frozen.person.post("/transfers", frozen.transfer())
    if later.is_success:
        assert frozen.ended(later.json()["id"])["failure"]["code"] == "account_frozen"
    else:
        problem(later, 403, "account_frozen")
    (mail, *_) = until("the mail about the freeze", lambda: mails_to(frozen.person, "rozen", "冻结"))
    assert "my phone" not in mail, "a mail carries nobody's words"
