"""EIP-55: the standard's own addresses, and every single wrong case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from primitives.account_id import checksum_address, parse_evm_address
from primitives.errors import InvalidAddress

ADDRESSES: list[str] = json.loads((Path(__file__).parents[2] / "vectors" / "eip55.json").read_text())["addresses"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_official_address(address: str) -> None:
    assert checksum_address(parse_evm_address(address)) == address


@pytest.mark.parametrize("address", ADDRESSES[4:])
def test_every_letter_of_the_other_case_is_refused(address: str) -> None:
    for at, letter in enumerate(address[2:], 2):
        if letter.isalpha():
            with pytest.raises(InvalidAddress, match="checksum"):
                parse_evm_address(address[:at] + letter.swapcase() + address[at + 1 :])
