"""What a wallet of SLIP-39 shares keeps sealed: the master secret, which is the BIP-32 seed itself."""

from __future__ import annotations

from typing import NoReturn

from keystore.derivation import derive_private_key, derive_sr25519, seed_fingerprint
from keystore.secret import Secret
from primitives.errors import InvalidDerivationPath, InvalidValue
from primitives.key_path import KeyPath
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath

_VERSION = 1


class MasterSecret:
    """A master secret of 16 to 64 bytes in memory; wipe it after use. Shows nothing and is never pickled."""

    purpose = "master-secret"
    __slots__ = ("_secret",)

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    @property
    def secret(self) -> Secret:
        """The bytes, wiped together with this object."""
        return self._secret

    def private_key(self, curve: Curve, path: KeyPath) -> Secret:
        """The key at a path. Raises InvalidDerivationPath."""
        if curve is Curve.SR25519 and isinstance(path, SubstratePath):
            if len(self._secret) != 32:
                raise InvalidDerivationPath(
                    f"sr25519 keys come from a secret of 32 bytes; this wallet's has {len(self._secret)}"
                )
            return derive_sr25519(self._secret, path)
        return derive_private_key(self._secret, curve, path)

    def fingerprint(self) -> bytes:
        """8 bytes that tell two wallets apart."""
        return seed_fingerprint(self._secret)

    def encode(self) -> Secret:
        """version (1) ‖ master secret."""
        return Secret(bytes([_VERSION]) + self._secret.expose())

    @classmethod
    def decode(cls, sealed: Secret) -> MasterSecret:
        """The inverse of `encode`, for bytes that an authenticated seal has just given back."""
        raw = sealed.expose()
        if raw[0] != _VERSION:
            raise InvalidValue(f"a sealed master secret of version {raw[0]} is not known")
        return cls(Secret(raw[1:]))

    def wipe(self) -> None:
        self._secret.wipe()

    def __repr__(self) -> str:
        return "MasterSecret(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a master secret is never pickled or copied")
