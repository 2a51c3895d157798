"""Contract ABI: calls, results, logs and errors, driven by the JSON description that the compiler wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError, EncodingError

from primitives.errors import InvalidValue, MissingPart
from primitives.hashing import keccak256

ARTIFACTS = Path(__file__).resolve().parents[2] / "contracts" / "evm" / "artifacts"

PANICS = {
    0x00: "compiler inserted",
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "value outside of its enumeration",
    0x22: "malformed stored bytes",
    0x31: "taken from an empty array",
    0x32: "index out of bounds",
    0x41: "out of memory",
    0x51: "call of an unset function",
}
"""Source: Solidity documentation, "Panic via assert and Error via require"."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A name and its arguments by name. Addresses and bytesN are `bytes`, structs are mappings, integers `int`."""

    name: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(_shown(value) for value in self.arguments.values())})"


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    selector: bytes
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]


class Abi:
    """The interface of one contract.

    Source: Solidity documentation, "Contract ABI Specification".
    """

    def __init__(self, description: Sequence[Mapping[str, Any]]) -> None:
        self._functions: dict[str, _Entry] = {}
        self._by_selector: dict[bytes, _Entry] = {}
        self._events: dict[bytes, _Entry] = {}
        self._errors: dict[bytes, _Entry] = {}
        for item in description:
            if item["type"] not in ("function", "event", "error"):
                continue
            signature = f"{item['name']}({','.join(_type(part) for part in item['inputs'])})"
            digest = keccak256(signature.encode())
            entry = _Entry(item["name"], digest, item["inputs"], item.get("outputs", ()))
            if item["type"] == "event":
                self._events[digest] = entry
            elif item["type"] == "error":
                self._errors[digest[:4]] = entry
            else:
                self._functions[entry.name] = entry
                self._by_selector[digest[:4]] = entry

    @classmethod
    def of_artifact(cls, name: str) -> Self:
        """Of a shipped contract: `VoucherBook` or `TestMoney`."""
        return cls(load_artifact(name)["abi"])

    def selector(self, function: str) -> bytes:
        """The first four bytes of the function's calldata."""
        return self._functions[function].selector[:4]

    def topic(self, event: str) -> bytes:
        """The first topic (32 bytes) of the event's logs."""
        return next(digest for digest, entry in self._events.items() if entry.name == event)

    def topics(self) -> Sequence[bytes]:
        """The first topics of all events."""
        return tuple(self._events)

    def encode_call(self, function: str, *arguments: Any) -> bytes:
        """Calldata of a call.

        Raises:
            InvalidValue: An argument does not fit its type.
        """
        entry = self._functions[function]
        return entry.selector[:4] + encode([_type(part) for part in entry.inputs], arguments)

    def decode_call(self, data: bytes) -> Decoded:
        """What a call asks for.

        Raises:
            InvalidValue: No function of this contract, or malformed arguments.
        """
        entry = self._by_selector.get(data[:4])
        if entry is None:
            raise InvalidValue(f"no function with the selector 0x{data[:4].hex()}")
        return Decoded(entry.name, _decode(entry.inputs, data[4:]))

    def decode_result(self, function: str, data: bytes) -> tuple[Any, ...]:
        """What a call returned, in order.

        Raises:
            InvalidValue: Malformed or empty, as from an account without code.
        """
        outputs = self._functions[function].outputs
        if outputs and not data:
            raise InvalidValue(f"{function} returned nothing: there is no such contract at this address")
        return tuple(_decode([{**part, "name": str(i)} for i, part in enumerate(outputs)], data).values())

    def decode_log(self, topics: Sequence[bytes], data: bytes) -> Decoded | None:
        """An event of this contract; None for any other.

        Raises:
            InvalidValue: The first topic is ours, the rest is malformed.
        """
        entry = self._events.get(topics[0]) if topics else None
        if entry is None:
            return None
        indexed = [part for part in entry.inputs if part["indexed"]]
        plain = [part for part in entry.inputs if not part["indexed"]]
        if len(topics) != len(indexed) + 1:
            raise InvalidValue(f"{entry.name} has {len(indexed)} indexed arguments, not {len(topics) - 1}")
        values = {**_decode(indexed, b"".join(topics[1:])), **_decode(plain, data)}
        return Decoded(entry.name, {part["name"]: values[part["name"]] for part in entry.inputs})

    def decode_error(self, data: bytes) -> Decoded | None:
        """The error in a revert's data: a custom error, `Error(string)` or `Panic(uint256)`; None if unknown."""
        if data[:4] == bytes.fromhex("08c379a0"):
            return Decoded("Error", _decode([{"type": "string", "name": "message"}], data[4:]))
        if data[:4] == bytes.fromhex("4e487b71"):
            code = _decode([{"type": "uint256", "name": "code"}], data[4:])["code"]
            return Decoded("Panic", {"code": code, "meaning": PANICS.get(code, "unknown")})
        entry = self._errors.get(data[:4])
        return None if entry is None else Decoded(entry.name, _decode(entry.inputs, data[4:]))


@cache
def load_artifact(name: str) -> Mapping[str, Any]:
    """The committed artefact of a shipped contract: abi, bytecode, deployedBytecode, storageLayout.

    Raises:
        MissingPart: The checkout is incomplete.
    """
    path = ARTIFACTS / f"{name}.json"
    try:
        content: Mapping[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise MissingPart(f"{path} is missing", mend="git checkout -- contracts/evm/artifacts") from error
    return content


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """`abi.encode` of Solidity.

    Raises:
        InvalidValue: A value does not fit its type.
    """
    try:
        return abi_encode(types, values)
    except (EncodingError, TypeError) as error:
        raise InvalidValue(f"cannot be encoded as ({', '.join(types)}): {error}") from error


def _decode(parts: Sequence[Mapping[str, Any]], data: bytes) -> dict[str, Any]:
    try:
        values = abi_decode([_type(part) for part in parts], data)
    except DecodingError as error:
        raise InvalidValue(f"malformed ABI data: {error}") from error
    return {part["name"]: _plain(part, value) for part, value in zip(parts, values, strict=True)}


def _type(part: Mapping[str, Any]) -> str:
    kind: str = part["type"]
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(_type(inner) for inner in part['components'])}){kind.removeprefix('tuple')}"


def _plain(part: Mapping[str, Any], value: Any) -> Any:
    kind: str = part["type"]
    if kind.endswith("[]"):
        element = {**part, "type": kind.removesuffix("[]")}
        return tuple(_plain(element, item) for item in value)
    if kind == "tuple":
        return {inner["name"]: _plain(inner, item) for inner, item in zip(part["components"], value, strict=True)}
    return bytes.fromhex(value[2:]) if kind == "address" else value


def _shown(value: Any) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
