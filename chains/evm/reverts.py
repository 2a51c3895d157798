"""Revert data as errors of the tree: the contract's own error, its facts by name, and what to do.

A simulation, an estimate and a mined transaction all fail with the same bytes, so all of them come through here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum, IntFlag
from typing import Any

from codec.evm.abi import Decoded
from codec.evm.book.errors import decode_book_error
from codec.evm.book.interface import book_abi
from codec.evm.erc20 import erc20_abi
from codec.evm.standard_errors import standard_errors
from primitives import contract_errors
from primitives.account_id import checksum_address
from primitives.contract_errors import ContractRefused
from primitives.errors import InvalidValue, TransactionReverted

CLASSES: Mapping[str, type[ContractRefused]] = {
    name: found
    for name, found in vars(contract_errors).items()
    if isinstance(found, type) and issubclass(found, ContractRefused) and found is not ContractRefused
}
"""The tree's class of each of the contract's errors, by the error's name."""


def reverted(data: bytes | None, *, tx_hash: str | None = None) -> TransactionReverted:
    """The typed error of a revert.

    Args:
        data: What the call returned when it failed; None or empty where it gave no reason.
        tx_hash: Of the transaction, if it is in a block; without one it was a simulation.

    A custom error of the book or of a token is a `ContractRefused` of the same name. `Error(string)`, `Panic(uint256)`
    and what nobody here knows are a plain `TransactionReverted`.
    """
    where = {} if tx_hash is None else {"tx_hash": tx_hash}
    decoded = _decoded(data or b"")
    if decoded is None:
        reason = f"0x{data[:4].hex()}" if data and len(data) >= 4 else "without a reason"
        return TransactionReverted(_said(f"the contract refused this: {reason}", tx_hash), reason=reason, **where)
    kind = CLASSES.get(decoded.name)
    if kind is None:
        reason = str(decoded.arguments["message"])[:300] if decoded.name == "Error" else str(decoded)[:500]
        return TransactionReverted(_said(f"the contract refused this: {reason}", tx_hash), reason=reason, **where)
    facts = facts_of(data or b"", decoded)
    told = ", ".join(f"{name} {value}" for name, value in facts.items())
    message = meaning(kind).rstrip(".") + (f" ({told})" if told else "")
    return kind(_said(message, tx_hash), reason=str(decoded)[:500], **{**facts, **where})


def meaning(kind: type[ContractRefused]) -> str:
    """The first paragraph of the class's docstring, on one line, as messages begin."""
    text = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
    return text[0].lower() + text[1:]


def facts_of(data: bytes, decoded: Decoded) -> Mapping[str, Any]:
    """The error's arguments by Python name: ids as hex, addresses with their checksum, enumerations by name."""
    typed = decode_book_error(data)
    if typed is None:
        return {name: _shown(value) for name, value in decoded.arguments.items()}
    fields = dataclasses.fields(typed)
    return {field.name.rstrip("_"): _shown(getattr(typed, field.name)) for field in fields}


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return checksum_address(value) if len(value) == 20 else value.hex()
    if isinstance(value, IntFlag):
        return "|".join(str(one.name).lower() for one in value) or "none"
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, str):
        return value[:200]
    return value if isinstance(value, bool | int) else str(value)


def _decoded(data: bytes) -> Decoded | None:
    """Malformed data is as good as none: whatever called itself so is not one of our contracts."""
    try:
        return book_abi().decode_error(data) or erc20_abi().decode_error(data) or standard_errors().decode_error(data)
    except InvalidValue:
        return None


def _said(message: str, tx_hash: str | None) -> str:
    return message if tx_hash is None else f"{message}. The transaction is on the chain and had no effect"
