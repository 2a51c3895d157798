"""CREATE2 addresses: the examples of EIP-1014, and our own contracts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rlp

from codec.evm import create2
from codec.evm import deterministic_deployer as deployer
from codec.evm.book_versions import book_versions, newest_book
from codec.evm.transaction import recover_address
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue, MissingPart
from primitives.hashing import keccak256


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


class TestDeterministicDeployer:
    def test_its_creation_is_signed_and_lands_at_its_address(self) -> None:
        """Nobody has the key: the signer follows from a signature that was made up."""
        nonce, price, gas, to, value, init_code, v, r, s = rlp.decode(deployer.DEPLOYER_CREATION)
        assert (v, to, value) == (b"\x1b", b"", b""), "no chain id, a creation, no money"
        assert int.from_bytes(price, "big") * int.from_bytes(gas, "big") == deployer.DEPLOYER_COST
        signed = keccak256(rlp.encode([nonce, price, gas, to, value, init_code]))
        signer = recover_address(signed, r.rjust(32, b"\0") + s.rjust(32, b"\0") + b"\0")
        assert signer == deployer.DEPLOYER_SIGNER
        assert keccak256(rlp.encode([signer, b""]))[12:] == create2.DEPLOYER
        assert init_code.endswith(deployer.DEPLOYER_RUNTIME)


class TestVersions:
    def test_the_newest_is_the_book_of_the_sources(self) -> None:
        assert newest_book().address == create2.book_address()
        assert [version.number for version in book_versions()] == list(range(1, len(book_versions()) + 1))

    def test_a_released_version_never_changes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither its bytes nor its address."""
        entry = {"version": 1, "salt_text": "quanbao.voucher-book.v1", "artifact": "VoucherBook", "released": True}
        right = checksum_address(create2.book_address())
        monkeypatch.setattr("codec.evm.book_versions.ARTIFACTS", tmp_path)
        for address, accepted in ((right, True), (checksum_address(bytes(20)), False)):
            (tmp_path / "versions.json").write_text(json.dumps([{**entry, "address": address}]))
            book_versions.cache_clear()
            if accepted:
                assert newest_book().released
                continue
            with pytest.raises(MissingPart, match="no longer it"):
                book_versions()
        (tmp_path / "versions.json").unlink()
        book_versions.cache_clear()
        with pytest.raises(MissingPart, match="missing"):
            book_versions()
        monkeypatch.undo()
        book_versions.cache_clear()
