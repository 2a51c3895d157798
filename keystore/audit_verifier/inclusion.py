"""One entry of the audit log, shown to be below a signed root, without the rest of the log.

The root is the hash of a Merkle tree over all entries by subject and sequence: leaf = SHA-256(00 ‖ entry hash), node =
SHA-256(01 ‖ left ‖ right), an odd node moves up unchanged (RFC 6962 §2.1).

Root: {"kind", "at", "count", "root", "key", "signature"}; signed like a checkpoint. Proof: {"entry", "index", "count",
"path": [hash, …]}.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from .verify import MAX_LINE_BYTES, LogRejected, canonical

ROOT_KIND = "quanbao.audit.root.v1"
MAX_ENTRIES = 2**40


def leaf(entry_hash: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry_hash).digest()


def parent(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """From the leaves up to the root; of no entries at all the root is SHA-256 of nothing."""
    found = [list(leaves)] if leaves else [[hashlib.sha256(b"").digest()]]
    while len(found[-1]) > 1:
        row = found[-1]
        pairs = [parent(*row[at : at + 2]) for at in range(0, len(row) - 1, 2)]
        found.append([*pairs, row[-1]] if len(row) % 2 else pairs)
    return found


def path(tree: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The sisters of one leaf, from below."""
    sisters = []
    for row in tree[:-1]:
        if (index ^ 1) < len(row):
            sisters.append(row[index ^ 1])
        index >>= 1
    return sisters


def verify_inclusion(proof: bytes, root: bytes, trusted_key: str | None = None) -> Mapping[str, Any]:
    """Check a root's signature and an entry's place below it; answers the entry.

    Raises:
        LogRejected: Another form, another key, a signature or a path that does not fit.
    """
    signed = _root(root, trusted_key)
    try:
        document = json.loads(proof[: 4 * MAX_LINE_BYTES])
        entry, index, count = document["entry"], document["index"], document["count"]
        sisters = [bytes.fromhex(one) for one in document["path"]]
        body = {name: value for name, value in entry.items() if name != "hash"} | {"version": 1}
        digest = hashlib.sha256(canonical(body)).digest()
        if set(document) != {"entry", "index", "count", "path"} or digest.hex() != entry["hash"]:
            raise LogRejected("proof", "the entry was changed")
        if not 0 <= index < count <= MAX_ENTRIES or len(sisters) > 48:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise LogRejected("proof", "it is not a proof of inclusion") from None
    if count != signed["count"] or _climb(leaf(digest), index, count, sisters) != bytes.fromhex(signed["root"]):
        raise LogRejected("proof", "the entry is not below the root")
    found: Mapping[str, Any] = entry
    return found


def _climb(node: bytes, index: int, count: int, sisters: Sequence[bytes]) -> bytes:
    waiting = list(sisters)
    while count > 1:
        if index % 2 or index + 1 < count:
            if not waiting:
                return b""
            sister = waiting.pop(0)
            node = parent(sister, node) if index % 2 else parent(node, sister)
        index, count = index >> 1, (count + 1) >> 1
    return b"" if waiting else node


def _root(raw: bytes, trusted_key: str | None) -> Mapping[str, Any]:
    try:
        document = json.loads(raw[:MAX_LINE_BYTES])
        signed = {name: document[name] for name in ("kind", "at", "count", "root", "key")}
        if document["kind"] != ROOT_KIND or set(document) != {*signed, "signature"}:
            raise ValueError
        key, signature = bytes.fromhex(document["key"]), bytes.fromhex(document["signature"])
        if len(bytes.fromhex(document["root"])) != 32 or not isinstance(document["count"], int):
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LogRejected("root", "it is not a signed root") from None
    if trusted_key is not None and document["key"] != trusted_key.lower():
        raise LogRejected("root", f"it is signed by {document['key']}, not by the key that you trust")
    try:
        VerifyKey(key).verify(canonical(signed), signature)
    except (BadSignatureError, ValueError, TypeError):
        raise LogRejected("root", "its signature does not fit") from None
    return signed
