"""Batches of EIP-1559 transactions: one template, many nonces, recipients, values and arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from codec.evm.transaction_template import FeeMarketTemplate, signed_of, unsigned_of
from keystore.batch.model import PreparedBatch, SignedItem, refused, require_count
from keystore.batch.recoverable import RecoverableSigner
from keystore.policy import CallTarget, describe
from keystore.secret import Secret
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.signing import Curve, KeyId, PublicKey, SigningScheme


class EvmItem(NamedTuple):
    """What differs: nonce, recipient or contract (20 bytes), value in wei, call data."""

    nonce: int
    to: bytes
    value: int
    data: bytes


@dataclass(frozen=True, slots=True)
class EvmBatch:
    """Transactions of one key under one template.

    Attributes:
        contract: 20 bytes: every item calls it with data that begins with `call`. None: every item is a plain payment
            to its own recipient, without data.
        call: 4 bytes selector, or selector and first argument (36 bytes); empty for plain payments.
        items: In the order of their nonces, which rise from each to the next.
    """

    key: KeyId
    chain: ChainId
    act: str
    template: FeeMarketTemplate
    contract: bytes | None
    call: bytes
    items: Sequence[EvmItem]

    @property
    def curve(self) -> Curve:
        return Curve.SECP256K1

    @property
    def scheme(self) -> SigningScheme:
        return SigningScheme.EVM_TRANSACTION

    def prepare(self, public_key: PublicKey) -> PreparedBatch:
        """As `Batch.prepare`; `rule` is wrong_chain, template or nonce_order."""
        require_count(self.items)
        if self.template.chain_id != self.chain.evm_number:
            raise refused("wrong_chain", f"the template is for chain {self.template.chain_id}, not for {self.chain}")
        if (self.contract is None) is not (self.call == b""):
            raise refused("template", "a batch either calls one function of one contract or pays without data")
        bodies = self._bodies()
        hashes = [keccak256(unsigned_of(body)) for body in bodies]
        targets = (
            tuple(CallTarget(to, b"") for to in dict.fromkeys(item.to for item in self.items))
            if self.contract is None
            else (CallTarget(self.contract, self.call),)
        )
        value = sum(item.value for item in self.items)
        fee = self.template.fee_limit * len(bodies)
        what = describe(targets[0]) if self.contract is not None else f"transfers to {len(targets)} addresses"
        first, last = self.items[0].nonce, self.items[-1].nonce
        return PreparedBatch(
            hashes=hashes,
            targets=targets,
            value=value,
            fee=fee,
            largest_value=max(item.value for item in self.items),
            largest_fee=self.template.fee_limit,
            summary=(
                f"{len(bodies)} times {what}, value {value} wei in all, nonces {first} to {last}, "
                f"fees at most {fee} wei"
            ),
            sign=_Signing(bodies, hashes, public_key),
        )

    def _bodies(self) -> list[bytes]:
        bodies: list[bytes] = []
        encode, contract, call = self.template.body, self.contract, self.call
        last = -1
        for nonce, to, value, data in self.items:
            if contract is None:
                if data:
                    raise refused("template", "a plain payment carries no data", len(bodies))
            elif to != contract or not data.startswith(call):
                raise refused("template", "it calls something else than the template", len(bodies))
            if nonce <= last:
                raise refused("nonce_order", f"nonce {nonce} does not follow {last}", len(bodies))
            last = nonce
            try:
                bodies.append(encode(nonce, to, value, data))
            except InvalidValue as error:
                raise refused("unreadable_payload", error.message, len(bodies)) from error
        return bodies


class _Signing:
    """Signs prepared bodies; holds nothing secret."""

    def __init__(self, bodies: Sequence[bytes], hashes: Sequence[bytes], public_key: PublicKey) -> None:
        self._bodies = bodies
        self._hashes = hashes
        self._public_key = public_key

    def __call__(self, key: Secret, start: int, stop: int, verify: bool) -> list[SignedItem]:
        signed: list[SignedItem] = []
        signatures = RecoverableSigner(key, self._public_key, verify=verify).sign(self._hashes[start:stop])
        for body, signature in zip(self._bodies[start:stop], signatures, strict=True):
            raw = signed_of(body, signature)
            signed.append(SignedItem(raw, keccak256(raw)))
        return signed
