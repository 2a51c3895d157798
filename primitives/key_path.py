"""The place of a key in its wallet, whichever way the wallet counts."""

from __future__ import annotations

from dataclasses import dataclass

from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidDerivationPath
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath

MAX_TEXT = 1024


@dataclass(frozen=True, slots=True)
class SeedHead:
    """No derivation at all: the first 32 bytes of the BIP-39 seed are the ed25519 key.

    Source: Solana CLI, `solana-keygen new` and `recover` without a derivation path.
    """

    def __str__(self) -> str:
        return "seed"


KeyPath = DerivationPath | SubstratePath | SeedHead


def parse_key_path(text: str, curve: Curve) -> KeyPath:
    """Read a path as keys of this curve have them.

    Raises:
        InvalidDerivationPath: Malformed, an index of 2³¹ or more, or a soft level on ed25519. Nothing is hardened
            silently.
    """
    if len(text) > MAX_TEXT:
        raise InvalidDerivationPath(f"a path has at most {MAX_TEXT} characters")
    if curve is Curve.SR25519:
        return SubstratePath.parse(text)
    if curve is Curve.ED25519 and text == str(SeedHead()):
        return SeedHead()
    path = DerivationPath.parse(text)
    if curve is Curve.ED25519:
        path.require_hardened()
    return path
