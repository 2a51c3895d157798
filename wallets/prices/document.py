"""The document that a price source hands out.

    {"source": "treasury desk", "at": "2026-11-22T07:00:00Z",
     "prices": [{"asset": "eip155:1/slip44:60", "currency": "CNY", "price": "21345.67"}],
     "rates": [{"from": "USD", "to": "CNY", "rate": "7.1034"}]}

`price` is decimal text: whole units of the currency for one whole unit of the asset. `rates` may be left out; `rate` is
what one whole unit of `from` is worth in `to`. An entry may carry its own `at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from primitives.asset import AssetId
from primitives.errors import InvalidValue, PriceStale, PriceUnavailable
from wallets.prices.model import Price
from wallets.prices.rate import FUTURE, Rate, Rates

MAX_DOCUMENT_BYTES = 1024 * 1024
MAX_PRICES = 10_000
_MAX_SOURCE = 80
MAX_RATES = 1_000

Prices = Mapping[tuple[AssetId, str], Price]


@dataclass(frozen=True, slots=True)
class PriceDocument:
    """What a document says; empty before there was one."""

    prices: Prices = field(default_factory=dict)
    rates: Rates = field(default_factory=dict)


def parse_document(content: bytes) -> PriceDocument:
    """Read a document whole; one wrong entry spoils it, so that nobody counts with half of it.

    Raises:
        InvalidValue: With the place of what is wrong.
    """
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InvalidValue(f"a price document has at most {MAX_DOCUMENT_BYTES} bytes")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InvalidValue(f"the price document is not JSON: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("prices"), list):
        raise InvalidValue("a price document is an object with `source`, `at` and a list `prices`")
    source = document.get("source")
    if not isinstance(source, str) or not 1 <= len(source) <= _MAX_SOURCE or not source.isprintable():
        raise InvalidValue(f"source: 1 to {_MAX_SOURCE} printable characters")
    rates = document.get("rates", [])
    if not isinstance(rates, list) or len(rates) > MAX_RATES:
        raise InvalidValue(f"rates: a list of at most {MAX_RATES}")
    prices = _prices(document["prices"], source, document.get("at"))
    return PriceDocument(prices, _rates(rates, source, document.get("at")))


def _prices(entries: Sequence[Any], source: str, at_all: Any) -> Prices:
    if len(entries) > MAX_PRICES:
        raise InvalidValue(f"prices: at most {MAX_PRICES}")
    found: dict[tuple[AssetId, str], Price] = {}
    for number, entry in enumerate(entries):
        place = f"prices.{number}"
        if not isinstance(entry, dict):
            raise InvalidValue(f"{place}: an object with `asset`, `currency` and `price`")
        at = _time(entry.get("at", at_all), f"{place}.at")
        try:
            asset = AssetId.parse(_text(entry, "asset"))
            price = Price.of_text(asset, _text(entry, "currency"), _text(entry, "price"), source, at)
        except InvalidValue as error:
            raise InvalidValue(f"{place}: {error.message}") from error
        if (asset, price.currency) in found:
            raise InvalidValue(f"{place}: a second price of {asset} in {price.currency}")
        found[asset, price.currency] = price
    return found


def _rates(entries: Sequence[Any], source: str, at_all: Any) -> Rates:
    found: dict[tuple[str, str], Rate] = {}
    for number, entry in enumerate(entries):
        place = f"rates.{number}"
        if not isinstance(entry, dict):
            raise InvalidValue(f"{place}: an object with `from`, `to` and `rate`")
        at = _time(entry.get("at", at_all), f"{place}.at")
        try:
            rate = Rate.of_text(_text(entry, "from"), _text(entry, "to"), _text(entry, "rate"), source, at)
        except InvalidValue as error:
            raise InvalidValue(f"{place}: {error.message}") from error
        if (rate.base, rate.quote) in found:
            raise InvalidValue(f"{place}: a second rate of {rate.base} in {rate.quote}")
        found[rate.base, rate.quote] = rate
    return found


def usable(prices: Prices, asset: AssetId, currency: str, *, now: datetime, max_age: timedelta, source: str) -> Price:
    """One price of a document, when it is there and young enough.

    Raises:
        PriceUnavailable, PriceStale
    """
    price = prices.get((asset, currency))
    if price is None:
        raise PriceUnavailable(
            f"{source} has no price of {asset} in {currency}", asset=str(asset), currency=currency, source=source
        )
    if not now - max_age <= price.at <= now + FUTURE:
        raise PriceStale(
            f"the price of {asset} from {price.source} is of {price.at.isoformat()}: older than "
            f"{int(max_age.total_seconds())} seconds, or from the future",
            asset=str(asset),
            currency=currency,
            source=price.source,
            at=price.at,
            max_age_seconds=int(max_age.total_seconds()),
        )
    return price


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str):
        raise InvalidValue(f"{name}: must be text")
    return value


def _time(value: Any, place: str) -> datetime:
    if not isinstance(value, str):
        raise InvalidValue(f"{place}: a time (RFC 3339) is missing")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidValue(f"{place}: {value[:40]!r} is not a time (RFC 3339)") from error
    if moment.tzinfo is None:
        raise InvalidValue(f"{place}: the time needs its zone")
    return moment.astimezone(UTC)
