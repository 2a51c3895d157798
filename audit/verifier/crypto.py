"""Hashes and signatures; two packages, pycryptodome and coincurve, do the arithmetic."""

from __future__ import annotations

from coincurve import PublicKey
from Crypto.Hash import keccak
from Crypto.Signature import eddsa

from .report import Rejected, require

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SECP256K1_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def keccak256(data: bytes) -> bytes:
    """32 bytes, with the original Keccak padding."""
    return keccak.new(digest_bits=256, data=data).digest()


def recover_address(check: str, digest: bytes, r: int, s: int, y_parity: int) -> bytes:
    """The EVM address (20 bytes) whose key made the secp256k1 signature over a digest, with s as EIP-2 wants it."""
    in_range = 0 < r < 2**256 and 0 < s <= _SECP256K1_HALF_ORDER and y_parity in (0, 1)
    require(in_range, check, "the signature's r, s or recovery bit is out of range")
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([y_parity])
    try:
        key = PublicKey.from_signature_and_message(raw, digest, hasher=None)
    except Exception as error:  # coincurve raises bare Exception and ValueError
        raise Rejected(check, "no key fits the signature") from error
    return keccak256(key.format(compressed=False)[1:])[12:]


def check_ed25519(check: str, key: bytes, message: bytes, signature: bytes) -> None:
    """Verify a signature (64 bytes) by a key that has no small order. Source: RFC 8032 §5.1.7."""
    try:
        public = eddsa.import_public_key(key)
        require(not (public.pointQ * 8).is_point_at_infinity(), check, "the key has a small order")
        eddsa.new(public, "rfc8032").verify(message, signature)
    except ValueError as error:
        raise Rejected(check, f"not a signature by {base58(key)}") from error


def is_on_curve(address: bytes) -> bool:
    """Whether 32 bytes are a point of the ed25519 curve, so that somebody may hold its key."""
    try:
        eddsa.import_public_key(address)
    except ValueError:
        return False
    return True


def base58(data: bytes) -> str:
    """Bitcoin's alphabet, as Solana writes keys, hashes and signatures."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def checksum_address(address: bytes) -> str:
    """Write 20 bytes as 0x and forty digits. Source: EIP-55."""
    digest = keccak256((plain := address.hex()).encode()).hex()
    return "0x" + "".join(c.upper() if d >= "8" else c for c, d in zip(plain, digest, strict=False))
