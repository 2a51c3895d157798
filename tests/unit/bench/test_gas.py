"""The gas table: our snapshot read right, and a clear word where the peers are missing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench import gas
from bench.gas import compiled
from bench.gas.acts import TRANSACTION_CAP, Cost
from primitives.errors import MissingPart


@pytest.mark.parametrize(
    ("name", "vouchers"),
    [
        ("redeemSigned with payout", 1),
        ("issue 1,000", 1000),
        ("redeemBatch 50, packed", 50),
        ("redeemSigned packed, first of its 256", 1),
        ("issuePacked 1000", 1000),
        ("redeemSigned, three vouchers", 3),
        ("redeemBatch of 50 with payout", 50),
        ("redeemFromDrop at 2^20 leaves", 1),
        ("redeemSigned, ERC-1271 holder", 1),
        ("commitDrop", 1),
    ],
)
def test_names_tell_how_many_vouchers_they_are_about(name: str, vouchers: int) -> None:
    assert gas.vouchers_in(name) == vouchers


def test_our_figures_come_from_the_snapshot(tmp_path: Path) -> None:
    (tmp_path / "B.json").write_text(json.dumps({"issue 100": "3080031"}))
    (tmp_path / "A.json").write_text(json.dumps({"redeemSigned": "62545"}))
    assert gas.own_costs(tmp_path) == [
        Cost(gas.OURS, "redeemSigned", 62_545),
        Cost(gas.OURS, "issue 100", 3_080_031, 100),
    ]
    with pytest.raises(MissingPart, match="no gas snapshot"):
        gas.own_costs(tmp_path / "nowhere")


def test_table_divides_and_marks_what_no_chain_takes() -> None:
    costs = (Cost("ours", "issue 100", 3_080_031, 100), Cost("theirs", "mint to 1,000", TRANSACTION_CAP + 1, 1000))
    report = gas.GasReport("Gas", costs, ("remark",))
    shown = Console(file=io.StringIO(), width=120)
    report.show(shown)
    text = shown.file.getvalue()  # type: ignore[attr-defined]
    assert "30,800" in text
    assert text.count("†") == 1
    assert json.loads(report.to_json())["costs"][0]["each"] == 30_800


def test_missing_peers_name_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "MODULES", tmp_path)
    with pytest.raises(MissingPart, match="npm ci --ignore-scripts --prefix bench/gas") as missing:
        compiled.peers()
    assert missing.value.mend == compiled.INSTALL


@pytest.mark.soak
def test_every_peer_is_measured() -> None:
    """Needs the peers' packages: the error says how to install them."""
    (report,) = gas.run(smoke=True)
    assert len({cost.peer for cost in report.costs}) == 6
    assert all(cost.gas > 21_000 for cost in report.costs)
