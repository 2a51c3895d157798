"""Keys in standard forms. Every result is a Secret until the very edge."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from codec.base58check import encode_base58check
from codec.evm.transaction import address_of_public_key
from keystore.derivation import public_key_of
from keystore.secret import Secret
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.signing import Curve

MIN_FILE_PASSWORD = 8


class ExportForm(StrEnum):
    """How a secret leaves."""

    MNEMONIC = "mnemonic"
    """All words of a wallet, and its BIP-39 passphrase."""
    SHARES = "shares"
    """SLIP-39 shares of a wallet's master secret, or of the 64-byte seed of a mnemonic."""
    HEX = "hex"
    """One private key, 64 hexadecimal digits."""
    KEYSTORE = "keystore"
    """One secp256k1 key as a file of version 3, scrypt, under a password of its own."""
    WIF = "wif"
    """One secp256k1 key for Bitcoin's main network, compressed."""
    WIF_TESTNET = "wif_testnet"
    SOLANA_BASE58 = "solana_base58"
    """One ed25519 key, 64 bytes."""
    SOLANA_JSON = "solana_json"
    """One ed25519 key as id.json of the Solana CLI."""
    EXTENDED_KEY = "extended_key"
    """A branch of a secp256k1 tree, as xprv."""


KEY_FORMS = frozenset(
    {
        ExportForm.HEX,
        ExportForm.KEYSTORE,
        ExportForm.WIF,
        ExportForm.WIF_TESTNET,
        ExportForm.SOLANA_BASE58,
        ExportForm.SOLANA_JSON,
    }
)
"""Those that hold one key."""
_CURVE_OF = {
    ExportForm.KEYSTORE: Curve.SECP256K1,
    ExportForm.WIF: Curve.SECP256K1,
    ExportForm.WIF_TESTNET: Curve.SECP256K1,
    ExportForm.SOLANA_BASE58: Curve.ED25519,
    ExportForm.SOLANA_JSON: Curve.ED25519,
}


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """Of a written key file; the default is geth's (256 MiB, about a second)."""

    n: int = 1 << 18
    r: int = 8
    p: int = 1


def curve_for(form: ExportForm, curve: Curve | None) -> Curve:
    """The curve of the key that is meant.

    Raises:
        InvalidValue: The form has keys of another curve only, or (HEX) none is named; sr25519 has no standard form.
    """
    implied = _CURVE_OF.get(form)
    if implied is not None:
        if curve not in (None, implied):
            raise InvalidValue(f"the form {form} holds {implied} keys only")
        return implied
    if curve not in (Curve.SECP256K1, Curve.ED25519):
        raise InvalidValue("say the curve of the key: secp256k1 or ed25519")
    return curve


def write_key(key: Secret, curve: Curve, form: ExportForm) -> Secret:
    """One key of 32 bytes as text; not for KEYSTORE, which takes a password.

    Raises:
        InvalidValue: The form holds no single key.
    """
    raw = bytes(key.expose())
    match form:
        case ExportForm.HEX:
            return Secret(raw.hex().encode())
        case ExportForm.WIF | ExportForm.WIF_TESTNET:
            version = b"\x80" if form is ExportForm.WIF else b"\xef"
            return Secret(encode_base58check(version + raw + b"\x01").encode())
        case ExportForm.SOLANA_BASE58:
            return Secret(encode_base58(raw + public_key_of(key, curve).raw).encode())
        case ExportForm.SOLANA_JSON:
            return Secret(orjson.dumps(list(raw + public_key_of(key, curve).raw)))
    raise InvalidValue(f"the form {form} holds no single key")


def write_keystore_file(key: Secret, password: str, file_id: UUID, cost: ScryptCost | None = None) -> Secret:
    """A key file of version 3. Takes about a second and 256 MiB: call it in a thread.

    Raises:
        InvalidValue: A password of fewer than 8 characters.

    Source: ethereum.org "Web3 Secret Storage Definition".
    """
    if len(password) < MIN_FILE_PASSWORD:
        raise InvalidValue(f"the file's password has at least {MIN_FILE_PASSWORD} characters")
    cost = cost or ScryptCost()
    salt, iv = os.urandom(32), os.urandom(16)
    derived = hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost.n,
        r=cost.r,
        p=cost.p,
        dklen=32,
        maxmem=128 * cost.n * cost.r * 2,
    )
    encryptor = Cipher(AES(derived[:16]), CTR(iv)).encryptor()
    ciphertext = encryptor.update(bytes(key.expose())) + encryptor.finalize()
    document = {
        "version": 3,
        "id": str(file_id),
        "address": address_of_public_key(public_key_of(key, Curve.SECP256K1).raw).hex(),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": ciphertext.hex(),
            "kdf": "scrypt",
            "kdfparams": {"dklen": 32, "n": cost.n, "r": cost.r, "p": cost.p, "salt": salt.hex()},
            "mac": keccak256(derived[16:32] + ciphertext).hex(),
        },
    }
    return Secret(orjson.dumps(document))
