"""The token metadata interface, stored by Token-2022 in the mint itself.

Instruction data is an 8-byte discriminator and borsh fields (strings: u32 length, UTF-8).

Source: spl-token-metadata-interface: `TokenMetadataInstruction`, `TokenMetadata`; discriminators are
sha256("spl_token_metadata_interface:<name>")[:8].
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.programs import TOKEN_2022
from primitives.errors import InvalidValue


def _discriminator(name: str) -> bytes:
    return hashlib.sha256(f"spl_token_metadata_interface:{name}".encode()).digest()[:8]


_INITIALIZE = _discriminator("initialize_account")
_UPDATE_FIELD = _discriminator("updating_field")
_UPDATE_AUTHORITY = _discriminator("update_the_authority")
_KEY_FIELD = b"\x03"


def initialize_metadata(
    mint: bytes, update_authority: bytes, mint_authority: bytes, name: str, symbol: str, uri: str
) -> Instruction:
    """name symbol uri; metadata (= mint) W, update authority, mint, mint authority S."""
    return Instruction(
        TOKEN_2022,
        (
            AccountMeta(mint, False, True),
            AccountMeta(update_authority, False, False),
            AccountMeta(mint, False, False),
            AccountMeta(mint_authority, True, False),
        ),
        _INITIALIZE + _string(name) + _string(symbol) + _string(uri),
    )


def update_field(mint: bytes, update_authority: bytes, key: str, value: str) -> Instruction:
    """`03` key value: adds or changes one further field; metadata (= mint) W, update authority S."""
    return _by_authority(mint, update_authority, _UPDATE_FIELD + _KEY_FIELD + _string(key) + _string(value))


def renounce_update_authority(mint: bytes, update_authority: bytes) -> Instruction:
    """New authority of 32 zero bytes, which means none; metadata (= mint) W, update authority S."""
    return _by_authority(mint, update_authority, _UPDATE_AUTHORITY + bytes(32))


def _by_authority(mint: bytes, authority: bytes, data: bytes) -> Instruction:
    return Instruction(TOKEN_2022, (AccountMeta(mint, False, True), AccountMeta(authority, True, False)), data)


@dataclass(frozen=True, slots=True)
class TokenMetadata:
    """What a mint says of itself. `update_authority` None: it can never change again."""

    update_authority: bytes | None
    mint: bytes
    name: str
    symbol: str
    uri: str
    fields: Mapping[str, str]

    @classmethod
    def parse(cls, data: bytes) -> TokenMetadata:
        """From the value of extension 19: authority 32 (zeros: none), mint 32, name, symbol, uri, u32 count of pairs,
        pairs of strings.

        Raises:
            InvalidValue: Truncated, or text that is not UTF-8.
        """
        offset = 64
        try:
            name, offset = _read(data, offset)
            symbol, offset = _read(data, offset)
            uri, offset = _read(data, offset)
            (count,) = struct.unpack_from("<I", data, offset)
            offset += 4
            fields: dict[str, str] = {}
            for _ in range(count):
                key, offset = _read(data, offset)
                fields[key], offset = _read(data, offset)
        except (struct.error, UnicodeDecodeError) as error:
            raise InvalidValue("the mint's metadata cannot be read") from error
        authority = data[:32]
        return cls(authority if any(authority) else None, data[32:64], name, symbol, uri, fields)


def metadata_length(name: str, symbol: str, uri: str, fields: Mapping[str, str]) -> int:
    """Bytes that the metadata adds to its mint, entry header included."""
    pairs = sum(len(_string(key)) + len(_string(value)) for key, value in fields.items())
    return 4 + 64 + len(_string(name)) + len(_string(symbol)) + len(_string(uri)) + 4 + pairs


def _string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<I", len(raw)) + raw


def _read(data: bytes, offset: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", data, offset)
    end = offset + 4 + length
    if end > len(data):
        raise InvalidValue("the mint's metadata cannot be read")
    return data[offset + 4 : end].decode(), end
