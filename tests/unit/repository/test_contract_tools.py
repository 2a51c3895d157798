"""What the contracts' tools make of other programs' reports."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[3] / "contracts" / "evm"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> object:
    """Loads `contracts/evm/NAME.py`."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def load(name: str) -> ModuleType:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


class TestCoverage:
    REPORT = """TN:
SF:src/VoucherBook.sol
FN:1,VoucherBook.issue
FN:9,VoucherBook.redeem
FNDA:3,VoucherBook.issue
FNDA:0,VoucherBook.redeem
FNF:2
FNH:1
LF:10
LH:7
BRF:4
BRH:3
end_of_record
"""

    def test_a_function_that_no_test_calls_is_named(self, tool: object) -> None:
        (found,) = tool("coverage").read(self.REPORT).values()  # type: ignore[operator]
        assert (found.lines, found.branches, found.functions) == ((7, 10), (3, 4), (1, 2))
        assert found.unreached == ["VoucherBook.redeem"]


class TestErc1155:
    FRONT = "## Check functions\n[✓] safeTransferFrom is present\n[ ] uri(uint256) is missing (optional)\n"
    OFFICE = "## Check functions\n[ ] safeTransferFrom is missing\n"

    def test_either_half_may_have_a_function(self, tool: object) -> None:
        unmet = tool("audit").unmet  # type: ignore[operator]
        assert unmet([self.FRONT, self.OFFICE]) == []
        assert unmet([self.OFFICE, self.OFFICE]) == ["[ ] safeTransferFrom is missing"]

    def test_what_is_wrong_in_one_is_wrong(self, tool: object) -> None:
        wrong = self.FRONT + "\t[ ] balanceOf(address,uint256) should be view\n"
        unmet = tool("audit").unmet  # type: ignore[operator]
        assert unmet([wrong, self.OFFICE]) == ["[ ] balanceOf(address,uint256) should be view"]

    def test_silence_is_no_success(self, tool: object) -> None:
        assert tool("audit").unmet([self.FRONT, "Traceback"]) == ["slither-check-erc did not run"]  # type: ignore[operator]
