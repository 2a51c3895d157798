"""What each kind's `effect` must and may hold, and its JSON form."""

from __future__ import annotations

from typing import Any

from vouchers.rules.fields import Fields, impossible
from vouchers.rules.terms import Base, Delivery, Effect, PointRate, VoucherKind

_LIMIT = 2**53
_MAX_POINTS = 2**31
_MAX_LIFETIME = 100 * 366 * 86_400
"""Seconds of a hundred years: longer is no lifetime."""

_FIELDS: dict[VoucherKind, tuple[str, ...]] = {
    VoucherKind.THRESHOLD: ("min_spend", "amount_off", "per_each", "max_off"),
    VoucherKind.PERCENT: ("min_spend", "percent_bp", "max_off"),
    VoucherKind.CASH: ("min_spend", "amount_off"),
    VoucherKind.GIFT: ("min_spend", "min_quantity", "sku", "quantity", "max_off", "delivery"),
    VoucherKind.STORED_VALUE: ("balance",),
    VoucherKind.POINTS: ("earn_rate", "redeem_rate", "lifetime_seconds"),
}
_NOTHING = (None, False, 0)


def check_effect(kind: VoucherKind, effect: Effect) -> None:
    """Raises InvalidTerms; `field` names the place."""
    for name in Effect.__slots__:
        if name not in _FIELDS[kind] and getattr(effect, name) not in _NOTHING:
            raise impossible(f"{kind.value} has no {name}", f"effect.{name}")
    if not 0 <= effect.min_spend < _LIMIT:
        raise impossible("min_spend must not be negative", "effect.min_spend")
    match kind:
        case VoucherKind.THRESHOLD:
            _check_threshold(effect)
        case VoucherKind.PERCENT:
            _positive(kind, effect, "percent_bp")
            if effect.percent_bp is not None and effect.percent_bp > 10_000:
                raise impossible("percent_bp is at most 10,000", "effect.percent_bp")
            _positive(kind, effect, "max_off")
        case VoucherKind.CASH:
            _positive(kind, effect, "amount_off")
        case VoucherKind.GIFT:
            _check_gift(effect)
        case VoucherKind.STORED_VALUE:
            _positive(kind, effect, "balance")
        case VoucherKind.POINTS:
            _check_points(effect)


def check_base(kind: VoucherKind, base: Base) -> None:
    """Only what is reckoned on an amount can be reckoned on the original one. Raises InvalidTerms."""
    if base is Base.ORIGINAL and kind not in (VoucherKind.PERCENT, VoucherKind.GIFT):
        raise impossible(f"{kind.value} is reckoned on what is left: say base running", "base")


def _positive(kind: VoucherKind, effect: Effect, name: str) -> None:
    value = getattr(effect, name)
    if value is None or not 0 < value < _LIMIT:
        raise impossible(f"{kind.value} needs {name} above zero", f"effect.{name}")


def _check_threshold(effect: Effect) -> None:
    kind = VoucherKind.THRESHOLD
    _positive(kind, effect, "min_spend")
    _positive(kind, effect, "amount_off")
    if effect.per_each:
        _positive(kind, effect, "max_off")
    elif effect.max_off is not None:
        raise impossible("threshold has a max_off only with per_each: say null", "effect.max_off")
    assert effect.amount_off is not None
    if effect.amount_off > effect.min_spend:
        raise impossible("amount_off must not be above min_spend", "effect.amount_off")
    if effect.max_off is not None and effect.max_off < effect.amount_off:
        raise impossible("max_off is below amount_off: one threshold would not be paid", "effect.max_off")


def _check_gift(effect: Effect) -> None:
    kind = VoucherKind.GIFT
    if not effect.sku or len(effect.sku) > 200:
        raise impossible("a gift names its sku", "effect.sku")
    if effect.quantity is None or not 0 < effect.quantity <= 1_000:
        raise impossible("a gift has a quantity of 1 to 1,000", "effect.quantity")
    if not 0 <= effect.min_quantity <= 1_000_000:
        raise impossible("min_quantity is 0 to 1,000,000", "effect.min_quantity")
    _positive(kind, effect, "max_off")
    if effect.delivery is None:
        raise impossible("a gift says how it is delivered", "effect.delivery")


def _check_points(effect: Effect) -> None:
    for name in ("earn_rate", "redeem_rate"):
        rate = getattr(effect, name)
        if rate is None or not (0 < rate.points < _MAX_POINTS and 0 < rate.minor < _MAX_POINTS):
            raise impossible(f"points need {name} with points and minor above zero", f"effect.{name}")
    lifetime = effect.lifetime_seconds
    if lifetime is None or not 0 < lifetime <= _MAX_LIFETIME:
        raise impossible("points need a lifetime of 1 second to 100 years", "effect.lifetime_seconds")


def effect_to_document(kind: VoucherKind, effect: Effect) -> dict[str, Any]:
    """The JSON object of the kind's own fields."""
    return {name: _plain(getattr(effect, name)) for name in _FIELDS[kind]}


def _plain(value: object) -> Any:
    if isinstance(value, PointRate):
        return {"points": value.points, "minor": value.minor}
    return value.value if isinstance(value, Delivery) else value


def effect_from_document(kind: VoucherKind, fields: Fields) -> Effect:
    """Raises InvalidTerms."""
    values = {name: _read(fields, name) for name in _FIELDS[kind]}
    for name in ("min_spend", "min_quantity"):
        if name in values and values[name] is None:
            raise impossible(f"effect.{name} is 0 for no threshold, never null", f"effect.{name}")
    fields.require_no_more()
    return Effect(**values)


def _read(fields: Fields, name: str) -> Any:
    match name:
        case "per_each":
            return fields.flag(name)
        case "sku":
            return fields.text(name)
        case "delivery":
            return fields.choice(name, Delivery)
        case "earn_rate" | "redeem_rate":
            rate = fields.object(name)
            read = PointRate(rate.integer("points"), rate.integer("minor"))
            rate.require_no_more()
            return read
        case _:
            return fields.optional_integer(name)
