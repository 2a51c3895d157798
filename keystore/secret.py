"""A secret in memory: shown by nothing, copied by nothing, wiped when done."""

from __future__ import annotations

from types import TracebackType
from typing import NoReturn, Self


class Secret:
    """Holds secret bytes that can be overwritten.

    `str()`, `repr()`, formatting, comparison output and logging show a fixed text; pickling and copying are refused.
    Wiping overwrites this buffer. Copies that libraries make for a moment are out of reach of Python.
    """

    __slots__ = ("_buffer",)

    def __init__(self, data: bytes | bytearray) -> None:
        self._buffer = bytearray(data)

    def expose(self) -> bytearray:
        """The bytes themselves, for the one call that needs them; never keep or log the result."""
        return self._buffer

    def wipe(self) -> None:
        """Overwrite with zeros; the secret is then empty."""
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer.clear()

    @property
    def wiped(self) -> bool:
        return not self._buffer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")

    def __copy__(self) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a secret is never pickled or copied")
