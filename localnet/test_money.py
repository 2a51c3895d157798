"""The money of the local chains: made on request, worth nothing, and called so."""

from __future__ import annotations

from dataclasses import dataclass

DECIMALS = 6


@dataclass(frozen=True, slots=True)
class TestMoney:
    """One test currency; base units are millionths."""

    # Tells pytest that the name is no test.
    __test__ = False

    name: str
    symbol: str


TEST_MONIES = (TestMoney("Test CNY (no value)", "tCNY"), TestMoney("Test USD (no value)", "tUSD"))
