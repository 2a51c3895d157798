"""Compute budget program: how much a transaction may compute and what it bids per unit.

Source: solana-compute-budget-interface, `ComputeBudgetInstruction` (borsh: u8 number, then the field).
"""

from __future__ import annotations

import struct

from codec.solana.instruction import Instruction
from codec.solana.programs import COMPUTE_BUDGET

MAX_COMPUTE_UNITS = 1_400_000
"""Units that one transaction can ask for. Source: solana-compute-budget, `MAX_COMPUTE_UNIT_LIMIT`."""

_SET_LIMIT = 2
_SET_PRICE = 3


def set_compute_unit_limit(units: int) -> Instruction:
    """`02` u32 units; no accounts."""
    return Instruction(COMPUTE_BUDGET, (), struct.pack("<BI", _SET_LIMIT, units))


def set_compute_unit_price(micro_lamports: int) -> Instruction:
    """`03` u64 micro-lamports per unit; no accounts."""
    return Instruction(COMPUTE_BUDGET, (), struct.pack("<BQ", _SET_PRICE, micro_lamports))


def is_limit_or_price(instruction: Instruction) -> bool:
    """Whether this only sets the unit limit or the unit price."""
    return (
        instruction.program == COMPUTE_BUDGET
        and not instruction.accounts
        and (len(instruction.data), instruction.data[:1]) in ((5, b"\x02"), (9, b"\x03"))
    )
