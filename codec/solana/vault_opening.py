"""Reading the transaction that opens a campaign's vault, without trusting its author.

Beside the compute budget it makes the 2-of-2 multisig of sponsor and operator, its token account, funds it from the
sponsor's own token account, and lets one delegate spend exactly what was funded: what `CampaignVault` writes, whole.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, parse_create
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import SYSTEM, TOKEN_PROGRAMS
from codec.solana.system import allocate_with_seed, parse_transfer, seeded_address
from codec.solana.token import MULTISIG_LENGTH, approve, initialize_multisig
from codec.solana.token import parse_transfer as parse_token_transfer
from primitives.errors import InvalidValue

_ALLOCATE_WITH_SEED = struct.pack("<I", 9)


@dataclass(frozen=True, slots=True)
class VaultOpening:
    """A decoded opening; keys of 32 bytes, amounts in base units of the settlement mint, `top_up` in lamports."""

    sponsor: bytes
    operator: bytes
    delegate: bytes
    multisig: bytes
    vault: bytes
    settlement_mint: bytes
    token_program: bytes
    funded: int
    top_up: int


def decode_vault_opening(message: bytes) -> VaultOpening:
    """Read the opening from the message bytes that its signers sign.

    Raises:
        InvalidValue: Anything missing, more than belongs there, or parties and accounts that do not fit together.
    """
    decoded = decode_message(message)
    steps = [item for item in decoded.instructions if not is_limit_or_price(item)]
    sponsor = decoded.fee_payer
    top_up, topped = 0, None
    if steps and (paid := parse_transfer(steps[0])) is not None:
        payer, topped, top_up = paid
        if payer != sponsor:
            raise InvalidValue("somebody else than the sponsor pays for the multisig's account")
        steps = steps[1:]
    if len(steps) != 5:
        raise InvalidValue("opening a vault takes five instructions beside budget and rent")
    allocated, initialized, created, funded, approved = steps
    multisig, program = _allocated(allocated, sponsor)
    if topped not in (None, multisig):
        raise InvalidValue("the lamports go to another account than the multisig's")
    operator = _operator(initialized, program, multisig, sponsor)
    account = parse_create(created)
    if account is None or (account.payer, account.owner, account.token_program) != (sponsor, multisig, program):
        raise InvalidValue("the vault is not the multisig's own token account")
    moved = parse_token_transfer(funded)
    if (
        moved is None
        or moved.mint != account.mint
        or moved.decimals is None
        or len(funded.accounts) != 4
        or (moved.program, moved.destination, moved.authority) != (program, account.account, sponsor)
        or moved.source != associated_token_address(sponsor, account.mint, program)
    ):
        raise InvalidValue("the vault is not funded from the sponsor's own token account")
    if len(approved.accounts) != 6:
        raise InvalidValue("the delegate is not approved by both owners")
    delegate = approved.accounts[2].key
    expected = approve(
        program, account.account, account.mint, delegate, multisig, moved.amount, moved.decimals, (sponsor, operator)
    )
    _require_same(approved, expected, "the approval is not for the vault and exactly what was funded")
    if set(decoded.signers) != {sponsor, operator}:
        raise InvalidValue("opening a vault is signed by its sponsor and its operator only")
    return VaultOpening(
        sponsor, operator, delegate, multisig, account.account, account.mint, program, moved.amount, top_up
    )


def _allocated(instruction: Instruction, sponsor: bytes) -> tuple[bytes, bytes]:
    """Multisig and token program."""
    data = instruction.data
    seed_length = int.from_bytes(data[36:44], "little")
    if instruction.program != SYSTEM or data[:4] != _ALLOCATE_WITH_SEED or seed_length > 32 or len(data) < 84:
        raise InvalidValue("opening a vault begins with its multisig's account")
    try:
        seed = data[44 : 44 + seed_length].decode("ascii")
    except UnicodeDecodeError as error:
        raise InvalidValue("the multisig's seed is not ASCII") from error
    program = data[-32:]
    if program not in TOKEN_PROGRAMS:
        raise InvalidValue("the multisig belongs to no token program")
    multisig = seeded_address(sponsor, seed, program)
    expected = allocate_with_seed(multisig, sponsor, seed, MULTISIG_LENGTH, program)
    _require_same(instruction, expected, "the multisig's account is not allocated below the sponsor")
    return multisig, program


def _operator(instruction: Instruction, program: bytes, multisig: bytes, sponsor: bytes) -> bytes:
    keys = [meta.key for meta in instruction.accounts]
    if len(keys) < 2 or keys[-1] == sponsor:
        raise InvalidValue("the multisig has no operator beside its sponsor")
    operator = keys[-1]
    expected = initialize_multisig(program, multisig, 2, (sponsor, operator))
    _require_same(instruction, expected, "the multisig is not the 2-of-2 of sponsor and operator")
    return operator


def _require_same(given: Instruction, expected: Instruction, otherwise: str) -> None:
    """Equal but for what the message adds: an account that signs or is written elsewhere does so everywhere."""
    keys, wanted = ([meta.key for meta in item.accounts] for item in (given, expected))
    if (given.program, given.data, keys) != (expected.program, expected.data, wanted):
        raise InvalidValue(otherwise)
