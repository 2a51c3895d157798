"""Instructions in plain words: the right kind, facts, sentence and danger, and never a crash."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey
from solders.system_program import AdvanceNonceAccountParams, AssignParams, AuthorizeNonceAccountParams
from solders.system_program import advance_nonce_account as their_advance
from solders.system_program import assign as their_assign
from solders.system_program import authorize_nonce_account as their_authorize

from codec.solana import associated_token, compute_budget, system, token, token_extensions, token_metadata
from codec.solana.decoding.dangers import DangerKind
from codec.solana.decoding.decode import explain_instruction, explain_message, parse_instruction
from codec.solana.decoding.words import SENTENCES
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.memo import memo
from codec.solana.message import build_message, decode_message
from codec.solana.programs import ASSOCIATED_TOKEN, COMPUTE_BUDGET, MEMO, SYSTEM, TOKEN, TOKEN_2022
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue

A, B, C, D, E = (bytes([number]) * 32 for number in range(1, 6))
TEXT_A, TEXT_B, TEXT_C = (encode_base58(raw) for raw in (A, B, C))
LOOKUP_TABLE = decode_base58("AddressLookupTab1e1111111111111111111111111", length=32)


def on_token(data: bytes, *keys: bytes, program: bytes = TOKEN_2022) -> Instruction:
    return Instruction(program, tuple(AccountMeta(key, False, True) for key in keys), data)


def theirs(instruction: object) -> Instruction:
    return Instruction(
        bytes(instruction.program_id),  # type: ignore[attr-defined]
        tuple(
            AccountMeta(bytes(m.pubkey), m.is_signer, m.is_writable)
            for m in instruction.accounts  # type: ignore[attr-defined]
        ),
        bytes(instruction.data),  # type: ignore[attr-defined]
    )


READ = [
    (system.transfer(A, B, 5), "transfer", {"source": TEXT_A, "destination": TEXT_B, "lamports": 5}),
    (
        system.allocate_with_seed(A, B, "seed", 10, C),
        "allocateWithSeed",
        {"account": TEXT_A, "base": TEXT_B, "seed": "seed", "space": 10, "owner": TEXT_C},
    ),
    (
        token.transfer(TOKEN, A, B, C, D, 1_500_000, 6),
        "transferChecked",
        {
            "source": TEXT_A,
            "mint": TEXT_B,
            "destination": TEXT_C,
            "tokenAmount": {"amount": "1500000", "decimals": 6, "uiAmountString": "1.5"},
            "authority": encode_base58(D),
        },
    ),
    (
        token.approve(TOKEN, A, B, C, D, 7, 0, [E, A]),
        "approveChecked",
        {
            "source": TEXT_A,
            "mint": TEXT_B,
            "delegate": TEXT_C,
            "tokenAmount": {"amount": "7", "decimals": 0, "uiAmountString": "7"},
            "multisigOwner": encode_base58(D),
            "signers": [encode_base58(E), TEXT_A],
        },
    ),
    (
        token.initialize_mint(TOKEN_2022, A, 2, B, None),
        "initializeMint2",
        {"mint": TEXT_A, "decimals": 2, "mintAuthority": TEXT_B},
    ),
    (
        token_metadata.update_field(A, B, "kind", "threshold"),
        "updateTokenMetadataField",
        {"metadata": TEXT_A, "updateAuthority": TEXT_B, "field": "kind", "value": "threshold"},
    ),
    (
        token_extensions.initialize_metadata_pointer(A, None, B),
        "initializeMetadataPointer",
        {"mint": TEXT_A, "metadataAddress": TEXT_B},
    ),
    (memo("你好".encode(), [A]), "memo", {"memo": "你好", "signers": [TEXT_A]}),
    (compute_budget.set_compute_unit_price(9), "setComputeUnitPrice", {"microLamports": 9}),
    (
        on_token(struct.pack("<IQ", 2, 2) + A + B, C, D, program=LOOKUP_TABLE),
        "extendLookupTable",
        {"lookupTableAccount": TEXT_C, "lookupTableAuthority": encode_base58(D), "newAddresses": [TEXT_A, TEXT_B]},
    ),
]


@pytest.mark.parametrize(("instruction", "kind", "facts"), READ, ids=[kind for _, kind, _ in READ])
def test_facts_are_read(instruction: Instruction, kind: str, facts: dict[str, object]) -> None:
    parsed = parse_instruction(instruction)
    assert parsed is not None
    assert (parsed.kind, dict(parsed.facts)) == (kind, facts)


def test_an_associated_account_is_opened() -> None:
    parsed = parse_instruction(associated_token.create_associated_token(A, B, C, TOKEN))
    assert parsed is not None
    assert (parsed.kind, parsed.facts["wallet"], parsed.facts["mint"]) == ("createIdempotent", TEXT_B, TEXT_C)


KEY_A = Pubkey(A)
DANGEROUS = [
    (on_token(b"\x06\x02\x01" + B, A, C), DangerKind.AUTHORITY_CHANGES, "accountOwner"),
    (on_token(b"\x06\x03\x01" + B, A, C, program=TOKEN), DangerKind.AUTHORITY_CHANGES, "closeAccount"),
    (on_token(b"\x06\x00\x00", A, C), DangerKind.AUTHORITY_CHANGES, "nobody, for good"),
    (on_token(b"\x06\x08\x01" + B, A, C), DangerKind.HOLDERS_EXPOSED, "permanentDelegate"),
    (on_token(b"\x04" + bytes(7) + b"\x01", A, B, C), DangerKind.SPENDING_ALLOWED, TEXT_B),
    (token.approve(TOKEN, A, B, C, D, 7, 0), DangerKind.SPENDING_ALLOWED, TEXT_C),
    (on_token(b"\x09", A, B, C), DangerKind.ACCOUNT_CLOSED, TEXT_B),
    (on_token(b"\x23" + B, A), DangerKind.HOLDERS_EXPOSED, TEXT_B),
    (system.assign_with_seed(A, B, "s", C), DangerKind.ACCOUNT_REASSIGNED, TEXT_C),
    (theirs(their_assign(AssignParams(pubkey=KEY_A, owner=Pubkey(B)))), DangerKind.ACCOUNT_REASSIGNED, TEXT_B),
    (
        theirs(their_advance(AdvanceNonceAccountParams(nonce_pubkey=KEY_A, authorized_pubkey=Pubkey(B)))),
        DangerKind.NEVER_EXPIRES,
        "does not expire",
    ),
    (
        theirs(
            their_authorize(
                AuthorizeNonceAccountParams(nonce_pubkey=KEY_A, authorized_pubkey=Pubkey(B), new_authority=Pubkey(C))
            )
        ),
        DangerKind.AUTHORITY_CHANGES,
        TEXT_C,
    ),
]


@pytest.mark.parametrize(("instruction", "danger", "words"), DANGEROUS)
def test_dangerous_ones_are_flagged(instruction: Instruction, danger: DangerKind, words: str) -> None:
    plain = explain_instruction(instruction)
    assert plain.danger is not None
    assert plain.danger.kind is danger
    assert words in plain.english
    assert plain.danger.chinese


@pytest.mark.parametrize(
    "instruction",
    [
        system.transfer(A, B, 5),
        token.transfer(TOKEN, A, B, C, D, 1, 0),
        token.mint_to(TOKEN, A, B, C, 1, 0),
        token_extensions.permissioned_burn(A, B, C, D, 1),
        memo(b"hello", [A]),
        compute_budget.set_compute_unit_limit(5),
    ],
)
def test_ordinary_ones_are_not(instruction: Instruction) -> None:
    assert explain_instruction(instruction).danger is None


def test_what_nobody_knows_is_said_to_be_unknown() -> None:
    unknown = explain_instruction(Instruction(A, (), b"\x01"))
    assert unknown.danger is not None
    assert unknown.danger.kind is DangerKind.UNKNOWN_PROGRAM
    garbled = explain_instruction(Instruction(TOKEN, (), b"\xfe"))
    assert garbled.danger is not None
    assert garbled.danger.kind is DangerKind.UNREADABLE
    too_few = explain_instruction(on_token(b"\x09", A))
    assert too_few.parsed is None


def test_every_sentence_names_only_facts_that_are_there() -> None:
    """A placeholder without its fact shows as a dash."""
    for instruction, _, _ in READ:
        plain = explain_instruction(instruction)
        assert "–" not in plain.english + plain.chinese
    for instruction, _, _ in DANGEROUS:
        plain = explain_instruction(instruction)
        assert "–" not in plain.english + plain.chinese


def test_both_languages_name_the_same_facts() -> None:
    import string

    for key, (english, chinese) in SENTENCES.items():
        named = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert named[0] == named[1], key


class TestMessages:
    def test_every_instruction_of_a_message_is_explained(self) -> None:
        raw = build_message(A, [system.transfer(A, B, 5), memo(b"for tea", [A])], bytes(32))
        transfer, note = explain_message(decode_message(raw))
        assert transfer.english == f"Send 5 lamports from {TEXT_A} to {TEXT_B}"
        assert note.chinese == "备注：for tea"

    def test_accounts_from_lookup_tables_are_named(self) -> None:
        from solders.address_lookup_table_account import AddressLookupTableAccount
        from solders.hash import Hash
        from solders.message import MessageV0, to_bytes_versioned
        from solders.system_program import TransferParams
        from solders.system_program import transfer as their_transfer

        table = AddressLookupTableAccount(Pubkey(E), [Pubkey(C), Pubkey(B)])
        gift = their_transfer(TransferParams(from_pubkey=KEY_A, to_pubkey=Pubkey(B), lamports=5))
        message = decode_message(to_bytes_versioned(MessageV0.try_compile(KEY_A, [gift], [table], Hash.default())))
        (plain,) = explain_message(message, {E: (C, B)})
        assert TEXT_B in plain.english
        with pytest.raises(InvalidValue, match="no entry 1"):
            explain_message(message, {E: (C,)})


@given(
    program=st.sampled_from([SYSTEM, TOKEN, TOKEN_2022, ASSOCIATED_TOKEN, MEMO, COMPUTE_BUDGET, LOOKUP_TABLE]),
    data=st.binary(max_size=80),
    accounts=st.integers(0, 8),
)
def test_any_bytes_give_an_answer(program: bytes, data: bytes, accounts: int) -> None:
    """Whatever a stranger's transaction holds, the reader gets sentences."""
    metas = tuple(AccountMeta(bytes([number]) * 32, False, False) for number in range(accounts))
    plain = explain_instruction(Instruction(program, metas, data))
    assert plain.english
    assert plain.chinese
    assert plain.parsed is not None or plain.danger is not None
