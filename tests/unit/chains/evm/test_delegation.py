"""The transaction that gives borrowed code back, and a dearer one in its place."""

from __future__ import annotations

import pytest
from coincurve import PrivateKey

from chains.evm.delegation import end_delegation
from chains.evm.unsigned import rebid
from chains.intent import EndDelegation, Intent
from chains.ports import Bid, PreparedTransaction
from codec.evm.envelopes import SetCodeTransaction
from codec.evm.transaction import (
    address_of_public_key,
    decode_authorization,
    decode_signed,
    decode_unsigned,
    encode_signed,
    recover_address,
    signing_hash,
)
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import FeatureUnavailable
from primitives.signing import Curve, Signature, SigningScheme

CHAIN = ChainId.evm(1)
KEY = PrivateKey(b"\x07" * 32)
ME = AccountId.from_raw(CHAIN, address_of_public_key(KEY.public_key.format(compressed=True)))
COIN = Asset(AssetId.native(CHAIN), "ETH", 18)


def _prepared() -> PreparedTransaction:
    return PreparedTransaction(ME, SigningScheme.EVM_TRANSACTION, b"", (ME,), Amount(1, COIN), nonce=5)


def test_the_authorisation_is_signed_first_and_outlives_a_dearer_bid() -> None:
    waiting = end_delegation(_prepared(), 1, Bid(100, 2))
    assert waiting.agreement is not None
    agreed = decode_authorization(waiting.agreement.payload)
    # The sender's own nonce is used up before the authorisation is looked at (EIP-7702).
    assert (agreed.chain_id, agreed.address, agreed.nonce) == (1, bytes(20), 6)
    signature = Signature(Curve.SECP256K1, KEY.sign_recoverable(agreed.signing_hash(), hasher=None))
    whole = waiting.agreement.complete(signature)
    assert whole.agreement is None
    raw = encode_signed(decode_unsigned(whole.payload), KEY.sign_recoverable(signing_hash(whole.payload), hasher=None))
    dearer, nonce, _ = rebid(raw, Bid(200, 3))
    first, second = decode_signed(raw).transaction, decode_unsigned(dearer)
    assert isinstance(first, SetCodeTransaction)
    assert isinstance(second, SetCodeTransaction)
    assert (first.to, first.value, first.data, first.nonce) == (ME.raw, 0, b"", 5)
    assert (nonce, second.max_fee_per_gas, second.max_priority_fee_per_gas) == (5, 200, 3)
    assert second.authorizations == first.authorizations
    assert recover_address(agreed.signing_hash(), second.authorizations[0].signature) == ME.raw


def test_chains_without_a_base_fee_know_no_such_transactions() -> None:
    with pytest.raises(FeatureUnavailable):
        end_delegation(_prepared(), 1, Bid(100))


def test_the_intent_is_kept_as_it_is() -> None:
    intent = Intent(ME, EndDelegation())
    assert Intent.from_json(intent.to_json()) == intent
