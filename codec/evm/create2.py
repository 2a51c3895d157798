"""Deployment at addresses that follow from the code alone, so that the book has one address on every EVM chain."""

from __future__ import annotations

from codec.evm.abi import encode, load_artifact
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

DEPLOYER = bytes.fromhex("4e59b44847b379578588920cA78FbF26c0B4956C")
"""The deterministic deployment proxy, present on most EVM chains; calldata is salt ‖ init code.

Source: github.com/Arachnid/deterministic-deployment-proxy.
"""

BOOK_SALT = keccak256(b"quanbao.voucher-book.v1")
TEST_MONEY_SALT = keccak256(b"quanbao.test-money.v1")

TEST_MONEY = (("Test CNY (no value)", "tCNY"), ("Test USD (no value)", "tUSD"))
"""Name and symbol of the test monies; 6 decimals each."""


def create2_address(init_code: bytes, salt: bytes, deployer: bytes = DEPLOYER) -> bytes:
    """The 20-byte address that `init_code` is deployed to.

    Source: EIP-1014.

    Raises:
        InvalidValue: The salt has not 32 bytes.
    """
    if len(salt) != 32:
        raise InvalidValue(f"a CREATE2 salt has 32 bytes, not {len(salt)}")
    return keccak256(b"\xff" + deployer + salt + keccak256(init_code))[12:]


def deployment_calldata(init_code: bytes, salt: bytes) -> bytes:
    """Calldata for a transaction to `DEPLOYER`; it fails if the contract exists already.

    Raises:
        InvalidValue: The salt has not 32 bytes.
    """
    if len(salt) != 32:
        raise InvalidValue(f"a CREATE2 salt has 32 bytes, not {len(salt)}")
    return salt + init_code


def book_init_code() -> bytes:
    """Init code of the VoucherBook; it takes no arguments."""
    return bytes.fromhex(load_artifact("VoucherBook")["bytecode"][2:])


def book_address() -> bytes:
    """Where the VoucherBook is on every EVM chain, 20 bytes."""
    return create2_address(book_init_code(), BOOK_SALT)


def book_deployment() -> bytes:
    """Calldata to `DEPLOYER` that puts the VoucherBook there."""
    return deployment_calldata(book_init_code(), BOOK_SALT)


def money_init_code(name: str, symbol: str, minter: bytes) -> bytes:
    """Init code of one test money, whose only minter (20 bytes) is fixed for ever."""
    code = bytes.fromhex(load_artifact("TestMoney")["bytecode"][2:])
    return code + encode(["string", "string", "address"], [name, symbol, minter])


def money_address(name: str, symbol: str, minter: bytes) -> bytes:
    """Where this test money is, 20 bytes."""
    return create2_address(money_init_code(name, symbol, minter), TEST_MONEY_SALT)


def money_deployment(name: str, symbol: str, minter: bytes) -> bytes:
    """Calldata to `DEPLOYER` that puts this test money there."""
    return deployment_calldata(money_init_code(name, symbol, minter), TEST_MONEY_SALT)
