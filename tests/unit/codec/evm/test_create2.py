"""CREATE2 addresses: the examples of EIP-1014, and our own contracts."""

from __future__ import annotations

import pytest

from codec.evm import create2
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize(
    ("deployer", "salt", "init_code", "address"),
    [
        ("00" * 20, "00" * 32, "00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"),
        ("deadbeef" + "00" * 16, "00" * 32, "00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"),
        (
            "deadbeef" + "00" * 16,
            "000000000000000000000000feed000000000000000000000000000000000000",
            "00",
            "0xD04116cDd17beBE565EB2422F2497E06cC1C9833",
        ),
        ("00" * 20, "00" * 32, "deadbeef", "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"),
        ("00" * 16 + "deadbeef", "00" * 28 + "cafebabe", "deadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"),
        (
            "00" * 16 + "deadbeef",
            "00" * 28 + "cafebabe",
            "deadbeef" * 11,
            "0x1d8bfDC5D46DC4f61D6b6115972536eBE6A8854C",
        ),
        ("00" * 20, "00" * 32, "", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"),
    ],
)
def test_examples_of_eip_1014(deployer: str, salt: str, init_code: str, address: str) -> None:
    derived = create2.create2_address(raw(init_code), raw(salt), raw(deployer))
    assert checksum_address(derived) == address


def test_short_salt_is_refused() -> None:
    with pytest.raises(InvalidValue, match="32 bytes"):
        create2.create2_address(b"", bytes(31))
    with pytest.raises(InvalidValue, match="32 bytes"):
        create2.deployment_calldata(b"", bytes(31))


def test_each_contract_has_an_address_of_its_own() -> None:
    minter = bytes(19) + b"\1"
    addresses = {create2.book_address()}
    addresses |= {create2.money_address(name, symbol, minter) for name, symbol in create2.TEST_MONEY}
    addresses |= {create2.money_address(name, symbol, bytes(20)) for name, symbol in create2.TEST_MONEY}
    assert len(addresses) == 5
