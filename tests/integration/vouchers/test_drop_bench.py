"""`python -m bench drop` in its short form: the life of a drop through the API, and what it tells."""

from __future__ import annotations

import pytest

from bench.drop import run

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.xdist_group("drop_bench")]


def test_the_short_form_tells_cost_time_memory_and_latency() -> None:
    _, proofs = run(smoke=True)
    told = "\n".join(proofs.remarks)
    for part in ("1,000 vouchers", "gas: launch and funding", "commit", "claims", "peak memory", "p50", "p95"):
        assert part in told, part
