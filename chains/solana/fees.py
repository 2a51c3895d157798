"""What to bid for a place in a block: a percentile of what others paid for the same writable accounts, within a cap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chains.ports import Speed
from codec.solana.compute_budget import MAX_COMPUTE_UNITS, set_compute_unit_limit, set_compute_unit_price
from codec.solana.instruction import Instruction
from codec.solana.message import SolanaMessage

MAX_UNIT_PRICE = 1_000_000
"""Micro-lamports per unit that we bid at most: 0.0002 SOL for a redemption."""
MOST_ACCOUNTS = 128
"""Accounts that `getRecentPrioritizationFees` takes. Source: Agave, `MAX_TX_ACCOUNT_LOCKS`."""

_PERCENTILE = {Speed.SLOW: 25, Speed.NORMAL: 50, Speed.FAST: 90}
_MARGIN_PERCENT = 20
_MARGIN_UNITS = 1_000
"""On top of the simulated units: accounts may change between simulation and inclusion (an extra hash in a program
address search costs 1,500)."""


@dataclass(frozen=True, slots=True)
class Price:
    """Compute units to ask for, and micro-lamports to bid for each."""

    units: int
    micro_lamports: int

    def budget(self) -> tuple[Instruction, ...]:
        limit = set_compute_unit_limit(self.units)
        return (limit, set_compute_unit_price(self.micro_lamports)) if self.micro_lamports else (limit,)


def unit_limit(simulated: int) -> int:
    """What to ask for after a simulation used so many units."""
    return min(MAX_COMPUTE_UNITS, simulated + simulated * _MARGIN_PERCENT // 100 + _MARGIN_UNITS)


def unit_price(rows: Sequence[Mapping[str, Any]], speed: Speed, cap: int) -> int:
    """Micro-lamports per unit: the speed's percentile of the newest slots' fees; 0 where nobody bids.

    Args:
        rows: The answer of `getRecentPrioritizationFees`: per slot, the least that a transaction writing all of the
            accounts paid.
        cap: Never more than this.
    """
    fees = sorted(int(row["prioritizationFee"]) for row in rows)
    if not fees:
        return 0
    # Rounded up to a fee that somebody paid: a bid between two paid fees wins no more than the lower one.
    place = -(-(len(fees) - 1) * _PERCENTILE[speed] // 100)
    return min(cap, fees[place])


def written_accounts(message: SolanaMessage) -> list[bytes]:
    """The message's own writable accounts, those first that others compete for: the fee payer last."""
    written = [key for index, key in enumerate(message.account_keys) if message.is_writable(index)]
    return [*written[1:], *written[:1]][:MOST_ACCOUNTS]
