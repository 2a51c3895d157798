"""Canonical JSON, one byte string for each value. Source: RFC 8785, without floating-point numbers."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any, NoReturn

from .report import Rejected, require

MAX_BUNDLE_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1


def encode(value: Any) -> bytes:
    """Write text, integers up to 2^53 − 1 in size, booleans, nulls, lists and objects, at most 32 levels deep."""
    try:
        return _text(value, 0).encode()
    except UnicodeEncodeError as error:
        raise Rejected("canonical", "a string holds half of a surrogate pair") from error


def decode(data: bytes) -> Any:
    """Read canonical JSON and nothing else: bytes that another writer would have put differently are refused."""
    require(len(data) <= MAX_BUNDLE_BYTES, "canonical", f"larger than {MAX_BUNDLE_BYTES} bytes")
    brackets = re.sub(rb'"(?:[^"\\]|\\.)*"|[^][{}]', b"", data)  # before the parser nests on the C stack
    deepest = max(accumulate(1 if bracket in b"[{" else -1 for bracket in brackets), default=0)
    require(deepest <= MAX_DEPTH, "canonical", f"nested deeper than {MAX_DEPTH} levels")
    try:
        value = json.loads(data.decode(), parse_float=_refuse_number, parse_constant=_refuse_number)
    except ValueError as error:
        raise Rejected("canonical", f"not JSON: {type(error).__name__}") from error
    require(encode(value) == data, "canonical", "the bytes are not the canonical form of their content (RFC 8785)")
    return value


def _refuse_number(text: str) -> NoReturn:
    raise Rejected("canonical", f"{text[:40]} is not an integer")


def _text(value: Any, depth: int) -> str:
    require(depth < MAX_DEPTH, "canonical", f"nested deeper than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool | str):
        # Python escapes what RFC 8785 §3.2.2.2 escapes, in the same way.
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        require(abs(value) <= MAX_INTEGER, "canonical", "an integer beyond 2^53 − 1: write it as a string")
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(_text(item, depth + 1) for item in value)}]"
    if isinstance(value, dict):
        # RFC 8785 §3.2.3 sorts by UTF-16 code units.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return f"{{{','.join(f'{_text(key, 0)}:{_text(value[key], depth + 1)}' for key in keys)}}}"
    raise Rejected("canonical", f"{type(value).__name__} has no place in a bundle")
