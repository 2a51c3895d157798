"""What a trigger's rule may say, per kind. Money in minor units of the campaign's currency, times in Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from primitives.errors import InvalidTerms
from vouchers.triggers.sql import TriggerKind

_LIMIT = 2**53
_MOST_AT_ONCE = 20

_FIELDS: dict[TriggerKind, dict[str, Any]] = {
    TriggerKind.WELCOME: {},
    TriggerKind.FIRST_PAYMENT: {"min_minor": 0},
    TriggerKind.LOYALTY: {"every": None, "times": 0},
    TriggerKind.SPEND: {"minor": None, "repeat": False},
    TriggerKind.DATE: {"at": None, "segment": None},
    TriggerKind.VISIT: {"every": 1},
    TriggerKind.REFERRAL: {"reward_on": "first_payment", "most": 10},
    TriggerKind.CASHBACK: {"min_minor": 0, "per_minor": 0, "most": 1},
}
"""Names with their defaults; None: must be said. `times` and `per_minor` of 0: no limit, and one voucher per order."""


def checked_rule(kind: TriggerKind, said: Mapping[str, Any]) -> dict[str, Any]:
    """The whole rule with its defaults.

    Raises:
        InvalidTerms: `field` names the place.
    """
    known = _FIELDS[kind]
    for name in said:
        if name not in known:
            raise InvalidTerms(f"a trigger {kind.value} has no {name}", field=f"rule.{name}")
    rule = {name: said.get(name, default) for name, default in known.items()}
    for name, value in rule.items():
        _check(kind, name, value)
    return rule


def _check(kind: TriggerKind, name: str, value: Any) -> None:
    field = f"rule.{name}"
    if name == "segment":
        if not isinstance(value, Mapping):
            raise InvalidTerms("a date names whom it is for: a segment", field=field)
        return
    if name == "repeat":
        if not isinstance(value, bool):
            raise InvalidTerms("repeat is true or false", field=field)
        return
    if name == "reward_on":
        if value not in ("first_payment", "claim"):
            raise InvalidTerms("the one who refers is rewarded on first_payment or claim", field=field)
        return
    least = 0 if name in ("min_minor", "times", "per_minor") else 1
    most = _MOST_AT_ONCE if kind is TriggerKind.CASHBACK and name == "most" else _LIMIT
    if type(value) is not int or not least <= value < most + 1:
        raise InvalidTerms(f"{name} of a trigger {kind.value} is a whole number from {least} on", field=field)
