"""The Merkle tree of a drop, of up to 2^32 leaves, kept in a quarter of a byte per leaf beside the list of holders.

leaf = keccak256(keccak256(abi.encode(bytes24 campaign, uint256 drop, uint256 index, holder))): the holder has 20 bytes
(address) or 32. Pairs are hashed in ascending order; an odd node goes up as it is.

Nodes below `BLOCK` leaves are computed again when a proof is asked for: 256 holders are a few kilobytes and about a
thousand hashes. What is stored are the holders, in order, and the nodes from the roots of the blocks upwards.

Source: OpenZeppelin `MerkleProof` (double-hashed leaves, sorted pairs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sha3 import keccak_256

from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId

BLOCK_LEVELS = 8
BLOCK = 1 << BLOCK_LEVELS
NODE_BYTES = 32
HOLDER_LENGTHS = (20, 32)
MAX_LEAVES = 2**32 - 1


def drop_leaves(campaign: CampaignId, drop: int, holder_bytes: int, first: int, holders: bytes) -> list[bytes]:
    """The hashed leaves of consecutive holders, the first with index `first`.

    Raises:
        InvalidValue: The holders' bytes are not a whole number of them, or pass 32 bits.
    """
    if holder_bytes not in HOLDER_LENGTHS or len(holders) % holder_bytes:
        raise InvalidValue(f"a list of holders has 20 or 32 bytes each, not {len(holders)} of {holder_bytes}")
    if not 0 <= first <= first + len(holders) // holder_bytes <= MAX_LEAVES + 1:
        raise InvalidValue("the index of a leaf has 32 bits")
    head = campaign.raw.ljust(32, b"\0") + drop.to_bytes(32, "big")
    pad = bytes(32 - holder_bytes)
    hashed = keccak_256
    # Index by index the same word but for its last four bytes.
    head += bytes(28)
    found = []
    index = first
    for at in range(0, len(holders), holder_bytes):
        words = head + index.to_bytes(4, "big") + pad + holders[at : at + holder_bytes]
        found.append(hashed(hashed(words).digest()).digest())
        index += 1
    return found


def level_above(nodes: Sequence[bytes]) -> list[bytes]:
    hashed = keccak_256
    above = []
    for at in range(0, len(nodes) - 1, 2):
        one, other = nodes[at], nodes[at + 1]
        above.append(hashed(one + other if one < other else other + one).digest())
    if len(nodes) % 2:
        above.append(nodes[-1])
    return above


def _block_root(nodes: list[bytes]) -> bytes:
    while len(nodes) > 1:
        nodes = level_above(nodes)
    return nodes[0]


@dataclass(frozen=True, slots=True)
class UpperTree:
    """The nodes from the blocks' roots to the root, level after level, 32 bytes each.

    Attributes:
        leaves: How many leaves the whole tree has.
    """

    leaves: int
    nodes: bytes

    @property
    def root(self) -> bytes:
        return self.nodes[-NODE_BYTES:]

    def sisters(self, block: int) -> list[bytes]:
        """Of the path from one block's root to the root, from below."""
        found = []
        start, width = 0, blocks_of(self.leaves)
        place = block
        while width > 1:
            sister = place ^ 1
            if sister < width:
                at = (start + sister) * NODE_BYTES
                found.append(self.nodes[at : at + NODE_BYTES])
            start += width
            width = (width + 1) // 2
            place //= 2
        return found


def blocks_of(leaves: int) -> int:
    return -(-leaves // BLOCK)


def build_upper(
    campaign: CampaignId,
    drop: int,
    holder_bytes: int,
    holders: bytes | memoryview,
    *,
    tick: Callable[[], None] | None = None,
) -> UpperTree:
    """Hash every leaf and keep the nodes above the blocks.

    Args:
        tick: Called after each block, for work that shares its thread.

    Raises:
        InvalidValue: No holder, or a list that is cut off.
    """
    if not holders:
        raise InvalidValue("a drop has at least one leaf")
    view = memoryview(holders)
    step = BLOCK * holder_bytes
    level: list[bytes] = []
    for at in range(0, len(view), step):
        level.append(
            _block_root(drop_leaves(campaign, drop, holder_bytes, at // holder_bytes, bytes(view[at : at + step])))
        )
        if tick is not None:
            tick()
    nodes = [*level]
    while len(level) > 1:
        level = level_above(level)
        nodes += level
    return UpperTree(len(view) // holder_bytes, b"".join(nodes))


def leaf_proof(
    campaign: CampaignId, drop: int, holder_bytes: int, block_holders: bytes, index: int, upper: UpperTree
) -> tuple[bytes, ...]:
    """The sisters of one leaf's path, from below.

    Args:
        block_holders: The holders of the leaf's block: those from index // BLOCK * BLOCK on.

    Raises:
        InvalidValue: The drop has no such leaf.
    """
    if not 0 <= index < upper.leaves:
        raise InvalidValue(f"the drop has no leaf {index}", index=index)
    block = index // BLOCK
    nodes = drop_leaves(campaign, drop, holder_bytes, block * BLOCK, block_holders)
    place = index % BLOCK
    proof = []
    while len(nodes) > 1:
        sister = place ^ 1
        if sister < len(nodes):
            proof.append(nodes[sister])
        nodes = level_above(nodes)
        place //= 2
    return (*proof, *upper.sisters(block))


def proves(root: bytes, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the leaf lies under the root."""
    for sister in proof:
        leaf = level_above([leaf, sister])[0]
    return leaf == root


_KEY = 8
_ENTRY = _KEY + 4
INDEX_BLOCK = 256
"""Entries between two fences."""


def build_index(holder_bytes: int, holders: bytes | memoryview) -> bytes:
    """Where each holder stands: the first 8 bytes of the holder's keccak256 and the leaf's index, sorted; before them
    the number of fences (4 bytes) and the first key of every 256 entries.

    Sorting in 256 heaps keeps what is alive at a time small.
    """
    view = memoryview(holders)
    heaps = [bytearray() for _ in range(256)]
    for index, key in enumerate(_keys(view, holder_bytes)):
        heap = heaps[key[0]]
        heap += key
        heap += index.to_bytes(4, "big")
    entries = bytearray()
    for place, heap in enumerate(heaps):
        entries += b"".join(sorted(bytes(heap[at : at + _ENTRY]) for at in range(0, len(heap), _ENTRY)))
        heaps[place] = bytearray()
    fences = b"".join(bytes(entries[at : at + _KEY]) for at in range(0, len(entries), _ENTRY * INDEX_BLOCK))
    return (len(fences) // _KEY).to_bytes(4, "big") + fences + bytes(entries)


def _keys(view: memoryview, holder_bytes: int) -> Iterator[bytes]:
    hashed = keccak_256
    for at in range(0, len(view), holder_bytes):
        yield hashed(view[at : at + holder_bytes]).digest()[:_KEY]


def holder_key(holder: bytes) -> bytes:
    key: bytes = keccak_256(holder).digest()[:_KEY]
    return key


def entries_range(fences: bytes, key: bytes) -> tuple[int, int]:
    """First and last (excluded) byte, in the index, of the entries among which this key's are.

    Args:
        fences: The head of the index, with the count: `fences_length` bytes.
    """
    count = int.from_bytes(fences[:4], "big")
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        at = 4 + middle * _KEY
        if fences[at : at + _KEY] < key:
            low = middle + 1
        else:
            high = middle
    # Equal keys may begin before the first fence that is not below.
    first = max(0, low - 1)
    last = low
    while last < count and fences[4 + last * _KEY : 4 + (last + 1) * _KEY] <= key:
        last += 1
    start = 4 + count * _KEY
    return start + first * INDEX_BLOCK * _ENTRY, start + max(last, first + 1) * INDEX_BLOCK * _ENTRY


def fences_length(head: bytes) -> int:
    """Bytes of count and fences; `head` holds at least the first four."""
    return 4 + int.from_bytes(head[:4], "big") * _KEY


def indices_in(entries: bytes, key: bytes) -> list[int]:
    """The indices with this key, of a whole number of entries."""
    return [
        int.from_bytes(entries[at + _KEY : at + _ENTRY], "big")
        for at in range(0, len(entries), _ENTRY)
        if entries[at : at + _KEY] == key
    ]
