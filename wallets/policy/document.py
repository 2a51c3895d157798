"""From JSON to rules and back; the place of whatever is wrong is named.

    {"zone": "Asia/Shanghai", "rules": [
      {"id": "daily", "kind": "limit", "window": "day", "currency": "CNY", "at_most": "500000"},
      {"id": "friends", "kind": "recipients", "mode": "only", "accounts": ["eip155:1:0x…"]},
      {"id": "new", "kind": "cooling", "seconds": 86400, "currency": "CNY", "above": "100000"},
      {"id": "office", "kind": "hours", "spans": [{"days": [1, 2, 3, 4, 5], "start": "09:00", "until": "18:00"}]},
      {"id": "two", "kind": "approval", "asset": "eip155:1/slip44:60", "above": "1000000000000000000",
       "approvers": ["…", "…"], "needed": 2, "seconds": 86400},
      {"id": "code", "kind": "second_factor", "currency": "CNY", "above": "200000"},
      {"id": "calls", "kind": "calls", "effect": "deny"},
      {"id": "blind", "kind": "blind", "effect": "deny"},
      {"id": "risky", "kind": "risk", "at_least": 70, "effect": "second_factor"}]}

Sums are decimal text: base units of `asset`, or minor units of `currency` over everything that leaves, on all chains.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any, Literal, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from primitives.account_id import AccountId
from primitives.asset import MAX_BASE_UNITS, AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidPolicy, InvalidValue
from wallets.policy.rules import (
    AnyRule,
    Approval,
    BlindSigning,
    Cooling,
    Document,
    Hours,
    Limit,
    Outcome,
    Recipients,
    RiskScore,
    SecondFactor,
    Span,
    Sum,
    UnreadableCalls,
)

MAX_RULES = 50
MAX_ACCOUNTS = 500
MAX_APPROVERS = 20
MAX_SPANS = 14
DAY = 86_400
MAX_SECONDS = 92 * DAY
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_UNITS = re.compile(r"0|[1-9][0-9]{0,77}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MAX_MINOR = 2**63 - 1
_COMMON = {"id", "kind", "chains"}
_SUM = {"asset", "currency"}
_KINDS: Mapping[str, set[str]] = {
    "limit": {*_SUM, "window", "seconds", "at_most"},
    "recipients": {"mode", "accounts"},
    "cooling": {*_SUM, "seconds", "above"},
    "hours": {"spans"},
    "approval": {*_SUM, "above", "approvers", "needed", "seconds"},
    "second_factor": {*_SUM, "above"},
    "calls": {"effect"},
    "blind": {"effect"},
    "risk": {"at_least", "effect"},
}
T = TypeVar("T")


def wrong(place: str, message: str) -> InvalidPolicy:
    """The error for one place of a document (`rules.3.at_most`)."""
    return InvalidPolicy(f"{place}: {message}", field=place)


def parse_document(data: Mapping[str, Any]) -> Document:
    """Read each rule by itself; whether they fit together is `coherence.py`'s question.

    Raises:
        InvalidPolicy: `field` names the place.
    """
    _only(data, {"zone", "rules"}, "")
    rules = data.get("rules")
    if not isinstance(rules, list) or len(rules) > MAX_RULES:
        raise wrong("rules", f"a list of at most {MAX_RULES} rules")
    found, ids = [], set()
    for number, one in enumerate(rules):
        place = f"rules.{number}"
        if not isinstance(one, Mapping):
            raise wrong(place, "must be an object")
        rule = _rule(one, place)
        if rule.id in ids:
            raise wrong(f"{place}.id", f"a second rule {rule.id!r}")
        ids.add(rule.id)
        found.append(rule)
    return Document(_zone(data.get("zone")), tuple(found))


def document_to_json(document: Document) -> dict[str, Any]:
    """From which `parse_document` makes an equal document."""
    return {"zone": document.zone.key, "rules": [_to_json(rule) for rule in document.rules]}


def _rule(data: Mapping[str, Any], place: str) -> AnyRule:
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise wrong(f"{place}.kind", f"one of {', '.join(_KINDS)}")
    _only(data, _COMMON | _KINDS[kind], place)
    rule_id = data.get("id")
    if not isinstance(rule_id, str) or not _ID.fullmatch(rule_id):
        raise wrong(f"{place}.id", "1 to 40 of a-z, 0-9, dot, dash and underscore")
    chains = frozenset(_each(data.get("chains", []), f"{place}.chains", 50, ChainId.parse))
    match kind:
        case "limit":
            return _limit(data, place, rule_id, chains)
        case "recipients":
            mode = _choice(data, place, "mode", ("only", "never"))
            accounts = _each(data.get("accounts"), f"{place}.accounts", MAX_ACCOUNTS, AccountId.parse)
            return Recipients(rule_id, chains, mode=cast(Literal["only", "never"], mode), accounts=frozenset(accounts))
        case "cooling":
            above = _sum(data, place, "above") if "above" in data or _SUM & data.keys() else None
            return Cooling(rule_id, chains, seconds=_whole(data, place, "seconds", 60, MAX_SECONDS), above=above)
        case "hours":
            return Hours(rule_id, chains, spans=_spans(data.get("spans"), f"{place}.spans"))
        case "approval":
            approvers = _each(data.get("approvers"), f"{place}.approvers", MAX_APPROVERS, UUID)
            needed = _whole(data, place, "needed", 1, MAX_APPROVERS)
            if needed > len(approvers):
                raise wrong(f"{place}.needed", f"{needed} of {len(approvers)} approvers can never agree")
            return Approval(
                rule_id,
                chains,
                above=_sum(data, place, "above"),
                approvers=frozenset(approvers),
                needed=needed,
                seconds=_whole(data, place, "seconds", 60, 30 * DAY),
            )
        case "second_factor":
            return SecondFactor(rule_id, chains, above=_sum(data, place, "above"))
        case "calls":
            return UnreadableCalls(rule_id, chains, effect=_effect(data, place))
        case "blind":
            return BlindSigning(rule_id, chains, effect=_effect(data, place))
        case _:
            at_least = _whole(data, place, "at_least", 1, 100)
            return RiskScore(rule_id, chains, at_least=at_least, effect=_effect(data, place))


def _limit(data: Mapping[str, Any], place: str, rule_id: str, chains: frozenset[ChainId]) -> Limit:
    window = _choice(data, place, "window", ("payment", "day", "rolling"))
    if window != "rolling" and "seconds" in data:
        raise wrong(f"{place}.seconds", "is for rolling windows only")
    seconds = _whole(data, place, "seconds", 60, MAX_SECONDS) if window == "rolling" else 0
    at_most = _sum(data, place, "at_most")
    return Limit(
        rule_id, chains, at_most=at_most, window=cast(Literal["payment", "day", "rolling"], window), seconds=seconds
    )


def _sum(data: Mapping[str, Any], place: str, name: str) -> Sum:
    text = data.get(name)
    if not isinstance(text, str) or not _UNITS.fullmatch(text):
        raise wrong(f"{place}.{name}", "a whole number as decimal text: base units, or minor units of the currency")
    asset, currency = data.get("asset"), data.get("currency")
    if (asset is None) == (currency is None):
        raise wrong(f"{place}.asset", "name either an asset or a currency")
    if currency is not None:
        if not isinstance(currency, str) or not re.fullmatch(r"[A-Z]{3}", currency):
            raise wrong(f"{place}.currency", "an ISO 4217 code")
        if int(text) > _MAX_MINOR:
            raise wrong(f"{place}.{name}", "too large")
        return Sum(int(text), currency=currency)
    if int(text) > MAX_BASE_UNITS:
        raise wrong(f"{place}.{name}", "too large")
    return Sum(int(text), asset=_read(asset, f"{place}.asset", AssetId.parse))


def _spans(data: Any, place: str) -> tuple[Span, ...]:
    if not isinstance(data, list) or not 1 <= len(data) <= MAX_SPANS:
        raise wrong(place, f"1 to {MAX_SPANS} spans")
    found = []
    for number, one in enumerate(data):
        here = f"{place}.{number}"
        if not isinstance(one, Mapping):
            raise wrong(here, "must be an object")
        _only(one, {"days", "start", "until"}, here)
        days = one.get("days")
        if not isinstance(days, list) or not days or not all(type(day) is int and 1 <= day <= 7 for day in days):
            raise wrong(f"{here}.days", "numbers 1 (Monday) to 7 (Sunday)")
        start = _time(one.get("start"), f"{here}.start")
        until = None if one.get("until") == "24:00" else _time(one.get("until"), f"{here}.until")
        if until is not None and until <= start:
            raise wrong(f"{here}.until", "must be after start: write two spans for a night")
        found.append(Span(frozenset(days), start, until))
    return tuple(found)


def _time(value: Any, place: str) -> time:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong(place, "a time like 09:00 (until: also 24:00)")
    return time(int(match[1]), int(match[2]))


def _zone(value: Any) -> ZoneInfo:
    try:
        if isinstance(value, str) and value:
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise wrong("zone", "a zone of the IANA database, like Asia/Shanghai")


def _only(data: Mapping[str, Any], names: set[str], place: str) -> None:
    for name in data:
        if name not in names:
            raise wrong(f"{place}.{name}" if place else str(name), "is unknown here")


def _choice(data: Mapping[str, Any], place: str, name: str, choices: Sequence[str]) -> str:
    value = data.get(name)
    if value not in choices:
        raise wrong(f"{place}.{name}", f"one of {', '.join(choices)}")
    return str(value)


def _effect(data: Mapping[str, Any], place: str) -> Literal[Outcome.DENY, Outcome.SECOND_FACTOR]:
    return (
        Outcome.DENY if _choice(data, place, "effect", ("deny", "second_factor")) == "deny" else Outcome.SECOND_FACTOR
    )


def _whole(data: Mapping[str, Any], place: str, name: str, least: int, most: int) -> int:
    value = data.get(name)
    if type(value) is not int or not least <= value <= most:
        raise wrong(f"{place}.{name}", f"a whole number from {least} to {most}")
    return value


def _each(data: Any, place: str, most: int, read: Callable[[str], T]) -> list[T]:
    if not isinstance(data, list) or len(data) > most:
        raise wrong(place, f"a list of at most {most}")
    found: list[T] = []
    for number, one in enumerate(data):
        value = _read(one, f"{place}.{number}", read)
        if value in found:
            raise wrong(f"{place}.{number}", "is listed twice")
        found.append(value)
    return found


def _read(value: Any, place: str, read: Callable[[str], T]) -> T:
    if not isinstance(value, str) or len(value) > 300:
        raise wrong(place, "must be text")
    try:
        return read(value)
    except (InvalidValue, ValueError) as error:
        raise wrong(place, error.message if isinstance(error, InvalidValue) else "is not valid") from error


def _to_json(rule: AnyRule) -> dict[str, Any]:
    common: dict[str, Any] = {"id": rule.id}
    if rule.chains:
        common["chains"] = sorted(str(chain) for chain in rule.chains)
    match rule:
        case Limit():
            seconds = {"seconds": rule.seconds} if rule.window == "rolling" else {}
            return {**common, "kind": "limit", "window": rule.window, **seconds, **_sum_json("at_most", rule.at_most)}
        case Recipients():
            accounts = sorted(str(account) for account in rule.accounts)
            return {**common, "kind": "recipients", "mode": rule.mode, "accounts": accounts}
        case Cooling():
            above = {} if rule.above is None else _sum_json("above", rule.above)
            return {**common, "kind": "cooling", "seconds": rule.seconds, **above}
        case Hours():
            return {**common, "kind": "hours", "spans": [_span_json(span) for span in rule.spans]}
        case Approval():
            return {
                **common,
                "kind": "approval",
                **_sum_json("above", rule.above),
                "approvers": sorted(str(one) for one in rule.approvers),
                "needed": rule.needed,
                "seconds": rule.seconds,
            }
        case SecondFactor():
            return {**common, "kind": "second_factor", **_sum_json("above", rule.above)}
        case UnreadableCalls():
            return {**common, "kind": "calls", "effect": rule.effect.value}
        case BlindSigning():
            return {**common, "kind": "blind", "effect": rule.effect.value}
        case RiskScore():
            return {**common, "kind": "risk", "at_least": rule.at_least, "effect": rule.effect.value}


def _sum_json(name: str, value: Sum) -> dict[str, Any]:
    unit = {"currency": value.currency} if value.currency is not None else {"asset": str(value.asset)}
    return {**unit, name: str(value.units)}


def _span_json(span: Span) -> dict[str, Any]:
    until = "24:00" if span.until is None else span.until.strftime("%H:%M")
    return {"days": sorted(span.days), "start": span.start.strftime("%H:%M"), "until": until}
