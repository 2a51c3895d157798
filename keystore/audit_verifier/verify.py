"""The checks. A log is JSON lines, one entry each, every subject's entries in their order.

Entry: {"subject", "sequence", "tenant", "event", "facts", "at", "previous", "hash"}; hash is SHA-256 over the canonical
JSON (RFC 8785) of {"version": 1, "subject", "sequence", "tenant", "event", "facts", "at", "previous"}.

Checkpoint: {"kind", "at", "heads": [[subject, count, hash], …], "key", "signature"}; the signature is ed25519 over the
canonical JSON of the rest without `signature`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

CHECKPOINT_KIND = "quanbao.audit.checkpoint.v1"
GENESIS = "00" * 32
MAX_LINE_BYTES = 64 * 1024
_MAX_DEPTH = 4
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(rb"[\[\]{}]")
_FIELDS = frozenset(("subject", "sequence", "tenant", "event", "facts", "at", "previous", "hash"))


class LogRejected(Exception):
    """`entry` names the first one that does not fit."""

    def __init__(self, entry: str, reason: str) -> None:
        super().__init__(f"{entry}: {reason}")
        self.entry = entry
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one subject's chain: how many entries, and the last one's hash in hex."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of all heads at one moment; `key` is 64 hex digits."""

    at: str
    heads: Mapping[str, Head]
    key: str


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 for documents of text, small integers, lists and objects with ASCII names."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _parse(raw: bytes) -> Any:
    """JSON of few levels: the parser goes as deep as the text says, on the machine's own stack.

    Raises:
        ValueError: Not JSON, or deeper than any entry or checkpoint.
    """
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deep")
    return json.loads(raw)


def verify_log(lines: Iterable[bytes], checkpoint: Checkpoint | None = None) -> dict[str, Head]:
    """Recompute every chain.

    Args:
        checkpoint: Taken earlier and kept elsewhere; the log must contain what it names.

    Raises:
        LogRejected: An entry was changed, left out, moved or made up, or the log lacks what the checkpoint names.
    """
    heads: dict[str, Head] = {}
    for number, line in enumerate(lines, 1):
        subject, head = _next(line, f"line {number}", heads)
        heads[subject] = head
        promised = None if checkpoint is None else checkpoint.heads.get(subject)
        if promised is not None and promised.count == head.count and promised.hash != head.hash:
            raise LogRejected(f"entry {head.count} of {subject}", "the checkpoint names another hash for it")
    for subject, promised in ({} if checkpoint is None else checkpoint.heads).items():
        found = heads.get(subject, Head(0, GENESIS))
        if found.count < promised.count:
            raise LogRejected(
                f"entry {found.count + 1} of {subject}", f"it is missing; the checkpoint counts {promised.count}"
            )
    return heads


def _next(line: bytes, where: str, heads: Mapping[str, Head]) -> tuple[str, Head]:
    if len(line) > MAX_LINE_BYTES:
        raise LogRejected(where, "the line is longer than any entry")
    try:
        entry = _parse(line)
    except ValueError:
        raise LogRejected(where, "it is not JSON") from None
    if not isinstance(entry, dict) or set(entry) != _FIELDS or not isinstance(entry["sequence"], int):
        raise LogRejected(where, "it does not have exactly the fields of an entry")
    subject = str(entry["subject"])
    before = heads.get(subject, Head(0, GENESIS))
    name = f"entry {before.count + 1} of {subject}"
    if entry["sequence"] != before.count + 1:
        raise LogRejected(name, f"it is missing; {where} has number {entry['sequence']}")
    if entry["previous"] != before.hash:
        raise LogRejected(name, "it does not follow the one before it")
    hashed = {field: entry[field] for field in sorted(_FIELDS - {"hash"})} | {"version": 1}
    if hashlib.sha256(canonical(hashed)).hexdigest() != entry["hash"]:
        raise LogRejected(name, "it was changed")
    return subject, Head(entry["sequence"], entry["hash"])


def read_checkpoint(raw: bytes, trusted_key: str | None = None) -> Checkpoint:
    """Check a checkpoint's form and signature.

    Args:
        trusted_key: The key that must have signed it, 64 hex digits; None accepts the key that it names.

    Raises:
        LogRejected: Another form, another key, or a signature that does not fit.
    """
    try:
        document = _parse(raw)
        heads = {str(subject): Head(int(count), str(digest)) for subject, count, digest in document["heads"]}
        key, signature = bytes.fromhex(document["key"]), bytes.fromhex(document["signature"])
        signed = {name: document[name] for name in ("kind", "at", "heads", "key")}
        if document["kind"] != CHECKPOINT_KIND or set(document) != {*signed, "signature"}:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LogRejected("checkpoint", "it is not a checkpoint") from None
    if trusted_key is not None and document["key"] != trusted_key.lower():
        raise LogRejected("checkpoint", f"it is signed by {document['key']}, not by the key that you trust")
    try:
        VerifyKey(key).verify(canonical(signed), signature)
    except (BadSignatureError, ValueError, TypeError):
        raise LogRejected("checkpoint", "its signature does not fit") from None
    return Checkpoint(document["at"], heads, document["key"])
