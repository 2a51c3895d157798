"""Many EIP-712 documents of one type under one domain: type hashes and domain separator are computed once.

The digests are those of `parse_typed_data(...).signing_hash()`; values may be native (int, bytes) or as in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from codec.evm.typed_data import (
    DOMAIN_TYPE,
    MAX_DEPTH,
    TypedData,
    array_of,
    atomic_word,
    encode_type,
    integer_range,
    parse_typed_data,
    write_typed_data,
)
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

_Encoder = Callable[[Any, str], bytes]
_ZERO = bytes(12)


class TypedDataTemplate:
    """One primary type under one domain, ready to hash messages.

    Args:
        types: Structs by name, (name, type) fields in order; without the domain's.
        example: A message that fits; the whole document is checked with it once.

    Raises:
        InvalidValue: The document does not fit its own types.
    """

    def __init__(
        self,
        types: Mapping[str, Sequence[tuple[str, str]]],
        primary_type: str,
        domain: Mapping[str, Any],
        example: Mapping[str, Any],
    ) -> None:
        self.document: TypedData = parse_typed_data(write_typed_data(types, primary_type, domain, example))
        if primary_type == DOMAIN_TYPE:
            raise InvalidValue("a batch signs messages, not domains")
        self._structs: dict[str, _Encoder] = {}
        self._hash = self._struct(primary_type)
        self._prefix = b"\x19\x01" + self.document.domain_separator()

    @property
    def primary_type(self) -> str:
        return self.document.primary_type

    def signing_hash(self, message: Mapping[str, Any]) -> bytes:
        """The 32-byte digest of one message.

        Raises:
            InvalidValue: A field missing, unknown or out of its type; `path` names it.
        """
        return keccak256(self._prefix + self._hash(message, "message"))

    def _struct(self, name: str, depth: int = 0) -> _Encoder:
        if depth > MAX_DEPTH:
            raise InvalidValue(f"typed data is nested deeper than {MAX_DEPTH}")
        types = self.document.types
        type_hash = keccak256(encode_type(types, name).encode())
        fields = types[name]
        count = len(fields)
        encoders: list[tuple[str, _Encoder]] = []

        def encode(value: Any, path: str) -> bytes:
            try:
                if len(value) != count:
                    raise KeyError
                words = [encoder(value[field], field) for field, encoder in encoders]
            except (KeyError, TypeError) as error:
                raise InvalidValue(f"{path} does not have exactly the fields of {name}", path=path) from error
            except InvalidValue as error:
                raise InvalidValue(f"{path}.{error.message}", path=f"{path}.{error.facts.get('path', '')}") from error
            return keccak256(type_hash + b"".join(words))

        self._structs[name] = encode
        # After the entry above, so that a type that refers to itself finds it.
        encoders.extend((field, self._encoder(kind, depth)) for field, kind in fields)
        return encode

    def _encoder(self, kind: str, depth: int) -> _Encoder:
        array = array_of(kind)
        if array is not None:
            inner, size = array
            return _array(kind, self._encoder(inner, depth + 1), size)
        if kind in self.document.types:
            struct = self._structs.get(kind) or self._struct(kind, depth + 1)
            return lambda value, path: bytes(32) if value is None else struct(value, path)
        bounds = integer_range(kind)
        if bounds is not None:
            return _integer(kind, *bounds)
        if kind == "string":
            return lambda value, path: (
                keccak256(value.encode()) if type(value) is str else atomic_word(kind, value, path)
            )
        if kind == "address":
            return _address
        return _bytes(kind)


def _array(kind: str, encoder: _Encoder, size: int | None) -> _Encoder:
    def encode(value: Any, path: str) -> bytes:
        if not isinstance(value, list | tuple) or (size is not None and len(value) != size):
            raise InvalidValue(f"{path} is not a {kind}", path=path)
        return keccak256(b"".join([encoder(item, path) for item in value]))

    return encode


def _integer(kind: str, least: int, most: int) -> _Encoder:
    signed = least < 0

    def encode(value: Any, path: str) -> bytes:
        if type(value) is int and least <= value <= most:
            return value.to_bytes(32, "big", signed=signed)
        return atomic_word(kind, value, path)

    return encode


def _bytes(kind: str) -> _Encoder:
    """Values as bytes or as in JSON; `bool`, which is neither, passes through."""
    size = 32 if kind == "bytes32" else None

    def encode(value: Any, path: str) -> bytes:
        if type(value) is bytes:
            return value if len(value) == size else atomic_word(kind, "0x" + value.hex(), path)
        return atomic_word(kind, value, path)

    return encode


def _address(value: Any, path: str) -> bytes:
    if type(value) is bytes and len(value) == 20:
        return _ZERO + value
    return atomic_word("address", value, path)
