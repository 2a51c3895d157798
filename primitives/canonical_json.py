"""The one way to write a document whose digest must come out the same for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """Printable ASCII without spaces, keys in the order of their characters, everything else escaped as `\\uXXXX`.

    Args:
        document: Text, whole numbers, truth values, null, lists and objects; fractions stand in it as text.
    """
    try:
        written = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Numbers above 64 bits.
        written = b"\x7f"
    if written.isascii() and b"\x7f" not in written:
        return written
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
