"""BIP-39 mnemonics in ten languages: entropy to words, words to entropy, words to seed.

Errors name positions and counts, never a word.

Source: BIP-39, "Generating the mnemonic", "From mnemonic to seed", "Wordlists".
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from mnemonic import Mnemonic

from keystore.secret import Secret
from primitives.errors import InvalidMnemonic, InvalidValue

LANGUAGES = (
    "english",
    "chinese_simplified",
    "chinese_traditional",
    "czech",
    "french",
    "italian",
    "japanese",
    "korean",
    "portuguese",
    "spanish",
)
WORD_COUNTS = (12, 15, 18, 21, 24)

_PBKDF2_ROUNDS = 2048
# BIP-39 "Japanese": words are shown with the ideographic space.
_SEPARATOR = {"japanese": "　"}


@dataclass(frozen=True, slots=True)
class _Wordlist:
    words: tuple[str, ...]
    index_of: dict[str, int]


@cache
def _wordlist(language: str) -> _Wordlist:
    if language not in LANGUAGES:
        raise InvalidValue(f"{language!r} is not a mnemonic language; there are {', '.join(LANGUAGES)}")
    words = tuple(unicodedata.normalize("NFKD", word) for word in Mnemonic(language).wordlist)
    return _Wordlist(words, {word: index for index, word in enumerate(words)})


def generate_entropy(words: int) -> Secret:
    """Fresh entropy of the operating system for 12, 15, 18, 21 or 24 words (16 to 32 bytes).

    Raises:
        InvalidValue: Another count.
    """
    if words not in WORD_COUNTS:
        raise InvalidValue(f"a mnemonic has 12, 15, 18, 21 or 24 words, not {words}")
    return Secret(secrets.token_bytes(words * 4 // 3))


def entropy_to_words(entropy: Secret, language: str = "english") -> list[str]:
    """The words of 16, 20, 24, 28 or 32 bytes of entropy, in NFKD.

    Raises:
        InvalidValue: Another length, or an unknown language.
    """
    raw = entropy.expose()
    if len(raw) not in (16, 20, 24, 28, 32):
        raise InvalidValue(f"entropy has 16, 20, 24, 28 or 32 bytes, not {len(raw)}")
    checksum_bits = len(raw) // 4
    checksum = hashlib.sha256(raw).digest()[0] >> (8 - checksum_bits)
    bits = int.from_bytes(raw, "big") << checksum_bits | checksum
    count = (len(raw) * 8 + checksum_bits) // 11
    words = _wordlist(language).words
    return [words[bits >> 11 * (count - 1 - position) & 0x7FF] for position in range(count)]


def join_words(words: Sequence[str], language: str) -> str:
    """The sentence as it is shown to people."""
    return _SEPARATOR.get(language, " ").join(words)


def split_words(mnemonic: str) -> list[str]:
    """NFKD, lower case, split at any white space."""
    return unicodedata.normalize("NFKD", mnemonic).lower().split()


def words_to_entropy(mnemonic: str) -> tuple[Secret, str]:
    """Read a mnemonic of any of the ten languages and check its checksum. Returns entropy and language.

    Raises:
        InvalidMnemonic: Wrong count (`words`), words that are not in the list (`positions`, counted from 1), or a
            checksum that does not fit. No word is repeated in the error.
    """
    words = split_words(mnemonic)
    if len(words) not in WORD_COUNTS:
        raise InvalidMnemonic(f"a mnemonic has 12, 15, 18, 21 or 24 words; this one has {len(words)}", words=len(words))
    languages = [name for name in LANGUAGES if all(word in _wordlist(name).index_of for word in words)]
    if not languages:
        language, unknown = min(
            ((name, _unknown_positions(words, name)) for name in LANGUAGES), key=lambda item: len(item[1])
        )
        which = ", ".join(map(str, unknown))
        raise InvalidMnemonic(
            f"not in the {language} word list: word {which} (counted from 1). Check the spelling",
            positions=unknown,
            language=language,
        )
    for language in languages:
        entropy = _checked_entropy(words, language)
        if entropy is not None:
            return entropy, language
    raise InvalidMnemonic(
        "the checksum does not fit: a word is wrong or two words changed places", words=len(words), check="checksum"
    )


def _unknown_positions(words: Sequence[str], language: str) -> list[int]:
    known = _wordlist(language).index_of
    return [position for position, word in enumerate(words, 1) if word not in known]


def _checked_entropy(words: Sequence[str], language: str) -> Secret | None:
    index_of = _wordlist(language).index_of
    bits = 0
    for word in words:
        bits = bits << 11 | index_of[word]
    checksum_bits = len(words) // 3
    length = len(words) * 4 // 3
    entropy = Secret((bits >> checksum_bits).to_bytes(length, "big"))
    if entropy_to_words(entropy, language) == list(words):
        return entropy
    entropy.wipe()
    return None


def mnemonic_to_seed(words: Sequence[str], passphrase: str = "") -> Secret:
    """The 64-byte seed: PBKDF2-HMAC-SHA512, 2,048 rounds, salt `mnemonic` ‖ passphrase, all in NFKD."""
    sentence = unicodedata.normalize("NFKD", " ".join(words)).encode()
    salt = b"mnemonic" + unicodedata.normalize("NFKD", passphrase).encode()
    return Secret(hashlib.pbkdf2_hmac("sha512", sentence, salt, _PBKDF2_ROUNDS))
