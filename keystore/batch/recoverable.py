"""secp256k1 signatures one after the other with one prepared key."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from coincurve import PrivateKey
from coincurve import PublicKey as Secp256k1PublicKey

from keystore.secret import Secret
from primitives.errors import SealBroken
from primitives.signing import PublicKey


class RecoverableSigner:
    """Signs 32-byte digests: RFC 6979, low-S, 65 bytes r ‖ s ‖ y-parity, as `keystore.signature.sign_digest`.

    Args:
        key: 32 bytes.
        public_key: What the key must have; compared once.
        verify: Recover the signer from every signature and compare. Without it a computing fault goes unseen, so it is
            left out only where the receiver checks every signature before anything depends on it.

    Raises:
        SealBroken: The key has another public key.
    """

    __slots__ = ("_key", "_point", "sign")

    sign: Callable[[bytes], bytes]

    def __init__(self, key: Secret, public_key: PublicKey, *, verify: bool) -> None:
        self._key = PrivateKey(bytes(key.expose()))
        self._point: bytes = self._key.public_key.format()
        if self._point != public_key.raw:
            raise SealBroken("the key does not have the public key of its record: restore it from a backup")
        self.sign = self._verified if verify else self._plain

    def _plain(self, digest: bytes) -> bytes:
        raw: bytes = self._key.sign_recoverable(digest, None)
        if raw[64] > 1:
            raise RuntimeError("the computed signature has no y-parity; nothing was handed out")
        return raw

    def _verified(self, digest: bytes) -> bytes:
        raw = self._plain(digest)
        if Secp256k1PublicKey.from_signature_and_message(raw, digest, None).format() != self._point:
            raise RuntimeError("the computed signature does not verify; nothing was handed out")
        return raw

    def __repr__(self) -> str:
        return "RecoverableSigner(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")
