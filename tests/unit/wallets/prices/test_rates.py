"""Exchange rates: exact, dated, turned round and joined, and refused when they are too old."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.currency import Money
from primitives.errors import InvalidValue, PriceStale, PriceUnavailable
from tests.fakes.clock import StoppedClock
from wallets.prices.by_way import price_in
from wallets.prices.document import parse_document
from wallets.prices.file import FilePrices
from wallets.prices.http import HttpPrices
from wallets.prices.local import LocalPrices
from wallets.prices.rate import Rate, usable_rate
from wallets.spending.model import SentLine, SpendingLine
from wallets.spending.showing import Showing

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
ETH = Asset(AssetId.native(ChainId.evm(1)), "ETH", 18)
LOCAL = Asset(AssetId.native(ChainId.evm(31337)), "ETH", 18)
BOUND = timedelta(minutes=10)


def document(*rates: object, prices: object = (), at: datetime = NOW) -> bytes:
    told = {"source": "desk", "at": at.isoformat(), "prices": list(prices), "rates": list(rates)}  # type: ignore[call-overload]
    return json.dumps(told).encode()


def one(base: str, quote: str, rate: object, **more: object) -> dict[str, object]:
    return {"from": base, "to": quote, "rate": rate, **more}


def look(base: str, quote: str, *rates: object, now: datetime = NOW) -> Rate:
    read = parse_document(document(*rates)).rates
    return usable_rate(read, base, quote, now=now, max_age=BOUND, source="it")


def test_a_rate_is_exact_and_rounds_only_at_the_end() -> None:
    rate = Rate.of_text("USD", "CNY", "7.1034", "desk", NOW)
    assert (rate.text, rate.minor_of(Money(1_000, "USD")), rate.minor_of(Money(1, "USD"))) == ("7.1034", 7_103, 7)
    assert rate.inverse.inverse == rate
    assert Rate.of_text("JPY", "CNY", "0.047", "desk", NOW).minor_of(Money(1_000, "JPY")) == 4_700, "yen have no cents"
    assert Rate.of_text("CNY", "KWD", "0.043", "desk", NOW).minor_of(Money(10_000, "CNY")) == 4_300, "dinars have 1,000"
    with pytest.raises(InvalidValue):
        rate.minor_of(Money(1, "EUR"))


def test_a_rate_is_told_turned_round_or_joined() -> None:
    told = one("USD", "CNY", "7.1"), one("EUR", "CNY", "7.7", at=EARLIER.isoformat())
    assert look("USD", "CNY", *told).text == "7.1"
    assert look("CNY", "USD", *told).minor_of(Money(71_000, "CNY")) == 10_000
    joined = look("EUR", "USD", *told)
    assert (joined.numerator * 71, joined.at, joined.source) == (joined.denominator * 77, EARLIER, "desk")
    own = look("CNY", "USD", *told, one("CNY", "USD", "0.14"))
    assert own.text == "0.14", "what is told goes before what is turned round"
    with pytest.raises(PriceUnavailable) as missing:
        look("USD", "KRW", *told)
    assert (missing.value.facts["base"], missing.value.facts["quote"]) == ("USD", "KRW")
    with pytest.raises(PriceStale):
        look("EUR", "USD", *told, now=EARLIER + BOUND + timedelta(seconds=1))
    with pytest.raises(PriceStale):
        look("USD", "CNY", *told, now=NOW - timedelta(minutes=6))
    with pytest.raises(InvalidValue):
        look("USD", "USD", *told)


@pytest.mark.parametrize(
    ("rates", "place"),
    [
        ([7], "rates.0"),
        ([one("USD", "CNY", 7.1)], "rates.0: rate"),
        ([one("USD", "CNY", "0")], "rates.0"),
        ([one("USD", "CNY", "-7")], "rates.0"),
        ([one("usd", "CNY", "7")], "rates.0"),
        ([one("USD", "USD", "1")], "rates.0"),
        ([one("USD", "CNY", "7", at="yesterday")], "rates.0.at"),
        (2 * [one("USD", "CNY", "7")], "rates.1: a second"),
    ],
)
def test_a_wrong_rate_spoils_the_document(rates: list[object], place: str) -> None:
    with pytest.raises(InvalidValue, match=place):
        parse_document(document(*rates))


async def test_rates_of_a_file_and_of_an_address(tmp_path: Path) -> None:
    file, clock = tmp_path / "prices.json", StoppedClock(NOW)
    file.write_bytes(document(one("USD", "CNY", "7.2")))
    assert (await FilePrices(file, max_age=BOUND, clock=clock).rate("USD", "CNY")).text == "7.2"

    async def public(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=file.read_bytes()))
    http = HttpPrices("https://a.example/", max_age=BOUND, inner=transport, resolver=public, clock=clock)
    assert (await http.rate("USD", "CNY")).text == "7.2"
    await http.close()


async def test_a_local_network_declares_rates_and_never_in_place_of_stale_ones(tmp_path: Path) -> None:
    clock, file = StoppedClock(NOW), tmp_path / "prices.json"
    assert (await LocalPrices([LOCAL], clock=clock).rate("USD", "CNY")).text == "7.1"
    with pytest.raises(PriceUnavailable):
        await LocalPrices([], clock=clock).rate("USD", "CNY")
    file.write_bytes(document(one("USD", "CNY", "7.2")))
    both = LocalPrices([LOCAL], FilePrices(file, max_age=BOUND, clock=clock), clock=clock)
    assert [(await both.rate("USD", "CNY")).text, (await both.rate("EUR", "CNY")).text] == ["7.2", "7.7"]
    clock.advance(BOUND + timedelta(seconds=1))
    with pytest.raises(PriceStale):
        await both.rate("USD", "CNY")


async def test_a_price_by_way_of_another_currency_names_both_and_is_as_old_as_the_older(tmp_path: Path) -> None:
    file, clock = tmp_path / "prices.json", StoppedClock(NOW)
    entry = {"asset": str(ETH.id), "currency": "USD", "price": "2800", "at": EARLIER.isoformat()}
    file.write_bytes(document(one("EUR", "USD", "1.12"), prices=[entry]))
    source = FilePrices(file, max_age=BOUND, clock=clock)
    price = await price_in(source, ETH.id, "EUR")
    assert (price.text, price.source, price.at) == ("2500", "desk", EARLIER)
    assert price.minor_of(Amount(10**18, ETH)) == 250_000
    with pytest.raises(PriceUnavailable):
        await price_in(source, ETH.id, "KRW")
    clock.advance(timedelta(minutes=6))
    with pytest.raises(PriceStale):
        await price_in(source, ETH.id, "EUR")


async def test_spending_is_shown_in_one_currency_and_says_what_is_missing(tmp_path: Path) -> None:
    """By hand: 80.00 CNY and 10.00 USD (71.00 CNY) spent, 2 ETH at 20,000 CNY sent; nobody knows the won."""
    file = tmp_path / "prices.json"
    entry = {"asset": str(ETH.id), "currency": "CNY", "price": "20000"}
    file.write_bytes(document(one("USD", "CNY", "7.1"), prices=[entry]))
    showing = Showing(FilePrices(file, max_age=BOUND, clock=StoppedClock(NOW)))
    lines = [
        SpendingLine("2026-11", "m", "M", None, "CNY", 1, 8_000, 2_000, 500),
        SpendingLine("2026-11", "m", "M", None, "USD", 1, 1_000, 100, 0),
        SpendingLine("2026-11", "m", "M", None, "KRW", 1, 9_999, 0, 0),
    ]
    sent = [SentLine("2026-11", Amount(2 * 10**18, ETH), 2), SentLine("2026-11", Amount(5, LOCAL), 1)]
    shown = await showing.shown(lines, sent, "CNY")
    assert (shown.spent_minor, shown.saved_minor, shown.refunded_minor) == (8_000 + 7_100, 2_000 + 710, 500)
    assert (shown.sent_minor, [rate.base for rate in shown.rates]) == (4_000_000, ["USD"])
    assert (shown.complete, shown.missing) == (False, ("ETH", "KRW"))
    dollars = await showing.shown(lines[:2], [], "USD")
    assert (dollars.spent_minor, dollars.complete) == (1_000 + 1_126, True), "80 / 7.1, rounded down"
