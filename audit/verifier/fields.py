"""Strict reading of the bundle's objects: every field known, every value of one shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .report import Rejected, require

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_UNITS = re.compile(r"0|[1-9][0-9]{0,77}")


class Fields:
    """One JSON object of the bundle; `where` names it in reasons."""

    def __init__(self, where: str, value: Any, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        require(isinstance(value, dict), "shape", f"{where} is not an object")
        needed = set(required)
        missing, unknown = needed - value.keys(), value.keys() - needed - set(optional)
        require(not missing, "shape", f"{where} lacks {', '.join(sorted(missing))}")
        require(not unknown, "shape", f"{where} has unknown fields: {', '.join(sorted(unknown))[:200]}")
        self.where = where
        self.value: dict[str, Any] = value

    def object(self, name: str) -> dict[str, Any]:
        value = self.value[name]
        if not isinstance(value, dict):
            raise Rejected("shape", f"{self.where}.{name} is not an object")
        return value

    def text(self, name: str, longest: int = 200) -> str:
        value = self.value[name]
        if not isinstance(value, str) or len(value) > longest:
            raise Rejected("shape", f"{self.where}.{name} is not a text of at most {longest} characters")
        return value

    def index(self, name: str) -> int:
        """A count or a place: an integer from 0."""
        value = self.value[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Rejected("shape", f"{self.where}.{name} is not an integer from 0")
        return value

    def units(self, name: str) -> int:
        """An amount: a decimal string without leading zeros."""
        text = self.text(name)
        require(bool(_UNITS.fullmatch(text)), "shape", f"{self.where}.{name} is not a decimal amount")
        return int(text)

    def data(self, name: str, length: int | None = None) -> bytes:
        """Bytes in lower-case hex without prefix; `length` in bytes where it is fixed."""
        return _bytes(f"{self.where}.{name}", self.value[name], length)

    def data_list(self, name: str, most: int) -> list[bytes]:
        value = self.value[name]
        if not isinstance(value, list) or not 0 < len(value) <= most:
            raise Rejected("shape", f"{self.where}.{name} is not a list of 1 to {most} items")
        return [_bytes(f"{self.where}.{name}", item, None) for item in value]


def _bytes(where: str, value: Any, length: int | None) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise Rejected("shape", f"{where} is not lower-case hex")
    raw = bytes.fromhex(value)
    require(length is None or len(raw) == length, "shape", f"{where} has {len(raw)} bytes, not {length}")
    return raw
