"""Signed bytes made of unsigned ones are those that encoding the whole transaction gives."""

from __future__ import annotations

import os
import random

import pytest
from coincurve import PrivateKey

from codec.evm.rlp import rlp_encode, rlp_extended
from codec.evm.transaction import (
    AccessListEntry,
    AccessListTransaction,
    Authorization,
    EvmTransaction,
    FeeMarketTransaction,
    LegacyTransaction,
    SetCodeTransaction,
    SignedAuthorization,
    decode_signed,
    encode_signed,
    encode_unsigned,
    signed_from_unsigned,
    signing_hash,
)
from primitives.errors import InvalidValue

KEY = PrivateKey(b"\x07" * 32)


def _transactions(chance: random.Random) -> list[EvmTransaction]:
    """One of each kind; sizes on both sides of every length that RLP writes differently."""
    data = chance.randbytes(chance.choice([0, 1, 4, 20, 36, 68, 200, 300, 66_000]))
    to, value, nonce = chance.randbytes(20), chance.getrandbits(chance.choice([0, 7, 8, 200])), chance.getrandbits(9)
    access = (AccessListEntry(to, (b"\x01" * 32,)),)
    agreed = SignedAuthorization(Authorization(5, to, nonce), KEY.sign_recoverable(b"\x02" * 32, hasher=None))
    return [
        LegacyTransaction(chance.choice([1, 2**70]), nonce, 3, 4, to, value, data),
        AccessListTransaction(5, nonce, 3, 4, None, value, data, access),
        FeeMarketTransaction(5, nonce, 3, 4, 5, to, value, data, access),
        SetCodeTransaction(5, nonce, 3, 4, 5, to, value, data, (agreed,), access),
    ]


@pytest.mark.parametrize("seed", range(12))
def test_every_kind_and_size_is_encoded_alike(seed: int) -> None:
    for transaction in _transactions(random.Random(seed)):
        unsigned = encode_unsigned(transaction)
        signature = KEY.sign_recoverable(signing_hash(unsigned), hasher=None)
        signed = signed_from_unsigned(unsigned, signature)
        assert signed == encode_signed(transaction, signature)
        assert decode_signed(signed).transaction == transaction


def test_what_is_no_unsigned_transaction_is_refused() -> None:
    """Nothing, another type, no list, a list with something behind it, a signature with a high s."""
    unsigned = encode_unsigned(_transactions(random.Random(1))[2])
    signature = KEY.sign_recoverable(os.urandom(32), hasher=None)
    for wrong in (b"", b"\x03" + unsigned[1:], b"\x02\x80", b"\x02", unsigned + b"\x00", unsigned[:-1]):
        with pytest.raises(InvalidValue):
            signed_from_unsigned(wrong, signature)
    for wrong in (signature[:64], signature[:32] + b"\xff" * 32 + b"\x00", bytes(65)):
        with pytest.raises(InvalidValue):
            signed_from_unsigned(unsigned, wrong)


def test_a_list_grows_by_encoded_items() -> None:
    for length in (0, 1, 54, 55, 56, 255, 256, 70_000):
        assert rlp_extended(rlp_encode([b"\x90" * length]), rlp_encode(7)) == rlp_encode([b"\x90" * length, 7])
    for wrong in (b"", b"\x80", b"\xc1", b"\xc0\x00"):
        with pytest.raises(InvalidValue):
            rlp_extended(wrong, b"\x01")
