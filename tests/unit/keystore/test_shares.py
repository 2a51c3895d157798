"""SLIP-39: all official vectors, split and combine of any plan, and what is refused."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic import generate_mnemonics
from shamir_mnemonic.wordlist import WORDLIST

from keystore.derivation import ExtendedKey
from keystore.extended_text import private_text
from keystore.secret import Secret
from keystore.shares import SharePlan, combine_shares, fresh_master_secret, split_secret
from primitives.errors import InvalidShares, InvalidValue
from primitives.signing import Curve

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "slip39.json").read_text())
CASES = [(case["name"], case["shares"], case["secret"], case["xprv"]) for case in VECTORS["vectors"]]
VALID = [case for case in CASES if case[2]]
INVALID = [case for case in CASES if not case[2]]
SECRET = bytes(range(16))


class TestOfficialVectors:
    def test_all_45_are_there(self) -> None:
        assert (len(CASES), len(VALID)) == (45, 15)

    @pytest.mark.parametrize(("name", "shares", "secret", "xprv"), VALID, ids=[case[0] for case in VALID])
    def test_valid(self, name: str, shares: list[str], secret: str, xprv: str) -> None:
        found = combine_shares(shares, VECTORS["passphrase"])
        assert found.expose().hex() == secret
        master = ExtendedKey.master(found, Curve.SECP256K1)
        assert private_text(master).expose().decode() == xprv

    @pytest.mark.parametrize(("name", "shares", "secret", "xprv"), INVALID, ids=[case[0] for case in INVALID])
    def test_invalid(self, name: str, shares: list[str], secret: str, xprv: str) -> None:
        with pytest.raises(InvalidShares) as caught:
            combine_shares(shares, VECTORS["passphrase"])
        wanted = {
            "invalid checksum": {"checksum"},
            "invalid padding": {"format"},
            "2-of-3": {"missing"},
            "different": {"mixed"},
            "mismatching": {"mixed"},
            "greater group": {"format"},
            "duplicate": {"duplicate"},
            "invalid digest": {"digest"},
            "nsufficient number": {"missing"},
            "insufficient length": {"words"},
            "master secret length": {"format"},
        }
        assert caught.value.part in next(parts for words, parts in wanted.items() if words in name)
        shown = f"{caught.value} {caught.value.facts}"
        words = {word for share in shares for word in share.split()}
        # Words of our own sentences that happen to be in the list.
        assert not {word for word in words if f" {word} " in f" {shown} "} - {"share", "away", "sum", "need"}


plans = st.lists(
    st.integers(1, 4).flatmap(lambda need: st.tuples(st.just(need), st.integers(need, 5) if need > 1 else st.just(1))),
    min_size=1,
    max_size=4,
).flatmap(lambda groups: st.builds(SharePlan, st.integers(1, len(groups)), st.just(tuple(groups))))
secrets = st.integers(8, 32).flatmap(lambda half: st.binary(min_size=2 * half, max_size=2 * half))
passphrases = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)


class TestSplitting:
    @given(secrets, plans, passphrases, st.booleans(), st.randoms(use_true_random=False))
    @settings(max_examples=15, deadline=None)
    def test_enough_shares_give_the_secret(
        self, secret: bytes, plan: SharePlan, passphrase: str, extendable: bool, random: Any
    ) -> None:
        groups = split_secret(Secret(secret), plan, passphrase, extendable=extendable, iteration_exponent=0)
        assert [len(group) for group in groups] == [count for _, count in plan.groups]
        chosen = random.sample(range(len(groups)), plan.group_threshold)
        shares = [share for at in chosen for share in random.sample(groups[at], plan.groups[at][0])]
        random.shuffle(shares)
        assert bytes(combine_shares(shares, passphrase).expose()) == secret
        assert bytes(combine_shares([*shares, shares[0]], passphrase).expose()) == secret
        with pytest.raises(InvalidShares) as caught:
            combine_shares(shares[1:], passphrase)
        assert caught.value.part in {"missing", "count"}

    def test_every_pair_of_three(self) -> None:
        [shares] = split_secret(Secret(SECRET), SharePlan(1, ((2, 3),)), iteration_exponent=0)
        for pair in combinations(shares, 2):
            assert bytes(combine_shares(pair).expose()) == SECRET
        assert bytes(combine_shares(shares).expose()) == SECRET

    def test_extra_groups_do_no_harm(self) -> None:
        plan = SharePlan(1, ((2, 3), (1, 1), (2, 2)))
        groups = split_secret(Secret(SECRET), plan, iteration_exponent=0)
        everything = [share for group in groups for share in group]
        assert bytes(combine_shares(everything).expose()) == SECRET

    def test_another_passphrase_is_another_secret(self) -> None:
        [shares] = split_secret(Secret(SECRET), SharePlan(1, ((1, 1),)), "right", iteration_exponent=0)
        assert bytes(combine_shares(shares, "wrong").expose()) != SECRET

    def test_sets_of_the_library_open_here_and_ours_there(self) -> None:
        from shamir_mnemonic import combine_mnemonics

        theirs = generate_mnemonics(1, [(2, 3)], SECRET, b"pw", extendable=False, iteration_exponent=0)
        assert bytes(combine_shares(theirs[0][:2], "pw").expose()) == SECRET
        ours = split_secret(Secret(SECRET), SharePlan(1, ((2, 3),)), "pw", iteration_exponent=0)
        assert combine_mnemonics(ours[0][1:], b"pw") == SECRET

    @pytest.mark.parametrize(("strength", "words"), [(128, 20), (256, 33)])
    def test_fresh_secrets(self, strength: int, words: int) -> None:
        one, two = fresh_master_secret(strength), fresh_master_secret(strength)
        assert one.expose() != two.expose()
        [[share]] = split_secret(one, SharePlan(1, ((1, 1),)), iteration_exponent=0)
        assert len(share.split()) == words
        with pytest.raises(InvalidValue):
            fresh_master_secret(strength + 1)


class TestRefusals:
    @pytest.mark.parametrize(
        ("threshold", "groups"),
        [(1, ()), (0, ((1, 1),)), (2, ((1, 1),)), (1, ((0, 1),)), (1, ((3, 2),)), (1, ((1, 2),)), (1, ((2, 17),))],
    )
    def test_impossible_plans(self, threshold: int, groups: tuple[tuple[int, int], ...]) -> None:
        with pytest.raises(InvalidShares):
            SharePlan(threshold, groups)

    @pytest.mark.parametrize("size", [0, 14, 17, 66])
    def test_impossible_secrets(self, size: int) -> None:
        with pytest.raises(InvalidShares) as caught:
            split_secret(Secret(bytes(size)), SharePlan(1, ((1, 1),)))
        assert caught.value.part == "secret"

    @pytest.mark.parametrize("passphrase", ["é", "\n", "密"])
    def test_passphrase_is_printable_ascii(self, passphrase: str) -> None:
        with pytest.raises(InvalidShares) as caught:
            combine_shares(["x"], passphrase)
        assert caught.value.part == "passphrase"

    def test_unknown_words_are_named_by_position(self) -> None:
        share = VALID[0][1][0].split()
        share[3], share[7] = "bitcoin", "qwerty"
        with pytest.raises(InvalidShares) as caught:
            combine_shares([VALID[0][1][0], " ".join(share)])
        assert (caught.value.share, caught.value.positions) == (2, [4, 8])
        assert "bitcoin" not in str(caught.value)

    @pytest.mark.parametrize("count", [0, 257])
    def test_count_of_shares(self, count: int) -> None:
        with pytest.raises(InvalidShares) as caught:
            combine_shares([VALID[0][1][0]] * count)
        assert caught.value.part == "count"

    def test_work_asked_for_by_a_share_is_bounded(self) -> None:
        """Exponent 15 is 327 million rounds of PBKDF2: refused before any of them."""
        from shamir_mnemonic.share import Share

        heavy = Share(7, True, 9, 0, 1, 1, 0, 1, SECRET).mnemonic()
        with pytest.raises(InvalidShares) as caught:
            combine_shares([heavy])
        assert caught.value.part == "iteration_exponent"
        with pytest.raises(InvalidShares):
            split_secret(Secret(SECRET), SharePlan(1, ((1, 1),)), iteration_exponent=9)

    @given(st.integers(0, 19), st.integers(0, 1023))
    @settings(max_examples=60, deadline=None)
    def test_any_changed_word_is_refused(self, position: int, word: int) -> None:
        share = VALID[0][1][0].split()
        if share[position] == WORDLIST[word]:
            return
        share[position] = WORDLIST[word]
        with pytest.raises(InvalidShares):
            combine_shares([" ".join(share)], VECTORS["passphrase"])
