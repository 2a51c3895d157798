"""Reading JSON-RPC parameters: positions and the trailing options object."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Any

from solders.pubkey import Pubkey
from solders.signature import Signature

from localnet.solana.errors import MIN_CONTEXT_SLOT_NOT_REACHED, RpcError, invalid_params
from primitives.base58 import decode_base58
from primitives.errors import InvalidValue

COMMITMENTS = ("processed", "confirmed", "finalized")
_ALPHABET = frozenset("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
_OLD_COMMITMENTS = {"recent": "processed", "single": "confirmed", "singleGossip": "confirmed", "max": "finalized"}


class Params:
    """The `params` array of one request."""

    def __init__(self, values: Any) -> None:
        if values is None:
            values = []
        if not isinstance(values, list):
            raise invalid_params("Invalid params: expected an array")
        self._values = values

    def get(self, position: int) -> Any:
        return self._values[position] if position < len(self._values) else None

    def text(self, position: int, name: str) -> str:
        value = self.get(position)
        if not isinstance(value, str):
            raise invalid_params(f"Invalid params: {name} must be a string")
        return value

    def integer(self, position: int, name: str) -> int:
        value = self.get(position)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise invalid_params(f"Invalid params: {name} must be a non-negative integer")
        return value

    def optional_integer(self, position: int, name: str) -> int | None:
        return None if self.get(position) is None else self.integer(position, name)

    def items(self, position: int, name: str, *, limit: int) -> list[Any]:
        value = self.get(position)
        if not isinstance(value, list):
            raise invalid_params(f"Invalid params: {name} must be an array")
        if len(value) > limit:
            raise invalid_params(f"Too many inputs provided; max {limit}")
        return value

    def address(self, position: int) -> Pubkey:
        return parse_address(self.get(position))

    def options(self, position: int) -> Options:
        value = self.get(position)
        if value is not None and not isinstance(value, dict):
            raise invalid_params("Invalid params: options must be an object")
        # Clients send null for what they leave unset; a default must not be overridden by it.
        return Options({name: item for name, item in (value or {}).items() if item is not None})


class Options:
    """The options object, without its nulls."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def get(self, name: str, default: Any = None) -> Any:
        return self._values.get(name, default)

    def flag(self, name: str) -> bool:
        value = self._values.get(name, False)
        if not isinstance(value, bool):
            raise invalid_params(f"Invalid params: {name} must be a boolean")
        return value

    def integer(self, name: str) -> int | None:
        value = self._values.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise invalid_params(f"Invalid params: {name} must be a non-negative integer")
        return value

    def commitment(self, name: str = "commitment", default: str = "finalized") -> str:
        value = self._values.get(name, default)
        value = _OLD_COMMITMENTS.get(value, value) if isinstance(value, str) else value
        if value not in COMMITMENTS:
            raise invalid_params(f"Invalid params: unknown commitment {value!r}")
        return str(value)

    def durable_commitment(self) -> str:
        """`confirmed` or `finalized`: history has no `processed`."""
        commitment = self.commitment()
        if commitment == "processed":
            raise invalid_params("Method does not support commitment below `confirmed`")
        return commitment

    def require_slot(self, slot: int) -> None:
        """Honour `minContextSlot`."""
        wanted = self.integer("minContextSlot")
        if wanted is not None and wanted > slot:
            raise RpcError(
                MIN_CONTEXT_SLOT_NOT_REACHED, "Minimum context slot has not been reached", {"contextSlot": slot}
            )


def parse_address(value: Any) -> Pubkey:
    """A 32-byte base58 address.

    Raises:
        RpcError: Invalid params, with Agave's words (`ParsePubkeyError`).
    """
    if not isinstance(value, str):
        raise invalid_params("Invalid param: expected an address")
    try:
        return Pubkey.from_string(value)
    except ValueError as error:
        raise invalid_params(f"Invalid param: {_fault(value, longest=44)}") from error


def parse_signature(value: Any) -> str:
    """A 64-byte base58 signature. Raises RpcError as `parse_address`."""
    if not isinstance(value, str):
        raise invalid_params("Invalid param: expected a signature")
    try:
        return str(Signature.from_string(value))
    except ValueError as error:
        raise invalid_params(f"Invalid param: {_fault(value, longest=88)}") from error


def _fault(value: str, *, longest: int) -> str:
    return "WrongSize" if len(value) > longest or _ALPHABET.issuperset(value) else "Invalid"


def decode_bytes(text: str, encoding: str, *, limit: int, kind: str) -> bytes:
    """Transaction or message bytes in `base58` or `base64`, at most `limit` bytes; `kind` is Agave's name of them."""
    if encoding == "base64":
        # Four characters for three bytes; Agave refuses before it decodes.
        if len(text) > (limit + 2) // 3 * 4:
            longest = (limit + 2) // 3 * 4
            raise invalid_params(
                f"base64 encoded {kind} too large: {len(text)} bytes (max: encoded/raw {longest}/{limit})"
            )
        try:
            return b64decode(text, validate=True)
        except (Base64Error, ValueError) as error:
            raise invalid_params(f"invalid base64 encoding: {error}") from error
    if encoding == "base58":
        longest = limit * 138 // 100 + 1
        if len(text) > longest:
            raise invalid_params(
                f"base58 encoded {kind} too large: {len(text)} bytes (max: encoded/raw {longest}/{limit})"
            )
        return decode_base58_bytes(text)
    raise invalid_params(f"unsupported encoding: {encoding}. Supported encodings: base58, base64")


def decode_base58_bytes(text: str) -> bytes:
    """Base58 text of bytes of unknown number.

    Raises:
        RpcError: A character outside the alphabet.
    """
    zeros = len(text) - len(text.lstrip("1"))
    digits = len(text) - zeros
    # log(58) / log(256) = 0.7322…: the first digit leaves two or three lengths open.
    for length in range(max(0, digits - 1) * 7322 // 10_000, digits * 7323 // 10_000 + 2):
        try:
            return decode_base58(text, length=zeros + length)
        except InvalidValue:
            continue
    raise invalid_params("invalid base58 encoding")
