"""JSON that has exactly one byte form, so that it can be hashed and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

from primitives.errors import InvalidValue

MAX_SAFE_INTEGER = 2**53 - 1
"""Integers beyond this travel as decimal strings. Source: RFC 8785 §3.2.2.3; RFC 7493 §2.2."""


def encode_canonical(document: Mapping[str, Any]) -> bytes:
    """Write a JSON object as canonical UTF-8 bytes.

    Raises:
        InvalidValue: A number that is not an integer of at most 53 bits, or a value that is not JSON.

    Source: RFC 8785.
    """
    _refuse_floats(document, "$")
    try:
        return rfc8785.dumps(dict(document))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidValue(f"the document has no canonical form: {error}") from error


def decode_canonical(data: bytes) -> dict[str, Any]:
    """Read canonical bytes; other bytes of the same meaning are refused, because they hash differently.

    Raises:
        InvalidValue: Not a JSON object, or not in canonical form.
    """
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidValue(f"not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidValue("a document is a JSON object")
    if encode_canonical(document) != data:
        raise InvalidValue("the document is not in canonical form (RFC 8785)")
    return document


def _refuse_floats(value: object, path: str) -> None:
    if isinstance(value, float):
        raise InvalidValue(f"{path} is {value!r}: documents hold integers and text, never fractions", path=path)
    if isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_floats(item, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_floats(item, f"{path}[{index}]")
