"""EIP-712 typed data: reading a JSON document strictly and hashing it.

A document is `{"types", "primaryType", "domain", "message"}`. What is hashed is exactly what the document shows: a
field missing from the message, a field that its type does not name, a repeated JSON key or an inexact number is
refused.

Source: EIP-712; `null` for a struct hashes to 32 zero bytes, as wallets do for recursive types (version V4).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from primitives.account_id import parse_evm_address
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

DOMAIN_TYPE = "EIP712Domain"
_DOMAIN_FIELDS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
)
_MEMBERS = frozenset({"types", "primaryType", "domain", "message"})
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_ARRAY = re.compile(r"(.+)\[([0-9]{0,6})\]")
_INTEGER = re.compile(r"(u?)int([0-9]{1,3})")
_FIXED_BYTES = re.compile(r"bytes([0-9]{1,2})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,77})")
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(rb"[\[\]{}]")
_HEX = re.compile(r"0x([0-9a-fA-F]{2})*")
_HEX_INTEGER = re.compile(r"0x[0-9a-fA-F]{1,64}")
# Documents come from outside: their size and nesting are bounded before anything is computed from them.
MAX_DOCUMENT_BYTES = 256 * 1024
MAX_DEPTH = 64

Types = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class TypedData:
    """A well-formed document. `types` maps each struct to its (name, type) fields in order, the domain's included."""

    types: Types
    primary_type: str
    domain: Mapping[str, Any]
    message: Mapping[str, Any]

    @property
    def chain_id(self) -> int | None:
        """The domain's chain id, None when it names none."""
        value = self.domain.get("chainId")
        return None if value is None else _integer(value, signed=False, bits=256, path="domain.chainId")

    @property
    def verifying_contract(self) -> bytes | None:
        """The domain's contract, 20 bytes, None when it names none."""
        value = self.domain.get("verifyingContract")
        return None if value is None else _address(value, "domain.verifyingContract")

    def domain_separator(self) -> bytes:
        """32 bytes, EIP-712 "Definition of domainSeparator"."""
        return _Hasher(self.types).struct(DOMAIN_TYPE, self.domain, "domain")

    def message_hash(self) -> bytes:
        """32 bytes, hashStruct of the message."""
        return _Hasher(self.types).struct(self.primary_type, self.message, "message")

    def signing_hash(self) -> bytes:
        """The 32-byte digest that is signed: keccak256(0x19 ‖ 0x01 ‖ domainSeparator ‖ hashStruct(message))."""
        if self.primary_type == DOMAIN_TYPE:
            return keccak256(b"\x19\x01" + self.domain_separator())
        return keccak256(b"\x19\x01" + self.domain_separator() + self.message_hash())


def parse_typed_data(document: bytes) -> TypedData:
    """Read a UTF-8 JSON document and check all of it, message values included.

    Raises:
        InvalidValue: Names the place that is wrong.
    """
    if len(document) > MAX_DOCUMENT_BYTES:
        raise InvalidValue(f"typed data has {len(document)} bytes, at most {MAX_DOCUMENT_BYTES} are read")
    _check_nesting(document)
    try:
        whole = json.loads(
            document.decode("utf-8"), object_pairs_hook=_unique_members, parse_float=_no_float, parse_constant=_no_float
        )
    except InvalidValue:
        raise
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InvalidValue("typed data is not a JSON document in UTF-8") from error
    if not isinstance(whole, dict) or set(whole) != _MEMBERS:
        raise InvalidValue("typed data has exactly the members types, primaryType, domain and message")
    domain, message, primary = whole["domain"], whole["message"], whole["primaryType"]
    if not isinstance(domain, dict) or not isinstance(message, dict):
        raise InvalidValue("domain and message are JSON objects")
    types = _types(whole["types"], domain)
    if not isinstance(primary, str) or primary not in types:
        raise InvalidValue("primaryType is not among the types")
    typed = TypedData(types, primary, domain, message)
    typed.signing_hash()
    return typed


def write_typed_data(
    types: Mapping[str, Sequence[tuple[str, str]]],
    primary_type: str,
    domain: Mapping[str, Any],
    message: Mapping[str, Any],
) -> bytes:
    """Write a document in canonical JSON that every wallet reads; the inverse of `parse_typed_data`.

    Integers become decimal strings (JSON numbers above 2^53 are read wrongly by browsers), bytes become 0x-hex.
    The domain's type is derived from the fields that `domain` has.

    Raises:
        InvalidValue: The document does not fit its own types.
    """
    declared: dict[str, Any] = {DOMAIN_TYPE: _domain_type(domain), **types}
    whole = {
        "types": {name: [{"name": n, "type": t} for n, t in fields] for name, fields in declared.items()},
        "primaryType": primary_type,
        "domain": _portable(domain),
        "message": _portable(message),
    }
    document = json.dumps(whole, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    parse_typed_data(document)
    return document


def encode_type(types: Types, name: str) -> str:
    """`Mail(Person from,Person to)Person(string name)`: the struct, then those it refers to, sorted by name.

    Source: EIP-712 "Definition of encodeType".
    """
    needed: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in needed:
            needed.add(current)
            waiting.extend(base for _, kind in types[current] if (base := _base(kind)) in types)
    ordered = [name, *sorted(needed - {name})]
    return "".join(f"{n}({','.join(f'{kind} {field}' for field, kind in types[n])})" for n in ordered)


def _check_nesting(document: bytes) -> None:
    """Before the JSON parser, which goes as deep as the text says, on the machine's own stack."""
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", document)):
        depth += 1 if bracket in b"[{" else -1
        if depth > 2 * MAX_DEPTH:
            raise InvalidValue(f"typed data is nested deeper than {MAX_DEPTH}")


def _unique_members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidValue("typed data repeats a member, so two readers could see two documents")
    return members


def _no_float(_text: str) -> Any:
    raise InvalidValue("typed data holds a number that is not an integer")


def _portable(value: Any) -> Any:
    match value:
        case bool() | str() | None:
            return value
        case int():
            return str(value)
        case bytes():
            return "0x" + value.hex()
        case Mapping():
            return {name: _portable(item) for name, item in value.items()}
        case Sequence():
            return [_portable(item) for item in value]
        case _:
            raise InvalidValue(f"a {type(value).__name__} has no place in typed data")


def _domain_type(domain: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    unknown = set(domain) - {name for name, _ in _DOMAIN_FIELDS}
    if unknown:
        raise InvalidValue(f"the domain has unknown fields: {', '.join(sorted(unknown))}")
    return tuple(field for field in _DOMAIN_FIELDS if field[0] in domain)


def _types(raw: Any, domain: Mapping[str, Any]) -> Types:
    if not isinstance(raw, dict):
        raise InvalidValue("types is a JSON object")
    types = {name: _fields(name, fields) for name, fields in raw.items()}
    expected = _domain_type(domain)
    if not expected:
        raise InvalidValue("the domain is empty, so the signature would be good anywhere")
    if set(types.setdefault(DOMAIN_TYPE, expected)) != set(expected):
        raise InvalidValue(f"{DOMAIN_TYPE} does not name the fields that the domain has, with their standard types")
    for name, fields in types.items():
        for field, kind in fields:
            base = _base(kind)
            if base not in types and not _is_atomic(base):
                raise InvalidValue(f"{name}.{field} has the unknown type {kind!r}")
    return types


def _fields(name: str, raw: Any) -> tuple[tuple[str, str], ...]:
    if not _IDENTIFIER.fullmatch(name) or _is_atomic(name) or not isinstance(raw, list):
        raise InvalidValue(f"{name!r} is not the name of a struct with a list of fields")
    fields: list[tuple[str, str]] = []
    for item in raw:
        if not isinstance(item, dict) or set(item) != {"name", "type"}:
            raise InvalidValue(f"a field of {name} has exactly a name and a type")
        field, kind = item["name"], item["type"]
        if not isinstance(field, str) or not isinstance(kind, str) or not _IDENTIFIER.fullmatch(field):
            raise InvalidValue(f"a field of {name} has no proper name or type")
        fields.append((field, kind))
    if len({field for field, _ in fields}) != len(fields):
        raise InvalidValue(f"{name} has two fields of one name")
    return tuple(fields)


def _base(kind: str) -> str:
    for _ in range(MAX_DEPTH):
        match = _ARRAY.fullmatch(kind)
        if match is None:
            return kind
        kind = match[1]
    raise InvalidValue(f"an array type has more than {MAX_DEPTH} dimensions")


def _is_atomic(kind: str) -> bool:
    if kind in ("address", "bool", "string", "bytes"):
        return True
    if match := _INTEGER.fullmatch(kind):
        return not match[2].startswith("0") and int(match[2]) % 8 == 0 and 8 <= int(match[2]) <= 256
    if match := _FIXED_BYTES.fullmatch(kind):
        return not match[1].startswith("0") and 1 <= int(match[1]) <= 32
    return False


class _Hasher:
    """Hashes values of one document's types; each type's own hash is computed once."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._type_hashes: dict[str, bytes] = {}

    def struct(self, name: str, value: Any, path: str, depth: int = 0) -> bytes:
        if depth > MAX_DEPTH:
            raise InvalidValue(f"typed data is nested deeper than {MAX_DEPTH}")
        if not isinstance(value, Mapping):
            raise InvalidValue(f"{path} is not a {name}", path=path)
        fields = self._types[name]
        names = {field for field, _ in fields}
        if set(value) != names:
            strange = ", ".join(sorted(set(value) ^ names))
            raise InvalidValue(f"{path} does not have exactly the fields of {name}: {strange}", path=path)
        words = [self._word(kind, value[field], f"{path}.{field}", depth) for field, kind in fields]
        return keccak256(self._type_hash(name) + b"".join(words))

    def _type_hash(self, name: str) -> bytes:
        if name not in self._type_hashes:
            self._type_hashes[name] = keccak256(encode_type(self._types, name).encode())
        return self._type_hashes[name]

    def _word(self, kind: str, value: Any, path: str, depth: int) -> bytes:
        if match := _ARRAY.fullmatch(kind):
            if depth >= MAX_DEPTH:
                raise InvalidValue(f"typed data is nested deeper than {MAX_DEPTH}")
            if not isinstance(value, list) or (match[2] and len(value) != int(match[2])):
                raise InvalidValue(f"{path} is not a {kind}", path=path)
            items = (self._word(match[1], item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value))
            return keccak256(b"".join(items))
        if kind in self._types:
            return bytes(32) if value is None else self.struct(kind, value, path, depth + 1)
        return atomic_word(kind, value, path)


def array_of(kind: str) -> tuple[str, int | None] | None:
    """Element type and fixed length (None: any) of an array type, None when it is no array."""
    match = _ARRAY.fullmatch(kind)
    return None if match is None else (match[1], int(match[2]) if match[2] else None)


def integer_range(kind: str) -> tuple[int, int] | None:
    """Least and greatest value of an integer type, None when it is none."""
    match = _INTEGER.fullmatch(kind)
    if match is None:
        return None
    bits = int(match[2])
    return (0, 2**bits - 1) if match[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def atomic_word(kind: str, value: Any, path: str) -> bytes:
    """The 32-byte word of a value of an elementary type (EIP-712 "Definition of encodeData").

    Raises:
        InvalidValue: The value is not of this type; `path` names it.
    """
    if kind == "string":
        if not isinstance(value, str):
            raise InvalidValue(f"{path} is not a string", path=path)
        return keccak256(_utf8(value, path))
    if kind == "bool":
        if not isinstance(value, bool):
            raise InvalidValue(f"{path} is not true or false", path=path)
        return int(value).to_bytes(32, "big")
    if kind == "address":
        return _address(value, path).rjust(32, b"\0")
    if kind == "bytes":
        return keccak256(_hex_bytes(value, path))
    if match := _FIXED_BYTES.fullmatch(kind):
        raw = _hex_bytes(value, path)
        if len(raw) != int(match[1]):
            raise InvalidValue(f"{path} has {len(raw)} bytes, {kind} has {match[1]}", path=path)
        return raw.ljust(32, b"\0")
    match = _INTEGER.fullmatch(kind)
    if match is None:
        raise InvalidValue(f"{path} has the unknown type {kind!r}", path=path)
    signed = match[1] == ""
    return (_integer(value, signed=signed, bits=int(match[2]), path=path) % 2**256).to_bytes(32, "big")


def _utf8(value: str, path: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(f"{path} is not Unicode text", path=path) from error


def _hex_bytes(value: Any, path: str) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise InvalidValue(f"{path} is not 0x and whole bytes in hex", path=path)
    return bytes.fromhex(value[2:])


def _address(value: Any, path: str) -> bytes:
    if not isinstance(value, str):
        raise InvalidValue(f"{path} is not an address", path=path)
    return parse_evm_address(value)


def _integer(value: Any, *, signed: bool, bits: int, path: str) -> int:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        number = int(value)
    elif isinstance(value, str) and _HEX_INTEGER.fullmatch(value):
        number = int(value, 16)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise InvalidValue(f"{path} is not an integer", path=path)
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if not least <= number <= most:
        raise InvalidValue(f"{path} is outside {least} … {most}", path=path)
    return number
