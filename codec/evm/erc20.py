"""ERC-20 tokens, with the ERC-2612 part that permits need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from codec.evm.abi import Abi


@cache
def erc20_abi() -> Abi:
    """The interface of TestMoney, which is ERC-20, ERC-2612, ERC-5267 and `mint`."""
    return Abi.of_artifact("TestMoney")


@dataclass(frozen=True, slots=True)
class Erc20Transfer:
    """A Transfer log. Addresses have 20 bytes; zeros for made or destroyed."""

    sender: bytes
    recipient: bytes
    base_units: int


def transfer_call(recipient: bytes, base_units: int) -> bytes:
    """Calldata of `transfer`."""
    return erc20_abi().encode_call("transfer", recipient, base_units)


def transfer_from_call(owner: bytes, recipient: bytes, base_units: int) -> bytes:
    """Calldata of `transferFrom`."""
    return erc20_abi().encode_call("transferFrom", owner, recipient, base_units)


def approve_call(spender: bytes, base_units: int) -> bytes:
    """Calldata of `approve`."""
    return erc20_abi().encode_call("approve", spender, base_units)


def mint_call(recipient: bytes, base_units: int) -> bytes:
    """Calldata of TestMoney's `mint`; only its minter may call."""
    return erc20_abi().encode_call("mint", recipient, base_units)


def balance_of_call(account: bytes) -> bytes:
    """Calldata of `balanceOf`."""
    return erc20_abi().encode_call("balanceOf", account)


def allowance_call(owner: bytes, spender: bytes) -> bytes:
    """Calldata of `allowance`."""
    return erc20_abi().encode_call("allowance", owner, spender)


def nonces_call(owner: bytes) -> bytes:
    """Calldata of ERC-2612's `nonces`."""
    return erc20_abi().encode_call("nonces", owner)


def name_call() -> bytes:
    """Calldata of `name`."""
    return erc20_abi().encode_call("name")


def symbol_call() -> bytes:
    """Calldata of `symbol`."""
    return erc20_abi().encode_call("symbol")


def decimals_call() -> bytes:
    """Calldata of `decimals`."""
    return erc20_abi().encode_call("decimals")


def eip712_domain_call() -> bytes:
    """Calldata of ERC-5267's `eip712Domain`, which tells name and version for permits."""
    return erc20_abi().encode_call("eip712Domain")


def domain_separator_call() -> bytes:
    """Calldata of ERC-2612's `DOMAIN_SEPARATOR`."""
    return erc20_abi().encode_call("DOMAIN_SEPARATOR")


def decode_uint(data: bytes) -> int:
    """A returned uint256, as of `balanceOf`, `allowance`, `nonces`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    value: int = erc20_abi().decode_result("balanceOf", data)[0]
    return value


def decode_text(data: bytes) -> str:
    """A returned string, as of `name` and `symbol`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    text: str = erc20_abi().decode_result("name", data)[0]
    return text


def decode_domain(data: bytes) -> tuple[str, str]:
    """Name and version from `eip712Domain`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    _, name, version, *_ = erc20_abi().decode_result("eip712Domain", data)
    return name, version


def decode_transfer(topics: tuple[bytes, ...], data: bytes) -> Erc20Transfer | None:
    """A Transfer log of an ERC-20 token; None for any other log (an ERC-721 one has a fourth topic).

    Raises:
        InvalidValue: Malformed.
    """
    if len(topics) != 3 or topics[0] != erc20_abi().topic("Transfer"):
        return None
    decoded = erc20_abi().decode_log(topics, data)
    if decoded is None:
        return None
    arguments = decoded.arguments
    return Erc20Transfer(arguments["from"], arguments["to"], arguments["value"])
