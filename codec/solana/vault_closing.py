"""Reading the transaction that empties and closes a campaign's vault, without trusting its author.

Beside the compute budget: the allowance is revoked, what is left goes to the sponsor's own token account, and the
vault's rent to the sponsor; sponsor and operator sign for the multisig that owns the vault.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codec.solana.associated_token import associated_token_address, parse_create
from codec.solana.compute_budget import is_limit_or_price
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message
from codec.solana.programs import TOKEN_PROGRAMS
from codec.solana.token import parse_transfer
from codec.solana.token_control import close_account, revoke
from primitives.errors import InvalidValue

_REVOKE = b"\x05"


@dataclass(frozen=True, slots=True)
class VaultClosing:
    """A decoded closing; keys of 32 bytes. `returned`: base units to the sponsor."""

    sponsor: bytes
    operator: bytes
    vault: bytes
    returned: int


def closes_vault(message: bytes) -> bool:
    """Whether it revokes an allowance, as nothing else does that a vault's owners sign."""
    return any(item.program in TOKEN_PROGRAMS and item.data == _REVOKE for item in decode_message(message).instructions)


def decode_vault_closing(message: bytes) -> VaultClosing:
    """Read the closing from the message bytes that its signers sign.

    Raises:
        InvalidValue: Anything missing, more than belongs there, or parties and accounts that do not fit together.
    """
    decoded = decode_message(message)
    steps = [item for item in decoded.instructions if not is_limit_or_price(item)]
    if len(steps) not in (2, 4) or len(steps[0].accounts) != 4:
        raise InvalidValue("closing a vault takes two instructions, or four when something is left in it")
    vault, multisig, sponsor, operator = (meta.key for meta in steps[0].accounts)
    program, signers = steps[0].program, (sponsor, operator)
    if decoded.fee_payer != sponsor or set(decoded.signers) != set(signers):
        raise InvalidValue("a vault is closed by its sponsor, who pays, and its operator")
    _require(steps[0], revoke(program, vault, multisig, signers))
    _require(steps[-1], close_account(program, vault, sponsor, multisig, signers))
    returned = 0
    if len(steps) == 4:
        account, moved = parse_create(steps[1]), parse_transfer(steps[2])
        if account is None or (account.payer, account.owner, account.token_program) != (sponsor, sponsor, program):
            raise InvalidValue("only the sponsor's own token account is made")
        if (
            moved is None
            or [meta.key for meta in steps[2].accounts[4:]] != list(signers)
            or (moved.program, moved.source, moved.authority) != (program, vault, multisig)
            or (moved.mint, moved.destination) != (account.mint, account.account)
            or vault != associated_token_address(multisig, account.mint, program)
        ):
            raise InvalidValue("what is left goes from the vault to its sponsor's own token account")
        returned = moved.amount
    return VaultClosing(sponsor, operator, vault, returned)


def _require(found: Instruction, expected: Instruction) -> None:
    def shape(item: Instruction) -> tuple[bytes, bytes, Sequence[bytes]]:
        return item.program, item.data, [meta.key for meta in item.accounts]

    if shape(found) != shape(expected):
        raise InvalidValue("an instruction of the closing names other accounts than it should")
