"""What Solana says when it refuses, and what it means to us.

A transaction error is Agave's JSON form: a name, or an object such as `{"InstructionError": [index, cause]}` where the
cause is a name or `{"Custom": number}`; what a number means is up to the program of that instruction.

Sources: solana-transaction-error `TransactionError`; solana-instruction-error `InstructionError`; spl-token-2022
`error.rs` (`TokenError`, shared with spl-token up to 19); solana-system-interface `SystemError`; Agave
`rpc-client-api/src/custom_error.rs` for the numbers of JSON-RPC errors. Rows marked (seen) were produced in tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chains.rpc.errors import NodeRefusal
from codec.solana.instruction import Instruction
from codec.solana.programs import ASSOCIATED_TOKEN, MEMO, SYSTEM, TOKEN_2022, TOKEN_PROGRAMS
from codec.solana.token_extensions import parse_permissioned_burn
from primitives.errors import (
    ChainError,
    InsufficientFunds,
    NodeUnavailable,
    TransactionExpired,
    TransactionRejected,
)

PREFLIGHT_FAILURE = -32002
_UNAVAILABLE = frozenset({-32004, -32005, -32014, -32016, -32603})
"""Block not available, node unhealthy, block status not yet available, minimum context slot not reached, internal."""

ALREADY_PROCESSED = "AlreadyProcessed"

_WHOLE = {
    "AccountNotFound": "the fee payer has never held anything",  # (seen)
    "InsufficientFundsForFee": "the fee payer cannot pay the fee",  # (seen)
    "BlockhashNotFound": "the blockhash is too old",  # (seen)
    "InvalidAccountForFee": "the fee payer is not a plain account",
    "SignatureFailure": "a signature does not fit",
    "TooManyAccountLocks": "the transaction names too many accounts",
    "WouldExceedMaxBlockCostLimit": "the block is full",
    "MaxLoadedAccountsDataSizeExceeded": "the transaction loads too much data",
}
_LACK_OF_FEE = frozenset({"AccountNotFound", "InsufficientFundsForFee"})

_TOKEN = {
    0: "an account would fall below its rent exemption",
    1: "the account holds too little, or the approved allowance is used up",  # (seen)
    2: "the mint is not valid",
    3: "the account belongs to another mint",
    4: "the account belongs to somebody else",  # (seen)
    5: "the supply is fixed",
    6: "the account is already in use",
    9: "the account is not initialised",
    11: "the account still holds something",
    12: "the mint does not allow this instruction",  # (seen)
    14: "the amount overflows",
    17: "the account is frozen",
    18: "the decimals are not the mint's",
    28: "the mint still has units in circulation",
    36: "the recipient demands a memo",
    37: "tokens of this mint cannot be transferred",  # (seen)
    67: "the mint is paused",
}
_SYSTEM = {
    0: "an account at this address already exists",  # (seen)
    1: "the account holds too little",  # (seen)
    3: "the account would be too large",
    5: "the address does not follow from its base and seed",  # (seen)
}
_NAMED = {
    "MissingRequiredSignature": "a required signature is missing",
    "InvalidAccountData": "an account is not what the program expects",
    "IncorrectProgramId": "an account belongs to another program",
    "InvalidAccountOwner": "an account belongs to another program",
    "UninitializedAccount": "an account does not exist",
    "AccountAlreadyInitialized": "an account already exists",
    "InsufficientFunds": "an account holds too little",
    "ComputationalBudgetExceeded": "the compute limit is used up",
    "MaxInstructionTraceLengthExceeded": "the transaction runs too many instructions",
    "InvalidInstructionData": "the program does not know this instruction",
    "UnsupportedProgramId": "there is no such program",
}
# What the general reasons mean for a voucher.
_BURN = {
    1: "the holder has no such voucher left: it was redeemed before",  # (seen)
    4: "the voucher belongs to somebody else",  # (seen)
    "InvalidAccountData": "the co-signer is not the campaign's redemption authority, or the holder has never had "
    "a voucher of it",  # (seen)
    "MissingRequiredSignature": "holder and redemption authority must both sign",
}
_PLAIN_BURN = {12: "a voucher is burned only with its redemption authority's signature"}  # (seen)


def failed_instruction(error: Any) -> tuple[int, str | int] | None:
    """Index and cause (a name, or the program's own number) of an instruction error; None for any other error."""
    if not isinstance(error, dict) or "InstructionError" not in error:
        return None
    index, cause = error["InstructionError"]
    if isinstance(cause, dict):
        ((name, detail),) = cause.items()
        cause = detail if name == "Custom" else name
    return index, cause


def lacks_fee(error: Any) -> bool:
    """Whether the fee payer cannot even pay the fee."""
    return isinstance(error, str) and error in _LACK_OF_FEE


def reason_of(error: Any, instructions: Sequence[Instruction]) -> str:
    """A plain reason for a transaction error.

    Args:
        error: Agave's JSON form.
        instructions: Of the transaction, in order; may be empty when they are not known.
    """
    failed = failed_instruction(error)
    if failed is None:
        if isinstance(error, dict) and "InsufficientFundsForRent" in error:
            return "an account would be left below its rent exemption"
        return _WHOLE.get(error, str(error)) if isinstance(error, str) else str(error)
    index, cause = failed
    instruction = instructions[index] if 0 <= index < len(instructions) else None
    known = _meaning(instruction, cause)
    return known if known is not None else f"instruction {index} failed with {cause}"


def _meaning(instruction: Instruction | None, cause: str | int) -> str | None:
    if instruction is None:
        return _NAMED.get(cause) if isinstance(cause, str) else None
    if parse_permissioned_burn(instruction) is not None and cause in _BURN:
        return _BURN[cause]
    if instruction.program == TOKEN_2022 and instruction.data[:1] in (b"\x08", b"\x0f") and cause in _PLAIN_BURN:
        return _PLAIN_BURN[cause]
    if isinstance(cause, str):
        if instruction.program == MEMO and cause == "MissingRequiredSignature":
            return "a signature that the memo names is missing"
        return _NAMED.get(cause)
    if instruction.program in TOKEN_PROGRAMS:
        return _TOKEN.get(cause)
    if instruction.program in (SYSTEM, ASSOCIATED_TOKEN):
        return _SYSTEM.get(cause)
    return None


def transaction_error(refusal: NodeRefusal) -> Any | None:
    """The transaction error inside a refused `sendTransaction`; None when the refusal is about something else."""
    if refusal.number != PREFLIGHT_FAILURE or not isinstance(refusal.data, dict):
        return None
    return refusal.data.get("err")


def broadcast_error(refusal: NodeRefusal, instructions: Sequence[Instruction], *, tx_hash: str) -> ChainError:
    """The typed error of a refused `sendTransaction`.

    A preflight that fails says what the chain would do now; until the blockhash expires the same bytes may still land
    if the reason goes away.
    """
    facts = {"tx_hash": tx_hash, "node_message": refusal.text[:300]}
    error = transaction_error(refusal)
    if error == "BlockhashNotFound":
        return TransactionExpired("the transaction's blockhash is too old: build and sign it again", **facts)
    if error is not None and lacks_fee(error):
        return InsufficientFunds("the fee payer cannot pay the fee: top it up; it is tried again", **facts)
    if error is not None:
        reason = reason_of(error, instructions)
        return TransactionRejected(f"the chain would refuse the transaction: {reason}", reason=reason, **facts)
    if refusal.number in _UNAVAILABLE:
        return NodeUnavailable(f"the node does not take transactions now: {refusal.text[:200]}", **facts)
    return TransactionRejected(f"the node refused the transaction: {refusal.text[:200]}", reason=refusal.text, **facts)
