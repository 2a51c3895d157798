"""The creation code that asks a lens which nobody deployed (contracts/evm/src/LensCall.sol)."""

from __future__ import annotations

from functools import cache

from codec.evm.abi import encode, load_artifact

MAX_ANSWER_BYTES = 24_576
"""The answer comes as a contract's code, and that is what a contract may have. Source: EIP-170."""


def lens_program(question: bytes) -> bytes:
    """What to send as the data of an `eth_call` without a recipient; the call's answer is the lens'.

    Args:
        question: Calldata of the VoucherLens (`codec.evm.book.lens_calls`).
    """
    return _code("LensCall") + encode(["bytes", "bytes"], [_code("VoucherLens"), question])


@cache
def _code(contract: str) -> bytes:
    return bytes.fromhex(load_artifact(contract)["bytecode"][2:])
