"""Measure several cases fairly: interleaved rounds in shuffled order, medians, ratios to a reference."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure. `work(n)` does `n` operations; `reference` marks what the others are compared with.

    `least`: fewest operations in a turn, for work whose beginning costs as much as many operations.
    """

    name: str
    work: Callable[[int], object]
    reference: bool = False
    least: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """Operations per second over the rounds; `ratio` to the reference's median of the same run."""

    name: str
    median: float
    best: float
    ratio: float
    reference: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a benchmark answers: its results and remarks that a reader needs."""

    title: str
    unit: str
    results: tuple[Result, ...]
    remarks: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        return orjson.dumps(self, option=orjson.OPT_INDENT_2)

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left")
        table.add_column("case")
        for heading in (f"median {self.unit}/s", "best", "× reference"):
            table.add_column(heading, justify="right")
        for result in self.results:
            ratio = "1 (reference)" if result.reference else f"{result.ratio:.2f}"
            table.add_row(result.name, _figure(result.median), _figure(result.best), ratio)
        console.print(table)
        for remark in self.remarks:
            console.print(f"  {remark}", style="dim")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def compare(
    title: str,
    unit: str,
    cases: list[Case],
    *,
    rounds: int = 9,
    seconds: float = 0.2,
    remarks: tuple[str, ...] = (),
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """Run every case in every round, in an order shuffled anew each round.

    The number of operations per turn is found once, so that a turn lasts about `seconds`. `clock` may be
    `time.process_time` for work that only computes, on a machine that others use as well.

    Raises:
        ValueError: Not exactly one case is the reference.
    """
    if sum(case.reference for case in cases) != 1:
        raise ValueError("name exactly one reference case")
    counts = {case.name: _count_for(case, seconds) for case in cases}
    rates: dict[str, list[float]] = {case.name: [] for case in cases}
    for _ in range(rounds):
        for case in random.sample(cases, len(cases)):
            count = counts[case.name]
            started = clock()
            case.work(count)
            rates[case.name].append(count / max(clock() - started, 1e-9))
    base = statistics.median(rates[next(case.name for case in cases if case.reference)])
    results = tuple(
        Result(
            case.name,
            statistics.median(rates[case.name]),
            max(rates[case.name]),
            statistics.median(rates[case.name]) / base,
            case.reference,
        )
        for case in cases
    )
    return Report(title, unit, results, remarks)


def _count_for(case: Case, seconds: float) -> int:
    count = 1
    while True:
        started = time.perf_counter()
        case.work(count)
        took = time.perf_counter() - started
        if took >= seconds / 4 or count >= 1_000_000:
            return max(case.least, round(count * seconds / max(took, 1e-9)))
        count *= 4
