"""Giving back the code that an account has borrowed: a transaction of type 4 whose authorisation names nobody.

Source: EIP-7702. The sender is the agreeing account itself, so that its authorisation has the nonce after the
transaction's own, and the authorisation is signed before the transaction that holds it can be.
"""

from __future__ import annotations

from dataclasses import replace

from chains.evm.calls import gas_limit
from chains.ports import Agreement, Bid, PreparedTransaction
from codec.evm.envelopes import Authorization, SetCodeTransaction, SignedAuthorization
from codec.evm.transaction import encode_unsigned
from primitives.errors import FeatureUnavailable
from primitives.signing import Signature, SigningScheme

_NOBODY = bytes(20)
END_DELEGATION_GAS = 21_000 + 25_000
"""A plain transaction, and PER_EMPTY_ACCOUNT_COST for its one authorisation (EIP-7702, "Gas Costs")."""


def end_delegation(prepared: PreparedTransaction, chain_number: int, bid: Bid) -> PreparedTransaction:
    """`prepared` as one that waits for the sender's agreement first.

    Raises:
        FeatureUnavailable: The chain has no base fee, and so no transactions of this type.
    """
    tip, nonce = bid.priority_fee, prepared.nonce
    assert nonce is not None
    if tip is None:
        raise FeatureUnavailable("this chain knows no set-code transactions", feature="eip7702_revocation")
    authorization = Authorization(chain_number, _NOBODY, nonce + 1)

    def complete(signature: Signature) -> PreparedTransaction:
        transaction = SetCodeTransaction(
            chain_id=chain_number,
            nonce=nonce,
            max_priority_fee_per_gas=min(tip, bid.price),
            max_fee_per_gas=bid.price,
            gas_limit=gas_limit(END_DELEGATION_GAS, b""),
            to=prepared.sender.raw,
            value=0,
            data=b"",
            authorizations=(SignedAuthorization(authorization, signature.raw),),
        )
        return replace(prepared, payload=encode_unsigned(transaction), agreement=None)

    agreement = Agreement(SigningScheme.EVM_AUTHORIZATION, authorization.unsigned(), complete)
    return replace(prepared, payload=b"", agreement=agreement)
