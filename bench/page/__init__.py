"""The page in Chromium: tap to paid on both chains beside the same by HTTP alone, and time until it can be used."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench.measure import Report, Result
from bench.page.browsing import Browsing, browsing
from bench.page.shop import Shop, opened_shop
from localnet.settings import LocalnetSettings

GOAL_SECONDS = {"eip155": 3.0, "solana": 2.0}
"""95 of 100 payments are shown as paid within it."""
GOAL_USABLE_SECONDS = 2.0


@dataclass(slots=True)
class _Taken:
    """Seconds of each way to pay, by chain."""

    page: dict[str, list[float]] = field(default_factory=dict)
    http: dict[str, list[float]] = field(default_factory=dict)
    usable: dict[str, list[float]] = field(default_factory=dict)


def run(*, smoke: bool = False) -> list[Report]:
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        # PostgreSQL runs as another user where the benchmark runs as root.
        Path(folder).chmod(0o711)
        return asyncio.run(measure(Path(folder), payments=2 if smoke else 20, visits=2 if smoke else 10))


async def measure(folder: Path, *, payments: int, visits: int) -> list[Report]:
    """Pay `payments` orders on each chain on the page, as many by HTTP in between, and open each page `visits` times.

    Raises:
        MissingPart: No Chromium, or the page is not built.
    """
    taken = _Taken()
    async with opened_shop(folder) as shop, browsing(shop) as page:
        for _ in range(visits):
            for name, path in (("sign-in", "/"), ("holder", "/holder"), ("vouchers", "/holder/vouchers")):
                taken.usable.setdefault(name, []).append(await page.usable(path))
        for number in range(payments):
            for family in shop.families:
                await _pay_both_ways(shop, page, family, taken, page_first=number % 2 == 0)
    return [_payments(taken), _usable(taken)]


async def _pay_both_ways(shop: Shop, page: Browsing, family: str, taken: _Taken, *, page_first: bool) -> None:
    ways = [("page", taken.page, page.pay), ("http", taken.http, shop.pay)]
    for _, seconds, pay in ways if page_first else reversed(ways):
        order = await shop.order_with_voucher(family)
        seconds.setdefault(family, []).append(await pay(order))


def _payments(taken: _Taken) -> Report:
    results, remarks = [], []
    for family, goal in GOAL_SECONDS.items():
        base = statistics.median(taken.http[family])
        for name, seconds, reference in (
            (f"tap → paid, {family}, on the page", taken.page[family], False),
            (f"asked → paid, {family}, by HTTP alone", taken.http[family], True),
        ):
            middle = statistics.median(seconds)
            results.append(Result(name, 1 / middle, 1 / min(seconds), base / middle, reference))
        slow = percentile(taken.page[family], 95)
        verdict = "reached" if slow <= goal else "NOT reached"
        remarks.append(
            f"{family} on the page: p50 {statistics.median(taken.page[family]):.2f} s, p95 {slow:.2f} s"
            f" (goal {goal:.0f} s: {verdict}), {len(taken.page[family])} payments with a voucher each"
        )
    chain = LocalnetSettings(Path())
    waits = f"{chain.finality_slots} slots of {chain.slot_interval.total_seconds()} s"
    remarks.append(f"the local Solana chain calls a slot final after {waits}, whatever is done here")
    return Report("payments on the page", "payments", tuple(results), tuple(remarks))


def _usable(taken: _Taken) -> Report:
    base = statistics.median(taken.usable["sign-in"])
    results = []
    for name, seconds in taken.usable.items():
        middle = statistics.median(seconds)
        named = f"{name}: opened → usable, nothing cached"
        results.append(Result(named, 1 / middle, 1 / min(seconds), base / middle, name == "sign-in"))
    slow = max(percentile(seconds, 95) for seconds in taken.usable.values())
    verdict = "reached" if slow <= GOAL_USABLE_SECONDS else "NOT reached"
    middles = ", ".join(f"{name} {statistics.median(seconds):.2f} s" for name, seconds in taken.usable.items())
    return Report(
        "time until the page can be used",
        "openings",
        tuple(results),
        (f"medians: {middles}; slowest p95 {slow:.2f} s (goal {GOAL_USABLE_SECONDS:.0f} s: {verdict})",),
    )


def percentile(values: list[float], percent: int) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
