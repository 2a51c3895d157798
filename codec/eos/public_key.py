"""Public keys as EOS and other Antelope chains write them. An account there has a name of its own, not an address.

Source: github.com/AntelopeIO/leap libfc `public_key::to_string`; docs.eosnetwork.com "Key formats".
"""

from __future__ import annotations

from coincurve import PublicKey

from codec.bitcoin.hashing import ripemd160
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidAddress, InvalidValue

_LEGACY, _K1 = "EOS", "PUB_K1_"
_CHECK_BYTES = 4


def eos_public_key(public_key: bytes) -> str:
    """The older form `EOS…`, which every wallet reads, of a secp256k1 public key of 33 bytes."""
    return _LEGACY + encode_base58(public_key + ripemd160(public_key)[:_CHECK_BYTES])


def eos_k1_public_key(public_key: bytes) -> str:
    """The newer form `PUB_K1_…`."""
    return _K1 + encode_base58(public_key + ripemd160(public_key + b"K1")[:_CHECK_BYTES])


def parse_eos_public_key(text: str) -> bytes:
    """33 bytes from either form. Raises InvalidAddress."""
    if text.startswith(_K1):
        body, suffix = text[len(_K1) :], b"K1"
    elif text.startswith(_LEGACY):
        body, suffix = text[len(_LEGACY) :], b""
    else:
        raise InvalidAddress(f"{text!r} is not an EOS public key (EOS… or PUB_K1_…)", address=text)
    try:
        raw = decode_base58(body, length=33 + _CHECK_BYTES)
        key, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        if ripemd160(key + suffix)[:_CHECK_BYTES] != check:
            raise InvalidValue("the checksum does not fit")
        PublicKey(key)
    except ValueError as error:
        reason = error.message if isinstance(error, InvalidValue) else "no point of the curve"
        raise InvalidAddress(f"{text!r} is not an EOS public key: {reason}", address=text) from error
    return key
