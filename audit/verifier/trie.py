"""What a Merkle-Patricia trie holds under a key, or that it holds nothing there.
Source: Ethereum Yellow Paper, appendix D; ethereum.org "Merkle Patricia Trie", hex-prefix encoding.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import rlp
from .crypto import keccak256
from .report import require

_EMPTY_ROOT = keccak256(rlp.encode(b""))


def value_at(check: str, root: bytes, index: int, nodes: Sequence[bytes]) -> bytes:
    """The value that a block's transaction or receipt trie holds for a transaction's index; it must hold one."""
    value = lookup(check, root, rlp.encode(rlp.encode_int(index)), nodes)
    require(value != b"", check, f"the trie holds nothing at index {index}")
    return value


def lookup(check: str, root: bytes, key: bytes, nodes: Sequence[bytes]) -> bytes:
    """The value under `key`, empty when the nodes show that there is none.

    Args:
        nodes: Those from the root (32 bytes) to the value or to where it would be, each in its RLP, and no others.
    """
    left, waiting = _nibbles(key), list(nodes)
    reference: rlp.Item = b"" if root == _EMPTY_ROOT and not nodes else root
    value: rlp.Item = b""
    while reference != b"":
        node = _resolve(check, reference, waiting)
        reference = b""
        if len(node) == 17 and left:
            reference = node[left.pop(0)]
        elif len(node) == 17:
            value = node[16]
        else:
            require(len(node) == 2, check, f"a trie node has {len(node)} items")
            path, is_leaf = _path(check, rlp.as_bytes(check, node[0]))
            if left[: len(path)] == path and not (is_leaf and len(left) > len(path)):
                del left[: len(path)]
                reference, value = (b"", node[1]) if is_leaf else (node[1], b"")
    require(not waiting, check, "the proof has nodes that it does not need")
    return rlp.as_bytes(check, value)


def _resolve(check: str, reference: rlp.Item, waiting: list[bytes]) -> list[rlp.Item]:
    if isinstance(reference, list):
        return reference  # A node of fewer than 32 bytes stands inside its parent.
    require(waiting != [], check, "the proof ends before the value")
    raw = waiting.pop(0)
    require(keccak256(raw) == reference, check, "a trie node is not the one that its parent names")
    return rlp.decode_list(check, raw)


def _path(check: str, encoded: bytes) -> tuple[list[int], bool]:
    nibbles = _nibbles(encoded)
    require(len(nibbles) > 1 and nibbles[0] < 4, check, "a trie path has no hex prefix")
    odd = nibbles[0] & 1
    require(bool(odd) or nibbles[1] == 0, check, "a trie path is not padded with zero")
    return nibbles[1 if odd else 2 :], nibbles[0] >= 2


def _nibbles(data: bytes) -> list[int]:
    return [nibble for byte in data for nibble in (byte >> 4, byte & 15)]
