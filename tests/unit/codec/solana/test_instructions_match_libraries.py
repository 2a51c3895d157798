"""Our encodings against those of solders and solana-py, byte for byte."""

from __future__ import annotations

import pytest
from solders.compute_budget import set_compute_unit_limit as their_limit
from solders.compute_budget import set_compute_unit_price as their_price
from solders.instruction import Instruction as TheirInstruction
from solders.pubkey import Pubkey
from solders.system_program import AllocateWithSeedParams, AssignWithSeedParams, TransferParams
from solders.system_program import allocate_with_seed as their_allocate
from solders.system_program import assign_with_seed as their_assign
from solders.system_program import transfer as their_transfer
from spl.token import instructions as their_token

from codec.solana import associated_token, compute_budget, system, token
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN, TOKEN_2022
from primitives.errors import InvalidValue

A, B, C, D, E, F = (bytes([n]) * 32 for n in range(1, 7))


def ours(instruction: TheirInstruction) -> Instruction:
    return Instruction(
        bytes(instruction.program_id),
        tuple(AccountMeta(bytes(m.pubkey), m.is_signer, m.is_writable) for m in instruction.accounts),
        bytes(instruction.data),
    )


def key(raw: bytes) -> Pubkey:
    return Pubkey(raw)


class TestSystemProgram:
    def test_transfer(self) -> None:
        theirs = their_transfer(TransferParams(from_pubkey=key(A), to_pubkey=key(B), lamports=2**40 + 3))
        assert system.transfer(A, B, 2**40 + 3) == ours(theirs)

    def test_parse_is_the_inverse(self) -> None:
        assert system.parse_transfer(system.transfer(A, B, 5)) == (A, B, 5)
        assert system.parse_transfer(system.allocate_with_seed(A, B, "s", 5, C)) is None

    def test_allocate_with_seed(self) -> None:
        theirs = their_allocate(
            AllocateWithSeedParams(address=key(A), base=key(B), seed="a seed", space=310, owner=key(C))
        )
        assert system.allocate_with_seed(A, B, "a seed", 310, C) == ours(theirs)

    def test_assign_with_seed(self) -> None:
        theirs = their_assign(AssignWithSeedParams(address=key(A), base=key(B), seed="a seed", owner=key(C)))
        assert system.assign_with_seed(A, B, "a seed", C) == ours(theirs)

    def test_seeded_address(self) -> None:
        assert system.seeded_address(A, "x" * 32, C) == bytes(Pubkey.create_with_seed(key(A), "x" * 32, key(C)))

    def test_seed_of_33_bytes_is_refused(self) -> None:
        with pytest.raises(InvalidValue):
            system.seeded_address(A, "x" * 33, C)


class TestComputeBudget:
    def test_limit_and_price(self) -> None:
        assert compute_budget.set_compute_unit_limit(70_001) == ours(their_limit(70_001))
        assert compute_budget.set_compute_unit_price(2**33) == ours(their_price(2**33))

    def test_a_heap_request_is_not_limit_or_price(self) -> None:
        assert compute_budget.is_limit_or_price(compute_budget.set_compute_unit_limit(1))
        assert compute_budget.is_limit_or_price(compute_budget.set_compute_unit_price(1))
        heap = Instruction(compute_budget.COMPUTE_BUDGET, (), b"\x01\x00\x00\x04\x00")
        assert not compute_budget.is_limit_or_price(heap)


@pytest.mark.parametrize("program", [TOKEN, TOKEN_2022])
class TestTokenPrograms:
    def test_associated_account(self, program: bytes) -> None:
        theirs = their_token.get_associated_token_address(key(A), key(B), key(program))
        assert associated_token.associated_token_address(A, B, program) == bytes(theirs)

    def test_create_associated_account(self, program: bytes) -> None:
        theirs = their_token.create_idempotent_associated_token_account(key(A), key(B), key(C), key(program))
        made = associated_token.create_associated_token(A, B, C, program)
        assert made == ours(theirs)
        assert associated_token.parse_create(made) == associated_token.CreatedAccount(
            A, associated_token.associated_token_address(B, C, program), B, C, program
        )

    @pytest.mark.parametrize("freeze", [None, D])
    def test_initialize_mint(self, program: bytes, freeze: bytes | None) -> None:
        theirs = their_token.initialize_mint2(
            their_token.models.InitializeMint2Params(
                decimals=6,
                mint=key(A),
                mint_authority=key(B),
                freeze_authority=None if freeze is None else key(freeze),
                program_id=key(program),
            )
        )
        made = token.initialize_mint(program, A, 6, B, freeze)
        # solana-py pads an absent option to 33 bytes; the programs' own packer writes the tag alone.
        padding = b"" if freeze else bytes(32)
        assert Instruction(made.program, made.accounts, made.data + padding) == ours(theirs)

    def test_initialize_multisig(self, program: bytes) -> None:
        theirs = their_token.initialize_multisig2(
            their_token.models.InitializeMultisig2Params(
                m=2, multisig=key(A), signers=[key(B), key(C)], program_id=key(program)
            )
        )
        assert token.initialize_multisig(program, A, 2, (B, C)) == ours(theirs)

    def test_mint_to(self, program: bytes) -> None:
        theirs = their_token.mint_to_checked(
            their_token.models.MintToCheckedParams(
                amount=77, decimals=6, dest=key(B), mint=key(A), mint_authority=key(C), program_id=key(program)
            )
        )
        made = token.mint_to(program, A, B, C, 77, 6)
        assert made == ours(theirs)
        assert token.parse_mint_to(made) == token.MintedTokens(A, B, C, 77)

    def test_burn(self, program: bytes) -> None:
        theirs = their_token.burn_checked(
            their_token.models.BurnCheckedParams(
                amount=77, decimals=6, account=key(A), mint=key(B), owner=key(C), program_id=key(program)
            )
        )
        assert token.burn(program, A, B, C, 77, 6) == ours(theirs)

    @pytest.mark.parametrize("signers", [(), (E, F)])
    def test_transfer(self, program: bytes, signers: tuple[bytes, ...]) -> None:
        theirs = their_token.transfer_checked(
            their_token.models.TransferCheckedParams(
                amount=2**50,
                decimals=6,
                source=key(A),
                mint=key(B),
                dest=key(C),
                owner=key(D),
                signers=[key(s) for s in signers],
                program_id=key(program),
            )
        )
        made = token.transfer(program, A, B, C, D, 2**50, 6, signers)
        assert made == ours(theirs)
        assert token.parse_transfer(made) == token.TokenTransfer(program, A, B, C, D, 2**50, 6)

    def test_unchecked_transfer_is_recognised(self, program: bytes) -> None:
        theirs = their_token.transfer(
            their_token.models.TransferParams(
                amount=9, source=key(A), dest=key(C), owner=key(D), program_id=key(program)
            )
        )
        assert token.parse_transfer(ours(theirs)) == token.TokenTransfer(program, A, None, C, D, 9, None)

    @pytest.mark.parametrize("signers", [(), (E, F)])
    def test_approve(self, program: bytes, signers: tuple[bytes, ...]) -> None:
        theirs = their_token.approve_checked(
            their_token.models.ApproveCheckedParams(
                amount=2**50,
                decimals=6,
                source=key(A),
                mint=key(B),
                delegate=key(C),
                owner=key(D),
                signers=[key(s) for s in signers],
                program_id=key(program),
            )
        )
        assert token.approve(program, A, B, C, D, 2**50, 6, signers) == ours(theirs)
