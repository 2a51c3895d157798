"""secp256k1 signatures one after the other with one prepared key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from coincurve import PrivateKey

# The functions below are libsecp256k1's own public ones; coincurve has no object for scalars without their point.
from coincurve._libsecp256k1 import ffi, lib
from coincurve.context import GLOBAL_CONTEXT

from keystore.secret import Secret
from primitives.errors import SealBroken
from primitives.signing import PublicKey

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""Of the group (SEC 2 §2.4.1)."""
_ORDER_BYTES = _ORDER.to_bytes(32)
_COMPRESSED = lib.SECP256K1_EC_COMPRESSED


class RecoverableSigner:
    """Signs 32-byte digests: RFC 6979, low-S, 65 bytes r ‖ s ‖ y-parity, as `keystore.signature.sign_digest`.

    Args:
        key: 32 bytes.
        public_key: What the key must have; compared once.
        verify: Check every signature. Without it a computing fault goes unseen, so it is left out only where the
            receiver checks every signature before anything depends on it.

    Raises:
        SealBroken: The key has another public key.
    """

    __slots__ = ("_key", "_point", "_secret", "_verify")

    def __init__(self, key: Secret, public_key: PublicKey, *, verify: bool) -> None:
        self._secret = key
        self._key = PrivateKey(bytes(key.expose()))
        self._point = public_key.raw
        self._verify = verify
        if self._key.public_key.format() != self._point:
            raise SealBroken("the key does not have the public key of its record: restore it from a backup")

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """One signature for each digest; all of them or none.

        Raises:
            RuntimeError: A signature that was computed wrongly; nothing was handed out.
        """
        signatures: list[bytes] = [self._key.sign_recoverable(digest, None) for digest in digests]
        if any(signature[64] > 1 for signature in signatures):
            raise RuntimeError("a computed signature has no y-parity; nothing was handed out")
        if self._verify and not self._all_valid(digests, signatures):
            raise RuntimeError("a computed signature does not verify; nothing was handed out")
        return signatures

    def _all_valid(self, digests: Sequence[bytes], signatures: Sequence[bytes]) -> bool:
        """SEC 1 §4.1.5, verification by who holds the key: R = s⁻¹(z + r·d)·G has x-coordinate r and the stated parity.

        One multiplication of the base point takes half as long as the two of recovery. It says the same of the public
        key, because the key that is used here is compared with that before and after.
        """
        inverses = _inverses([int.from_bytes(signature[32:64]) for signature in signatures])
        context = GLOBAL_CONTEXT.ctx
        key = ffi.from_buffer(self._secret.expose())
        scalar, point = ffi.new("unsigned char[32]"), ffi.new("secp256k1_pubkey *")
        compressed, length = ffi.new("unsigned char[33]"), ffi.new("size_t *", 33)
        found = ffi.buffer(compressed)
        multiply, add = lib.secp256k1_ec_seckey_tweak_mul, lib.secp256k1_ec_seckey_tweak_add
        try:
            for digest, signature, inverse in zip(digests, signatures, inverses, strict=True):
                ffi.memmove(scalar, key, 32)
                if not (
                    multiply(context, scalar, signature[:32])
                    and add(context, scalar, digest if digest < _ORDER_BYTES else _reduced(digest))
                    and multiply(context, scalar, inverse.to_bytes(32))
                    and lib.secp256k1_ec_pubkey_create(context, point, scalar)
                ):
                    return False
                lib.secp256k1_ec_pubkey_serialize(context, compressed, length, point, _COMPRESSED)
                if found[:] != (b"\3" if signature[64] else b"\2") + signature[:32]:
                    return False
            if not lib.secp256k1_ec_pubkey_create(context, point, key):
                return False
            lib.secp256k1_ec_pubkey_serialize(context, compressed, length, point, _COMPRESSED)
            same: bool = found[:] == self._point
            return same
        finally:
            # It was the nonce of a signature, and with one nonce anybody computes the key.
            ffi.memmove(scalar, bytes(32), 32)

    def __repr__(self) -> str:
        return "RecoverableSigner(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")


def _reduced(digest: bytes) -> bytes:
    return (int.from_bytes(digest) - _ORDER).to_bytes(32)


def _inverses(numbers: Sequence[int]) -> list[int]:
    """The inverse of each modulo the group's order, with one inversion for all (Montgomery's simultaneous inversion).

    The numbers are the signatures' own, which are public.
    """
    products = [1]
    for number in numbers:
        products.append(products[-1] * number % _ORDER)
    running = pow(products[-1], -1, _ORDER)
    inverses = [0] * len(numbers)
    for place in range(len(numbers) - 1, -1, -1):
        inverses[place] = running * products[place] % _ORDER
        running = running * numbers[place] % _ORDER
    return inverses
