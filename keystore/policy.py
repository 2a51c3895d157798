"""Key policy: what a key may sign, decided inside the keystore from its own tables.

A person's keys sign whatever the payload check lets through, while unlocked. A service key signs only targets that a
rule for its tenant, purpose and chain lists; without a rule it signs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue, SigningRefused
from primitives.signing import KeyPurpose


@dataclass(frozen=True, slots=True)
class CallTarget:
    """A call of one function of one contract (20 bytes); an empty selector is a plain transfer to that address.

    What is to be signed carries the selector and the first argument, `CALL_PREFIX` bytes of the call data. In a rule
    4 bytes allow the function with any arguments, 36 only with that first argument, None every function.
    """

    contract: bytes
    selector: bytes | None


@dataclass(frozen=True, slots=True)
class DeployTarget:
    """The creation of a contract with exactly this init code, by its 32-byte keccak256."""

    init_code_hash: bytes


@dataclass(frozen=True, slots=True)
class TypedDataTarget:
    """EIP-712 typed data of one primary type for one verifying contract (20 bytes)."""

    contract: bytes
    primary_type: str


@dataclass(frozen=True, slots=True)
class ProgramTarget:
    """A Solana program (32 bytes). In a rule `data_prefix` is how its instruction data must begin (empty: any)."""

    program: bytes
    data_prefix: bytes = b""


@dataclass(frozen=True, slots=True)
class MessageTarget:
    """Free text (EIP-191, or Solana's). No rule can allow it, so service keys never sign it."""


@dataclass(frozen=True, slots=True)
class DelegationTarget:
    """An account's agreement to run the code of `address`, 20 bytes (EIP-7702). No rule can allow it."""

    address: bytes


CALL_PREFIX = 4 + 32

Target = CallTarget | DeployTarget | TypedDataTarget | ProgramTarget | MessageTarget | DelegationTarget

ANY_FUNCTION = "*"


def target_to_row(target: Target) -> tuple[str, str, str]:
    """(kind, target, selector) as stored. Raises InvalidValue for what no rule may list."""
    match target:
        case CallTarget(contract, selector) if len(contract) == 20:
            return "evm_call", contract.hex(), ANY_FUNCTION if selector is None else selector.hex()
        case DeployTarget(init_code_hash) if len(init_code_hash) == 32:
            return "evm_deploy", init_code_hash.hex(), ""
        case TypedDataTarget(contract, primary_type) if len(contract) == 20:
            return "evm_typed_data", contract.hex(), primary_type
        case ProgramTarget(program, data_prefix) if len(program) == 32:
            return "solana_program", encode_base58(program), data_prefix.hex()
        case _:
            raise InvalidValue("a key policy lists contracts, deployments, typed data and programs by their full ids")


def target_from_row(kind: str, target: str, selector: str) -> Target:
    """The inverse of `target_to_row`."""
    match kind:
        case "evm_call":
            return CallTarget(bytes.fromhex(target), None if selector == ANY_FUNCTION else bytes.fromhex(selector))
        case "evm_deploy":
            return DeployTarget(bytes.fromhex(target))
        case "evm_typed_data":
            return TypedDataTarget(bytes.fromhex(target), selector)
        case "solana_program":
            return ProgramTarget(decode_base58(target, length=32), bytes.fromhex(selector))
        case _:
            raise InvalidValue(f"unknown kind of key policy rule: {kind!r}")


def require_allowed(purpose: KeyPurpose, wanted: Iterable[Target], rules: Iterable[Target]) -> None:
    """Check that every target of a payload is allowed for a key of this purpose.

    Raises:
        SigningRefused: `rule` is `key_policy`, `target` names what no rule lists.
    """
    if purpose is KeyPurpose.HOLDER:
        return
    listed = list(rules)
    for target in wanted:
        if not any(_covers(rule, target) for rule in listed):
            raise SigningRefused(
                f"no key policy rule lets a {purpose} key sign {describe(target)}",
                rule="key_policy",
                purpose=str(purpose),
                target=describe(target),
            )


def _covers(rule: Target, target: Target) -> bool:
    match rule, target:
        case CallTarget(allowed, None), CallTarget(contract, _):
            return allowed == contract
        case CallTarget(allowed, bytes(prefix)), CallTarget(contract, bytes(data)) if prefix:
            return allowed == contract and data.startswith(prefix)
        case ProgramTarget(allowed, prefix), ProgramTarget(program, data):
            return allowed == program and data.startswith(prefix)
        case (MessageTarget() | DelegationTarget(), _):
            return False
        case _:
            return rule == target


def describe(target: Target) -> str:
    """A target in plain words."""
    match target:
        case CallTarget(contract, b""):
            return f"a transfer to 0x{contract.hex()}"
        case CallTarget(contract, selector):
            return f"a call of 0x{(selector or b'')[:4].hex()} on 0x{contract.hex()}"
        case DeployTarget(init_code_hash):
            return f"the creation of the contract with init code 0x{init_code_hash.hex()}"
        case TypedDataTarget(contract, primary_type):
            return f"{primary_type} typed data of 0x{contract.hex()}"
        case ProgramTarget(program, data):
            return f"instruction 0x{data[:1].hex()} of program {encode_base58(program)}"
        case MessageTarget():
            return "a text message"
        case DelegationTarget(address):
            return f"an account running the code of 0x{address.hex()}"
