"""Keys below a seed, and public keys below an extended public key.

Source: BIP-32 "Private parent key → private child key", "Public parent key → public child key"; SLIP-10 for ed25519;
Substrate's schnorrkel HDKD for sr25519. libsecp256k1, libsodium and schnorrkel do the curve arithmetic.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import NoReturn, Self

import sr25519
from coincurve import PrivateKey as Secp256k1PrivateKey
from coincurve import PublicKey as Secp256k1PublicKey
from nacl.signing import SigningKey

from codec.bitcoin.hashing import hash160
from keystore.secret import Secret
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue
from primitives.key_path import KeyPath, SeedHead
from primitives.signing import Curve, PublicKey
from primitives.substrate_path import SubstratePath

MIN_SEED, MAX_SEED = 16, 64
_SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
# BIP-32 "Master key generation"; SLIP-10 "Master key generation".
_SALT = {Curve.SECP256K1: b"Bitcoin seed", Curve.ED25519: b"ed25519 seed"}
_NO_PARENT = bytes(4)


class ExtendedKey:
    """A private key with its chain code, from which children come; wipe it after use.

    Attributes:
        depth: Levels below the master key.
        parent_fingerprint: Head of the parent's identifier, 4 bytes; zeros for a master key.
        child_number: Of this key below its parent, ≥ 2³¹ if hardened.

    Source: BIP-32 "Serialization format" for what belongs to an extended key.
    """

    __slots__ = ("_chain_code", "_key", "_public", "child_number", "curve", "depth", "parent_fingerprint")

    def __init__(
        self,
        curve: Curve,
        key: Secret,
        chain_code: Secret,
        depth: int = 0,
        parent_fingerprint: bytes = _NO_PARENT,
        child_number: int = 0,
    ) -> None:
        self.curve = curve
        self._key = key
        self._chain_code = chain_code
        self._public: bytes | None = None
        self.depth = depth
        self.parent_fingerprint = parent_fingerprint
        self.child_number = child_number

    @classmethod
    def master(cls, seed: Secret, curve: Curve) -> Self:
        """The root of a seed of 16 to 64 bytes.

        Raises:
            InvalidValue: Another length, a curve without BIP-32, or (probability 2⁻¹²⁷) a seed without a key.
        """
        if not MIN_SEED <= len(seed) <= MAX_SEED:
            raise InvalidValue(f"a seed has {MIN_SEED} to {MAX_SEED} bytes, not {len(seed)}")
        salt = _SALT.get(curve)
        if salt is None:
            raise InvalidValue(f"{curve} keys do not come from a BIP-32 seed")
        digest = hmac.digest(salt, seed.expose(), "sha512")
        if curve is Curve.SECP256K1 and not 0 < int.from_bytes(digest[:32], "big") < _SECP256K1_ORDER:
            raise InvalidValue("this seed has no master key: take another one")
        return cls(curve, Secret(digest[:32]), Secret(digest[32:]))

    @property
    def key(self) -> Secret:
        """The private key itself, 32 bytes; it is wiped with this object."""
        return self._key

    @property
    def chain_code(self) -> Secret:
        """32 bytes; together with a child's private key it gives the parent away."""
        return self._chain_code

    @property
    def public_key(self) -> bytes:
        """secp256k1: 33 bytes compressed; ed25519: 32 bytes."""
        if self._public is None:
            self._public = public_key_of(self._key, self.curve).raw
        return self._public

    def child(self, index: int) -> ExtendedKey:
        """One step down.

        Args:
            index: 0 ≤ index < 2³²; ≥ 2³¹ is hardened.

        Raises:
            InvalidDerivationPath: A soft index on ed25519, an index out of range, more than 255 levels, or
                (probability 2⁻¹²⁷) an index without a key.
        """
        if not 0 <= index < 2**32:
            raise InvalidDerivationPath(f"index {index} is outside 0 … 2^32-1")
        if self.depth == 255:
            raise InvalidDerivationPath("a path has at most 255 levels")
        suffix = index.to_bytes(4, "big")
        if index >= HARDENED:
            data = b"\0" + self._key.expose() + suffix
        elif self.curve is Curve.ED25519:
            raise InvalidDerivationPath(f"level {self.depth + 1} is soft; ed25519 knows hardened levels only")
        else:
            data = self.public_key + suffix
        digest = hmac.digest(self._chain_code.expose(), data, "sha512")
        if self.curve is Curve.ED25519:
            key = digest[:32]
            fingerprint = hash160(b"\0" + self.public_key)[:4]
        else:
            try:
                key = Secp256k1PrivateKey(bytes(self._key.expose())).add(digest[:32]).secret
            except ValueError:
                raise InvalidDerivationPath(f"index {index} has no key: take the next one") from None
            fingerprint = hash160(self.public_key)[:4]
        return ExtendedKey(self.curve, Secret(key), Secret(digest[32:]), self.depth + 1, fingerprint, index)

    def at(self, path: DerivationPath) -> ExtendedKey:
        """The key at a path below this one; the keys between are wiped. The caller wipes the result.

        Raises:
            InvalidDerivationPath: As `child`.
        """
        node = self._copy()
        for index in path.levels:
            with node:
                node = node.child(index)
        return node

    def _copy(self) -> ExtendedKey:
        return ExtendedKey(
            self.curve,
            Secret(self._key.expose()),
            Secret(self._chain_code.expose()),
            self.depth,
            self.parent_fingerprint,
            self.child_number,
        )

    def neuter(self) -> ExtendedPublicKey:
        """The public half. Raises InvalidValue on ed25519, whose public keys have no children."""
        if self.curve is not Curve.SECP256K1:
            raise InvalidValue(f"{self.curve} has no extended public keys")
        return ExtendedPublicKey(
            self.public_key, bytes(self._chain_code.expose()), self.depth, self.parent_fingerprint, self.child_number
        )

    def wipe(self) -> None:
        self._key.wipe()
        self._chain_code.wipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return f"ExtendedKey({self.curve}, depth {self.depth}, hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key is never pickled or copied")


@dataclass(frozen=True, slots=True, repr=False)
class ExtendedPublicKey:
    """A secp256k1 public key (33 bytes, compressed) with its chain code (32 bytes): all soft children, no signature.

    Whoever has it sees every address below it, so it is shown to its owner only.
    """

    public_key: bytes
    chain_code: bytes
    depth: int
    parent_fingerprint: bytes
    child_number: int

    def child(self, index: int) -> ExtendedPublicKey:
        """One soft step down.

        Raises:
            InvalidDerivationPath: A hardened index, which needs the private key; more than 255 levels; or
                (probability 2⁻¹²⁷) an index without a key.
        """
        if not 0 <= index < HARDENED:
            raise InvalidDerivationPath(
                f"index {index} is not soft: an extended public key has no hardened children", index=index
            )
        if self.depth == 255:
            raise InvalidDerivationPath("a path has at most 255 levels")
        digest = hmac.digest(self.chain_code, self.public_key + index.to_bytes(4, "big"), "sha512")
        try:
            child = Secp256k1PublicKey(self.public_key).add(digest[:32]).format(compressed=True)
        except ValueError:
            raise InvalidDerivationPath(f"index {index} has no key: take the next one") from None
        return ExtendedPublicKey(child, digest[32:], self.depth + 1, hash160(self.public_key)[:4], index)

    def at(self, path: DerivationPath) -> ExtendedPublicKey:
        """The key at a soft path below this one. Raises InvalidDerivationPath."""
        node = self
        for index in path.levels:
            node = node.child(index)
        return node

    def __repr__(self) -> str:
        return f"ExtendedPublicKey(depth {self.depth}, hidden)"


def derive_private_key(seed: Secret, curve: Curve, path: KeyPath) -> Secret:
    """The 32-byte private key (secp256k1 scalar big-endian, or ed25519 seed of RFC 8032 §5.1.5).

    Args:
        seed: 16 to 64 bytes.

    Raises:
        InvalidDerivationPath: A soft level on ed25519, or a path of another kind. Nothing is hardened silently.
    """
    if isinstance(path, SeedHead) and curve is Curve.ED25519:
        if len(seed) < 32:
            raise InvalidDerivationPath("a seed of fewer than 32 bytes has no key without a derivation path")
        return Secret(seed.expose()[:32])
    if not isinstance(path, DerivationPath):
        raise InvalidDerivationPath(f"{path} is not a path of {curve} keys", path=str(path))
    if curve is Curve.ED25519:
        path.require_hardened()
    with ExtendedKey.master(seed, curve) as master, master.at(path) as node:
        return Secret(node.key.expose())


def derive_sr25519(mini_secret: Secret, path: SubstratePath) -> Secret:
    """The 64-byte secret key (scalar ‖ nonce) below a 32-byte mini secret.

    Source: schnorrkel `MiniSecretKey::expand_to_keypair` (Ed25519 mode) and `derive`; polkadot-js keyFromPath.
    """
    if len(mini_secret) != 32:
        raise InvalidValue(f"an sr25519 mini secret has 32 bytes, not {len(mini_secret)}")
    public, private = sr25519.pair_from_seed(bytes(mini_secret.expose()))
    for junction in path.junctions:
        step = sr25519.hard_derive_keypair if junction.hard else sr25519.derive_keypair
        _, public, private = step((junction.code, public, private), b"")
    return Secret(private)


def public_key_of(private_key: Secret, curve: Curve) -> PublicKey:
    """The public key of a private key of 32 bytes (sr25519: 64)."""
    raw = bytes(private_key.expose())
    if curve is Curve.SECP256K1:
        return PublicKey(curve, Secp256k1PublicKey.from_valid_secret(raw).format(compressed=True))
    if curve is Curve.SR25519:
        return PublicKey(curve, sr25519.public_from_secret_key(raw))
    return PublicKey(curve, bytes(SigningKey(raw).verify_key))


def seed_fingerprint(seed: Secret) -> bytes:
    """8 bytes that tell two seeds apart and reveal neither: head of SHA-256 over the secp256k1 master public key."""
    with ExtendedKey.master(seed, Curve.SECP256K1) as master:
        return hashlib.sha256(master.public_key).digest()[:8]
