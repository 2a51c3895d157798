"""The transaction engine: payments from the API to a node and to their final record, beside the node alone."""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import rpc
from bench.engine.installation import Installation, installation
from bench.measure import Report, Result
from codec.evm.transaction import FeeMarketTransaction, encode_signed, encode_unsigned, signing_hash
from keystore.secret import Secret
from keystore.signature import sign_digest

_RAW_BATCH = 100
_CLIENTS = 100
"""Requests at a time."""


@dataclass(slots=True)
class _Turns:
    """Rates per second of one case, round by round, and how long single acts took.

    `ratios`: to the node alone in the same round, so that what else the machine did then counts for both.
    """

    name: str
    reference: bool = False
    rates: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


async def _raw(place: Installation, count: int) -> float:
    """Transactions per second that the node takes: signed beforehand, in JSON-RPC batches of a hundred."""
    raws = _signed_beforehand(await place.fresh_key(), count)
    started = time.perf_counter()
    for start in range(0, count, _RAW_BATCH):
        calls = [("eth_sendRawTransaction", [raw]) for raw in raws[start : start + _RAW_BATCH]]
        await place.node.rpc.batch(calls)
    return count / (time.perf_counter() - started)


def _signed_beforehand(key: bytes, count: int) -> list[str]:
    secret = Secret(key)
    raws = []
    for nonce in range(count):
        transaction = FeeMarketTransaction(31337, nonce, 10**9, 4 * 10**9, 21_000, b"\x22" * 20, 1, b"")
        unsigned = encode_unsigned(transaction)
        raws.append("0x" + encode_signed(transaction, sign_digest(secret, signing_hash(unsigned)).raw).hex())
    return raws


async def _through_api(place: Installation, count: int, per_request: int, at_once: int, turns: _Turns) -> float:
    """Payments per second from the first request until the node has the last of them."""
    before = await place.sent()
    gate = asyncio.Semaphore(at_once)
    accounts = place.accounts

    async def ask(number: int) -> None:
        async with gate:
            started = time.perf_counter()
            await place.transfer(accounts[number % len(accounts)], per_request)
            turns.seconds.append(time.perf_counter() - started)

    started = time.perf_counter()
    asked = asyncio.gather(*(ask(number) for number in range(count // per_request)))
    await asked
    await place.until_sent(before + count)
    return count / (time.perf_counter() - started)


async def _to_final(place: Installation, count: int, per_request: int) -> float:
    """Payments per second from the first request until the last is done, with a block whenever one is due."""
    before = await place.done()
    started = time.perf_counter()
    accounts = place.accounts
    await asyncio.gather(
        *(place.transfer(accounts[n % len(accounts)], per_request) for n in range(count // per_request))
    )
    await place.until_done(before + count)
    return count / (time.perf_counter() - started)


async def _steady(place: Installation, per_second: int, seconds: float) -> list[float]:
    """Seconds from the request to the node, with this many requests a second."""
    pending: list[asyncio.Task[float]] = []

    async def one(number: int) -> float:
        started = time.perf_counter()
        payment = await place.transfer(place.accounts[number % len(place.accounts)], 1)
        await place.until_handed_over(payment[0])
        return time.perf_counter() - started

    for number in range(int(per_second * seconds)):
        pending.append(asyncio.create_task(one(number)))
        await asyncio.sleep(1 / per_second)
    return list(await asyncio.gather(*pending))


async def _measure(folder: Path, *, smoke: bool) -> list[Report]:
    rounds = 1 if smoke else 5
    raw_count, batch_count, single_count = (200, 200, 20) if smoke else (1000, 1000, 400)
    reports: list[Report] = []
    remarks: list[str] = []
    turns = {"raw": _Turns("node alone: signed beforehand, JSON-RPC batches of 100", reference=True)}
    for workers in (1, 4):
        async with installation(_folder(folder, workers), workers=workers) as place:
            turns[f"batch{workers}"] = _Turns(f"API → accepted, 100 a request, {workers} worker(s)")
            turns[f"single{workers}"] = _Turns(f"API → accepted, 1 a request, {_CLIENTS} at once, {workers} worker(s)")
            turns[f"final{workers}"] = _Turns(f"API → final record, 100 a request, {workers} worker(s)")
            for _ in range(rounds):
                cases = ["raw", "batch", "single", "final"]
                for case in random.sample(cases, len(cases)):
                    if case == "raw":
                        turns["raw"].rates.append(await _raw(place, raw_count))
                        await place.node.mine()
                        continue
                    turn = turns[f"{case}{workers}"]
                    if case == "final":
                        turn.rates.append(await _to_final(place, batch_count, 100))
                    else:
                        size, count = (100, batch_count) if case == "batch" else (1, single_count)
                        turn.rates.append(await _through_api(place, count, size, _CLIENTS, turn))
                        await place.settle()
                for case in ("batch", "single", "final"):
                    turn = turns[f"{case}{workers}"]
                    turn.ratios.append(turn.rates[-1] / turns["raw"].rates[-1])
            if workers == 1:
                delays = await _steady(place, 20, 2 if smoke else 10)
                await place.settle()
                remarks.append(_percentiles("request → broadcast at 20 a second, 1 worker", delays))
            for case in ("batch", "single"):
                turn = turns[f"{case}{workers}"]
                remarks.append(_percentiles(f"one request, {turn.name}", turn.seconds))
    reports.append(_report(list(turns.values()), remarks))
    return reports


async def through_api_and_raw(folder: Path, *, batch: int, singles: int) -> tuple[int, float]:
    """One short turn of each case: how many payments are final, and the node's own rate."""
    async with installation(_folder(folder, 1), workers=1) as place:
        turns = _Turns("smoke")
        await _through_api(place, batch, batch, 1, turns)
        await _through_api(place, singles, 1, singles, turns)
        await place.settle()
        return await place.done(), await _raw(place, 5)


def _folder(parent: Path, workers: int) -> Path:
    folder = parent / f"w{workers}"
    folder.mkdir()
    folder.chmod(0o711)
    return folder


def _percentiles(name: str, seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=20)
    return f"{name}: p50 {cuts[9] * 1000:,.0f} ms, p95 {cuts[18] * 1000:,.0f} ms ({len(seconds)} requests)"


def _report(turns: Sequence[_Turns], remarks: Sequence[str]) -> Report:
    results = tuple(
        Result(
            turn.name,
            statistics.median(turn.rates),
            max(turn.rates),
            1.0 if turn.reference else statistics.median(turn.ratios),
            turn.reference,
        )
        for turn in turns
    )
    return Report("Transaction engine", "payments", results, tuple(remarks))


def run(*, smoke: bool) -> list[Report]:
    """The application with its API, PostgreSQL and workers, on an Anvil that mines by hand; then how long a node that
    fails delays the answer."""
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        Path(folder).chmod(0o711)
        reports = asyncio.run(_measure(Path(folder), smoke=smoke))
    return [*reports, rpc.failover(1 if smoke else 5)]


async def through_api(place: Installation, count: int, per_request: int) -> float:
    """Payments per second from the first request until the node has the last of them."""
    return await _through_api(place, count, per_request, _CLIENTS, _Turns("plain"))


__all__ = ["run", "through_api", "through_api_and_raw"]
