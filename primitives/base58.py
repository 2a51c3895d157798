"""Base58 with the Bitcoin alphabet, as Solana writes keys and signatures."""

from primitives.errors import InvalidValue

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE_OF = {character: value for value, character in enumerate(_ALPHABET)}


_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_CHUNK = 58**10  # the largest even power below 2^64, so that digits come off machine-sized numbers


def encode_base58(data: bytes) -> str:
    """Write bytes as base58 text; each leading zero byte becomes one leading `1`."""
    number = int.from_bytes(data, "big")
    pairs: list[str] = []
    while number:
        number, chunk = divmod(number, _CHUNK)
        for _ in range(5):
            chunk, pair = divmod(chunk, 3364)
            pairs.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    pairs.reverse()
    return "1" * zeros + "".join(pairs).lstrip("1")


def decode_base58(text: str, *, length: int) -> bytes:
    """Read base58 text that must hold exactly `length` bytes.

    Raises:
        InvalidValue: A character outside the alphabet, or another length.
    """
    if len(text) > length * 2:
        raise InvalidValue(f"base58 text of {len(text)} characters cannot hold {length} bytes")
    number = 0
    for character in text:
        value = _VALUE_OF.get(character)
        if value is None:
            raise InvalidValue(f"{character!r} is not a base58 character")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    data = bytes(zeros) + body
    if len(data) != length:
        raise InvalidValue(f"base58 text holds {len(data)} bytes, expected {length}")
    return data
