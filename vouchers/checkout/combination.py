"""The best set of vouchers for one cart: branch and bound over the vouchers that consent to each other.

Vouchers apply in one total order, each to what the earlier ones left, so a set has one price. No voucher takes more
from less, so what each would take now bounds what it can take later; and of vouchers that refuse each other at most
one is in any set, so a class of them counts once in the bound.

Source: rules.md §3, §4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vouchers.checkout.allocation import allocate
from vouchers.checkout.effects import discount_of
from vouchers.rules import RuleDocument, Stacking

MAX_PER_CAMPAIGN = 1
"""Vouchers of one campaign that an order uses."""
MAX_PER_ORDER = 5
"""Most vouchers that one order uses."""

MAX_NODES = 20_000
"""Sets looked at before the search is given up and its gap told."""

EXCLUSIVE = "exclusive"
JOINT = "joint"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A voucher that gives something alone; `counts` says which lines it applies to. `subtotal`: their sum before any
    voucher, in minor units."""

    rules: RuleDocument
    counts: tuple[bool, ...]
    subtotal: int


@dataclass(frozen=True, slots=True)
class Combination:
    """The set that was found, as positions in the total order, and the proof that none is better.

    Attributes:
        per_line: For each chosen voucher, what it takes off each line, in minor units.
        total: Their sum.
        nodes: Sets looked at.
        bound: No set takes off more than this; equal to `total` when the search came to its end.
    """

    chosen: tuple[int, ...]
    per_line: tuple[tuple[int, ...], ...]
    total: int
    nodes: int
    bound: int


def consents(one: Stacking, other: Stacking) -> bool:
    """Whether `one` agrees to be used beside `other`; a group agrees to itself only if it lists itself."""
    if one.group == EXCLUSIVE:
        return False
    return one.group == JOINT or other.group in one.consents


def combine_well(one: Stacking, other: Stacking) -> bool:
    """Both consent; `exclusive` beats `joint`."""
    return consents(one, other) and consents(other, one)


def best_combination(
    candidates: Sequence[Candidate], amounts: Sequence[int], *, limit: int = MAX_PER_ORDER, max_nodes: int = MAX_NODES
) -> Combination:
    """The largest discount, then the fewest vouchers, then the first in the total order.

    Args:
        candidates: In the total order, at most one of each campaign.
        amounts: Each line before any voucher, in minor units.
        limit: Most vouchers in the set.
        max_nodes: Sets looked at before giving up; the best set so far is returned with a bound above its total.
    """
    search = _Search(candidates, amounts, limit, max_nodes)
    search.explore(tuple(range(len(candidates))), (), 0, list(amounts), search.cell_amounts(amounts))
    total, chosen = search.best_total, search.best
    return Combination(chosen, search.shares(chosen, amounts), total, search.nodes, max(total, search.open_bound))


@dataclass(slots=True)
class _Search:
    candidates: Sequence[Candidate]
    amounts: Sequence[int]
    limit: int
    max_nodes: int
    nodes: int = 0
    best: tuple[int, ...] = ()
    best_total: int = 0
    open_bound: int = 0
    _cell_of_line: list[int] = field(default_factory=list)
    _cells_of: list[tuple[int, ...]] = field(default_factory=list)
    _after: list[frozenset[int]] = field(default_factory=list)
    _class_of: list[int] = field(default_factory=list)
    _cell_count: int = 0

    def __post_init__(self) -> None:
        self._make_cells()
        count = len(self.candidates)
        friends = [
            {
                other
                for other in range(count)
                if other != one
                and combine_well(self.candidates[one].rules.stacking, self.candidates[other].rules.stacking)
            }
            for one in range(count)
        ]
        self._after = [frozenset(other for other in friends[one] if other > one) for one in range(count)]
        classes: list[list[int]] = []
        for one in range(count):
            home = next((index for index, members in enumerate(classes) if friends[one].isdisjoint(members)), None)
            if home is None:
                home = len(classes)
                classes.append([])
            classes[home].append(one)
            self._class_of.append(home)

    def _make_cells(self) -> None:
        """Lines that the same vouchers apply to make one cell, whose sum is all that an effect reads."""
        cells: dict[tuple[bool, ...], int] = {}
        for line in range(len(self.amounts)):
            eligible = tuple(candidate.counts[line] for candidate in self.candidates)
            self._cell_of_line.append(cells.setdefault(eligible, len(cells)))
        self._cell_count = len(cells)
        self._cells_of = [
            tuple(cell for eligible, cell in cells.items() if eligible[one]) for one in range(len(self.candidates))
        ]

    def cell_amounts(self, amounts: Sequence[int]) -> list[int]:
        sums = [0] * self._cell_count
        for cell, amount in zip(self._cell_of_line, amounts, strict=True):
            sums[cell] += amount
        return sums

    def _effect(self, one: int, cells: Sequence[int]) -> int:
        candidate = self.candidates[one]
        return discount_of(candidate.rules, candidate.subtotal, sum(cells[cell] for cell in self._cells_of[one]))

    def _share(self, one: int, effect: int, left: Sequence[int]) -> tuple[int, ...]:
        weights = [amount if counted else 0 for amount, counted in zip(left, self.candidates[one].counts, strict=True)]
        return allocate(effect, weights)

    def explore(
        self, options: Sequence[int], chosen: tuple[int, ...], total: int, left: Sequence[int], cells: Sequence[int]
    ) -> None:
        """Extend `chosen` by each option; `left` and `cells` are what it leaves."""
        effects = {one: effect for one in options if (effect := self._effect(one, cells)) > 0}
        room = sum(cells)
        for one in sorted(effects, key=lambda one: (-effects[one], one)):
            longer = (*chosen, one)
            reached = total + effects[one]
            further = [other for other in effects if other in self._after[one]] if len(longer) < self.limit else []
            bound = reached + min(room - effects[one], self._most(further, effects, self.limit - len(longer)))
            if not self._may_win(bound, longer):
                continue
            if self.nodes >= self.max_nodes:
                self.open_bound = max(self.open_bound, bound)
                continue
            self.nodes += 1
            if (-reached, len(longer), longer) < (-self.best_total, len(self.best), self.best):
                self.best, self.best_total = longer, reached
            if further:
                share = self._share(one, effects[one], left)
                less = [amount - taken for amount, taken in zip(left, share, strict=True)]
                self.explore(further, longer, reached, less, self.cell_amounts(less))

    def _most(self, options: Sequence[int], effects: dict[int, int], room: int) -> int:
        """What at most `room` of the options can add, one of each class of those that refuse each other."""
        best_of_class: dict[int, int] = {}
        for one in options:
            home = self._class_of[one]
            best_of_class[home] = max(best_of_class.get(home, 0), effects[one])
        return sum(sorted(best_of_class.values(), reverse=True)[:room])

    def _may_win(self, bound: int, prefix: tuple[int, ...]) -> bool:
        """Whether a set that starts with `prefix` and takes off at most `bound` can be better than the best."""
        if bound != self.best_total:
            return bound > self.best_total
        if len(prefix) != len(self.best):
            return len(prefix) < len(self.best)
        return prefix < self.best

    def shares(self, chosen: Sequence[int], amounts: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """What each chosen voucher takes off each line, one after the other."""
        left = list(amounts)
        taken = []
        for one in chosen:
            share = self._share(one, self._effect(one, self.cell_amounts(left)), left)
            left = [amount - part for amount, part in zip(left, share, strict=True)]
            taken.append(share)
        return tuple(taken)
