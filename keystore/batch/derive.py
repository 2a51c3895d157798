"""Many keys below one parent: the parent is derived once and every child costs one HMAC and one point.

Source: BIP-32 "Private parent key → private child key" (secp256k1); SLIP-10 (ed25519, hardened only).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import NoReturn, Self

from coincurve import PublicKey as Secp256k1PublicKey
from nacl.bindings import crypto_sign_seed_keypair

from codec.solana.message import solana_address
from keystore.secret import Secret
from primitives.account_id import checksum_address
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath
from primitives.hashing import keccak256
from primitives.signing import Curve

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_MASTER_KEY = {Curve.SECP256K1: b"Bitcoin seed", Curve.ED25519: b"ed25519 seed"}


class ParentKey:
    """A derived private key with its chain code, from which children are made. Wiped by `with` or `wipe()`."""

    __slots__ = ("_chain_code", "_curve", "_key", "_public")

    def __init__(self, curve: Curve, key: Secret, chain_code: Secret) -> None:
        self._curve = curve
        self._key = key
        self._chain_code = chain_code
        self._public = _compressed(bytes(key.expose())) if curve is Curve.SECP256K1 else b""

    @classmethod
    def derive(cls, seed: Secret, curve: Curve, path: DerivationPath) -> Self:
        """The node at `path` of a seed (16 to 64 bytes).

        Raises:
            InvalidDerivationPath: A soft level on ed25519, or a level that the curve cannot have.
        """
        digest = hmac.digest(_MASTER_KEY[curve], seed.expose(), "sha512")
        if curve is Curve.SECP256K1 and not 0 < int.from_bytes(digest[:32], "big") < _ORDER:
            raise InvalidDerivationPath("this seed has no secp256k1 master key", path="m")
        node = cls(curve, Secret(digest[:32]), Secret(digest[32:]))
        for index in path.levels:
            parent = node
            node = parent.node(index)
            parent.wipe()
        return node

    def node(self, index: int) -> Self:
        """One child as a parent of its own. Raises InvalidDerivationPath."""
        key, chain_code = self._step(index)
        return type(self)(self._curve, Secret(key), Secret(chain_code))

    def child(self, index: int) -> bytes:
        """The 32-byte private key of one child; 0 ≤ index < 2^32, ≥ 2^31 is hardened. Keep it no longer than needed.

        Raises:
            InvalidDerivationPath: Out of range, soft on ed25519, or the one index in 2^127 that the curve cannot have.
        """
        return self._step(index)[0]

    def addresses(self, indexes: Iterable[int]) -> Iterator[str]:
        """The address of each child in text: secp256k1: EVM with checksum (EIP-55); ed25519: Solana, base58.

        Raises:
            InvalidDerivationPath: As `child`.
        """
        step = self._step
        if self._curve is Curve.ED25519:
            for index in indexes:
                yield solana_address(crypto_sign_seed_keypair(step(index)[0])[0])
            return
        public_key = Secp256k1PublicKey.from_valid_secret
        for index in indexes:
            yield checksum_address(keccak256(public_key(step(index)[0]).format(False)[1:])[12:])

    def addresses_below(self, indexes: Iterable[int], change: int) -> Iterator[str]:
        """As `addresses`, for the grandchildren index/change, as Solana's wallets derive them (m/44'/501'/i'/0')."""
        if self._curve is not Curve.ED25519:
            for index in indexes:
                with self.node(index) as child:
                    yield from child.addresses((change,))
            return
        for index in indexes:
            key, _ = _ed25519_child(*self._step(index), change)
            yield solana_address(crypto_sign_seed_keypair(key)[0])

    def public_keys(self, indexes: Iterable[int]) -> Iterator[bytes]:
        """secp256k1: 33 bytes compressed; ed25519: 32 bytes."""
        if self._curve is Curve.ED25519:
            for index in indexes:
                yield crypto_sign_seed_keypair(self._step(index)[0])[0]
            return
        for index in indexes:
            yield _compressed(self._step(index)[0])

    def _step(self, index: int) -> tuple[bytes, bytes]:
        if not 0 <= index < 2**32:
            raise InvalidDerivationPath(f"child {index} is outside 0 … 2^32 - 1", index=index)
        key, chain_code = self._key.expose(), self._chain_code.expose()
        if self._curve is Curve.ED25519:
            return _ed25519_child(key, chain_code, index)
        data = b"\0" + key if index >= HARDENED else self._public
        digest = hmac.digest(chain_code, data + index.to_bytes(4, "big"), "sha512")
        tweak = int.from_bytes(digest[:32], "big")
        child = (tweak + int.from_bytes(key, "big")) % _ORDER
        if tweak >= _ORDER or child == 0:
            raise InvalidDerivationPath(f"child {index} does not exist: take the next one", index=index)
        return child.to_bytes(32, "big"), digest[32:]

    def wipe(self) -> None:
        self._key.wipe()
        self._chain_code.wipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "ParentKey(hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")


def _ed25519_child(key: bytes | bytearray, chain_code: bytes | bytearray, index: int) -> tuple[bytes, bytes]:
    if not HARDENED <= index < 2**32:
        raise InvalidDerivationPath("ed25519 has hardened levels only", index=index)
    digest = hmac.digest(chain_code, b"\0" + key + index.to_bytes(4, "big"), "sha512")
    return digest[:32], digest[32:]


def _compressed(secret: bytes) -> bytes:
    raw: bytes = Secp256k1PublicKey.from_valid_secret(secret).format()
    return raw
