"""A drop's tree as one writes it first: eth-abi for each leaf, eth-utils' keccak, and every level in a list."""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import encode
from eth_utils.crypto import keccak


def reference_levels(campaign: bytes, drop: int, holders: Sequence[str]) -> list[list[bytes]]:
    """Levels from the leaves to the root; holders are checksummed addresses, `campaign` has 24 bytes."""
    types = ["bytes24", "uint256", "uint256", "address"]
    level = [keccak(keccak(encode(types, [campaign, drop, at, holder]))) for at, holder in enumerate(holders)]
    levels = [level]
    while len(level) > 1:
        above = [keccak(b"".join(sorted(level[at : at + 2]))) for at in range(0, len(level) - 1, 2)]
        level = above + ([level[-1]] if len(level) % 2 else [])
        levels.append(level)
    return levels


def reference_proof(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    proof = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            proof.append(level[index ^ 1])
        index //= 2
    return proof
