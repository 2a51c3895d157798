"""The workers' benchmark counts what it says it counts."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest

from bench.scale import measure_jobs
from bench.scale.kinds import kinds_of


def test_each_worker_takes_what_is_for_so_many() -> None:
    assert {number: kinds_of(number) for number in (1, 2, 3)} == {1: [1, 2, 3], 2: [2, 3], 3: [3]}


@pytest.mark.soak
def test_one_of_three_is_killed_and_nothing_is_lost() -> None:
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        # PostgreSQL runs as another user where the tests run as root.
        Path(folder).chmod(0o711)
        report = asyncio.run(measure_jobs(Path(folder), rounds=1, commits=30, waits=30, killed=60))
    assert len(report.results) == 6
    assert "lost 0, doubled 0" in report.remarks[1]
