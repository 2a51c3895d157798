"""BIP-39: the official vectors in every language, agreement with bip-utils, and what is refused."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from bip_utils import Bip39Languages, Bip39MnemonicGenerator, Bip39SeedGenerator
from hypothesis import given, settings
from hypothesis import strategies as st

from keystore.mnemonic import (
    LANGUAGES,
    WORD_COUNTS,
    entropy_to_words,
    generate_entropy,
    join_words,
    mnemonic_to_seed,
    words_to_entropy,
)
from keystore.secret import Secret
from primitives.errors import InvalidMnemonic, InvalidValue

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bip39.json").read_text())
CASES = [(language, *vector) for language, vectors in VECTORS["vectors"].items() for vector in vectors]

entropies = st.sampled_from([16, 20, 24, 28, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))


def nfkd(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


class TestOfficialVectors:
    def test_there_are_vectors_of_all_ten_languages(self) -> None:
        assert {language for language, *_ in CASES} == set(LANGUAGES)

    @pytest.mark.parametrize(("language", "entropy", "mnemonic", "seed"), CASES)
    def test_words_entropy_and_seed(self, language: str, entropy: str, mnemonic: str, seed: str) -> None:
        words = entropy_to_words(Secret(bytes.fromhex(entropy)), language)
        assert nfkd(join_words(words, language)) == nfkd(mnemonic)
        found, _ = words_to_entropy(mnemonic)
        assert found.expose().hex() == entropy
        assert mnemonic_to_seed(words, VECTORS["passphrase"]).expose().hex() == seed


class TestAgainstBipUtils:
    @given(
        entropies, st.sampled_from([language for language in LANGUAGES if language != "japanese"]), st.text(max_size=20)
    )
    @settings(max_examples=40, deadline=None)
    def test_words_and_seed(self, entropy: bytes, language: str, passphrase: str) -> None:
        reference = Bip39MnemonicGenerator(Bip39Languages[language.upper()]).FromEntropy(entropy)
        words = entropy_to_words(Secret(entropy), language)
        assert words == [nfkd(word) for word in reference.ToList()]
        seed = Bip39SeedGenerator(reference, Bip39Languages[language.upper()]).Generate(passphrase)
        assert bytes(mnemonic_to_seed(words, passphrase).expose()) == seed


class TestRoundTrip:
    @given(entropies, st.sampled_from(LANGUAGES))
    @settings(max_examples=100, deadline=None)
    def test_words_give_the_entropy_back(self, entropy: bytes, language: str) -> None:
        words = entropy_to_words(Secret(entropy), language)
        found, found_language = words_to_entropy(join_words(words, language))
        if found_language == language:
            assert bytes(found.expose()) == entropy
        else:
            # Both Chinese lists share many characters: then the words are valid in either.
            assert entropy_to_words(found, found_language) == words

    @pytest.mark.parametrize("count", WORD_COUNTS)
    def test_fresh_entropy_has_its_size_and_differs(self, count: int) -> None:
        one, two = generate_entropy(count), generate_entropy(count)
        assert len(one) == count * 4 // 3
        assert one.expose() != two.expose()
        assert len(entropy_to_words(one)) == count

    def test_case_and_spacing_do_not_matter(self) -> None:
        mnemonic = "  Abandon abandon\tabandon abandon abandon abandon abandon abandon abandon abandon abandon\nABOUT "
        assert bytes(words_to_entropy(mnemonic)[0].expose()) == bytes(16)


class TestRefusals:
    @given(entropies, st.sampled_from(LANGUAGES), st.data())
    @settings(max_examples=60, deadline=None)
    def test_a_changed_word_is_refused_or_another_valid_mnemonic(
        self, entropy: bytes, language: str, data: st.DataObject
    ) -> None:
        words = entropy_to_words(Secret(entropy), language)
        position = data.draw(st.integers(0, len(words) - 1))
        words[position] = entropy_to_words(Secret(bytes(data.draw(st.binary(min_size=16, max_size=16)))), language)[0]
        refused: InvalidMnemonic | None = None
        try:
            found, found_language = words_to_entropy(" ".join(words))
        except InvalidMnemonic as error:
            refused = error
        if refused is None:
            assert entropy_to_words(found, found_language) == words
        else:
            assert refused.facts.get("check") == "checksum"

    def test_unknown_words_are_named_by_position_only(self) -> None:
        mnemonic = "abandon abandon abandom abandon abandon abandon abandon qwerty abandon abandon abandon about"
        with pytest.raises(InvalidMnemonic) as caught:
            words_to_entropy(mnemonic)
        assert caught.value.positions == [3, 8]
        assert caught.value.language == "english"
        shown = str(caught.value) + str(caught.value.facts)
        assert not any(word in shown for word in ("abandon", "abandom", "qwerty", "about"))

    def test_wrong_checksum(self) -> None:
        with pytest.raises(InvalidMnemonic, match="checksum") as caught:
            words_to_entropy("bless cloud wheel regular tiny venue bird web grief security dignity zoo")
        assert "zoo" not in str(caught.value)

    @pytest.mark.parametrize("count", [0, 1, 11, 13, 14, 16, 23, 25, 48])
    def test_wrong_count(self, count: int) -> None:
        with pytest.raises(InvalidMnemonic) as caught:
            words_to_entropy(" ".join(["abandon"] * count))
        assert caught.value.words == count

    @pytest.mark.parametrize("size", [0, 15, 17, 33])
    def test_wrong_entropy_size(self, size: int) -> None:
        with pytest.raises(InvalidValue):
            entropy_to_words(Secret(bytes(size)))

    def test_languages_do_not_mix(self) -> None:
        with pytest.raises(InvalidMnemonic):
            words_to_entropy("abandon " * 11 + "ábaco")
