"""What a Solana message can cost its signer in lamports, from the bytes alone."""

from __future__ import annotations

from codec.solana.compute_budget import MAX_COMPUTE_UNITS
from codec.solana.message import SolanaMessage
from codec.solana.programs import COMPUTE_BUDGET, SYSTEM

LAMPORTS_PER_SIGNATURE = 5_000
"""Source: solana-fee-structure, `FeeStructure::default`."""

_UNITS_PER_INSTRUCTION = 200_000
"""What a transaction gets for each instruction when it asks for nothing. Source: solana-compute-budget."""

_CREATE_ACCOUNT, _TRANSFER, _CREATE_WITH_SEED = 0, 2, 3


def fee_limit(message: SolanaMessage) -> int:
    """The most lamports that the fee payer pays: base fee for each signature, and the priority fee asked for."""
    base = LAMPORTS_PER_SIGNATURE * message.required_signatures
    if message.config is not None:
        return base + (message.config.priority_fee or 0)
    units: int | None = None
    price = others = 0
    for program, compiled in zip(message.programs, message.compiled, strict=True):
        if program != COMPUTE_BUDGET:
            others += 1
        elif compiled.data[:1] == b"\x02" and len(compiled.data) == 5:
            units = int.from_bytes(compiled.data[1:], "little")
        elif compiled.data[:1] == b"\x03" and len(compiled.data) == 9:
            price = int.from_bytes(compiled.data[1:], "little")
    granted = min(_UNITS_PER_INSTRUCTION * others if units is None else units, MAX_COMPUTE_UNITS)
    return base - (-granted * price // 1_000_000)


def lamports_sent(message: SolanaMessage, sender: bytes) -> int:
    """Lamports that System program instructions take from `sender` (32 bytes)."""
    total = 0
    for program, compiled in zip(message.programs, message.compiled, strict=True):
        if program != SYSTEM or not compiled.account_indexes or len(compiled.data) < 4:
            continue
        index = compiled.account_indexes[0]
        if index >= len(message.account_keys) or message.account_keys[index] != sender:
            continue
        act = int.from_bytes(compiled.data[:4], "little")
        if act in (_CREATE_ACCOUNT, _TRANSFER):
            total += int.from_bytes(compiled.data[4:12], "little")
        elif act == _CREATE_WITH_SEED and len(compiled.data) >= 44:
            # base (32), seed (u64 length and text), lamports.
            seed_end = 44 + int.from_bytes(compiled.data[36:44], "little")
            total += int.from_bytes(compiled.data[seed_end : seed_end + 8], "little")
    return total
