"""Password-protected key files of Ethereum wallets: version 3, the older version 1, and their odd cousins.

Read here beside geth's: `Crypto` for `crypto` (MyEtherWallet, Parity), addresses with 0x, in capitals or absent,
numbers written as text, passwords normalised by ethers, keys whose leading zeros are missing, AES-128-CBC, AES-192
and AES-256, and mnemonics (Trust Wallet).
The file chooses the cost of its key derivation, so that cost is bounded before anything is computed.

Source: ethereum.org "Web3 Secret Storage Definition"; github.com/ethereum/tests KeyStoreTests; go-ethereum's accounts
documentation for version 1; Trust Wallet's wallet-core documentation of StoredKey.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from Crypto.Protocol.KDF import scrypt as lenient_scrypt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR
from cryptography.hazmat.primitives.padding import PKCS7

from codec.evm.transaction import address_of_public_key
from keystore.secret import Secret
from keystore.single_key import SingleKey
from primitives.errors import InvalidKeyFile, InvalidValue
from primitives.hashing import keccak256
from primitives.signing import Curve

MAX_FILE = 64 * 1024
MAX_MEMORY = 512 * 1024 * 1024
"""Bytes that scrypt may take: 128 · n · r. geth's files take 256 MiB."""
MAX_WORK = 2 * 1024 * 1024 * 1024
"""Bytes that scrypt may turn over in all: 128 · n · r · p."""
MAX_LENIENT_WORK = 256 * 1024 * 1024
"""The same where only a slower implementation is left, and takes seconds for it."""
MAX_ROUNDS = 10_000_000
"""Of PBKDF2; the usual 262,144 take a tenth of a second."""
_KEY_BYTES = {"aes-128-ctr": 16, "aes-192-ctr": 24, "aes-256-ctr": 32, "aes-128-cbc": 16}
_MAX_SALT = 1024
_MAX_DEPTH = 32
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[\[\]{}]")
_MAX_SECRET = 1024
_PRFS = {"hmac-sha256": "sha256", "hmac-sha512": "sha512"}


@dataclass(slots=True, repr=False, eq=False)
class OpenedFile:
    """What was inside: a key, or the text of a mnemonic. Exactly one of them is set; wipe it after use."""

    key: SingleKey | None
    mnemonic: Secret | None

    def wipe(self) -> None:
        if self.key is not None:
            self.key.wipe()
        if self.mnemonic is not None:
            self.mnemonic.wipe()

    def __repr__(self) -> str:
        return "OpenedFile(hidden)"

    def __reduce_ex__(self, protocol: object) -> str:
        raise TypeError("an opened key file is never pickled or copied")


def open_keystore_file(text: str, password: str) -> OpenedFile:
    """Decrypt a key file. Takes up to some seconds and 512 MiB: call it in a thread.

    Raises:
        InvalidKeyFile: `part` names what is wrong: size, json, version, crypto, cipher, cipherparams, ciphertext, kdf,
            kdfparams, mac, password (or a changed file: they cannot be told apart), key, address.
    """
    document = _parse(text)
    version = str(document.get("version", ""))
    if version not in ("1", "3"):
        raise _wrong("version", f"version {version[:20]!r} is not known; versions 3 and 1 are")
    crypto = document.get("crypto", document.get("Crypto"))
    if not isinstance(crypto, dict):
        raise _wrong("crypto", "it has no part crypto")
    cipher = _text(crypto, "cipher").lower()
    if cipher not in _KEY_BYTES:
        raise _wrong("cipher", f"the cipher {cipher[:40]!r} is not known; there are {', '.join(_KEY_BYTES)}")
    if version == "1" and cipher != "aes-128-cbc":
        raise _wrong("cipher", "files of version 1 use aes-128-cbc")
    iv = _bytes(_part(crypto, "cipherparams"), "iv", "cipherparams", 16)
    if len(iv) != 16:
        raise _wrong("cipherparams", "the initial vector has 16 bytes")
    ciphertext = _bytes(crypto, "ciphertext", "ciphertext", _MAX_SECRET)
    mac = _bytes(crypto, "mac", "mac", 32)
    derived = _derive_checked(crypto, password, ciphertext, mac)
    try:
        size = _KEY_BYTES[cipher]
        key = bytes(derived.expose()[:size])
        if version == "1":
            key = keccak256(key)[:16]
        plain = _decrypt(cipher, key, iv, ciphertext)
    finally:
        derived.wipe()
    with plain:
        return _contents(document, plain)


def _parse(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_FILE:
        raise _wrong("size", f"a key file has at most {MAX_FILE} bytes")
    try:
        _require_shallow(text)
        document = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_without_repeats)
    except ValueError:
        raise _wrong("json", "it is no JSON, or says something twice") from None
    if not isinstance(document, dict):
        raise _wrong("json", "it is no JSON object")
    return document


def _require_shallow(text: str) -> None:
    """Raises ValueError for nesting that json.loads may not survive: a library that we import lifts Python's limit of
    recursion beyond what the stack holds."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > _MAX_DEPTH:
            raise ValueError


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError
    return document


def _derive_checked(crypto: Mapping[str, Any], password: str, ciphertext: bytes, mac: bytes) -> Secret:
    """The derived key that fits the MAC: of the password as typed, else of its NFKC form, which ethers uses."""
    for spelling in dict.fromkeys((password, unicodedata.normalize("NFKC", password))):
        derived = _derive(crypto, spelling)
        if hmac.compare_digest(keccak256(bytes(derived.expose()[16:32]) + ciphertext), mac):
            return derived
        derived.wipe()
    raise _wrong("password", "the password is wrong, or the file was changed")


def _derive(crypto: Mapping[str, Any], password: str) -> Secret:
    kdf, parameters = _text(crypto, "kdf").lower(), _part(crypto, "kdfparams")
    salt = _bytes(parameters, "salt", "kdfparams", _MAX_SALT)
    length = _number(parameters, "dklen", 32, 64)
    secret = password.encode("utf-8", "surrogatepass")
    if kdf == "scrypt":
        n = _number(parameters, "n", 2, MAX_MEMORY)
        r, p = _number(parameters, "r", 1, MAX_MEMORY), _number(parameters, "p", 1, MAX_WORK)
        if n & (n - 1):
            raise _wrong("kdfparams", "n of scrypt is a power of two")
        if 128 * n * r > MAX_MEMORY or 128 * n * r * p > MAX_WORK or 128 * r * p > MAX_MEMORY:
            raise _wrong(
                "kdfparams",
                f"it asks for {128 * n * r >> 20} MiB of memory, {p} times over; at most {MAX_MEMORY >> 20} MiB and "
                f"{MAX_WORK >> 20} MiB in all are spent on a file",
            )
        return _scrypt(secret, salt, n, r, p, length)
    if kdf == "pbkdf2":
        rounds = _number(parameters, "c", 1, MAX_ROUNDS)
        prf = _PRFS.get(_text(parameters, "prf", "kdfparams").lower())
        if prf is None:
            raise _wrong("kdfparams", f"the function of pbkdf2 is {' or '.join(_PRFS)}")
        return Secret(hashlib.pbkdf2_hmac(prf, secret, salt, rounds, length))
    raise _wrong("kdf", f"the key derivation {kdf[:40]!r} is not known; scrypt and pbkdf2 are")


def _scrypt(password: bytes, salt: bytes, n: int, r: int, p: int, length: int) -> Secret:
    if n < 1 << 16 * r:
        return Secret(
            hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=MAX_MEMORY + MAX_MEMORY // 4)
        )
    # RFC 7914 wants n below 2^(16 r) and OpenSSL holds to it; the definition's own example (n=262144, r=1) does not.
    if 128 * n * r * p > MAX_LENIENT_WORK:
        raise _wrong("kdfparams", "n of scrypt is not below 2^(16 r)")
    return Secret(lenient_scrypt(password, salt, length, n, r, p))  # type: ignore[arg-type]


def _decrypt(cipher: str, key: bytes, iv: bytes, ciphertext: bytes) -> Secret:
    if cipher.endswith("-ctr"):
        decryptor = Cipher(AES(key), CTR(iv)).decryptor()
        return Secret(decryptor.update(ciphertext) + decryptor.finalize())
    if len(ciphertext) % 16 or not ciphertext:
        raise _wrong("ciphertext", "it is not whole blocks of 16 bytes")
    blocks = Cipher(AES(key), CBC(iv)).decryptor()
    padded = blocks.update(ciphertext) + blocks.finalize()
    unpadder = PKCS7(128).unpadder()
    try:
        return Secret(unpadder.update(padded) + unpadder.finalize())
    except ValueError:
        # Some writers of version 3 encrypt 32 bytes without any padding.
        if len(padded) == 32:
            return Secret(padded)
        raise _wrong("ciphertext", "its padding is wrong") from None


def _contents(document: Mapping[str, Any], plain: Secret) -> OpenedFile:
    kind = document.get("type", "private-key")
    if kind == "mnemonic":
        try:
            plain.expose().decode()
        except UnicodeDecodeError:
            raise _wrong("key", "it says mnemonic and holds no text") from None
        return OpenedFile(None, Secret(plain.expose()))
    if kind != "private-key":
        raise _wrong("key", "it says neither private-key nor mnemonic")
    if not 1 <= len(plain) <= 32:
        raise _wrong("key", f"it holds {len(plain)} bytes, a key has 32")
    # Old writers dropped leading zeros.
    key_bytes = Secret(bytes(plain.expose()).rjust(32, b"\0"))
    try:
        key = SingleKey(Curve.SECP256K1, key_bytes)
    except InvalidValue as error:
        raise _wrong("key", error.message) from None
    told = document.get("address")
    address = address_of_public_key(key.public_key.raw).hex()
    if isinstance(told, str) and _is_evm(told) and address != told.lower().removeprefix("0x"):
        key.wipe()
        raise _wrong("address", "the key inside is not that of the address which the file names")
    return OpenedFile(key, None)


def _is_evm(text: str) -> bool:
    digits = text.lower().removeprefix("0x")
    return len(digits) == 40 and all(digit in "0123456789abcdef" for digit in digits)


def _part(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise _wrong(name, f"it has no part {name}")
    return value


def _text(parent: Mapping[str, Any], name: str, part: str | None = None) -> str:
    value = parent.get(name)
    if not isinstance(value, str):
        raise _wrong(part or name, f"{name} is missing or no text")
    return value


def _bytes(parent: Mapping[str, Any], name: str, part: str, most: int) -> bytes:
    text = _text(parent, name, part)
    digits = text[2:] if text[:2] in ("0x", "0X") else text
    if len(digits) > 2 * most:
        raise _wrong(part, f"{name} has more than {most} bytes")
    try:
        # An odd number of digits: some writers dropped the leading zero.
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    except ValueError:
        raise _wrong(part, f"{name} is not hexadecimal") from None


def _number(parent: Mapping[str, Any], name: str, least: int, most: int) -> int:
    value = parent.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 20:
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise _wrong("kdfparams", f"{name} is not a whole number from {least} to {most}")
    return value


def _wrong(part: str, message: str) -> InvalidKeyFile:
    return InvalidKeyFile(f"the key file cannot be read: {message}", part=part)
