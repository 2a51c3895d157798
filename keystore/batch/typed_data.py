"""Batches of EIP-712 messages: one type under one domain, many values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codec.evm.typed_data_template import TypedDataTemplate
from keystore.batch.model import PreparedBatch, SignedItem, refused, require_count
from keystore.batch.recoverable import RecoverableSigner
from keystore.policy import TypedDataTarget, describe
from keystore.secret import Secret
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue
from primitives.signing import Curve, KeyId, PublicKey, SigningScheme


@dataclass(frozen=True, slots=True)
class TypedDataBatch:
    """Messages of one key under one template; `identity` of each result is its digest."""

    key: KeyId
    chain: ChainId
    act: str
    template: TypedDataTemplate
    items: Sequence[Mapping[str, Any]]

    @property
    def curve(self) -> Curve:
        return Curve.SECP256K1

    @property
    def scheme(self) -> SigningScheme:
        return SigningScheme.EVM_TYPED_DATA

    def prepare(self, public_key: PublicKey) -> PreparedBatch:
        """As `Batch.prepare`; `rule` is no_chain, wrong_chain, no_contract or unreadable_payload."""
        require_count(self.items)
        document = self.template.document
        if document.chain_id is None or document.verifying_contract is None:
            raise refused(
                "no_contract", "typed data without chain id and verifying contract could be replayed anywhere"
            )
        if document.chain_id != self.chain.evm_number:
            raise refused("wrong_chain", f"the template is for chain {document.chain_id}, not for {self.chain}")
        hashes: list[bytes] = []
        signing_hash = self.template.signing_hash
        try:
            for message in self.items:
                hashes.append(signing_hash(message))
        except InvalidValue as error:
            raise refused("unreadable_payload", error.message, len(hashes)) from error
        target = TypedDataTarget(document.verifying_contract, document.primary_type)

        def sign(key: Secret, start: int, stop: int, verify: bool) -> list[SignedItem]:
            part = hashes[start:stop]
            signatures = RecoverableSigner(key, public_key, verify=verify).sign(part)
            return [SignedItem(signature, digest) for signature, digest in zip(signatures, part, strict=True)]

        return PreparedBatch(
            hashes=hashes,
            targets=(target,),
            value=0,
            fee=0,
            largest_value=0,
            largest_fee=0,
            summary=f"{len(hashes)} times {describe(target)}",
            sign=sign,
        )
