"""Labelled flows of orders, claims and transfers: honest shops and their customers, and rings that turn vouchers into
money. Seeded and made up, with hard cases of both kinds on purpose."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from vouchers.fraud.model import Flows, Handed, MadeClaim, PaidOrder, Payback

_START = datetime(2026, 3, 1, 9, tzinfo=UTC)
_LEAST = 10_000
"""What the campaign's voucher asks for, in minor units; it takes 2,000 off."""
_OFF = 2_000


@dataclass(slots=True)
class Town:
    """A week of one campaign in several shops.

    Attributes:
        guilty: Labels, as `(pattern, who)`: what a perfect detector would name.
        innocent: Of the same form: whom it would leave alone.
    """

    flows: Flows
    guilty: set[tuple[str, str]] = field(default_factory=set)
    innocent: set[tuple[str, str]] = field(default_factory=set)


class TownMaker:
    """Makes towns with one source of chance."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def make(self, shops: int = 20) -> Town:
        """A third of the shops, and a handful of customers, are not honest."""
        self._orders: list[PaidOrder] = []
        self._claims: list[MadeClaim] = []
        self._handed: list[Handed] = []
        self._paybacks: list[Payback] = []
        self._staff: dict[UUID, frozenset[UUID]] = {}
        self._town = Town(Flows())
        self._campaign = f"campaign-{self._random.randrange(10**9)}"
        for _ in range(shops):
            self._shop()
        for make in (self._farm, self._farm_by_device, self._families, self._presents, self._ring, self._queue):
            make()
        self._town.flows = Flows(self._orders, self._claims, self._handed, self._paybacks, self._staff)
        return self._town

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128))

    def _account(self) -> str:
        return f"eip155:1:0x{self._random.getrandbits(160):040x}"

    def _moment(self, days: float = 7) -> datetime:
        return _START + timedelta(seconds=self._random.randrange(int(days * 86_400)))

    def _label(self, guilty: bool, pattern: str, who: object) -> None:
        (self._town.guilty if guilty else self._town.innocent).add((pattern, str(who)))

    def _order(
        self, shop: UUID, cashier: UUID, holder: UUID, account: str, total: int, at: datetime, *, voucher: bool = True
    ) -> PaidOrder:
        campaigns = {self._campaign: _LEAST} if voucher else {}
        off = _OFF if voucher else 0
        order = PaidOrder(self._id(), shop, cashier, holder, account, campaigns, total, off, at)
        self._orders.append(order)
        return order

    def _shop(self) -> None:
        shop, cashiers = self._id(), [self._id(), self._id()]
        self._staff[shop] = frozenset(cashiers)
        customers = [(self._id(), self._account()) for _ in range(self._random.randrange(15, 40))]
        popular = self._random.random() < 0.2
        for _ in range(self._random.randrange(30, 80)):
            holder, account = self._random.choice(customers)
            voucher = self._random.random() < (0.85 if popular else 0.35)
            # Many buy a little more to reach the threshold, honestly.
            near = self._random.random() < 0.25
            total = self._random.randrange(_LEAST, _LEAST + 300) if near else self._random.randrange(_LEAST, 60_000)
            self._order(shop, self._random.choice(cashiers), holder, account, total, self._moment(), voucher=voucher)
        kind = self._random.random()
        if kind < 0.2:
            self._cash_out(shop, cashiers[0])
        elif kind < 0.3:
            self._careful_cash_out(shop, cashiers[0])
        else:
            self._label(False, "cash_out", shop)
            self._label(False, "round_trip", shop)
        self._insider(shop, cashiers)

    def _cash_out(self, shop: UUID, cashier: UUID) -> None:
        """Friends of the shop buy nothing, and get their money back less a share."""
        for _ in range(self._random.randrange(3, 8)):
            holder, account = self._id(), self._account()
            for _ in range(self._random.randrange(2, 8)):
                total = self._random.randrange(_LEAST, _LEAST + 200)
                order = self._order(shop, cashier, holder, account, total, self._moment())
                wait = timedelta(minutes=self._random.randrange(5, 600))
                self._paybacks.append(Payback(shop, account, (total - _OFF) * 95 // 100, order.at + wait))
        self._label(True, "cash_out", shop)
        self._label(True, "round_trip", shop)

    def _careful_cash_out(self, shop: UUID, cashier: UUID) -> None:
        """The money goes back in cash: only the shape of the orders tells, if there are enough of them."""
        base = self._moment(5)
        for at in range(self._random.randrange(10, 90)):
            holder, account = self._id(), self._account()
            total = self._random.randrange(_LEAST, _LEAST + 250)
            moment = base + timedelta(seconds=at * self._random.randrange(20, 90))
            self._order(shop, cashier, holder, account, total, moment)
        self._label(True, "cash_out", shop)
        self._label(False, "round_trip", shop)

    def _insider(self, shop: UUID, cashiers: list[UUID]) -> None:
        chance = self._random.random()
        person, account = cashiers[0], self._account()
        if chance < 0.25:
            for _ in range(self._random.randrange(1, 5)):
                self._order(shop, person, person, account, self._random.randrange(_LEAST, 30_000), self._moment())
            self._label(True, "self_redemption", f"{shop}:{person}")
        elif chance < 0.5:
            # Staff who buy where they work, served by a colleague.
            for _ in range(self._random.randrange(1, 3)):
                self._order(shop, cashiers[1], person, account, self._random.randrange(_LEAST, 30_000), self._moment())
            self._label(False, "self_redemption", f"{shop}:{person}")

    def _claim(self, at: datetime, device: bytes | None = None) -> MadeClaim:
        claim = MadeClaim(self._campaign, self._id(), self._account(), device, at)
        self._claims.append(claim)
        return claim

    def _hand(self, sender: str, recipient: str, at: datetime) -> None:
        self._handed.append(Handed(self._campaign, str(self._id()), sender, recipient, at))

    def _farm(self) -> None:
        """Accounts that claim in a row and hand everything to one."""
        for _ in range(3):
            collector, at = self._account(), self._moment(5)
            for number in range(self._random.randrange(4, 30)):
                claim = self._claim(at + timedelta(seconds=number * 40))
                self._hand(claim.account, collector, claim.at + timedelta(minutes=self._random.randrange(5, 300)))
            self._label(True, "claim_farm", collector)

    def _farm_by_device(self) -> None:
        for _ in range(3):
            device, at = self._random.randbytes(32), self._moment()
            for number in range(self._random.randrange(3, 12)):
                self._claim(at + timedelta(minutes=number * 3), device)
            self._label(True, "claim_farm", f"device {device.hex()[:16]}")

    def _families(self) -> None:
        """Two at one device; parents to whom grown-up children hand theirs."""
        for _ in range(10):
            device, at = self._random.randbytes(32), self._moment()
            for number in range(2 if self._random.random() < 0.9 else 3):
                self._claim(at + timedelta(minutes=number * 10), device)
            self._label(False, "claim_farm", f"device {device.hex()[:16]}")
            parent = self._account()
            for _ in range(self._random.randrange(1, 4)):
                claim = self._claim(self._moment(5))
                self._hand(claim.account, parent, claim.at + timedelta(hours=2))
            self._label(False, "claim_farm", parent)

    def _queue(self) -> None:
        """The campaign opens: hundreds claim in the same minutes, each for itself."""
        for _ in range(200):
            self._claim(_START + timedelta(seconds=self._random.randrange(600)), self._random.randbytes(32))

    def _presents(self) -> None:
        """Vouchers that are given away, some of them in return."""
        for _ in range(30):
            one, other = self._account(), self._account()
            self._hand(one, other, self._moment())
            if self._random.random() < 0.3:
                self._hand(other, one, self._moment())
            self._label(False, "reciprocal", ":".join(sorted((one, other))))

    def _ring(self) -> None:
        for _ in range(4):
            one, other = self._account(), self._account()
            for _ in range(self._random.randrange(1, 5)):
                self._hand(one, other, self._moment())
                self._hand(other, one, self._moment())
            self._label(True, "reciprocal", ":".join(sorted((one, other))))


def named(pattern: str, about: tuple[str, ...]) -> tuple[str, str]:
    """How a pattern is labelled here: shops by their id, pairs of accounts in order, collectors and devices by name."""
    match pattern:
        case "cash_out" | "round_trip":
            return pattern, about[0]
        case "self_redemption":
            return pattern, ":".join(about)
        case "reciprocal":
            return pattern, ":".join(sorted(about[1:]))
        case _:
            return pattern, about[1]
