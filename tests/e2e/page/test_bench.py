"""The page's benchmark measures what it says: real payments on both chains, in Chromium and by HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.page import GOAL_SECONDS, measure, percentile
from tests.e2e.running import temporary_place


def test_percentiles_are_values_that_occurred() -> None:
    assert [percentile([3.0, 1.0, 2.0], percent) for percent in (1, 34, 67, 95)] == [1.0, 2.0, 3.0, 3.0]


@pytest.mark.soak
def test_it_pays_both_ways_on_both_chains() -> None:
    with temporary_place() as place:
        payments, usable = asyncio.run(measure(Path(place), payments=1, visits=1))
    assert len(payments.results) == 2 * len(GOAL_SECONDS)
    assert all(result.median > 0 for result in (*payments.results, *usable.results))
