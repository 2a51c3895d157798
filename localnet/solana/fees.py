"""What a transaction pays: 5,000 lamports a signature and the bid of its compute budget.

Source: Agave, `compute-budget-instruction/src/compute_budget_instruction_details.rs` with SIMD-0170 (3,000 units for
an instruction of a builtin program, 200,000 for any other, where no limit is set).
"""

from __future__ import annotations

from solders.message import Message, MessageV0, MessageV1
from solders.pubkey import Pubkey

LAMPORTS_PER_SIGNATURE = 5_000
_COMPUTE_BUDGET = Pubkey.from_string("ComputeBudget111111111111111111111111111111")
_BUILTIN_PROGRAMS = frozenset(
    Pubkey.from_string(name)
    for name in (
        "11111111111111111111111111111111",
        "ComputeBudget111111111111111111111111111111",
        "Vote111111111111111111111111111111111111111",
        "BPFLoader1111111111111111111111111111111111",
        "BPFLoader2111111111111111111111111111111111",
        "BPFLoaderUpgradeab1e11111111111111111111111",
        "LoaderV411111111111111111111111111111111111",
        "KeccakSecp256k11111111111111111111111111111",
        "Ed25519SigVerify111111111111111111111111111",
        "Secp256r1SigVerify1111111111111111111111111",
    )
)
_SIGNATURE_PROGRAMS = frozenset(
    Pubkey.from_string(name)
    for name in (
        "KeccakSecp256k11111111111111111111111111111",
        "Ed25519SigVerify111111111111111111111111111",
        "Secp256r1SigVerify1111111111111111111111111",
    )
)
_BUILTIN_UNITS = 3_000
_OTHER_UNITS = 200_000
MAX_UNITS = 1_400_000
_MICRO_LAMPORTS = 1_000_000


def unit_price(message: Message | MessageV0 | MessageV1) -> int:
    """Micro-lamports that the transaction bids per compute unit."""
    for program, data in _instructions(message):
        if program == _COMPUTE_BUDGET and data[:1] == b"\x03":
            return int.from_bytes(data[1:9], "little")
    return 0


def unit_limit(message: Message | MessageV0 | MessageV1) -> int:
    """Compute units that the transaction may use."""
    units = 0
    for program, data in _instructions(message):
        if program == _COMPUTE_BUDGET and data[:1] == b"\x02":
            return min(MAX_UNITS, int.from_bytes(data[1:5], "little"))
        units += _BUILTIN_UNITS if program in _BUILTIN_PROGRAMS else _OTHER_UNITS
    return min(MAX_UNITS, units)


def fee_of(message: Message | MessageV0 | MessageV1) -> int:
    """Lamports; signatures that a precompile checks cost as much as the transaction's own."""
    signatures = message.header.num_required_signatures
    for program, data in _instructions(message):
        if program in _SIGNATURE_PROGRAMS and data:
            signatures += data[0]
    bid = -(-unit_limit(message) * unit_price(message) // _MICRO_LAMPORTS)
    return signatures * LAMPORTS_PER_SIGNATURE + bid


def _instructions(message: Message | MessageV0 | MessageV1) -> list[tuple[Pubkey, bytes]]:
    keys = message.account_keys
    return [(keys[one.program_id_index], bytes(one.data)) for one in message.instructions]
