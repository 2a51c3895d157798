"""Whether a signature under a sign-in message is its account's."""

from __future__ import annotations

import hmac

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from codec.evm.transaction import recover_address
from people.wallet_login.message import Family, SignIn
from primitives.base58 import decode_base58
from primitives.errors import InvalidValue, LoginFailed
from primitives.hashing import keccak256


def require_signature(message: SignIn, text: str, signature: str) -> None:
    """Check the signature over exactly this text.

    Args:
        signature: 65 bytes in hex for Ethereum (EIP-191 version 0x45), 64 bytes in base58 for Solana (RFC 8032).

    Raises:
        LoginFailed: It is another account's, or none. Accounts that are contracts (EIP-1271) are not supported.
    """
    fits = _evm(message, text, signature) if message.family is Family.ETHEREUM else _solana(message, text, signature)
    if not fits:
        raise LoginFailed("the signature is not of this account over this text")


def _evm(message: SignIn, text: str, signature: str) -> bool:
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return False
    if len(raw) != 65:
        return False
    parity = raw[64] - 27 if raw[64] >= 27 else raw[64]
    if parity not in (0, 1):
        return False
    data = text.encode()
    digest = keccak256(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)
    try:
        return hmac.compare_digest(recover_address(digest, raw[:64] + bytes([parity])), message.public)
    except InvalidValue:
        return False


def _solana(message: SignIn, text: str, signature: str) -> bool:
    try:
        raw = decode_base58(signature, length=64)
        VerifyKey(message.public).verify(text.encode(), raw)
    except (InvalidValue, BadSignatureError, ValueError):
        return False
    return True
