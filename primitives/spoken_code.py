"""Codes that people read out on the telephone."""

from __future__ import annotations

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is misread or misheard: 32 of them, five bits each."""


def spoken_code(number: int, letters: int = 8) -> str:
    """The lowest `5 * letters` bits of a number, the highest first."""
    return "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(letters)))
