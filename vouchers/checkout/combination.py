"""The best set of vouchers for one cart: branch and bound over the vouchers that consent to each other.

Vouchers apply in one total order, discounts and gifts before tender, each to what the earlier ones left, so a set has
one price. No discount or tender takes more from less, so what each would take now bounds what it can take later; a gift
is bounded by its full price. Of vouchers that refuse each other at most one is in any set, so a class of them counts
once in the bound.

Source: rules.md §3, §4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from vouchers.checkout.allocation import allocate
from vouchers.checkout.candidate import Candidate, Taken, take
from vouchers.checkout.gifts import NO_GIFTS, GiftState
from vouchers.rules import EXCLUSIVE, JOINT, MAX_PER_ORDER, Stacking

MAX_PER_CAMPAIGN = 1
"""Vouchers of one campaign that an order uses unless its terms say more."""

MAX_NODES = 20_000
"""Sets looked at before the search is given up and its gap told."""

Score = tuple[int, int]
"""Discount, then tender, in minor units: what is best, in this order."""


@dataclass(frozen=True, slots=True)
class Combination:
    """The set that was found, as positions in the total order, and the proof that none is better.

    Attributes:
        taken: What each chosen one takes.
        score: What they give together.
        nodes: Sets looked at.
        bound: No set gives more than this; equal to `score` when the search came to its end.
    """

    chosen: tuple[int, ...]
    taken: tuple[Taken, ...]
    score: Score
    nodes: int
    bound: Score

    @property
    def total(self) -> int:
        """The discount."""
        return self.score[0]


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
    """The largest discount, then the largest tender, then the fewest vouchers, then the first in the total order.

    Args:
        candidates: In the total order.
        amounts: Each line before any voucher, in minor units.
        limit: Most vouchers in the set; points are not counted.
        max_nodes: Sets looked at before giving up; the best set so far is returned with a bound above its score.
    """
    search = _Search(candidates, amounts, limit, max_nodes)
    start = _State((), (0, 0), list(amounts), search.cell_amounts(amounts), NO_GIFTS, limit)
    search.explore(tuple(range(len(candidates))), start)
    chosen = search.best
    bound = max(search.best_score, search.open_bound)
    return Combination(
        chosen, apply_in_order([candidates[one] for one in chosen], amounts), search.best_score, search.nodes, bound
    )


def apply_in_order(chosen: Iterable[Candidate], amounts: Sequence[int]) -> tuple[Taken, ...]:
    """What each takes off each line, one after the other."""
    left, state = list(amounts), NO_GIFTS
    result = []
    for candidate in chosen:
        taken, state = take(candidate, left, state)
        left = [amount - part for amount, part in zip(left, taken.per_line, strict=True)]
        result.append(taken)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _State:
    """A set and what it leaves: per line, per cell, of gifts, and in places (`slots`)."""

    chosen: tuple[int, ...]
    score: Score
    left: list[int]
    cells: list[int]
    gifts: GiftState
    slots: int


@dataclass(slots=True)
class _Search:
    candidates: Sequence[Candidate]
    amounts: Sequence[int]
    limit: int
    max_nodes: int
    nodes: int = 0
    best: tuple[int, ...] = ()
    best_score: Score = (0, 0)
    open_bound: Score = (0, 0)
    _cell_of_line: list[int] = field(default_factory=list)
    _cells_of: list[tuple[int, ...]] = field(default_factory=list)
    _after: list[frozenset[int]] = field(default_factory=list)
    _class_of: list[int] = field(default_factory=list)
    _siblings: list[frozenset[int]] = field(default_factory=list)
    _cell_count: int = 0
    _tender: list[bool] = field(default_factory=list)
    _slot: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._make_cells()
        candidates, count = self.candidates, len(self.candidates)
        self._tender = [candidate.is_tender for candidate in candidates]
        self._slot = [int(candidate.is_voucher) for candidate in candidates]
        friends = [
            {
                other
                for other in range(count)
                if other != one and combine_well(candidates[one].rules.stacking, candidates[other].rules.stacking)
            }
            for one in range(count)
        ]
        self._after = [frozenset(other for other in friends[one] if other > one) for one in range(count)]
        self._siblings = [
            frozenset(other for other in range(count) if candidates[other].campaign == candidates[one].campaign)
            for one in range(count)
        ]
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

    def _effects(self, options: Sequence[int], state: _State) -> tuple[dict[int, int], dict[int, int]]:
        """What each option gives now, and at most in any set from here; without those that never give anything."""
        now, most = {}, {}
        for one in options:
            candidate = self.candidates[one]
            if candidate.gift is None:
                amount = candidate.amount(sum([state.cells[cell] for cell in self._cells_of[one]]))
                if amount > 0:
                    now[one] = most[one] = amount
                continue
            taken, _ = take(candidate, state.left, state.gifts)
            if taken.gift is not None:
                now[one], most[one] = taken.worth, candidate.gift.most
        return now, most

    def explore(self, options: Sequence[int], state: _State) -> None:
        """Extend the set by each option."""
        now, most = self._effects(options, state)
        room = sum(state.cells)
        for one in sorted(now, key=lambda one: (self._tender[one], -now[one], one)):
            effect = now[one]
            candidate = self.candidates[one]
            if effect == 0 or (candidate.after is not None and candidate.after not in state.chosen):
                continue
            places = sum([self._slot[other] for other in state.chosen])
            slots = min(state.slots, candidate.rules.stacking.max_per_order - places) - self._slot[one]
            if slots < 0:
                continue
            longer = (*state.chosen, one)
            discount, tender = state.score
            reached = (discount, tender + effect) if self._tender[one] else (discount + effect, tender)
            further = self._further(now, one, state.chosen, slots)
            bound = self._bound(reached, further, most, slots, room - (0 if candidate.gift else effect))
            if not self._may_win(bound, longer):
                continue
            if self.nodes >= self.max_nodes:
                self.open_bound = max(self.open_bound, bound)
                continue
            self.nodes += 1
            if (-reached[0], -reached[1], len(longer), longer) < (
                -self.best_score[0],
                -self.best_score[1],
                len(self.best),
                self.best,
            ):
                self.best, self.best_score = longer, reached
            if further:
                self.explore(further, self._extended(state, one, longer, reached, slots, effect))

    def _further(self, now: Mapping[int, int], one: int, chosen: tuple[int, ...], slots: int) -> list[int]:
        """What may still follow `one`."""
        after = self._after[one]
        further = [other for other in now if other in after and (slots or not self._slot[other])]
        allowed = self.candidates[one].most
        siblings = self._siblings[one]
        if len(siblings) > 1 and sum(other in siblings for other in chosen) + 1 >= allowed:
            further = [other for other in further if other not in siblings]
        return further

    def _extended(
        self, state: _State, one: int, chosen: tuple[int, ...], score: Score, slots: int, effect: int
    ) -> _State:
        candidate = self.candidates[one]
        gifts = state.gifts
        if candidate.gift is None:
            share = allocate(effect, candidate.weights(state.left))
        else:
            taken, gifts = take(candidate, state.left, state.gifts)
            share = taken.per_line
        left = [amount - part for amount, part in zip(state.left, share, strict=True)]
        return _State(chosen, score, left, self.cell_amounts(left), gifts, slots)

    def _bound(self, reached: Score, further: Sequence[int], most: Mapping[int, int], slots: int, room: int) -> Score:
        """No set that goes on from here gives more: neither more discount, nor with as much more tender."""
        discounts: dict[int, int] = {}
        tenders: dict[int, int] = {}
        added = points = 0
        for other in further:
            worth = most[other]
            if not self._tender[other]:
                home = self._class_of[other]
                discounts[home] = max(discounts.get(home, 0), worth)
                gift = self.candidates[other].gift
                added += 0 if gift is None else gift.most_added
            elif self._slot[other]:
                home = self._class_of[other]
                tenders[home] = max(tenders.get(home, 0), worth)
            else:
                points += worth
        more = sum(sorted(discounts.values(), reverse=True)[:slots]) if discounts else 0
        paid = points + (sum(sorted(tenders.values(), reverse=True)[:slots]) if tenders else 0)
        return reached[0] + min(room + added, more), reached[1] + min(room, paid)

    def _may_win(self, bound: Score, prefix: tuple[int, ...]) -> bool:
        """Whether a set that starts with `prefix` and gives at most `bound` can be better than the best."""
        if bound != self.best_score:
            return bound > self.best_score
        if len(prefix) != len(self.best):
            return len(prefix) < len(self.best)
        return prefix < self.best
