"""Seals open only whole, in their place, under their key."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keystore.envelope import SealContext, SealedSecret, seal, unseal
from keystore.kdf import KdfParameters, check_passphrase
from keystore.policy import (
    CallTarget,
    DeployTarget,
    MessageTarget,
    ProgramTarget,
    Target,
    TypedDataTarget,
    describe,
    require_allowed,
    target_from_row,
    target_to_row,
)
from keystore.secret import Secret
from primitives.errors import InvalidValue, SealBroken, SigningRefused
from primitives.signing import KeyPurpose

MASTER = bytes(range(32))
PLACE = SealContext(UUID(int=1), UUID(int=2), "mnemonic")


@given(st.binary(min_size=1, max_size=200))
@settings(deadline=None)
def test_round_trip_never_repeats_itself(plaintext: bytes) -> None:
    records = [seal(Secret(MASTER), Secret(plaintext), PLACE) for _ in range(2)]
    assert [bytes(unseal(Secret(MASTER), record, PLACE).expose()) for record in records] == [plaintext] * 2
    assert records[0].sealed != records[1].sealed
    assert records[0].wrapped_key != records[1].wrapped_key


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_any_change_is_found_and_named(data: st.DataObject) -> None:
    record = seal(Secret(MASTER), Secret(b"secret"), PLACE)
    parts = [bytearray(record.wrapped_key), bytearray(record.sealed)]
    part = data.draw(st.sampled_from(parts))
    if data.draw(st.booleans()):
        part[data.draw(st.integers(0, len(part) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del part[data.draw(st.integers(0, len(part) - 1)) :]
    with pytest.raises(SealBroken) as caught:
        unseal(Secret(MASTER), SealedSecret(bytes(parts[0]), bytes(parts[1])), PLACE)
    assert caught.value.record == f"mnemonic {UUID(int=2)}"


@pytest.mark.parametrize(
    "place",
    [
        SealContext(UUID(int=9), UUID(int=2), "mnemonic"),
        SealContext(UUID(int=1), UUID(int=9), "mnemonic"),
        SealContext(UUID(int=1), UUID(int=2), "other"),
    ],
)
def test_a_seal_opens_in_its_own_place_only(place: SealContext) -> None:
    record = seal(Secret(MASTER), Secret(b"secret"), PLACE)
    with pytest.raises(SealBroken):
        unseal(Secret(MASTER), record, place)


def test_parts_of_two_seals_do_not_mix() -> None:
    one, two = (seal(Secret(MASTER), Secret(text), PLACE) for text in (b"one", b"two"))
    with pytest.raises(SealBroken):
        unseal(Secret(MASTER), SealedSecret(one.wrapped_key, two.sealed), PLACE)
    with pytest.raises(SealBroken):
        unseal(Secret(MASTER), SealedSecret(one.sealed, one.wrapped_key), PLACE)
    with pytest.raises(SealBroken):
        unseal(Secret(bytes(32)), one, PLACE)


class TestKdfParameters:
    def test_default_is_what_the_design_says(self) -> None:
        assert KdfParameters() == KdfParameters(64 * 1024, 3, 4)

    @pytest.mark.parametrize("given", [(2**31, 3, 4), (64 * 1024, 1000, 4), (64 * 1024, 3, 0), (1, 3, 4), (64, 0, 1)])
    def test_no_memory_bomb(self, given: tuple[int, int, int]) -> None:
        with pytest.raises(InvalidValue):
            KdfParameters(*given)

    def test_unknown_algorithm(self) -> None:
        with pytest.raises(InvalidValue):
            KdfParameters.from_json({"algorithm": "md5", "memory_kib": 64, "passes": 1, "lanes": 1})

    @pytest.mark.parametrize("passphrase", ["", "1234567", "x" * 1025])
    def test_passphrase_length(self, passphrase: str) -> None:
        with pytest.raises(InvalidValue):
            check_passphrase(passphrase)


address = st.binary(min_size=20, max_size=20)
key32 = st.binary(min_size=32, max_size=32)
listable: st.SearchStrategy[Target] = st.one_of(
    st.builds(CallTarget, address, st.none() | st.binary(max_size=4)),
    st.builds(DeployTarget, key32),
    st.builds(TypedDataTarget, address, st.text(min_size=1, max_size=10)),
    st.builds(ProgramTarget, key32, st.binary(max_size=8)),
)
SERVICES = [purpose for purpose in KeyPurpose if purpose is not KeyPurpose.HOLDER]


class TestPolicy:
    @given(listable)
    def test_rows_round_trip(self, target: Target) -> None:
        assert target_from_row(*target_to_row(target)) == target
        assert describe(target)

    @given(st.lists(listable, min_size=1, max_size=4), st.sampled_from(SERVICES))
    def test_default_is_no_and_one_rule_is_not_enough_for_two_targets(
        self, wanted: list[Target], purpose: KeyPurpose
    ) -> None:
        with pytest.raises(SigningRefused) as caught:
            require_allowed(purpose, wanted, [])
        assert caught.value.rule == "key_policy"
        require_allowed(purpose, wanted, wanted)
        require_allowed(KeyPurpose.HOLDER, wanted, [])

    @pytest.mark.parametrize("purpose", SERVICES)
    def test_text_is_never_allowed(self, purpose: KeyPurpose) -> None:
        with pytest.raises(InvalidValue):
            target_to_row(MessageTarget())
        with pytest.raises(SigningRefused):
            require_allowed(purpose, [MessageTarget()], [MessageTarget(), CallTarget(bytes(20), None)])

    def test_every_target_must_be_listed(self) -> None:
        allowed, other = ProgramTarget(bytes([1] * 32), b"\x01"), ProgramTarget(bytes([2] * 32), b"\x01")
        with pytest.raises(SigningRefused) as caught:
            require_allowed(KeyPurpose.ISSUER, [allowed, other], [ProgramTarget(bytes([1] * 32))])
        assert "0x01" in caught.value.target

    @pytest.mark.parametrize(
        ("rule", "target", "covered"),
        [
            (CallTarget(bytes(20), None), CallTarget(bytes(20), b"\x01\x02\x03\x04"), True),
            (CallTarget(bytes(20), b""), CallTarget(bytes(20), b""), True),
            (CallTarget(bytes(20), b""), CallTarget(bytes(20), b"\x01\x02\x03\x04"), False),
            (CallTarget(bytes(20), b"\x01\x02\x03\x04"), CallTarget(bytes(20), b"\x01\x02\x03"), False),
            (CallTarget(bytes(20), b"\x01\x02\x03\x04"), CallTarget(bytes(20), b"\x01\x02\x03\x04" + bytes(32)), True),
            (CallTarget(bytes(20), b"\x01\x02\x03\x04" + bytes(32)), CallTarget(bytes(20), b"\x01\x02\x03\x04"), False),
            (CallTarget(bytes([1] * 20), b"\x01\x02\x03\x04"), CallTarget(bytes(20), b"\x01\x02\x03\x04"), False),
            (ProgramTarget(bytes(32), b"\x0c"), ProgramTarget(bytes(32), b"\x0c\x01"), True),
            (ProgramTarget(bytes(32), b"\x0c\x01"), ProgramTarget(bytes(32), b"\x0c"), False),
            (TypedDataTarget(bytes(20), "A"), TypedDataTarget(bytes(20), "B"), False),
            (CallTarget(bytes(20), None), TypedDataTarget(bytes(20), "A"), False),
        ],
    )
    def test_what_a_rule_covers(self, rule: Target, target: Target, covered: bool) -> None:
        if covered:
            require_allowed(KeyPurpose.RELAYER, [target], [rule])
            return
        with pytest.raises(SigningRefused):
            require_allowed(KeyPurpose.RELAYER, [target], [rule])

    @pytest.mark.parametrize("target", [CallTarget(bytes(19), None), ProgramTarget(bytes(31)), DeployTarget(b"")])
    def test_rules_name_whole_ids(self, target: Target) -> None:
        with pytest.raises(InvalidValue):
            target_to_row(target)
