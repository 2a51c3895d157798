"""Key files: the definition's vectors, odd writers, eth-account both ways, bounded cost, and every damaged byte."""

from __future__ import annotations

import copy
import hashlib
import json
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.evm.transaction import address_of_public_key
from keystore.derivation import public_key_of
from keystore.exports.forms import ScryptCost, write_keystore_file
from keystore.imports import keystore_file
from keystore.imports.keystore_file import MAX_FILE, open_keystore_file
from keystore.secret import Secret
from keystore.single_key import ITS_PATH
from primitives.errors import InvalidKeyFile, InvalidValue
from primitives.hashing import keccak256
from primitives.signing import Curve

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "keystore_v3.json").read_text())["files"]
RAW = bytes(range(1, 33))
JUNK = "test test test test test test test test test test test junk"


def made(
    secret: bytes = RAW, *, cipher: str = "aes-128-ctr", version: int | str = 3, password: str = "pässword", **more: Any
) -> dict[str, Any]:
    """A file as some client might write it, at no cost."""
    salt, iv = b"s" * 32, b"i" * 16
    derived = hashlib.scrypt(password.encode(), salt=salt, n=2, r=8, p=1, dklen=32)
    size = {"aes-128-ctr": 16, "aes-192-ctr": 24, "aes-256-ctr": 32, "aes-128-cbc": 16}[cipher]
    key = derived[:size] if str(version) == "3" else keccak256(derived[:16])[:16]
    if cipher == "aes-128-cbc":
        padding = 16 - len(secret) % 16
        encryptor = Cipher(AES(key), CBC(iv)).encryptor()
        ciphertext = encryptor.update(secret + bytes([padding]) * padding) + encryptor.finalize()
    else:
        encryptor = Cipher(AES(key), CTR(iv)).encryptor()
        ciphertext = encryptor.update(secret) + encryptor.finalize()
    return {
        "version": version,
        "crypto": {
            "cipher": cipher,
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": ciphertext.hex(),
            "kdf": "scrypt",
            "kdfparams": {"dklen": 32, "n": 2, "r": 8, "p": 1, "salt": salt.hex()},
            "mac": keccak256(derived[16:32] + ciphertext).hex(),
        },
        **more,
    }


def opened(document: Any, password: str = "pässword") -> bytes:
    found = open_keystore_file(document if isinstance(document, str) else json.dumps(document), password)
    assert found.key is not None
    return bytes(found.key.private_key(Curve.SECP256K1, ITS_PATH).expose())


def refused(document: Any, password: str = "pässword") -> str:
    with pytest.raises(InvalidKeyFile) as caught:
        open_keystore_file(document if isinstance(document, str) else json.dumps(document), password)
    assert RAW.hex() not in str(caught.value)
    return str(caught.value.part)


# The vector with n=262144 and r=1 takes seconds of the slow implementation.
@pytest.mark.parametrize(
    "name", [name if name != "test2" else pytest.param(name, marks=pytest.mark.soak) for name in VECTORS]
)
def test_vector_of_the_definition(name: str) -> None:
    case = VECTORS[name]
    assert opened(case["file"], case["password"]).hex() == case["private"]


def test_scrypt_beyond_rfc_7914_is_read() -> None:
    """As the definition's second vector, with less work: n is not below 2^(16 r)."""
    from Crypto.Protocol.KDF import scrypt

    document = made()
    document["crypto"]["kdfparams"].update(n=1 << 16, r=1)
    derived = bytes(scrypt(b"pw", b"s" * 32, 32, 1 << 16, 1, 1))  # type: ignore[arg-type]
    encryptor = Cipher(AES(derived[:16]), CTR(b"i" * 16)).encryptor()
    ciphertext = encryptor.update(RAW)
    document["crypto"].update(ciphertext=ciphertext.hex(), mac=keccak256(derived[16:32] + ciphertext).hex())
    assert opened(document, "pw") == RAW


class TestOddWriters:
    @pytest.mark.parametrize("cipher", ["aes-128-ctr", "aes-192-ctr", "aes-256-ctr", "aes-128-cbc"])
    def test_ciphers(self, cipher: str) -> None:
        assert opened(made(cipher=cipher)) == RAW

    @pytest.mark.parametrize("version", [1, "1"])
    def test_version_1(self, version: int | str) -> None:
        assert opened(made(cipher="aes-128-cbc", version=version)) == RAW

    def test_capital_crypto(self) -> None:
        document = made()
        document["Crypto"] = document.pop("crypto")
        assert opened(document) == RAW

    def test_capital_names_of_algorithms_and_0x(self) -> None:
        document = made()
        crypto = document["crypto"]
        crypto["cipher"] = "AES-128-CTR"
        crypto["mac"] = "0x" + crypto["mac"].upper()
        crypto["ciphertext"] = "0x" + crypto["ciphertext"]
        assert opened(document) == RAW

    def test_numbers_as_text(self) -> None:
        document = made(version="3")
        document["crypto"]["kdfparams"].update(n="2", r="8", p="1", dklen="32")
        assert opened(document) == RAW

    @pytest.mark.parametrize("write", [str, str.upper, lambda text: "0x" + text, lambda text: "0x" + text.upper()])
    def test_address_in_any_spelling(self, write: Any) -> None:
        address = address_of_public_key(public_key_of(Secret(RAW), Curve.SECP256K1).raw).hex()
        assert opened(made(address=write(address))) == RAW

    def test_address_of_another_chain_is_not_compared(self) -> None:
        assert opened(made(address="TUEZSdKsoDHQMeZwihtdoBiN46zxhGWYdH")) == RAW

    def test_byte_order_mark(self) -> None:
        assert opened("\ufeff" + json.dumps(made())) == RAW

    @pytest.mark.parametrize("size", [30, 31, 1])
    def test_dropped_leading_zeros(self, size: int) -> None:
        assert opened(made(RAW[:size])) == RAW[:size].rjust(32, b"\0")

    def test_mnemonic_of_trust_wallet(self) -> None:
        found = open_keystore_file(json.dumps(made(JUNK.encode(), type="mnemonic")), "pässword")
        assert found.key is None
        assert found.mnemonic is not None
        assert found.mnemonic.expose().decode() == JUNK
        found.wipe()
        assert found.mnemonic.wiped


class TestAgainstEthAccount:
    @given(st.binary(min_size=32, max_size=32), st.text(max_size=20))
    @settings(max_examples=6, deadline=None)
    def test_their_files_open_here(self, raw: bytes, password: str) -> None:
        if not 0 < int.from_bytes(raw, "big") < 2**255:
            return
        for kdf, work in (("pbkdf2", 1), ("scrypt", 2)):
            theirs = Account.encrypt(raw, password, kdf=kdf, iterations=work)
            assert opened(theirs, password) == raw

    @given(st.binary(min_size=32, max_size=32), st.text(min_size=8, max_size=20))
    @settings(max_examples=6, deadline=None)
    def test_our_files_open_there(self, raw: bytes, password: str) -> None:
        if not 0 < int.from_bytes(raw, "big") < 2**255:
            return
        ours = write_keystore_file(Secret(raw), password, UUID(int=1), ScryptCost(n=4)).expose().decode()
        assert bytes(Account.decrypt(json.loads(ours), password)) == raw
        assert opened(ours, password) == raw

    def test_written_cost_is_geths(self) -> None:
        assert ScryptCost() == ScryptCost(1 << 18, 8, 1)

    def test_short_password_is_refused_for_new_files(self) -> None:
        with pytest.raises(InvalidValue):
            write_keystore_file(Secret(RAW), "1234567", UUID(int=1), ScryptCost(n=4))


class TestBoundedCost:
    """A file may not make us spend what it likes: refused before any key derivation runs."""

    @pytest.mark.parametrize(
        ("kdf", "parameters"),
        [
            ("scrypt", {"n": 1 << 40}),
            ("scrypt", {"n": 1 << 20, "r": 8}),
            ("scrypt", {"n": 2, "r": 1 << 28}),
            ("scrypt", {"n": 2, "r": 8, "p": 1 << 30}),
            ("scrypt", {"n": 1 << 18, "r": 8, "p": 9}),
            ("scrypt", {"n": 1 << 18, "r": 1, "p": 9}),
            ("scrypt", {"n": 3}),
            ("scrypt", {"n": 0}),
            ("scrypt", {"n": -2}),
            ("scrypt", {"n": 2.0}),
            ("scrypt", {"n": True}),
            ("scrypt", {"n": "9" * 30}),
            ("scrypt", {"dklen": 31}),
            ("scrypt", {"dklen": 1 << 40}),
            ("scrypt", {"salt": "00" * 2000}),
            ("pbkdf2", {"c": 10_000_001, "prf": "hmac-sha256"}),
            ("pbkdf2", {"c": 0, "prf": "hmac-sha256"}),
            ("pbkdf2", {"c": 1, "prf": "hmac-md5"}),
            ("pbkdf2", {"c": 1}),
        ],
    )
    def test_refused_before_work(self, kdf: str, parameters: dict[str, Any]) -> None:
        document = made()
        document["crypto"]["kdf"] = kdf
        document["crypto"]["kdfparams"].update(parameters)
        with (
            mock.patch.object(keystore_file.hashlib, "scrypt", side_effect=AssertionError),
            mock.patch.object(keystore_file.hashlib, "pbkdf2_hmac", side_effect=AssertionError),
            mock.patch.object(keystore_file, "lenient_scrypt", side_effect=AssertionError),
        ):
            assert refused(document) == "kdfparams"

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("[" * MAX_FILE, "json"),
            ('{"a":' * 9000, "json"),
            (" " * (MAX_FILE + 1), "size"),
            ("", "json"),
            ("null", "json"),
            ("[]", "json"),
            ('{"version": 3, "version": 3}', "json"),
            ("{}", "version"),
            ('{"version": 4}', "version"),
            ('{"version": 3}', "crypto"),
            ('{"version": 3, "crypto": []}', "crypto"),
        ],
    )
    def test_no_key_file_at_all(self, text: str, part: str) -> None:
        assert refused(text) == part


class TestDamage:
    def test_wrong_password(self) -> None:
        assert refused(made(), "password") == "password"

    @pytest.mark.parametrize("field", ["cipher", "cipherparams", "ciphertext", "kdf", "kdfparams", "mac"])
    @pytest.mark.parametrize("value", [None, 7, [], "", "zz"])
    def test_missing_or_malformed_part_is_named(self, field: str, value: Any) -> None:
        document = made()
        document["crypto"][field] = value
        part = refused(document)
        assert part == field or (field in {"ciphertext", "mac"} and value == "" and part == "password")

    def test_any_changed_byte_is_found(self) -> None:
        """All but the initial vector are under the MAC or the KDF; the vector is found by the address."""
        whole = made(address=address_of_public_key(public_key_of(Secret(RAW), Curve.SECP256K1).raw).hex())
        for path in (("mac",), ("ciphertext",), ("kdfparams", "salt"), ("cipherparams", "iv")):
            for position in range(0, 32, 5):
                document = copy.deepcopy(whole)
                parent = document["crypto"]
                for name in path[:-1]:
                    parent = parent[name]
                text = parent[path[-1]]
                flipped = format(int(text[position], 16) ^ 1, "x")
                parent[path[-1]] = text[:position] + flipped + text[position + 1 :]
                assert refused(document) in {"password", "address", "key"}

    def test_key_of_another_address(self) -> None:
        assert refused(made(address="00" * 20)) == "address"

    @pytest.mark.parametrize("secret", [b"", bytes(33), bytes(32), b"\xff" * 32])
    def test_no_key_inside(self, secret: bytes) -> None:
        assert refused(made(secret)) in {"key", "ciphertext"}

    def test_version_1_has_one_cipher(self) -> None:
        assert refused(made(version=1)) == "cipher"

    def test_unknown_type(self) -> None:
        assert refused(made(type="watch-only")) == "key"
        assert refused(made(b"\xff\xfe", type="mnemonic")) == "key"

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["version", "crypto", "kdf", "cipher", "n"]), inner, max_size=4)
            ),
            max_leaves=8,
        )
    )
    @settings(max_examples=60, deadline=None)
    def test_any_document_is_refused_with_its_part(self, document: Any) -> None:
        assert refused(json.dumps(document))
