"""Extended keys as text: xpub, xprv and the other names that say which addresses are meant.

Source: BIP-32 "Serialization format"; SLIP-132 for ypub, zpub and their testnet forms.
"""

from __future__ import annotations

from dataclasses import dataclass

from coincurve import PublicKey as Secp256k1PublicKey

from codec.base58check import decode_base58check, encode_base58check
from primitives.errors import InvalidKeyFile, InvalidValue

_SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_LENGTH = 78


@dataclass(frozen=True, slots=True)
class Version:
    """What the first four bytes say.

    Attributes:
        script: The addresses meant, by SLIP-132; None where the prefix does not say.
    """

    prefix: str
    private: bool
    testnet: bool
    script: str | None


_VERSIONS = {
    0x0488B21E: Version("xpub", False, False, None),
    0x0488ADE4: Version("xprv", True, False, None),
    0x043587CF: Version("tpub", False, True, None),
    0x04358394: Version("tprv", True, True, None),
    0x049D7CB2: Version("ypub", False, False, "p2sh-p2wpkh"),
    0x049D7878: Version("yprv", True, False, "p2sh-p2wpkh"),
    0x04B24746: Version("zpub", False, False, "p2wpkh"),
    0x04B2430C: Version("zprv", True, False, "p2wpkh"),
    0x044A5262: Version("upub", False, True, "p2sh-p2wpkh"),
    0x044A4E28: Version("uprv", True, True, "p2sh-p2wpkh"),
    0x045F1CF6: Version("vpub", False, True, "p2wpkh"),
    0x045F18BC: Version("vprv", True, True, "p2wpkh"),
}
_NUMBER_OF = {version.prefix: number for number, version in _VERSIONS.items()}


@dataclass(frozen=True, slots=True, repr=False)
class ExtendedKeyText:
    """The fields of an extended key. It may hold a private key, so it shows nothing.

    Attributes:
        chain_code: 32 bytes.
        key: 33 bytes: a compressed public key, or a zero byte and a private key.
    """

    version: Version
    depth: int
    parent_fingerprint: bytes
    child_number: int
    chain_code: bytes
    key: bytes

    def __repr__(self) -> str:
        return f"ExtendedKeyText({self.version.prefix}, hidden)"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("an extended key is never pickled or copied")


def write_extended_key(
    prefix: str, depth: int, parent_fingerprint: bytes, child_number: int, chain_code: bytes, key: bytes
) -> str:
    """The text of an extended key; `key` has 33 bytes as in `ExtendedKeyText`."""
    head = _NUMBER_OF[prefix].to_bytes(4, "big") + bytes([depth]) + parent_fingerprint
    return encode_base58check(head + child_number.to_bytes(4, "big") + chain_code + key)


def read_extended_key(text: str) -> ExtendedKeyText:
    """Read and check an extended key.

    Raises:
        InvalidKeyFile: `part` says which part is wrong: text, version, depth, parent_fingerprint, child_number, key.
            The text is never repeated.
    """
    try:
        raw = decode_base58check(text.strip(), length=_LENGTH)
    except InvalidValue:
        # Its message may repeat a character of a secret.
        raise _wrong("text", "it is no extended key: a character, the length or the checksum is wrong") from None
    version = _VERSIONS.get(int.from_bytes(raw[:4], "big"))
    if version is None:
        raise _wrong("version", f"its version {raw[:4].hex()} is none that we know (xpub, xprv, ypub, zpub, …)")
    depth, parent, number = raw[4], raw[5:9], int.from_bytes(raw[9:13], "big")
    if depth == 0 and parent != bytes(4):
        raise _wrong("parent_fingerprint", "a key of depth 0 has no parent")
    if depth == 0 and number:
        raise _wrong("child_number", "a key of depth 0 is nobody's child")
    key = raw[45:]
    if version.private:
        if key[0] != 0:
            raise _wrong("key", "its version says private, its key is public")
        if not 0 < int.from_bytes(key, "big") < _SECP256K1_ORDER:
            raise _wrong("key", "its private key is zero or not below the order of the curve")
    else:
        if key[0] not in (2, 3):
            raise _wrong("key", "its version says public, its key is no compressed public key")
        try:
            Secp256k1PublicKey(key)
        except ValueError:
            raise _wrong("key", "its public key is no point of the curve") from None
    return ExtendedKeyText(version, depth, parent, number, raw[13:45], key)


def _wrong(part: str, message: str) -> InvalidKeyFile:
    return InvalidKeyFile(f"the extended key cannot be read: {message}", part=part)
