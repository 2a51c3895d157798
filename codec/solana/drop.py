"""A drop on Solana: the Merkle root over who may claim, which the campaign's mint carries for ever.

leaf = keccak256(keccak256(abi.encode(bytes24 campaign, uint256 drop, uint256 index, bytes32 holder))), as in the EVM
book but for the holder's 32 bytes. Pairs are hashed in ascending order; an odd node goes up as it is.

Source: OpenZeppelin `MerkleProof` (double-hashed leaves, sorted pairs).
"""

from __future__ import annotations

from collections.abc import Sequence

from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass

ONLY_DROP = 0
"""A campaign has one drop on Solana, because its mint can never change."""
_INDEX_BITS = 32


def drop_leaf(campaign: CampaignId, index: int, holder: bytes) -> bytes:
    """32 bytes; `holder` has 32.

    Raises:
        InvalidValue: An index beyond 32 bits, or a holder of another length.
    """
    if not 0 <= index < 2**_INDEX_BITS or len(holder) != 32:
        raise InvalidValue("a leaf names an index of 32 bits and a holder of 32 bytes")
    words = campaign.raw.ljust(32, b"\0") + ONLY_DROP.to_bytes(32, "big") + index.to_bytes(32, "big") + holder
    return keccak256(keccak256(words))


def drop_serial(lane: int, index: int) -> Serial:
    """Class drop: drop number (16 bits) ‖ index (32 bits)."""
    return Serial(lane, SerialClass.DROP, ONLY_DROP << _INDEX_BITS | index)


def drop_tree(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The levels from the leaves to the root. Raises InvalidValue without a leaf."""
    if not leaves:
        raise InvalidValue("a drop has at least one leaf")
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        level = levels[-1]
        pairs = [_pair(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        levels.append(pairs + ([level[-1]] if len(level) % 2 else []))
    return levels


def drop_proof(levels: Sequence[Sequence[bytes]], index: int) -> tuple[bytes, ...]:
    """The sisters of one leaf's path, from below. Raises InvalidValue for an index without a leaf."""
    if not 0 <= index < len(levels[0]):
        raise InvalidValue(f"the drop has no leaf {index}")
    proof = []
    for level in levels[:-1]:
        sister = index ^ 1
        if sister < len(level):
            proof.append(level[sister])
        index //= 2
    return tuple(proof)


def proves(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf lies under the root; proofs of more than 64 sisters never do."""
    if len(proof) > 64 or any(len(sister) != 32 for sister in proof):
        return False
    for sister in proof:
        leaf = _pair(leaf, sister)
    return leaf == root


def _pair(one: bytes, other: bytes) -> bytes:
    return keccak256(min(one, other) + max(one, other))
