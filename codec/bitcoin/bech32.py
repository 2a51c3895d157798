"""Bech32 and Bech32m, and segwit addresses in them.

Source: BIP-173 "Bech32", "Segwit address format"; BIP-350 for Bech32m and witness versions from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from primitives.errors import InvalidAddress

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE_OF = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32, _BECH32M = 1, 0x2BC830A3
_CHECK_LETTERS = 6
_MAX_LENGTH = 90


def _polymod(values: Iterable[int]) -> int:
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate(_GENERATOR):
            if top >> bit & 1:
                state ^= part
    return state


def _expanded(prefix: str) -> list[int]:
    return [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]


def _regroup(data: Iterable[int], taken: int, given: int, *, pad: bool) -> list[int]:
    """Bits in groups of `taken` into groups of `given`. Raises InvalidAddress for padding that is not plain zeros."""
    accumulator = bits = 0
    groups: list[int] = []
    for value in data:
        accumulator = accumulator << taken | value
        bits += taken
        while bits >= given:
            bits -= given
            groups.append(accumulator >> bits & (1 << given) - 1)
        accumulator &= (1 << bits) - 1
    if pad:
        if bits:
            groups.append(accumulator << given - bits)
    elif bits >= taken or accumulator:
        raise InvalidAddress("the address has wrong padding")
    return groups


def encode_segwit(prefix: str, version: int, program: bytes) -> str:
    """The address of a witness program.

    Args:
        prefix: `bc` or `tb`.
        version: 0 (Bech32) to 16 (Bech32m).
        program: 2 to 40 bytes; 20 or 32 for version 0.

    Raises:
        InvalidAddress: Another version or length.
    """
    _check_program(version, program)
    data = [version, *_regroup(program, 8, 5, pad=True)]
    constant = _BECH32 if version == 0 else _BECH32M
    check = _polymod([*_expanded(prefix), *data, *([0] * _CHECK_LETTERS)]) ^ constant
    letters = data + [check >> 5 * (_CHECK_LETTERS - 1 - position) & 31 for position in range(_CHECK_LETTERS)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in letters)


def decode_segwit(text: str, prefix: str) -> tuple[int, bytes]:
    """Version and witness program of an address.

    Raises:
        InvalidAddress: Another prefix, mixed case, a wrong letter, length, checksum, version or padding.
    """
    if text not in (text.lower(), text.upper()):
        raise InvalidAddress("the address mixes upper and lower case", address=text)
    plain = text.lower()
    head, _, tail = plain.rpartition("1")
    if head != prefix:
        raise InvalidAddress(f"the address does not start with {prefix}1", address=text)
    if len(plain) > _MAX_LENGTH or len(tail) < _CHECK_LETTERS + 1:
        raise InvalidAddress("the address is too long or too short", address=text)
    wrong = [letter for letter in tail if letter not in _VALUE_OF]
    if wrong:
        raise InvalidAddress(f"{wrong[0]!r} is not a letter of these addresses", address=text)
    values = [_VALUE_OF[letter] for letter in tail]
    version, constant = values[0], _polymod([*_expanded(prefix), *values])
    if constant != (_BECH32 if version == 0 else _BECH32M):
        raise InvalidAddress("the checksum does not fit: compare the address with its source", address=text)
    return version, _program(version, values[1:-_CHECK_LETTERS])


def _program(version: int, groups: Sequence[int]) -> bytes:
    program = bytes(_regroup(groups, 5, 8, pad=False))
    _check_program(version, program)
    return program


def _check_program(version: int, program: bytes) -> None:
    if not 0 <= version <= 16:
        raise InvalidAddress(f"there is no witness version {version}")
    if not 2 <= len(program) <= 40 or (version == 0 and len(program) not in (20, 32)):
        raise InvalidAddress(f"a witness program of version {version} has no {len(program)} bytes")
