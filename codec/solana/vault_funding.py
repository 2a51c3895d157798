"""Reading the transaction that puts more into an open vault and renews its allowance, without trusting its author.

Beside the compute budget: the sponsor may pay from its own token account into the vault; then sponsor and operator let
the delegate spend so much of it in all. A payout uses the allowance up for good, also where a reversal brings the money
back, so that it is renewed before it is too small for what the vault holds.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import TOKEN_PROGRAMS
from codec.solana.token import approve, transfer
from primitives.errors import InvalidValue

_TRANSFER_CHECKED, _APPROVE_CHECKED, _INITIALIZE_MULTISIG = 12, 13, 19
_AMOUNT_AND_DECIMALS = struct.Struct("<BQB")


@dataclass(frozen=True, slots=True)
class VaultFunding:
    """A decoded funding; keys of 32 bytes, `funded` and `allowance` in base units of the settlement mint."""

    sponsor: bytes
    operator: bytes
    delegate: bytes
    vault: bytes
    settlement_mint: bytes
    funded: int
    allowance: int


def funds_vault(message: bytes) -> bool:
    """Whether it approves an allowance of an account that it does not make."""
    kinds = {item.data[:1] for item in decode_message(message).instructions if item.program in TOKEN_PROGRAMS}
    return bytes([_APPROVE_CHECKED]) in kinds and bytes([_INITIALIZE_MULTISIG]) not in kinds


def decode_vault_funding(message: bytes) -> VaultFunding:
    """Read the funding from the message bytes that its signers sign.

    Raises:
        InvalidValue: Anything missing, more than belongs there, or parties and accounts that do not fit together.
    """
    decoded = decode_message(message)
    steps = [item for item in decoded.instructions if not is_limit_or_price(item)]
    if len(steps) not in (1, 2) or steps[-1].program not in TOKEN_PROGRAMS or len(steps[-1].accounts) != 6:
        raise InvalidValue("funding a vault takes an approval by both owners, and before it at most one payment")
    program = steps[-1].program
    vault, mint, delegate, multisig, sponsor, operator = (meta.key for meta in steps[-1].accounts)
    allowance, decimals = _amount(steps[-1], _APPROVE_CHECKED)
    signers = (sponsor, operator)
    _require(steps[-1], approve(program, vault, mint, delegate, multisig, allowance, decimals, signers))
    if vault != associated_token_address(multisig, mint, program):
        raise InvalidValue("the approval is not of the multisig's own token account")
    funded = 0
    if len(steps) == 2:
        funded, _ = _amount(steps[0], _TRANSFER_CHECKED)
        source = associated_token_address(sponsor, mint, program)
        _require(steps[0], transfer(program, source, mint, vault, sponsor, funded, decimals))
    if decoded.fee_payer != sponsor or set(decoded.signers) != set(signers):
        raise InvalidValue("a vault is funded by its sponsor, who pays, and its operator")
    return VaultFunding(sponsor, operator, delegate, vault, mint, funded, allowance)


def _amount(instruction: Instruction, kind: int) -> tuple[int, int]:
    if len(instruction.data) != _AMOUNT_AND_DECIMALS.size or instruction.data[0] != kind:
        raise InvalidValue("an instruction of the funding is none that belongs there")
    _, amount, decimals = _AMOUNT_AND_DECIMALS.unpack(instruction.data)
    return amount, decimals


def _require(found: Instruction, expected: Instruction) -> None:
    def shape(item: Instruction) -> tuple[bytes, bytes, Sequence[bytes]]:
        return item.program, item.data, [meta.key for meta in item.accounts]

    if shape(found) != shape(expected):
        raise InvalidValue("an instruction of the funding names other accounts than it should")
