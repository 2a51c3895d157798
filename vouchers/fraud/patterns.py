"""The patterns. Pure: `vouchers.fraud.service` hands them what the tables tell, `bench/risk` what a simulator makes up.

Cash-out (套现) is the fraud most written about for consumption vouchers: a shop and its friends redeem vouchers for
goods that nobody gets, and share what the sponsor pays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import median
from uuid import UUID

from vouchers.fraud.model import Account, Flows, Handed, MadeClaim, PaidOrder, Pattern, Payback
from wallets.risk.model import Finding

_LEAST_ORDERS = 5
_NEAR_PERCENT = 3
_BACK_WITHIN = timedelta(hours=48)
_BACK_PERCENT = 40
"""Of what the order cost; less than that is a present, not the way back."""
_Paybacks = Mapping[tuple[UUID, Account], Sequence[Payback]]
"""By merchant and recipient."""
_FARM = 5
_FARM_WITHIN = timedelta(hours=1)
_GATHERED_WITHIN = timedelta(hours=24)
_SAME_DEVICE = 3


def find(flows: Flows) -> list[Pattern]:
    """Every pattern in a window of flows."""
    paybacks: dict[tuple[UUID, Account], list[Payback]] = defaultdict(list)
    for one in flows.paybacks:
        paybacks[one.merchant, one.recipient].append(one)
    return [
        *_cash_outs(flows, paybacks),
        *_round_trips(flows, paybacks),
        *_self_redemptions(flows),
        *_claim_farms(flows),
        *_reciprocal(flows.handed),
    ]


def _cash_outs(flows: Flows, paybacks: _Paybacks) -> Iterable[Pattern]:
    by_merchant: dict[UUID, list[PaidOrder]] = defaultdict(list)
    for order in flows.orders:
        by_merchant[order.merchant].append(order)
    for merchant, orders in by_merchant.items():
        campaigns = {campaign for order in orders for campaign in order.campaigns}
        for campaign in sorted(campaigns):
            with_it = [order for order in orders if campaign in order.campaigns]
            if len(with_it) < _LEAST_ORDERS:
                continue
            findings = _cash_out_findings(campaign, with_it, orders, paybacks)
            if findings:
                yield Pattern("cash_out", (str(merchant), campaign), findings, campaign, merchant)


def _cash_out_findings(
    campaign: str, with_it: Sequence[PaidOrder], orders: Sequence[PaidOrder], paybacks: _Paybacks
) -> tuple[Finding, ...]:
    count = len(with_it)
    found = []
    share = count * 100 // len(orders)
    if share >= 80 and len(orders) >= 2 * _LEAST_ORDERS:
        found.append(
            Finding(
                "voucher.cash_out.share",
                15,
                f"{share} % of this shop's orders redeem this campaign's vouchers",
                {"with_vouchers": count, "orders": len(orders)},
            )
        )
    near = sum(_near(order, order.campaigns[campaign]) for order in with_it)
    if near * 100 >= 60 * count:
        found.append(
            Finding(
                "voucher.cash_out.threshold",
                25,
                f"{near} of {count} orders cost just what the voucher asks for",
                {"near": near, "orders": count, "within_percent": _NEAR_PERCENT},
            )
        )
    back = [order for order in with_it if _paid_back(order, paybacks)]
    if back:
        found.append(
            Finding(
                "voucher.cash_out.payback",
                60,
                f"the shop, or somebody of its staff, sent money back to the payer of {len(back)} of {count} orders",
                {"orders": [str(order.id) for order in back[:20]], "within_hours": 48},
            )
        )
    holders = Counter(order.account for order in with_it)
    most = max(holders.values())
    if most >= _LEAST_ORDERS and most * 100 >= 40 * count:
        found.append(
            Finding(
                "voucher.cash_out.same_holders",
                20,
                f"one account paid {most} of {count} orders",
                {"account": holders.most_common(1)[0][0], "orders": most},
            )
        )
    moments = sorted(order.at for order in with_it)
    gap = median([(later - earlier).total_seconds() for earlier, later in pairwise(moments)])
    if count >= 2 * _LEAST_ORDERS and gap < 120:
        found.append(
            Finding(
                "voucher.cash_out.burst",
                20,
                f"half of {count} orders came within {int(gap)} seconds of the one before",
                {"median_seconds": int(gap)},
            )
        )
    return tuple(found)


def _near(order: PaidOrder, least: int) -> bool:
    return least > 0 and least <= order.total_minor <= least + least * _NEAR_PERCENT // 100


def _paid_back(order: PaidOrder, paybacks: _Paybacks) -> bool:
    paid = order.total_minor - order.discount_minor
    return any(
        order.at <= one.at <= order.at + _BACK_WITHIN
        and one.amount_minor * 100 >= _BACK_PERCENT * max(paid, order.discount_minor, 1)
        for one in paybacks.get((order.merchant, order.account), ())
    )


def _round_trips(flows: Flows, paybacks: _Paybacks) -> Iterable[Pattern]:
    pairs: dict[tuple[UUID, Account], list[PaidOrder]] = defaultdict(list)
    for order in flows.orders:
        if order.campaigns and _paid_back(order, paybacks):
            pairs[order.merchant, order.account].append(order)
    for (merchant, account), orders in pairs.items():
        yield Pattern(
            "round_trip",
            (str(merchant), account),
            (
                Finding(
                    "voucher.round_trip",
                    70 if len(orders) > 1 else 45,
                    f"{account} redeemed vouchers in {len(orders)} orders and was paid by the shop within two days",
                    {"account": account, "orders": [str(order.id) for order in orders[:20]]},
                ),
            ),
            min(min(order.campaigns) for order in orders),
            merchant,
        )


def _self_redemptions(flows: Flows) -> Iterable[Pattern]:
    staff = flows.staff or {}
    by_person: dict[tuple[UUID, UUID], list[PaidOrder]] = defaultdict(list)
    for order in flows.orders:
        if order.campaigns and order.holder is not None and order.holder in staff.get(order.merchant, ()):
            by_person[order.merchant, order.holder].append(order)
    for (merchant, person), orders in by_person.items():
        own = [order for order in orders if order.cashier == person]
        if not own and len(orders) < 3:
            continue
        score = 70 if len(own) > 1 else 50 if own else 40
        said = f"redeemed vouchers in {len(own)} orders that the same person had made at the till"
        yield Pattern(
            "self_redemption",
            (str(merchant), str(person)),
            (
                Finding(
                    "voucher.self_redemption",
                    score,
                    f"somebody of the staff {said if own else f'redeemed vouchers in {len(orders)} orders'}",
                    {"person": str(person), "orders": [str(order.id) for order in orders[:20]], "own": len(own)},
                ),
            ),
            min(min(order.campaigns) for order in orders),
            merchant,
        )


def _claim_farms(flows: Flows) -> Iterable[Pattern]:
    by_campaign: dict[str, list[MadeClaim]] = defaultdict(list)
    for claim in flows.claims:
        by_campaign[claim.campaign].append(claim)
    for campaign, claims in by_campaign.items():
        yield from _same_devices(campaign, claims)
        yield from _gathered(campaign, claims, flows.handed)


def _same_devices(campaign: str, claims: Sequence[MadeClaim]) -> Iterable[Pattern]:
    by_device: dict[bytes, set[UUID]] = defaultdict(set)
    for claim in claims:
        if claim.device is not None:
            by_device[claim.device].add(claim.person)
    for device, persons in by_device.items():
        if len(persons) >= _SAME_DEVICE:
            finding = Finding(
                "voucher.claim_farm.device",
                60 if len(persons) >= _FARM else 45,
                f"{len(persons)} persons claimed from one device",
                {"persons": len(persons)},
            )
            yield Pattern("claim_farm", (campaign, f"device {device.hex()[:16]}"), (finding,), campaign, None)


def _gathered(campaign: str, claims: Sequence[MadeClaim], handed: Sequence[Handed]) -> Iterable[Pattern]:
    """Vouchers of many claims that end in one account soon after."""
    claimed = {claim.account: claim for claim in claims}
    collectors: dict[Account, set[Account]] = defaultdict(set)
    for one in handed:
        claim = claimed.get(one.sender)
        if one.campaign == campaign and claim is not None and claim.at <= one.at <= claim.at + _GATHERED_WITHIN:
            collectors[one.recipient].add(one.sender)
    for collector, senders in collectors.items():
        if len(senders) < _FARM:
            continue
        findings = [
            Finding(
                "voucher.claim_farm.gathered",
                60,
                f"vouchers that {len(senders)} accounts had claimed went to one account within a day",
                {"collector": collector, "accounts": sorted(senders)[:20], "count": len(senders)},
            )
        ]
        moments = sorted(claimed[one].at for one in senders)
        if moments[_FARM - 1] - moments[0] <= _FARM_WITHIN:
            findings.append(
                Finding(
                    "voucher.claim_farm.burst",
                    20,
                    "they were claimed within an hour",
                    {"first": moments[0].isoformat(), "last": moments[-1].isoformat()},
                )
            )
        yield Pattern("claim_farm", (campaign, collector), tuple(findings), campaign, None)


def _reciprocal(handed: Sequence[Handed]) -> Iterable[Pattern]:
    """Vouchers that come back: between two accounts, or around a ring of three."""
    edges: dict[str, Counter[tuple[Account, Account]]] = defaultdict(Counter)
    for one in handed:
        edges[one.campaign][one.sender, one.recipient] += 1
    for campaign, counted in edges.items():
        for (left, right), forth in counted.items():
            back = counted.get((right, left), 0)
            if left < right and back and forth + back >= 3:
                yield _ring(campaign, (left, right), forth + back, 60 if forth + back >= 5 else 45)
        for first, second, third in _triangles(counted):
            yield _ring(campaign, (first, second, third), 3, 45)


def _triangles(counted: Counter[tuple[Account, Account]]) -> Iterable[tuple[Account, Account, Account]]:
    outgoing: dict[Account, set[Account]] = defaultdict(set)
    for sender, recipient in counted:
        outgoing[sender].add(recipient)
    for first, seconds in list(outgoing.items()):
        for second in seconds:
            for third in outgoing.get(second, ()):
                # Told once, from its smallest account on.
                if first < second and first < third and second != third and first in outgoing.get(third, ()):
                    yield first, second, third


def _ring(campaign: str, accounts: tuple[Account, ...], moves: int, score: int) -> Pattern:
    finding = Finding(
        "voucher.reciprocal",
        score,
        f"vouchers went back and forth between {len(accounts)} accounts in {moves} transfers",
        {"accounts": list(accounts), "transfers": moves},
    )
    return Pattern("reciprocal", (campaign, *accounts), (finding,), campaign, None)
