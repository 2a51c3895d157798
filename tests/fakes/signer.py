"""A signer whose keys live in memory, without policy or audit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID, uuid5

from coincurve import PrivateKey
from nacl.signing import SigningKey

from codec.evm.transaction import signing_hash
from primitives.errors import KeyNotFound
from primitives.signing import Curve, KeyId, PublicKey, Signature, SigningRequest, SigningScheme

_NAMESPACE = UUID("6f1d2a52-6c2a-4c0e-9d53-5f0f6c7b0001")


class MemorySigner:
    """Conforms to `primitives.signing.Signer`; `requests` holds everything that was asked of it."""

    def __init__(self) -> None:
        self._keys: dict[KeyId, PrivateKey | SigningKey] = {}
        self.requests: list[SigningRequest] = []
        self.before_signing: Callable[[SigningRequest], None] | None = None

    def add(self, curve: Curve, secret: bytes) -> tuple[KeyId, PublicKey]:
        """Take a 32-byte secret; the id follows from it."""
        key = KeyId(uuid5(_NAMESPACE, f"{curve}:{secret.hex()}"))
        self._keys[key] = PrivateKey(secret) if curve is Curve.SECP256K1 else SigningKey(secret)
        return key, self._public(key)

    def _public(self, key: KeyId) -> PublicKey:
        held = self._keys.get(key)
        if held is None:
            raise KeyNotFound(f"no key {key} here")
        if isinstance(held, PrivateKey):
            return PublicKey(Curve.SECP256K1, held.public_key.format(compressed=True))
        return PublicKey(Curve.ED25519, bytes(held.verify_key))

    async def public_key(self, key: KeyId) -> PublicKey:
        return self._public(key)

    async def sign(self, request: SigningRequest) -> Signature:
        self._public(request.key)
        self.requests.append(request)
        if self.before_signing is not None:
            self.before_signing(request)
        held = self._keys[request.key]
        if isinstance(held, PrivateKey):
            assert request.scheme is SigningScheme.EVM_TRANSACTION
            return Signature(Curve.SECP256K1, held.sign_recoverable(signing_hash(request.payload), hasher=None))
        assert request.scheme is SigningScheme.SOLANA_MESSAGE
        return Signature(Curve.ED25519, held.sign(request.payload).signature)

    async def sign_many(self, requests: Sequence[SigningRequest]) -> Sequence[Signature]:
        return [await self.sign(request) for request in requests]

    def __repr__(self) -> str:
        return f"MemorySigner({len(self._keys)} keys)"
