"""What a shop has before its page is looked at: over HTTP, on the EVM chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.running import Payer, Person, RunningUp, good, until
from tests.e2e.shop import DISCOUNT_MINOR, UNITS_PER_MINOR, cart, terms

CAP = 20
SHORT_SECONDS = (20, 60, 180)
RARE = "tea-rare"


@dataclass(frozen=True, slots=True)
class Running:
    """Campaigns of one shop, and somebody who has bought there.

    Attributes:
        giving: To be given out.
        short: Over in moments.
        monthly: Its payouts are credit; the customer has used two of its vouchers and contests both.
        customer: Has bought `RARE`, as nobody else has.
    """

    giving: str
    short: str
    monthly: str
    customer: Payer


def begun(owner: Person, **changes: Any) -> str:
    """A campaign on the EVM chain whose launch is asked for, funded from the faucet; its id."""
    chain = owner.chains()["eip155"]
    money = next(asset for asset in chain["assets"] if asset["symbol"] == "tCNY")
    accounts = good(owner.get(f"/organisations/{owner.organisation}"))["accounts"]
    treasury = next(a["account"] for a in accounts if (a["purpose"], a["chain"]) == ("treasury", chain["chain"]))
    gift = {"account": treasury, "asset": money["asset"], "base_units": str(CAP * DISCOUNT_MINOR * UNITS_PER_MINOR)}
    good(owner.post(f"/chains/{chain['chain']}/faucet", gift))
    body = {**terms(chain["chain"]), "lanes": [{"chain": chain["chain"], "cap": CAP}], **changes}
    campaign: str = good(owner.post("/campaigns", body))["id"]
    good(owner.post(f"/campaigns/{campaign}/launch", {}))
    return campaign


def _launched(owner: Person, campaign: str, *ends: str) -> str:
    """The status in which its launch ends."""
    path = f"/campaigns/{campaign}"
    found: str = until(
        "the launch", lambda: good(owner.get(path))["status"], lambda status: status in ends, seconds=240
    )
    return found


def running(owner: Person, campaign: str) -> str:
    """The same, once it is active."""
    _launched(owner, campaign, "active")
    return campaign


def handed_out(owner: Person, campaign: str, payer: Payer, count: int) -> None:
    """So many vouchers of the campaign, once the payer has them."""
    file = {"csv": f"account,count\n{payer.account},{count}\n"}
    issuance = good(owner.post(f"/campaigns/{campaign}/issue-csv", file))["id"]
    until(
        "the issue",
        lambda: good(owner.get(f"/campaigns/{campaign}/issuances/{issuance}"))["status"],
        lambda status: status == "done",
    )
    until(
        "the vouchers",
        lambda: [item["campaign"] for item in good(payer.person.get("/vouchers"))["items"]].count(campaign),
        lambda found: found == count,
    )


def bought(owner: Person, payer: Payer, sku: str = "tea-001") -> dict[str, Any]:
    """An order of one such tea, paid on chain with whatever vouchers the payer has; what became of it."""
    (line,) = cart()["lines"]
    order = good(owner.post("/orders", {**cart(), "lines": [{**line, "sku": sku}]}))["id"]
    quote = good(payer.person.post(f"/orders/{order}/quote", {"account": payer.account}))
    good(payer.person.post(f"/orders/{order}/pay", {"quote": quote["id"]}))
    paid: dict[str, Any] = until(
        "the payment",
        lambda: good(payer.person.get(f"/orders/{order}")),
        lambda found: found["order"]["status"] == "paid",
    )
    return paid


def _short(owner: Person) -> str:
    """Active, and over soon. On a busy machine a window may be over before the launch is: then a longer one."""
    for seconds in SHORT_SECONDS:
        ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        campaign = begun(owner, title="一会儿", valid_until=ends.isoformat())
        ended = _launched(owner, campaign, "active", "failed")
        if ended == "active":
            return campaign
    raise AssertionError("no launch was quick enough")


def all_running(up: RunningUp, owner: Person) -> Running:
    """Launched side by side, because each waits for blocks."""
    giving = begun(owner, title="发放")
    monthly = begun(owner, title="月结", payout="accrued")
    short = _short(owner)
    customer = Payer(up, "eip155")
    customer.give(customer.token, 400_000_000)
    bought(owner, customer, RARE)
    found = Running(running(owner, giving), short, running(owner, monthly), customer)
    handed_out(owner, monthly, customer, 2)
    for number in range(2):
        (redemption,) = [one["id"] for one in bought(owner, customer)["payment"]["redemptions"]]
        about = {"about": "redemption", "subject": redemption, "dispute": True}
        good(customer.person.post("/cases", {"title": f"Broken cup {number}", "text": "It leaks.", **about}))
    return found
