"""Bitcoin addresses of single keys: legacy, wrapped segwit, segwit and taproot.

Source: BIP-13 and BIP-16 (P2SH), BIP-141 and BIP-49 (P2WPKH in P2SH), BIP-84, BIP-173; BIP-86 and BIP-341 (P2TR).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from coincurve import PublicKey, PublicKeyXOnly

from codec.base58check import decode_base58check, encode_base58check
from codec.bitcoin.bech32 import decode_segwit, encode_segwit
from codec.bitcoin.hashing import hash160
from primitives.errors import InvalidAddress, InvalidValue


class ScriptType(StrEnum):
    """How the coins of an address are locked."""

    P2PKH = "p2pkh"
    P2SH = "p2sh"
    """Any script; of single keys: P2WPKH inside P2SH."""
    P2WPKH = "p2wpkh"
    P2WSH = "p2wsh"
    P2TR = "p2tr"


@dataclass(frozen=True, slots=True)
class BitcoinNetwork:
    """The version bytes and segwit prefix of a network."""

    name: str
    key_hash: int
    script_hash: int
    segwit: str


MAINNET = BitcoinNetwork("Bitcoin", 0x00, 0x05, "bc")
TESTNET = BitcoinNetwork("Bitcoin testnet", 0x6F, 0xC4, "tb")

_SEGWIT_TYPE = {(0, 20): ScriptType.P2WPKH, (0, 32): ScriptType.P2WSH, (1, 32): ScriptType.P2TR}


def p2pkh(public_key: bytes, network: BitcoinNetwork = MAINNET) -> str:
    """The legacy address of a compressed or uncompressed public key (33 or 65 bytes)."""
    return encode_base58check(bytes([network.key_hash]) + hash160(public_key))


def p2pkh_uncompressed(public_key: bytes, network: BitcoinNetwork = MAINNET) -> str:
    """The legacy address that software before 2012 made of the same key: hashed in its 65-byte form."""
    return p2pkh(PublicKey(public_key).format(compressed=False), network)


def p2sh_p2wpkh(public_key: bytes, network: BitcoinNetwork = MAINNET) -> str:
    """The wrapped segwit address of a compressed public key (33 bytes)."""
    return encode_base58check(bytes([network.script_hash]) + hash160(b"\x00\x14" + hash160(_compressed(public_key))))


def p2wpkh(public_key: bytes, network: BitcoinNetwork = MAINNET) -> str:
    """The segwit address of a compressed public key (33 bytes)."""
    return encode_segwit(network.segwit, 0, hash160(_compressed(public_key)))


def p2tr(public_key: bytes, network: BitcoinNetwork = MAINNET) -> str:
    """The taproot address of a key without scripts (BIP-86); 33 bytes compressed."""
    return encode_segwit(network.segwit, 1, taproot_output_key(_compressed(public_key)[1:]))


def taproot_output_key(internal_key: bytes) -> bytes:
    """The 32-byte output key of a 32-byte internal key without scripts.

    Raises:
        InvalidValue: The bytes are no point of the curve.

    Source: BIP-341 "Constructing and spending Taproot outputs", taproot_tweak_pubkey with an empty tree.
    """
    tag = hashlib.sha256(b"TapTweak").digest()
    tweak = hashlib.sha256(tag + tag + internal_key).digest()
    try:
        point = PublicKeyXOnly(internal_key)
        point.tweak_add(tweak)
    except ValueError:
        raise InvalidValue("this is no public key on secp256k1") from None
    return point.format()


def parse_bitcoin_address(text: str, network: BitcoinNetwork = MAINNET) -> ScriptType:
    """Check an address of this network and say what locks its coins.

    Raises:
        InvalidAddress: Of another network, malformed, a wrong checksum, or a witness version that nobody can spend
            yet.
    """
    if text.lower().startswith(network.segwit + "1"):
        version, program = decode_segwit(text, network.segwit)
        kind = _SEGWIT_TYPE.get((version, len(program)))
        if kind is None:
            raise InvalidAddress(
                f"witness version {version} with {len(program)} bytes has no meaning yet", address=text
            )
        return kind
    try:
        payload = decode_base58check(text, length=21)
    except InvalidValue as error:
        raise InvalidAddress(f"{text!r} is not an address of {network.name}: {error.message}", address=text) from error
    if payload[0] == network.key_hash:
        return ScriptType.P2PKH
    if payload[0] == network.script_hash:
        return ScriptType.P2SH
    raise InvalidAddress(f"{text} is not an address of {network.name}", address=text)


def _compressed(public_key: bytes) -> bytes:
    if len(public_key) != 33:
        raise InvalidValue("segwit and taproot take compressed public keys of 33 bytes only")
    return public_key
