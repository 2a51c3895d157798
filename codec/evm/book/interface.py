"""What the generated binding stands on: the ABIs, and signatures as contracts take them."""

from __future__ import annotations

from functools import cache

from codec.evm.abi import Abi


@cache
def book_abi() -> Abi:
    """The interface of the VoucherBook, as compiled."""
    return Abi.of_artifact("VoucherBook")


@cache
def lens_abi() -> Abi:
    """The interface of the VoucherLens, as compiled."""
    return Abi.of_artifact("VoucherLens")


def contract_signature(signature: bytes) -> bytes:
    """A 65-byte r ‖ s ‖ parity signature (0/1 or 27/28) as contracts take it; anything else (ERC-1271) unchanged."""
    if len(signature) == 65 and signature[64] < 2:
        return signature[:64] + bytes([signature[64] + 27])
    return signature
