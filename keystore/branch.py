"""What a wallet of an imported extended private key keeps sealed."""

from __future__ import annotations

import hashlib
from typing import NoReturn

from keystore.derivation import ExtendedKey
from keystore.secret import Secret
from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue
from primitives.key_path import KeyPath
from primitives.signing import Curve

_VERSION = 1


class Branch:
    """One branch of a secp256k1 tree whose root is elsewhere; paths count from it. Wipe it after use."""

    purpose = "extended-key"
    __slots__ = ("node",)

    def __init__(self, node: ExtendedKey) -> None:
        self.node = node

    def private_key(self, curve: Curve, path: KeyPath) -> Secret:
        """The key at a path below this branch. Raises InvalidDerivationPath."""
        if curve is not Curve.SECP256K1 or not isinstance(path, DerivationPath):
            raise InvalidDerivationPath(f"an extended key has secp256k1 keys only, none of {curve}")
        with self.node.at(path) as node:
            return Secret(node.key.expose())

    def fingerprint(self) -> bytes:
        """8 bytes that tell two wallets apart."""
        public = self.node.neuter()
        return hashlib.sha256(public.public_key + public.chain_code).digest()[:8]

    def encode(self) -> Secret:
        """version (1) ‖ depth (1) ‖ parent fingerprint (4) ‖ child number (4) ‖ chain code (32) ‖ key (32)."""
        node = self.node
        head = bytes([_VERSION, node.depth]) + node.parent_fingerprint + node.child_number.to_bytes(4, "big")
        return Secret(head + node.chain_code.expose() + node.key.expose())

    @classmethod
    def decode(cls, sealed: Secret) -> Branch:
        """The inverse of `encode`, for bytes that an authenticated seal has just given back."""
        raw = sealed.expose()
        if raw[0] != _VERSION:
            raise InvalidValue(f"a sealed extended key of version {raw[0]} is not known")
        return cls(
            ExtendedKey(
                Curve.SECP256K1,
                Secret(raw[42:]),
                Secret(raw[10:42]),
                raw[1],
                bytes(raw[2:6]),
                int.from_bytes(raw[6:10], "big"),
            )
        )

    def wipe(self) -> None:
        self.node.wipe()

    def __repr__(self) -> str:
        return "Branch(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")
