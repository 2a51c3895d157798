"""Version 1 Solana messages (SIMD-0385): byte-equal with solders, strict on the way back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.message import MessageV1, TransactionConfig, to_bytes_versioned
from solders.transaction import VersionedTransaction

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import (
    MessageConfig,
    SolanaMessage,
    assemble_transaction,
    build_message,
    decode_message,
    decode_transaction,
)
from codec.solana.message_v1 import BodyV1, write_v1
from primitives.errors import InvalidValue

PAYER = Keypair.from_seed(bytes([1] * 32))
OTHER = Keypair.from_seed(bytes([2] * 32))
BLOCKHASH = bytes([7] * 32)
keys = st.binary(min_size=32, max_size=32).filter(lambda key: key != bytes(PAYER.pubkey()))
metas = st.builds(AccountMeta, keys, st.booleans(), st.booleans())
instructions = st.lists(
    st.builds(Instruction, keys, st.lists(metas, max_size=4).map(tuple), st.binary(max_size=60)), min_size=1, max_size=4
)
configs = st.builds(
    MessageConfig,
    st.none() | st.integers(0, 2**64 - 1),
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | st.integers(0, 2**32 - 1),
    st.none() | st.integers(0, 2**32 - 1),
)


def body_of(message: SolanaMessage) -> BodyV1:
    assert message.config is not None
    header = (message.required_signatures, message.readonly_signed, message.readonly_unsigned)
    return BodyV1(header, message.account_keys, message.blockhash, message.compiled, message.config)


def example(config: MessageConfig | None = None) -> bytes:
    signer = AccountMeta(bytes(OTHER.pubkey()), True, False)
    instruction = Instruction(bytes([9] * 32), (signer,), b"hello")
    return build_message(bytes(PAYER.pubkey()), [instruction], BLOCKHASH, version="v1", config=config)


class TestAgainstSolders:
    @given(instructions, configs)
    @settings(max_examples=60, deadline=None)
    def test_what_solders_compiles_reads_and_writes_back(
        self, listed: list[Instruction], config: MessageConfig
    ) -> None:
        raw = build_message(bytes(PAYER.pubkey()), listed, BLOCKHASH, version="v1", config=config)
        theirs = MessageV1.from_bytes(raw[1:])
        decoded = decode_message(raw)
        assert decoded.config == config
        assert decoded.account_keys == tuple(bytes(key) for key in theirs.account_keys)
        assert write_v1(body_of(decoded)) == raw == to_bytes_versioned(theirs)
        assert theirs.config == TransactionConfig(*config.values())
        for ours, given_one in zip(decoded.instructions, listed, strict=True):
            assert (ours.program, ours.data) == (given_one.program, given_one.data)
            assert [meta.key for meta in ours.accounts] == [meta.key for meta in given_one.accounts]

    def test_signed_transaction_is_read_by_solders(self) -> None:
        message = example(MessageConfig(priority_fee=7, compute_unit_limit=200_000))
        signatures = {bytes(one.pubkey()): bytes(one.sign_message(message)) for one in (PAYER, OTHER)}
        raw = assemble_transaction(message, signatures)
        theirs = VersionedTransaction.from_bytes(raw)
        assert bytes(theirs) == raw
        assert theirs.verify_with_results() == [True, True]
        assert decode_transaction(raw) == (tuple(signatures.values()), message)

    def test_four_kilobytes_fit_and_no_more(self) -> None:
        payer = bytes(PAYER.pubkey())
        for size, fits in ((3900, True), (4000, False)):
            message = build_message(payer, [Instruction(bytes([9] * 32), (), bytes(size))], BLOCKHASH, version="v1")
            signatures = {payer: bytes(PAYER.sign_message(message))}
            if fits:
                assert len(assemble_transaction(message, signatures)) > 1232
            else:
                with pytest.raises(InvalidValue, match="4096"):
                    assemble_transaction(message, signatures)


class TestRefusals:
    def test_every_truncation_and_any_tail(self) -> None:
        raw = example(MessageConfig(1, 2, 3, 4))
        for length in range(len(raw)):
            with pytest.raises(InvalidValue):
                decode_message(raw[:length])
        with pytest.raises(InvalidValue, match="left over"):
            decode_message(raw + b"\0")

    @pytest.mark.parametrize("mask", [0b1, 0b10, 0b100000, 1 << 31])
    def test_half_set_or_unknown_bits(self, mask: int) -> None:
        raw = bytearray(example())
        raw[4:8] = mask.to_bytes(4, "little")
        with pytest.raises(InvalidValue, match="mask"):
            decode_message(bytes(raw))

    def test_counts_beyond_the_limits(self) -> None:
        raw = example()
        for at, value in ((1, 13), (40, 0), (40, 65), (41, 65)):
            bad = bytearray(raw)
            bad[at] = value
            with pytest.raises(InvalidValue):
                decode_message(bytes(bad))

    def test_other_versions_carry_no_configuration(self) -> None:
        with pytest.raises(InvalidValue, match="version 1"):
            build_message(bytes(32), [Instruction(bytes([9] * 32), (), b"")], BLOCKHASH, config=MessageConfig(1))

    def test_a_setting_beyond_its_bits(self) -> None:
        for values in ((2**64, None, None, None), (None, 2**32, None, None), (None, None, -1, None)):
            with pytest.raises(InvalidValue, match="bits"):
                MessageConfig(*values)
