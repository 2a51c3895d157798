"""BIP-32 derivation paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from primitives.errors import InvalidDerivationPath

HARDENED = 2**31
_LEVEL = re.compile(r"(0|[1-9][0-9]{0,9})('?)")


@dataclass(frozen=True, slots=True)
class DerivationPath:
    """Child numbers from the master key, each 0 ≤ index < 2³²; ≥ 2³¹ is hardened.

    Written `m/44'/60'/0'/0/7`. Nothing is hardened silently and no index wraps.

    Source: BIP-32 "Key paths"; BIP-44; SLIP-10 for ed25519, which knows hardened levels only.
    """

    levels: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.levels) > 255:
            raise InvalidDerivationPath("a path has at most 255 levels")
        for index in self.levels:
            if not 0 <= index < 2**32:
                raise InvalidDerivationPath(f"index {index} is outside 0 … 2^32-1")

    @classmethod
    def parse(cls, text: str) -> Self:
        head, *parts = text.split("/")
        if head != "m":
            raise InvalidDerivationPath(f"{text!r} must start with m/", path=text)
        levels: list[int] = []
        for part in parts:
            match = _LEVEL.fullmatch(part)
            if match is None or int(match[1]) >= HARDENED:
                raise InvalidDerivationPath(
                    f"level {part!r} of {text!r} is not an index below 2^31, with ' if hardened",
                    path=text,
                    level=part,
                )
            levels.append(int(match[1]) + (HARDENED if match[2] else 0))
        return cls(tuple(levels))

    def require_hardened(self) -> None:
        """Raises InvalidDerivationPath when a level is soft: ed25519 has no soft derivation (SLIP-10)."""
        for depth, index in enumerate(self.levels):
            if index < HARDENED:
                raise InvalidDerivationPath(f"level {depth + 1} of {self} is soft; ed25519 knows hardened levels only")

    def child(self, index: int) -> DerivationPath:
        return DerivationPath((*self.levels, index))

    def __str__(self) -> str:
        return "/".join(["m", *(f"{i - HARDENED}'" if i >= HARDENED else str(i) for i in self.levels)])
