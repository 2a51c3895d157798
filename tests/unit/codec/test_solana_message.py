"""Solana messages: equal with solders, strict on the way back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message, MessageV0, from_bytes_versioned
from solders.transaction import VersionedTransaction

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import (
    Version,
    assemble_transaction,
    build_message,
    decode_message,
    decode_transaction,
    encode_length,
)
from primitives.errors import InvalidValue

PAYER = Keypair.from_seed(bytes(range(32)))
OTHER = Keypair.from_seed(bytes(range(1, 33)))
BLOCKHASH = bytes([7]) * 32
PROGRAM = bytes([9]) * 32

keys = st.integers(1, 12).map(lambda n: bytes([n]) * 32)
metas = st.builds(AccountMeta, keys, st.booleans(), st.booleans())
instructions = st.lists(
    st.builds(
        Instruction,
        st.integers(100, 103).map(lambda n: bytes([n]) * 32),
        st.lists(metas, max_size=6).map(tuple),
        st.binary(max_size=200),
    ),
    min_size=1,
    max_size=4,
)
versions = st.sampled_from(["legacy", "v0"])


def example(version: Version = "legacy") -> bytes:
    instruction = Instruction(
        PROGRAM,
        (AccountMeta(bytes(PAYER.pubkey()), True, True), AccountMeta(bytes(OTHER.pubkey()), True, False)),
        b"hello",
    )
    return build_message(bytes(PAYER.pubkey()), [instruction], BLOCKHASH, version=version)


class TestRoundTrip:
    @given(instructions, versions)
    @settings(max_examples=150, deadline=None)
    def test_instructions_come_back_with_the_widest_rights_of_each_account(
        self, given_instructions: list[Instruction], version: Version
    ) -> None:
        payer = bytes([50]) * 32
        raw = build_message(payer, given_instructions, BLOCKHASH, version=version)
        decoded = decode_message(raw)
        assert decoded.version == version
        assert decoded.fee_payer == payer
        assert decoded.blockhash == BLOCKHASH
        every = [meta for instruction in given_instructions for meta in instruction.accounts]
        signing = {meta.key for meta in every if meta.is_signer}
        writable = {meta.key for meta in every if meta.is_writable}
        assert set(decoded.signers) == signing | {payer}
        for before, after in zip(given_instructions, decoded.instructions, strict=True):
            assert (after.program, after.data) == (before.program, before.data)
            assert [meta.key for meta in after.accounts] == [meta.key for meta in before.accounts]
            assert all(meta.is_signer == (meta.key in signing) for meta in after.accounts)
            assert all(meta.is_writable == (meta.key in writable) for meta in after.accounts)

    @given(instructions, versions)
    @settings(max_examples=100, deadline=None)
    def test_solders_reads_the_same(self, given_instructions: list[Instruction], version: Version) -> None:
        raw = build_message(bytes([50]) * 32, given_instructions, BLOCKHASH, version=version)
        theirs = from_bytes_versioned(raw)
        assert isinstance(theirs, Message if version == "legacy" else MessageV0)
        ours = decode_message(raw)
        assert [bytes(key) for key in theirs.account_keys] == list(ours.account_keys)
        assert theirs.recent_blockhash == Hash.from_bytes(ours.blockhash)
        assert [(c.program_id_index, tuple(bytes(c.accounts)), bytes(c.data)) for c in theirs.instructions] == [
            (c.program_index, c.account_indexes, c.data) for c in ours.compiled
        ]
        header = theirs.header
        assert (header.num_required_signatures, header.num_readonly_signed_accounts) == (
            ours.required_signatures,
            ours.readonly_signed,
        )
        assert header.num_readonly_unsigned_accounts == ours.readonly_unsigned

    @pytest.mark.parametrize("version", ["legacy", "v0"])
    def test_assembled_transaction_is_what_solders_signs(self, version: Version) -> None:
        message = example(version)
        signatures = {bytes(k.pubkey()): bytes(k.sign_message(message)) for k in (PAYER, OTHER)}
        raw = assemble_transaction(message, signatures)
        assert raw == bytes(VersionedTransaction(from_bytes_versioned(message), [PAYER, OTHER]))
        assert decode_transaction(raw) == (tuple(signatures.values()), message)


class TestRefusals:
    def test_missing_signature_is_named(self) -> None:
        message = example()
        with pytest.raises(InvalidValue) as caught:
            assemble_transaction(message, {bytes(PAYER.pubkey()): bytes(PAYER.sign_message(message))})
        assert caught.value.signer == str(OTHER.pubkey())

    def test_signature_over_other_bytes_is_refused(self) -> None:
        message = example()
        signatures = {bytes(PAYER.pubkey()): bytes(PAYER.sign_message(message))}
        signatures[bytes(OTHER.pubkey())] = bytes(OTHER.sign_message(message + b"x"))
        with pytest.raises(InvalidValue, match="does not fit"):
            assemble_transaction(message, signatures)

    def test_transaction_beyond_one_packet_is_refused(self) -> None:
        instruction = Instruction(PROGRAM, (), bytes(1200))
        message = build_message(bytes(PAYER.pubkey()), [instruction], BLOCKHASH)
        with pytest.raises(InvalidValue, match="1232"):
            assemble_transaction(message, {bytes(PAYER.pubkey()): bytes(PAYER.sign_message(message))})

    @pytest.mark.parametrize("version", ["legacy", "v0"])
    def test_every_truncation_and_any_tail_is_refused(self, version: Version) -> None:
        raw = example(version)
        for length in range(len(raw)):
            with pytest.raises(InvalidValue):
                decode_message(raw[:length])
        with pytest.raises(InvalidValue, match="left over"):
            decode_message(raw + b"\0")

    def test_other_versions_are_refused(self) -> None:
        with pytest.raises(InvalidValue, match="version 2"):
            decode_message(b"\x82" + example())

    def test_repeated_account_is_refused(self) -> None:
        raw = bytearray(example())
        raw[4 + 32 : 4 + 64] = raw[4 : 4 + 32]
        with pytest.raises(InvalidValue, match="twice"):
            decode_message(bytes(raw))

    def test_read_only_fee_payer_is_refused(self) -> None:
        raw = bytearray(example())
        raw[1] = raw[0]
        with pytest.raises(InvalidValue, match="fee"):
            decode_message(bytes(raw))

    def test_fee_payer_as_program_is_refused(self) -> None:
        raw = bytearray(example())
        at = len(raw) - len(b"hello") - 5
        assert raw[at] == 2
        raw[at] = 0
        with pytest.raises(InvalidValue, match="program"):
            decode_message(bytes(raw))

    def test_non_minimal_length_is_refused(self) -> None:
        raw = example()
        with pytest.raises(InvalidValue, match="minimal"):
            decode_message(raw[:3] + b"\x83\x00" + raw[4:])

    @given(st.binary(max_size=200))
    @settings(max_examples=300, deadline=None)
    def test_arbitrary_bytes_never_raise_anything_else(self, raw: bytes) -> None:
        try:
            decode_message(raw)
        except InvalidValue:
            return

    @given(st.integers(0, 2**16 - 1))
    def test_compact_length_has_its_known_size(self, length: int) -> None:
        assert len(encode_length(length)) == (1 if length < 2**7 else 2 if length < 2**14 else 3)
