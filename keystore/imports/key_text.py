"""One private key as text: raw hexadecimal, WIF, Solana's base58 and id.json.

Errors name the part that is wrong and repeat nothing of what was typed.
"""

from __future__ import annotations

import binascii
from enum import StrEnum

import orjson

from codec.base58check import decode_base58check
from keystore.secret import Secret
from keystore.single_key import SingleKey
from primitives.base58 import decode_base58
from primitives.errors import InvalidKeyFile, InvalidValue
from primitives.signing import Curve

MAX_TEXT = 4096
_WIF_VERSIONS = (0x80, 0xEF)
_COMPRESSED = 1


class KeyForm(StrEnum):
    """How a key is written."""

    HEX = "hex"
    """64 hexadecimal digits, with or without 0x."""
    WIF = "wif"
    """Bitcoin's wallet import format, of the main or the test network."""
    SOLANA_BASE58 = "solana_base58"
    """64 bytes, private half first, as Phantom and Solflare export."""
    SOLANA_JSON = "solana_json"
    """The id.json of the Solana CLI: a list of 64 numbers."""
    EXTENDED_KEY = "extended_key"
    """xprv, yprv, zprv or their test forms: a branch of a tree."""


def read_key(text: str, form: KeyForm, curve: Curve | None = None) -> SingleKey:
    """The key in a text.

    Args:
        curve: Only of raw hexadecimal, which does not say it; None: secp256k1.

    Raises:
        InvalidKeyFile: `part` is size, text, checksum, version, key, curve or public_key.
    """
    if len(text) > MAX_TEXT:
        raise _wrong("size", f"a key has at most {MAX_TEXT} characters")
    stripped = text.strip()
    implied = {
        KeyForm.WIF: Curve.SECP256K1,
        KeyForm.SOLANA_BASE58: Curve.ED25519,
        KeyForm.SOLANA_JSON: Curve.ED25519,
    }.get(form)
    if implied is not None and curve not in (None, implied):
        raise _wrong("curve", f"a key in the form {form} is of {implied}")
    match form:
        case KeyForm.HEX:
            return _key(curve or Curve.SECP256K1, _hex(stripped))
        case KeyForm.WIF:
            return _key(Curve.SECP256K1, _wif(stripped))
        case KeyForm.SOLANA_BASE58:
            return _solana(_solana_base58(stripped))
        case KeyForm.SOLANA_JSON:
            return _solana(_solana_json(stripped))
    raise _wrong("form", f"a single key is not written as {form}")


def _hex(text: str) -> bytes:
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    if len(digits) != 64:
        raise _wrong("text", f"a raw key has 64 hexadecimal digits, this text {len(digits)}")
    try:
        return binascii.unhexlify(digits.encode("ascii"))
    except (ValueError, UnicodeEncodeError):
        raise _wrong("text", "a raw key has hexadecimal digits only") from None


def _wif(text: str) -> bytes:
    for length in (34, 33):
        try:
            payload = decode_base58check(text, length=length)
        except InvalidValue as error:
            if "checksum" in error.message:
                raise _wrong("checksum", "the checksum does not fit: a character is wrong or missing") from None
            continue
        if payload[0] not in _WIF_VERSIONS:
            raise _wrong("version", f"version {payload[0]} is none of Bitcoin's private keys")
        if length == 34 and payload[33] != _COMPRESSED:
            raise _wrong("version", "the last byte is not the mark of a compressed key")
        return payload[1:33]
    raise _wrong("text", "this is no WIF key: a character or the length is wrong")


def _solana_base58(text: str) -> bytes:
    try:
        return decode_base58(text, length=64)
    except InvalidValue:
        raise _wrong(
            "text", "a Solana key is 64 bytes in base58; 32 bytes are an address or half a key, and are refused"
        ) from None


def _solana_json(text: str) -> bytes:
    try:
        numbers = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _wrong("text", "id.json is a list of 64 numbers") from None
    if not isinstance(numbers, list) or len(numbers) != 64:
        raise _wrong("text", "id.json is a list of 64 numbers")
    if any(type(number) is not int or not 0 <= number < 256 for number in numbers):
        raise _wrong("text", "every number of id.json is 0 … 255")
    return bytes(numbers)


def _solana(pair: bytes) -> SingleKey:
    key = _key(Curve.ED25519, pair[:32])
    if key.public_key.raw != pair[32:]:
        key.wipe()
        raise _wrong("public_key", "the second half is not the public key of the first: the file is damaged")
    return key


def _key(curve: Curve, raw: bytes) -> SingleKey:
    try:
        return SingleKey(curve, Secret(raw))
    except InvalidValue as error:
        raise _wrong("key", error.message) from None


def _wrong(part: str, message: str) -> InvalidKeyFile:
    return InvalidKeyFile(f"the key cannot be read: {message}", part=part)
