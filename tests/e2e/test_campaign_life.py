"""A campaign from its draft to the last unit of its escrow, by HTTP alone against a running installation.

The time of the EVM testnet is put forward by its control port. On Solana the vault operator judges windows by the clock
of the machine: there a second campaign, of seconds, is the one that ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.running import NO_TLS, Payer, Person, RunningUp, good, problem, until
from tests.e2e.shop import DISCOUNT_MINOR, PRICE_MINOR, UNITS_PER_MINOR, cart, open_shop, terms

pytestmark = [pytest.mark.long, pytest.mark.timeout(500), pytest.mark.xdist_group("running_up")]

CAP = 3
DISCOUNT = DISCOUNT_MINOR * UNITS_PER_MINOR
PRICE = PRICE_MINOR * UNITS_PER_MINOR
REFUND_SECONDS = 600
SHORT_SECONDS = 20


class Life:
    """A shop, its holder, and what is asked of them."""

    def __init__(self, up: RunningUp, family: str) -> None:
        self.up, self.family = up, family
        self.holder = Payer(up, family)
        self.holder.give(self.holder.token, 2 * PRICE)
        self.organisation, self.owner = open_shop(up, "梅记茶馆")
        self.chain: str = self.holder.chain["chain"]

    def until(self, what: str, path: str, good_: Any, who: Person | None = None, seconds: float = 90) -> Any:
        who = who or self.owner
        return until(what, lambda: good(who.get(path)), good_, seconds=seconds)

    def launched(self, **changes: Any) -> str:
        """Draft, fund from the faucet, launch."""
        body = {**terms(self.chain), "lanes": [{"chain": self.chain, "cap": CAP}], **changes}
        preview = good(self.owner.post("/campaigns/preview", body))
        assert preview["summary"]
        key = f"draft-{body['valid_until']}"
        drafted = good(self.owner.post("/campaigns", body, key=key))
        assert drafted["status"] == "draft"
        assert good(self.owner.post("/campaigns", body, key=key))["id"] == drafted["id"]
        accounts = good(self.owner.get(f"/organisations/{self.organisation}"))["accounts"]
        treasury = next(a["account"] for a in accounts if a["purpose"] == "treasury" and a["chain"] == self.chain)
        gift = {"account": treasury, "asset": self.holder.token["asset"], "base_units": str(CAP * DISCOUNT + 5)}
        good(self.owner.post(f"/chains/{self.chain}/faucet", gift))
        good(self.owner.post(f"/campaigns/{drafted['id']}/launch", {}))
        active = self.until(
            "the launch",
            f"/campaigns/{drafted['id']}",
            lambda found: found["status"] in ("active", "failed"),
            None,
            180,
        )
        assert active["status"] == "active", active["lanes"]
        campaign: str = drafted["id"]
        return campaign

    def act(self, campaign: str, kind: str, body: Mapping[str, str]) -> dict[str, Any]:
        """Asked for twice with one key, carried out once."""
        path = f"/campaigns/{campaign}/{kind}"
        first, again = (good(self.owner.post(path, body, key=f"{kind}-{campaign}")) for _ in range(2))
        assert first["id"] == again["id"]

        def found(watched: dict[str, Any]) -> list[dict[str, Any]]:
            return [act for act in watched["acts"] if act["kind"] == kind and act["status"] in ("done", "failed")]

        watched = self.until(f"the {kind}", f"/campaigns/{campaign}/watch", found)
        (act,) = found(watched)
        assert act["status"] == "done", act
        return act

    def handed_out(self, campaign: str) -> None:
        """One voucher by list, one by a claim link."""
        issue = good(self.owner.post(f"/campaigns/{campaign}/issue", {"holders": [self.holder.account]}))
        self.until(
            "the issue", f"/campaigns/{campaign}/issuances/{issue['id']}", lambda found: found["status"] == "done"
        )
        (link,) = good(self.owner.post(f"/campaigns/{campaign}/claim-links", {}))["items"]
        shown = good(self.holder.person.get(f"/claims/{link['code']}"))
        assert (shown["open"], shown["remaining"]) == (True, 1)  # what the link gives
        claim = good(self.holder.person.post("/claims", {"code": link["code"], "account": self.holder.account}))
        self.until(
            "the claim",
            f"/claims/mine/{claim['id']}",
            lambda found: found["status"] == "issued",
            self.holder.person,
        )
        self.held(["live", "live"])

    def held(self, statuses: list[str]) -> list[dict[str, Any]]:
        """The holder's vouchers once they stand so, in the order of the list."""
        page = self.until(
            f"vouchers that are {statuses}",
            "/vouchers",
            lambda found: [one["status"] for one in found["items"]] == statuses,
            self.holder.person,
        )
        found: list[dict[str, Any]] = page["items"]
        return found

    def bought(self) -> tuple[str, dict[str, Any]]:
        """Quoted, paid, final: the order and its receipt."""
        order = good(self.owner.post("/orders", cart()))["id"]
        quote = good(self.holder.person.post(f"/orders/{order}/quote", {"account": self.holder.account}))
        assert quote["remainder"]["minor"] == PRICE_MINOR - DISCOUNT_MINOR
        good(self.holder.person.post(f"/orders/{order}/pay", {"quote": quote["id"]}))
        paid = self.until(
            "the payment",
            f"/orders/{order}",
            lambda found: found["order"]["status"] in ("paid", "open"),
            self.holder.person,
        )
        assert paid["order"]["status"] == "paid", paid
        receipt = good(self.holder.person.get(f"/orders/{order}/receipt"))
        assert receipt["payment"]["tx_hash"]
        (redemption,) = receipt["payment"]["redemptions"]
        assert redemption["voucher"] == quote["used"][0]["voucher"]
        return order, receipt

    def refunded(self, order: str) -> dict[str, Any]:
        made = good(self.owner.post(f"/orders/{order}/refund", {}))
        page = self.until(
            "the refund", f"/orders/{order}/refunds", lambda found: found["items"][0]["status"] in ("done", "owing")
        )
        assert [(one["id"], one["status"]) for one in page["items"]] == [(made["id"], "done")], page
        found: dict[str, Any] = page["items"][0]
        return found

    def reconciled(self, campaign: str, escrow: int) -> None:
        """Books = escrow = chain."""
        books = self.until(
            "books that are equal",
            f"/settlements/books/{campaign}",
            lambda found: (
                [(lane["equal"], lane["pending"], lane["on_chain"]) for lane in found["lanes"]]
                == [(True, "0", str(escrow))]
            ),
        )
        assert books["lanes"][0]["escrow"] == str(escrow)

    def put_forward(self, moment: datetime) -> None:
        """The EVM testnet's time."""
        control = self.up.localnet_status()["control_url"]
        body = {"family": "eip155", "blocks": 1, "timestamp": int(moment.timestamp())}
        assert httpx.post(f"{control}/mine", json=body, trust_env=False, verify=NO_TLS, timeout=30).is_success


@pytest.mark.parametrize("family", ["eip155", pytest.param("solana", marks=pytest.mark.soak)])
def test_from_the_draft_to_the_last_unit(running_up: RunningUp, family: str) -> None:
    life, evm = Life(running_up, family), family == "eip155"
    start = datetime.now(UTC).replace(microsecond=0)
    refund = {"refund": {"window_seconds": REFUND_SECONDS}}
    ends = start + (timedelta(hours=1) if evm else timedelta(seconds=SHORT_SECONDS))
    ending = None if evm else life.launched(valid_until=ends.isoformat(), title="一会儿")
    campaign = life.launched(**refund, **({"valid_until": ends.isoformat()} if evm else {}))
    life.reconciled(campaign, CAP * DISCOUNT)
    life.act(campaign, "fund", {"chain": life.chain, "base_units": "5"})
    life.handed_out(campaign)

    pocket = life.holder.held(life.holder.token)
    first, _ = life.bought()
    life.held(["live", "redeemed"])
    life.reconciled(campaign, (CAP - 1) * DISCOUNT + 5)
    assert life.holder.held(life.holder.token) == pocket - PRICE + DISCOUNT
    refund_made = life.refunded(first)
    assert refund_made["amount"]["minor"] == PRICE_MINOR - DISCOUNT_MINOR
    assert life.holder.held(life.holder.token) == pocket
    life.held(["live", "live", "redeemed"])
    life.reconciled(campaign, CAP * DISCOUNT + 5)
    problem(life.owner.post(f"/orders/{first}/refund", {}), 409, "not_refundable")
    life.bought()
    life.held(["live", "redeemed", "redeemed"])

    day = {"first": str((start - timedelta(days=1)).date()), "last": str((start + timedelta(days=2)).date())}

    def payouts() -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = good(life.owner.get("/settlements/payouts", zone="Asia/Shanghai", **day))["items"]
        return lines

    def total(lines: list[dict[str, Any]], field: str) -> int:
        return sum(int(line[field]) for line in lines)

    report = until(
        "both sales in the report", payouts, lambda lines: total(lines, "remainders") == 2 * (PRICE - DISCOUNT)
    )
    assert total(report, "paid") - total(report, "returned") == 2 * DISCOUNT - DISCOUNT - (PRICE - DISCOUNT)
    csv = life.owner.get("/settlements/payouts.csv", zone="Asia/Shanghai", **day).text
    assert len(csv.strip().splitlines()) == len(report) + 1
    counts = good(life.owner.get(f"/campaigns/{campaign}"))["counts"]
    assert (counts["live"], counts["redeemed"], counts["alarms"]) == (1, 2, 0)

    body = {"chain": life.chain}
    refused = problem(life.owner.post(f"/campaigns/{campaign}/reclaim", body), 409, "campaign_not_active")
    if ending is None:
        assert refused["opens"] == int(ends.timestamp()) + REFUND_SECONDS
        life.put_forward(ends)
        order = good(life.owner.post("/orders", cart()))["id"]
        quote = good(life.holder.person.post(f"/orders/{order}/quote", {"account": life.holder.account}))
        assert (quote["used"], [one["reason"] for one in quote["unused"]]) == ([], ["expired"])
        (lane,) = good(life.owner.get(f"/settlements/liability/{campaign}"))["items"]
        assert (lane["breakage"], lane["liability"]) == (1, "0")
        life.put_forward(ends + timedelta(seconds=REFUND_SECONDS))
        assert life.act(campaign, "reclaim", body)["tx_hash"]
        life.reconciled(campaign, 0)
    else:
        # Nobody asks: a campaign that is over is reclaimed by itself.
        life.reconciled(ending, 0)
        watched = good(life.owner.get(f"/campaigns/{ending}/watch"))
        assert [(act["kind"], act["status"]) for act in watched["acts"]] == [("reclaim", "done")]
