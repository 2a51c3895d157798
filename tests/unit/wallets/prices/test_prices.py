"""Prices: exact, dated, and refused when they are too old."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, PriceStale, PriceUnavailable
from tests.fakes.clock import StoppedClock
from wallets.prices.document import parse_document
from wallets.prices.file import FilePrices
from wallets.prices.http import HttpPrices
from wallets.prices.local import LocalPrices
from wallets.prices.model import Price

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ETH = Asset(AssetId.native(ChainId.evm(1)), "ETH", 18)
LOCAL = Asset(AssetId.native(ChainId.evm(31337)), "ETH", 18)
BOUND = timedelta(minutes=10)
URL = "https://prices.example/now"


def document(at: datetime = NOW, price: object = "20000.5", **more: object) -> bytes:
    entry = {"asset": str(ETH.id), "currency": "CNY", "price": price, **more}
    return json.dumps({"source": "desk", "at": at.isoformat(), "prices": [entry]}).encode()


def test_a_price_is_exact_and_rounds_only_at_the_end() -> None:
    price = Price.of_text(ETH.id, "CNY", "0.1", "desk", NOW)
    assert (price.numerator, price.denominator, price.text) == (1, 10, "0.1")
    assert price.minor_of(Amount(10**18, ETH)) == 10
    assert (price.minor_of(Amount(1, ETH)), price.minor_of(Amount(1, ETH), up=True)) == (0, 1)
    assert Price.of_text(ETH.id, "JPY", "3", "desk", NOW).minor_of(Amount(10**18, ETH)) == 3
    with pytest.raises(InvalidValue):
        price.minor_of(Amount(1, LOCAL))


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "0", "0.0", "1.", ".5", "NaN", "1,5", "01"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        Price.of_text(ETH.id, "CNY", text, "desk", NOW)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"{", "not JSON"),
        (b"[]", "object"),
        (document().replace(b'"desk"', b"7"), "source"),
        (document(price=20000.5), "prices.0: price"),
        (document(asset="eip155:1"), "prices.0"),
        (document(at=datetime(2026, 1, 1)), "prices.0.at"),
        (json.dumps({"source": "d", "at": NOW.isoformat(), "prices": 2 * json.loads(document())["prices"]}), "second"),
    ],
)
def test_a_wrong_document_is_refused_with_its_place(content: bytes | str, place: str) -> None:
    with pytest.raises(InvalidValue, match=place):
        parse_document(content if isinstance(content, bytes) else content.encode())


async def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file, clock = tmp_path / "prices.json", StoppedClock(NOW)
    prices = FilePrices(file, max_age=BOUND, clock=clock)
    with pytest.raises(PriceUnavailable):
        await prices.price(ETH.id, "CNY")
    file.write_bytes(document())
    assert (await prices.price(ETH.id, "CNY")).text == "20000.5"
    with pytest.raises(PriceUnavailable):
        await prices.price(ETH.id, "USD")
    clock.advance(BOUND + timedelta(seconds=1))
    with pytest.raises(PriceStale) as stale:
        await prices.price(ETH.id, "CNY")
    assert stale.value.facts["at"] == NOW
    os.utime(file)  # a young file with old prices is old
    with pytest.raises(PriceStale):
        await prices.price(ETH.id, "CNY")
    file.write_bytes(document(at=clock.now(), price="7"))
    assert (await prices.price(ETH.id, "CNY")).text == "7"
    file.write_bytes(b"{")
    with pytest.raises(PriceUnavailable, match="malformed"):
        await prices.price(ETH.id, "CNY")


async def test_a_price_from_the_future_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_bytes(document(at=NOW + timedelta(hours=1)))
    with pytest.raises(PriceStale):
        await FilePrices(file, max_age=BOUND, clock=StoppedClock(NOW)).price(ETH.id, "CNY")


async def test_a_source_behind_http_is_asked_seldom_and_its_prices_age() -> None:
    clock, asked = StoppedClock(NOW), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(200, content=document()) if len(asked) == 1 else httpx.Response(503)

    async def public(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    prices = HttpPrices(URL, max_age=BOUND, inner=httpx.MockTransport(answer), resolver=public, clock=clock)
    for _ in range(3):
        assert (await prices.price(ETH.id, "CNY")).source == "desk"
    assert asked == ["93.184.216.34"]
    clock.advance(BOUND + timedelta(seconds=1))
    with pytest.raises(PriceStale):
        await prices.price(ETH.id, "CNY")
    assert len(asked) == 2
    await prices.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1"])
async def test_a_source_in_a_private_network_is_never_asked(address: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    async def private(host: str, port: int) -> list[str]:
        return [address]

    prices = HttpPrices(
        URL, max_age=BOUND, inner=httpx.MockTransport(answer), resolver=private, clock=StoppedClock(NOW)
    )
    with pytest.raises(PriceUnavailable):
        await prices.price(ETH.id, "CNY")
    await prices.close()


def test_a_source_without_tls_is_refused() -> None:
    with pytest.raises(InvalidValue):
        HttpPrices("http://prices.example", max_age=BOUND)


async def test_test_money_has_declared_prices_and_a_stale_source_is_not_replaced_by_them(tmp_path: Path) -> None:
    clock = StoppedClock(NOW)
    alone = LocalPrices([LOCAL], clock=clock)
    assert (await alone.price(LOCAL.id, "CNY")).source == "declared for test networks, no market"
    for asset, currency in ((ETH.id, "CNY"), (LOCAL.id, "KRW")):
        with pytest.raises(PriceUnavailable):
            await alone.price(asset, currency)
    file = tmp_path / "prices.json"
    file.write_bytes(document(asset=str(LOCAL.id)))
    both = LocalPrices([LOCAL], FilePrices(file, max_age=BOUND, clock=clock), clock=clock)
    assert (await both.price(LOCAL.id, "CNY")).text == "20000.5"
    assert (await both.price(LOCAL.id, "USD")).text == "2800"
    clock.advance(timedelta(hours=1))
    with pytest.raises(PriceStale):
        await both.price(LOCAL.id, "CNY")
