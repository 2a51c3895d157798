"""What a wallet of one imported key keeps sealed."""

from __future__ import annotations

import hashlib
from typing import NoReturn

from keystore.derivation import public_key_of
from keystore.secret import Secret
from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue
from primitives.key_path import KeyPath
from primitives.signing import Curve

_VERSION = 1
_CURVES = (Curve.SECP256K1, Curve.ED25519)
ITS_PATH = DerivationPath(())
"""A single key has one place: the root."""


class SingleKey:
    """One private key of 32 bytes in memory; wipe it after use. Shows nothing and is never pickled."""

    purpose = "private-key"
    __slots__ = ("_key", "curve", "public_key")

    def __init__(self, curve: Curve, key: Secret) -> None:
        """Raises InvalidValue: another length, another curve, or (secp256k1) a number that is no key."""
        if curve not in _CURVES:
            raise InvalidValue(f"a single {curve} key cannot be kept")
        if len(key) != 32:
            raise InvalidValue(f"a private key has 32 bytes, not {len(key)}")
        try:
            self.public_key = public_key_of(key, curve)
        except ValueError:
            raise InvalidValue("the private key is zero or not below the order of the curve") from None
        self.curve = curve
        self._key = key

    def private_key(self, curve: Curve, path: KeyPath) -> Secret:
        """The key. Raises InvalidDerivationPath: another curve, or any path but `m`."""
        if curve is not self.curve:
            raise InvalidDerivationPath(f"this wallet is one {self.curve} key; it has none of {curve}")
        if path != ITS_PATH:
            raise InvalidDerivationPath(f"this wallet is one key: its only path is m, not {path}", path=str(path))
        return Secret(self._key.expose())

    def fingerprint(self) -> bytes:
        """8 bytes that tell two wallets apart."""
        return hashlib.sha256(self.curve.encode() + self.public_key.raw).digest()[:8]

    def encode(self) -> Secret:
        """version (1) ‖ curve number (1) ‖ key (32)."""
        return Secret(bytes([_VERSION, _CURVES.index(self.curve)]) + self._key.expose())

    @classmethod
    def decode(cls, sealed: Secret) -> SingleKey:
        """The inverse of `encode`, for bytes that an authenticated seal has just given back."""
        raw = sealed.expose()
        if raw[0] != _VERSION:
            raise InvalidValue(f"a sealed key of version {raw[0]} is not known")
        return cls(_CURVES[raw[1]], Secret(raw[2:]))

    def wipe(self) -> None:
        self._key.wipe()

    def __repr__(self) -> str:
        return f"SingleKey({self.curve}, hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")
