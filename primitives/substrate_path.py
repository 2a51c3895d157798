"""Derivation paths of Polkadot, Kusama and other Substrate chains: `//hard` and `/soft` junctions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from primitives.errors import InvalidDerivationPath

MAX_JUNCTIONS = 32
_JUNCTION = re.compile(r"(//?)([^/]+)")
_CODE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Junction:
    """One step.

    Attributes:
        code: Chain code of the step, 32 bytes.
        hard: Written with two slashes.
    """

    text: str
    hard: bool

    @property
    def code(self) -> bytes:
        """A number: little-endian. A word: its SCALE encoding, hashed by BLAKE2b-256 when longer than 32 bytes."""
        if self.text.isascii() and self.text.isdigit():
            return int(self.text).to_bytes(_CODE_BYTES, "little")
        raw = self.text.encode()
        encoded = _scale_length(len(raw)) + raw
        if len(encoded) > _CODE_BYTES:
            return hashlib.blake2b(encoded, digest_size=_CODE_BYTES).digest()
        return encoded.ljust(_CODE_BYTES, b"\0")


@dataclass(frozen=True, slots=True)
class SubstratePath:
    """Junctions from the root key; the root itself is the empty text.

    Source: Substrate "Subkey: secret URI"; polkadot-js keyExtractPath. A password after `///` belongs to the
    mnemonic and is refused here.
    """

    junctions: tuple[Junction, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidDerivationPath; `path` and the position (`junction`, counted from 1) are named."""
        if "///" in text:
            raise InvalidDerivationPath(
                "a password (///) is not part of the path: give it as the wallet's passphrase", path=text
            )
        junctions: list[Junction] = []
        at = 0
        while at < len(text):
            match = _JUNCTION.match(text, at)
            number = len(junctions) + 1
            if match is None:
                raise InvalidDerivationPath(
                    f"junction {number} of {text!r} is not //hard or /soft", path=text, junction=number
                )
            name = match[2]
            if name.isascii() and name.isdigit() and int(name) >= 2**256:
                raise InvalidDerivationPath(
                    f"junction {number} of {text!r} is a number of 2^256 or more", path=text, junction=number
                )
            junctions.append(Junction(name, match[1] == "//"))
            at = match.end()
        if len(junctions) > MAX_JUNCTIONS:
            raise InvalidDerivationPath(f"a path has at most {MAX_JUNCTIONS} junctions", path=text)
        return cls(tuple(junctions))

    def __str__(self) -> str:
        return "".join(("//" if junction.hard else "/") + junction.text for junction in self.junctions)


def _scale_length(length: int) -> bytes:
    """SCALE compact integer of a length."""
    if length < 1 << 6:
        return bytes([length << 2])
    if length < 1 << 14:
        return (length << 2 | 1).to_bytes(2, "little")
    return (length << 2 | 2).to_bytes(4, "little")
