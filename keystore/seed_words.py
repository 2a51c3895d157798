"""What a words wallet keeps sealed: entropy, language and the optional BIP-39 passphrase."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import NoReturn

from keystore.derivation import derive_private_key, derive_sr25519, seed_fingerprint
from keystore.mnemonic import LANGUAGES, entropy_to_words, mnemonic_to_seed
from keystore.secret import Secret
from primitives.errors import InvalidValue
from primitives.key_path import KeyPath
from primitives.signing import Curve
from primitives.substrate_path import SubstratePath

_VERSION = 1
_SUBSTRATE_ROUNDS = 2048


class SeedWords:
    """The words of one wallet in memory; wipe it after use. Shows nothing and is never pickled."""

    purpose = "mnemonic"
    __slots__ = ("_entropy", "_passphrase", "language")

    def __init__(self, entropy: Secret, language: str, passphrase: Secret) -> None:
        self._entropy = entropy
        self._passphrase = passphrase
        self.language = language

    @classmethod
    def of(cls, entropy: Secret, language: str, passphrase: str = "") -> SeedWords:
        """Raises InvalidValue when the passphrase is not Unicode text."""
        try:
            return cls(entropy, language, Secret(passphrase.encode()))
        except UnicodeEncodeError as error:
            raise InvalidValue("the BIP-39 passphrase is not Unicode text") from error

    def words(self) -> list[str]:
        return entropy_to_words(self._entropy, self.language)

    def seed(self) -> Secret:
        """The 64-byte BIP-39 seed."""
        return mnemonic_to_seed(self.words(), self._passphrase.expose().decode())

    def mini_secret(self) -> Secret:
        """The 32-byte secret from which sr25519 keys come: from the entropy, not from the words.

        Source: github.com/paritytech/substrate-bip39; polkadot-js mnemonicToMiniSecret.
        """
        salt = b"mnemonic" + unicodedata.normalize("NFKD", self._passphrase.expose().decode()).encode()
        digest = hashlib.pbkdf2_hmac("sha512", self._entropy.expose(), salt, _SUBSTRATE_ROUNDS)
        return Secret(digest[:32])

    def passphrase(self) -> Secret:
        """The BIP-39 passphrase, for an export; empty when there is none."""
        return Secret(self._passphrase.expose())

    def private_key(self, curve: Curve, path: KeyPath) -> Secret:
        """The key at a path. Raises InvalidDerivationPath."""
        if isinstance(path, SubstratePath) and curve is Curve.SR25519:
            with self.mini_secret() as mini_secret:
                return derive_sr25519(mini_secret, path)
        with self.seed() as seed:
            return derive_private_key(seed, curve, path)

    def fingerprint(self) -> bytes:
        """8 bytes that tell two wallets apart."""
        with self.seed() as seed:
            return seed_fingerprint(seed)

    def encode(self) -> Secret:
        """version (1) ‖ language number (1) ‖ entropy length (1) ‖ entropy ‖ passphrase in UTF-8."""
        entropy = self._entropy.expose()
        head = bytes([_VERSION, LANGUAGES.index(self.language), len(entropy)])
        return Secret(head + entropy + self._passphrase.expose())

    @classmethod
    def decode(cls, secret: Secret) -> SeedWords:
        """The inverse of `encode`, for bytes that an authenticated seal has just given back."""
        raw = secret.expose()
        version, language, length = raw[0], raw[1], raw[2]
        if version != _VERSION:
            raise InvalidValue(f"sealed words of version {version} are not known")
        return cls(Secret(raw[3 : 3 + length]), LANGUAGES[language], Secret(raw[3 + length :]))

    def wipe(self) -> None:
        self._entropy.wipe()
        self._passphrase.wipe()

    def __repr__(self) -> str:
        return f"SeedWords({self.language}, hidden)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("words are never pickled or copied")
