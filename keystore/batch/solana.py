"""Batches of Solana transfers: one compiled message, many recipients and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair

from codec.solana.message_template import MessageTemplate
from keystore.batch.model import PreparedBatch, SignedItem, refused, require_count
from keystore.policy import ProgramTarget, describe
from keystore.secret import Secret
from keystore.solana_spending import fee_limit, lamports_sent
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, SealBroken
from primitives.signing import Curve, KeyId, PublicKey, SigningScheme

_ONE_SIGNATURE = b"\x01"


class SolanaItem(NamedTuple):
    """What differs: the recipient account (32 bytes; for tokens the token account) and the amount in base units."""

    recipient: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class SolanaBatch:
    """Transfers of one key under one template; `identity` of each result is its signature."""

    key: KeyId
    chain: ChainId
    act: str
    template: MessageTemplate
    items: Sequence[SolanaItem]

    @property
    def curve(self) -> Curve:
        return Curve.ED25519

    @property
    def scheme(self) -> SigningScheme:
        return SigningScheme.SOLANA_MESSAGE

    def prepare(self, public_key: PublicKey) -> PreparedBatch:
        """As `Batch.prepare`; `rule` is not_a_signer, wrong_family, unreadable_payload or repeated."""
        require_count(self.items)
        if self.chain.family != "solana":
            raise refused("wrong_family", f"a Solana transfer does not belong on {self.chain}")
        if self.template.fee_payer != public_key.raw:
            raise refused("not_a_signer", "the template is for another payer than this key")
        messages: list[bytes] = []
        make = self.template.message
        try:
            for recipient, amount in self.items:
                messages.append(make(recipient, amount))
        except InvalidValue as error:
            raise refused("unreadable_payload", error.message, len(messages)) from error
        hashes = [sha256(message).digest() for message in messages]
        if len(set(hashes)) != len(hashes):
            raise refused("repeated", "two items are one and the same transaction, which would be paid once only")
        example = self.template.example
        targets = tuple(
            dict.fromkeys(
                ProgramTarget(program, compiled.data)
                for program, compiled in zip(example.programs, example.compiled, strict=True)
            )
        )
        # The example moves one base unit; lamports count as value only where the amount is lamports.
        native = bool(lamports_sent(example, public_key.raw))
        amounts = [item.amount for item in self.items]
        fee = fee_limit(example)
        return PreparedBatch(
            hashes=hashes,
            targets=targets,
            value=sum(amounts) if native else 0,
            fee=fee * len(messages),
            largest_value=max(amounts) if native else 0,
            largest_fee=fee,
            summary=f"{len(messages)} times {'; '.join(map(describe, targets))}, {sum(amounts)} base units in all",
            sign=_Signing(messages, public_key),
        )


class _Signing:
    """Signs prepared messages; holds nothing secret."""

    def __init__(self, messages: Sequence[bytes], public_key: PublicKey) -> None:
        self._messages = messages
        self._public_key = public_key.raw

    def __call__(self, key: Secret, start: int, stop: int, verify: bool) -> list[SignedItem]:
        found, secret = crypto_sign_seed_keypair(bytes(key.expose()))
        if found != self._public_key:
            raise SealBroken("the key does not have the public key of its record: restore it from a backup")
        signed: list[SignedItem] = []
        for message in self._messages[start:stop]:
            # Signature ‖ message is, after the count of signatures, the transaction itself.
            joined = crypto_sign(message, secret)
            if verify:
                crypto_sign_open(joined, found)
            signed.append(SignedItem(_ONE_SIGNATURE + joined, joined[:64]))
        return signed
