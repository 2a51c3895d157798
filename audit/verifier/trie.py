"""Inclusion in a Merkle-Patricia trie.

Source: Ethereum Yellow Paper, appendix D; ethereum.org "Merkle Patricia Trie", hex-prefix encoding.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import rlp
from .crypto import keccak256
from .report import Rejected, require


def value_at(check: str, root: bytes, index: int, nodes: Sequence[bytes]) -> bytes:
    """The value that a block's transaction or receipt trie holds for a transaction's index.

    Args:
        root: 32 bytes, from the block's header.
        index: Place of the transaction in the block; its RLP is the key.
        nodes: The nodes from the root to the value, each one in its RLP.

    Raises:
        Rejected: A node is not the one its parent names, one is missing, or one is not needed.
    """
    key = [nibble for byte in rlp.encode(rlp.encode_int(index)) for nibble in (byte >> 4, byte & 15)]
    waiting = list(nodes)
    reference: rlp.Item = root
    while True:
        node = _resolve(check, reference, waiting)
        if len(node) == 17:
            if not key:
                reference, value = b"", node[16]
            else:
                reference, value = node[key.pop(0)], b""
        else:
            require(len(node) == 2, check, f"a trie node has {len(node)} items")
            path, is_leaf = _path(check, rlp.as_bytes(check, node[0]))
            require(key[: len(path)] == path, check, f"the trie holds nothing at index {index}")
            del key[: len(path)]
            require(not (is_leaf and key), check, f"the trie holds nothing at index {index}")
            reference, value = (b"", node[1]) if is_leaf else (node[1], b"")
        if reference == b"":
            raw = rlp.as_bytes(check, value)
            require(raw != b"", check, f"the trie holds nothing at index {index}")
            require(not waiting, check, "the proof has nodes that it does not need")
            return raw


def _resolve(check: str, reference: rlp.Item, waiting: list[bytes]) -> list[rlp.Item]:
    if isinstance(reference, list):
        # A node of fewer than 32 bytes stands inside its parent.
        return reference
    if not waiting:
        raise Rejected(check, "the proof ends before the value")
    raw = waiting.pop(0)
    require(keccak256(raw) == reference, check, "a trie node is not the one that its parent names")
    return rlp.decode_list(check, raw)


def _path(check: str, encoded: bytes) -> tuple[list[int], bool]:
    nibbles = [nibble for byte in encoded for nibble in (byte >> 4, byte & 15)]
    require(len(nibbles) > 1 and nibbles[0] < 4, check, "a trie path has no hex prefix")
    odd = nibbles[0] & 1
    require(bool(odd) or nibbles[1] == 0, check, "a trie path is not padded with zero")
    return nibbles[1 if odd else 2 :], nibbles[0] >= 2
