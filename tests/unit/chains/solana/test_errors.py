"""What a node's refusal becomes."""

from __future__ import annotations

from typing import Any

import pytest

from chains.solana.errors import broadcast_error, failed_instruction, reason_of
from codec.solana import token
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.memo import memo
from codec.solana.programs import TOKEN, TOKEN_2022
from codec.solana.system import transfer
from codec.solana.token_extensions import permissioned_burn
from primitives.errors import InsufficientFunds, NodeUnavailable, TransactionExpired, TransactionRejected
from tests.fakes.canned_rpc import refusal

A, B, C, D = (bytes([n]) * 32 for n in range(1, 5))
INSTRUCTIONS = (
    permissioned_burn(A, B, C, D, 1),
    token.burn(TOKEN_2022, A, B, C, 1, 0),
    token.transfer(TOKEN, A, B, C, D, 1, 6),
    transfer(A, B, 1),
    memo(b"x", (A,)),
    Instruction(B, (AccountMeta(A, False, False),), b""),
)


class TestReason:
    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            ({"InstructionError": [0, {"Custom": 1}]}, "redeemed before"),
            ({"InstructionError": [0, {"Custom": 4}]}, "somebody else"),
            ({"InstructionError": [0, "InvalidAccountData"]}, "redemption authority"),
            ({"InstructionError": [0, {"Custom": 67}]}, "paused"),
            ({"InstructionError": [1, {"Custom": 12}]}, "redemption authority"),
            ({"InstructionError": [2, {"Custom": 1}]}, "too little"),
            ({"InstructionError": [2, {"Custom": 17}]}, "frozen"),
            ({"InstructionError": [3, {"Custom": 1}]}, "too little"),
            ({"InstructionError": [4, "MissingRequiredSignature"]}, "memo"),
            ({"InstructionError": [5, {"Custom": 9}]}, "instruction 5 failed with 9"),
            ({"InstructionError": [5, {"BorshIoError": "x"}]}, "instruction 5 failed with BorshIoError"),
            ({"InstructionError": [9, {"Custom": 1}]}, "instruction 9 failed with 1"),
            ({"InsufficientFundsForRent": {"account_index": 1}}, "rent"),
            ({"DuplicateInstruction": 1}, "DuplicateInstruction"),
            ("BlockhashNotFound", "too old"),
            ("SomethingNew", "SomethingNew"),
        ],
    )
    def test_is_plain(self, error: Any, reason: str) -> None:
        assert reason in reason_of(error, INSTRUCTIONS)

    def test_instruction_errors_are_told_apart(self) -> None:
        assert failed_instruction({"InstructionError": [3, {"Custom": 7}]}) == (3, 7)
        assert failed_instruction({"InstructionError": [3, "Other"]}) == (3, "Other")
        assert failed_instruction("AccountNotFound") is None


class TestBroadcast:
    @pytest.mark.parametrize(
        ("number", "err", "kind"),
        [
            (-32002, "BlockhashNotFound", TransactionExpired),
            (-32002, "InsufficientFundsForFee", InsufficientFunds),
            (-32002, "AccountNotFound", InsufficientFunds),
            (-32002, {"InstructionError": [0, {"Custom": 1}]}, TransactionRejected),
            (-32002, "SignatureFailure", TransactionRejected),
            (-32003, None, TransactionRejected),
            (-32602, None, TransactionRejected),
            (-32005, None, NodeUnavailable),
            (-32603, None, NodeUnavailable),
        ],
    )
    def test_refusal_becomes_a_typed_error(self, number: int, err: Any, kind: type[Exception]) -> None:
        answer = refusal(number, "the node's words", {"err": err} if err else None)
        error = broadcast_error(answer, INSTRUCTIONS, tx_hash="hash")
        assert type(error) is kind
        assert error.facts["tx_hash"] == "hash"
