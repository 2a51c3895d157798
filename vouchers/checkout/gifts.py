"""What a gift voucher gives on a cart: units in the cart that become free, and units that are added.

Units of the gift in the cart are freed first, but never so many that what is paid for would no longer reach the
voucher's own threshold; the others are added as a line of their own. A gift is all or nothing.

Source: rules.md §1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vouchers.checkout.model import Cart, CartLine, GiftStock
from vouchers.rules import Base, RuleDocument

GiftState = Mapping[str, tuple[int, int]]
"""Per sku: units freed in the cart, and units of stock taken, by the vouchers so far."""
NO_GIFTS: GiftState = {}


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """A gift on one cart.

    Attributes:
        places: (line, units, unit price) of the gift in the cart, by line.
        freeable: Most units in the cart that may be freed.
        price: The customer's price of an added unit: the lowest in the cart, else the catalogue's.
        available: Units in stock.
    """

    sku: str
    quantity: int
    places: tuple[tuple[int, int, int], ...]
    freeable: int
    price: int
    available: int
    base: Base
    name: str
    category: str | None

    @property
    def most(self) -> int:
        """No state of the cart makes the gift worth more."""
        return self.quantity * max([self.price, *(price for _, _, price in self.places)])

    @property
    def most_added(self) -> int:
        """Most that the added line is worth."""
        return self.quantity * self.price

    def line(self, units: int) -> CartLine:
        """The added line, at its full price."""
        return CartLine(self.sku, self.name, units, self.price, self.category)


@dataclass(frozen=True, slots=True)
class GiftTaken:
    """What the gift is worth: minor units per cart line that it frees, and of the units that it adds."""

    per_line: dict[int, int]
    freed: tuple[tuple[int, int], ...]
    added: int
    added_worth: int

    @property
    def worth(self) -> int:
        return sum(self.per_line.values()) + self.added_worth


def gift_offer(cart: Cart, rules: RuleDocument, counts: Sequence[bool], stock: GiftStock) -> GiftOffer:
    """The gift of a campaign whose trigger is met. `counts`: the lines that count for the trigger."""
    effect = rules.effect
    assert effect.sku is not None
    assert effect.quantity is not None
    places = tuple(
        (index, line.quantity, line.unit_price_minor) for index, line in enumerate(cart.lines) if line.sku == effect.sku
    )
    prices = [price for _, _, price in places]
    return GiftOffer(
        sku=effect.sku,
        quantity=effect.quantity,
        places=places,
        freeable=_freeable(cart, rules, counts, places),
        price=min(prices) if prices else stock.unit_price_minor,
        available=stock.available,
        base=rules.base,
        name=stock.name,
        category=stock.category,
    )


def _freeable(cart: Cart, rules: RuleDocument, counts: Sequence[bool], places: Sequence[tuple[int, int, int]]) -> int:
    """Units that can be freed, taken from the first lines on, while the rest still meets the trigger."""
    counted = [line for line, one in zip(cart.lines, counts, strict=True) if one]
    spend = sum(line.amount_minor for line in counted) - rules.effect.min_spend
    units = sum(line.quantity for line in counted) - rules.effect.min_quantity
    quantity = rules.effect.quantity
    assert quantity is not None
    freed = 0
    for index, in_line, price in places:
        fits = min(in_line, quantity - freed)
        if counts[index]:
            fits = min(fits, units, spend // price if price else fits)
            units -= fits
            spend -= fits * price
        freed += fits
        if fits < in_line:
            break
    return freed


def take_gift(offer: GiftOffer, left: Sequence[int], state: GiftState) -> GiftTaken | None:
    """What the gift gives on what earlier vouchers left; None when the stock does not suffice."""
    before, taken = state.get(offer.sku, (0, 0))
    if offer.available - taken < offer.quantity:
        return None
    to_free = max(0, min(offer.freeable, sum(units for _, units, _ in offer.places) - before))
    rest, skip = to_free, before
    per_line: dict[int, int] = {}
    freed = []
    for index, in_line, price in offer.places:
        skipped = min(skip, in_line)
        skip -= skipped
        units = min(rest, in_line - skipped)
        if units == 0:
            continue
        rest -= units
        running = left[index] * units // (in_line - skipped)
        per_line[index] = min(units * price, left[index]) if offer.base is Base.ORIGINAL else running
        freed.append((index, units))
    added = offer.quantity - to_free
    return GiftTaken(per_line, tuple(freed), added, added * offer.price)


def after_gift(offer: GiftOffer, taken: GiftTaken, state: GiftState) -> GiftState:
    """The state once the gift is given."""
    freed, used = state.get(offer.sku, (0, 0))
    return {**state, offer.sku: (freed + offer.quantity - taken.added, used + offer.quantity)}
