"""Strict reading of the bundle's objects: every field known, every value of one shape."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NoReturn

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
        return value if isinstance(value, dict) else self._wrong(name, "an object")

    def text(self, name: str, longest: int = 200) -> str:
        value = self.value[name]
        fits = isinstance(value, str) and len(value) <= longest
        return str(value) if fits else self._wrong(name, f"a text of at most {longest} characters")

    def index(self, name: str) -> int:
        """A count or a place: an integer from 0."""
        value = self.value[name]
        return value if type(value) is int and value >= 0 else self._wrong(name, "an integer from 0")

    def units(self, name: str) -> int:
        """An amount: a decimal string without leading zeros."""
        text = self.text(name)
        return int(text) if _UNITS.fullmatch(text) else self._wrong(name, "a decimal amount")

    def data(self, name: str, length: int | None = None) -> bytes:
        """Bytes in lower-case hex without prefix; `length` in bytes where it is fixed."""
        return self._bytes(name, self.value[name], length)

    def data_list(self, name: str, most: int, least: int = 1) -> list[bytes]:
        value = self.value[name]
        if not isinstance(value, list) or not least <= len(value) <= most:
            self._wrong(name, f"a list of {least} to {most} items")
        return [self._bytes(name, item, None) for item in value]

    def _bytes(self, name: str, value: Any, length: int | None) -> bytes:
        if not isinstance(value, str) or not _HEX.fullmatch(value) or length not in (None, len(value) // 2):
            self._wrong(name, f"{'' if length is None else length} bytes of lower-case hex")
        return bytes.fromhex(value)

    def _wrong(self, name: str, what: str) -> NoReturn:
        raise Rejected("shape", f"{self.where}.{name} is not {what}")
