"""The keystore's benchmark runs, compares like with like, and says which floors it reached."""

from __future__ import annotations

import pytest

from bench.keystore import run
from bench.keystore.derivation import evm_addresses, solana_addresses
from bench.keystore.floors import Floor, with_floors
from bench.keystore.node_peer import NodePeer
from bench.measure import Report, Result


def test_floors_are_said() -> None:
    results = (Result("ours", 30.0, 31.0, 3.0, False), Result("peer", 10.0, 10.0, 1.0, True))
    report = with_floors(
        Report("title", "keys", results, ("first",)),
        [Floor("ours", "peer", 2.5), Floor("ours", "peer", 3.5), Floor("ours", "absent", 1)],
    )
    assert report.remarks == (
        "first",
        "floor: ours ≥ 2.5 × peer: 3.00 (reached)",
        "floor: ours ≥ 3.5 × peer: 3.00 (NOT REACHED)",
    )


def test_addresses_are_compared_with_bip_utils() -> None:
    """Both refuse to measure when the addresses differ."""
    absent = NodePeer(None, {}, "Node is not there")
    evm, solana = evm_addresses(1, 0.001, absent), solana_addresses(1, 0.001)
    assert "Node is not there" in evm.remarks
    for report in (evm, solana):
        assert any(remark.startswith("floor: ours") for remark in report.remarks)


@pytest.mark.soak
def test_whole_benchmark_runs() -> None:
    titles = [report.title for report in run(smoke=True)]
    assert len(titles) == 8
    assert "Unlock and list" in titles
