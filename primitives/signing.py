"""The signing port: requests go in, signatures come out, keys never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from primitives.chain_id import ChainId

KeyId = NewType("KeyId", UUID)


class Curve(StrEnum):
    SECP256K1 = "secp256k1"
    ED25519 = "ed25519"
    SR25519 = "sr25519"
    """Schnorr over Ristretto255 as Polkadot and Kusama use it; its keys have addresses here and sign nothing."""


class SigningScheme(StrEnum):
    """What `SigningRequest.payload` holds; the keystore decodes it and hashes it itself."""

    EVM_TRANSACTION = "evm_transaction"
    """Unsigned EIP-2718 envelope: type byte ‖ RLP of the fields without signature (EIP-1559), or
    EIP-155's nine-field RLP."""
    EVM_TYPED_DATA = "evm_typed_data"
    """UTF-8 JSON of a whole EIP-712 document: types, primaryType, domain, message."""
    EVM_MESSAGE = "evm_message"
    """The bytes of an EIP-191 version 0x45 personal message, without prefix."""
    EVM_AUTHORIZATION = "evm_authorization"
    """EIP-7702: 0x05 ‖ RLP of chain id, address, nonce: the account agrees to run that address's code."""
    SOLANA_MESSAGE = "solana_message"
    """A serialized legacy, v0 or v1 transaction message."""
    SOLANA_OFFCHAIN_MESSAGE = "solana_offchain_message"
    """The bytes of an off-chain message with its preamble (`codec.solana.offchain_message`)."""
    SOLANA_TEXT = "solana_text"
    """Bare UTF-8 text, as dapps hand it to `signMessage`; it must not be readable as anything else."""


class KeyPurpose(StrEnum):
    """What a key is for; key policy starts from it."""

    HOLDER = "holder"
    """A person's own wallet: signs while unlocked."""
    RELAYER = "relayer"
    """The platform's fee payer, which submits redemptions for merchants."""
    ISSUER = "issuer"
    """Creates campaigns and issues vouchers of one organisation."""
    TREASURY = "treasury"
    """Funds campaigns, receives payments and consents as merchant for one organisation."""
    REDEMPTION_AUTHORITY = "redemption_authority"
    """Co-signs Solana redemptions last, after decoding the whole transaction."""
    VAULT_OPERATOR = "vault_operator"
    """The platform's half of a Solana campaign vault's 2-of-2 owner."""
    GAS_STATION = "gas_station"
    """The platform's store of native coins, which fills up its relayer (EVM)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """secp256k1: 33 bytes compressed (SEC 1 §2.3.3). ed25519 and sr25519: 32 bytes."""

    curve: Curve
    raw: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """secp256k1: 65 bytes r ‖ s ‖ y-parity (0 or 1), low-S. ed25519: 64 bytes (RFC 8032)."""

    curve: Curve
    raw: bytes


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """Everything the keystore needs to decide and to sign.

    Attributes:
        key: Which key shall sign.
        scheme: How to read `payload`.
        payload: The complete unsigned payload; never a digest.
        chain: The chain it is meant for; checked against what the payload says.
        act: Why, in the words of the caller's domain (`transfer`, `campaign.issue`, `order.pay`); audited.
        cosignatures: Signatures already collected over the same payload, by public key; the redemption
            authority signs only when the holder's is among them.
        last_valid_height: Solana block height after which the payload can never land; the redemption authority
            remembers it with the serials.
    """

    key: KeyId
    scheme: SigningScheme
    payload: bytes
    chain: ChainId
    act: str
    cosignatures: tuple[tuple[PublicKey, Signature], ...] = ()
    last_valid_height: int | None = None


class Signer(Protocol):
    """Signs for the keys it has been opened for: a person's unlocked wallet, or the service wallets."""

    async def public_key(self, key: KeyId) -> PublicKey:
        """Raises KeyNotFound."""
        ...

    async def sign(self, request: SigningRequest) -> Signature:
        """Check key policy, commit the audit entry, then sign.

        Raises:
            KeystoreLocked: The unlock token ended.
            KeyNotFound: The key is not among this signer's.
            SigningRefused: Key policy said no.
            AuditUnavailable: The audit log cannot be written.
        """
        ...

    async def sign_many(self, requests: Sequence[SigningRequest]) -> Sequence[Signature]:
        """`sign` for several requests: each is checked, then all are signed or none.

        The audit log gets one entry for each key, all in one commit; of several requests it says their number and the
        Merkle root of their payloads' SHA-256.

        Raises:
            As `sign`, for the first that is refused.
        """
        ...
