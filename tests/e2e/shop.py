"""A shop over HTTP: its people, a campaign on the EVM chain, a voucher in a holder's hands, an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.running import Payer, Person, RunningUp, good, until

PRICE_MINOR = 10_000
DISCOUNT_MINOR = 2_000
UNITS_PER_MINOR = 10_000
CAP = 3


@dataclass(frozen=True, slots=True)
class Shop:
    """Members act for the organisation; `voucher` is the holder's, `order` is open, `transfer` the holder's own."""

    organisation: str
    owner: Person
    manager: Person
    cashier: Person
    sponsor: Person
    holder: Payer
    campaign: str
    issuance: str
    voucher: str
    order: str
    quote: str
    transfer: str


def terms(chain: str) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {
        "title": "满100减20",
        "kind": "threshold",
        "effect": {"min_spend": PRICE_MINOR, "amount_off": DISCOUNT_MINOR},
        "currency": "CNY",
        "valid_from": (now - timedelta(hours=1)).isoformat(),
        "valid_until": (now + timedelta(days=30)).isoformat(),
        "zone": "Asia/Shanghai",
        "lanes": [{"chain": chain, "cap": CAP}],
        "claim": {"ways": ["list", "link", "drop"]},
    }


def cart() -> dict[str, Any]:
    line = {"sku": "tea-001", "name": "茶", "quantity": 1, "unit_price_minor": PRICE_MINOR}
    return {"currency": "CNY", "lines": [line]}


def open_shop(up: RunningUp, name: str = "茶馆") -> tuple[str, Person]:
    """An organisation with its accounts on the chains, and its owner acting for it."""
    owner = up.newcomer("owner")
    organisation: str = good(owner.post("/organisations", {"name": name}))["id"]
    until(
        "the organisation's accounts",
        lambda: good(owner.get(f"/organisations/{organisation}"))["accounts"],
        lambda accounts: len(accounts) == 2 * len(owner.chains()),
    )
    return organisation, owner.acting_for(organisation)


def hire(owner: Person, role: str) -> Person:
    person = owner.up.newcomer(role)
    good(owner.post(f"/organisations/{owner.organisation}/members", {"email": person.email, "role": role}))
    assert owner.organisation is not None
    return person.acting_for(owner.organisation)


def launch(owner: Person, holder: Payer, organisation: str) -> str:
    """An active campaign, funded from the shop's treasury."""
    chain = holder.chain["chain"]
    accounts = good(owner.get(f"/organisations/{organisation}"))["accounts"]
    treasury = next(a["account"] for a in accounts if a["purpose"] == "treasury" and a["chain"] == chain)
    funds = str(CAP * DISCOUNT_MINOR * UNITS_PER_MINOR)
    body = {"account": treasury, "asset": holder.token["asset"], "base_units": funds}
    good(owner.post(f"/chains/{chain}/faucet", body))
    campaign: str = good(owner.post("/campaigns", terms(chain)))["id"]
    good(owner.post(f"/campaigns/{campaign}/launch", {}))

    def launched() -> dict[str, Any]:
        answer: dict[str, Any] = good(owner.get(f"/campaigns/{campaign}"))
        assert answer["status"] != "failed", answer
        return answer

    until("the launch", launched, lambda answer: answer["status"] == "active", seconds=180)
    return campaign


def whole_shop(up: RunningUp) -> Shop:
    """Everything that has an owner, on the real chain."""
    holder = Payer(up, "eip155")
    holder.give(holder.token, 200_000_000)
    organisation, owner = open_shop(up)
    campaign = launch(owner, holder, organisation)
    issuance = good(owner.post(f"/campaigns/{campaign}/issue", {"holders": [holder.account]}))["id"]
    issued = until(
        "the issue",
        lambda: good(owner.get(f"/campaigns/{campaign}/issuances/{issuance}")),
        lambda answer: answer["status"] in ("done", "failed"),
    )
    assert issued["status"] == "done", issued
    (voucher,) = issued["vouchers"]
    until(
        "the holder's voucher",
        lambda: good(holder.person.get("/vouchers"))["items"],
        lambda items: [item["id"] for item in items] == [voucher],
    )
    order = good(owner.post("/orders", cart()))["id"]
    quote = good(holder.person.post(f"/orders/{order}/quote", {"account": holder.account}))
    assert quote["discount"]["minor"] == DISCOUNT_MINOR
    return Shop(
        organisation=organisation,
        owner=owner,
        manager=hire(owner, "manager"),
        cashier=hire(owner, "cashier"),
        sponsor=hire(owner, "sponsor"),
        holder=holder,
        campaign=campaign,
        issuance=issuance,
        voucher=voucher,
        order=order,
        quote=quote["id"],
        transfer=good(holder.person.post("/transfers", holder.transfer()))["id"],
    )
