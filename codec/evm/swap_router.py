"""Routers and pairs of Uniswap v2, and of the exchanges that copy its interface; and wrapped native coins (WETH9).

Sources: docs.uniswap.org/contracts/v2, "Router02", "Pair", "Factory"; EIP-20. Addresses have 20 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from codec.evm.tokens import call, topic
from primitives.errors import InvalidValue

DEPOSIT = call("deposit()")
"""Of a wrapped coin: wraps what is sent along."""
WITHDRAWAL = topic("Withdrawal(address,uint256)")
_FEES = "SupportingFeeOnTransferTokens"


def withdraw_call(base_units: int) -> bytes:
    """Calldata of a wrapped coin's `withdraw`, which gives the native coin to the caller."""
    return call("withdraw(uint256)", base_units)


def amounts_out_call(amount_in: int, path: Sequence[bytes]) -> bytes:
    """Calldata of `getAmountsOut`: what each token of the path yields."""
    return call("getAmountsOut(uint256,address[])", amount_in, _path(path))


def decode_amount_out(data: bytes | None) -> int | None:
    """The last amount of `getAmountsOut`; None where there is no such path."""
    if not data:
        return None
    try:
        (amounts,) = abi_decode(["uint256[]"], data)
    except (DecodingError, OverflowError):
        return None
    return int(amounts[-1]) if amounts else None


def pair_call(one: bytes, other: bytes) -> bytes:
    """Calldata of the factory's `getPair`."""
    return call("getPair(address,address)", _text(one), _text(other))


def decode_reserves(data: bytes | None) -> tuple[int, int] | None:
    """What a pair holds of its lower and of its higher token; None for what is no pair."""
    if data is None or len(data) < 64:
        return None
    return int.from_bytes(data[:32], "big"), int.from_bytes(data[32:64], "big")


def swap_call(
    amount_in: int,
    least_out: int,
    path: Sequence[bytes],
    recipient: bytes,
    deadline: int,
    *,
    native_in: bool,
    native_out: bool,
    transfer_fees: bool,
) -> bytes:
    """Calldata of the router's function for an exact amount in. With `native_in` the amount is sent along as value.

    Args:
        deadline: Unix seconds of block time after which the router refuses.
        transfer_fees: A token on the path keeps part of what is transferred: the router then looks at what arrives.

    Raises:
        InvalidValue: The path is too short, or native on both ends.
    """
    if len(path) < 2 or (native_in and native_out):
        raise InvalidValue("a swap leads over at least two different tokens")
    ends = f"{'ETH' if native_in else 'Tokens'}For{'ETH' if native_out else 'Tokens'}"
    name = f"swapExact{ends}{_FEES if transfer_fees else ''}"
    rest = (least_out, _path(path), _text(recipient), deadline)
    if native_in:
        return call(f"{name}(uint256,address[],address,uint256)", *rest)
    return call(f"{name}(uint256,uint256,address[],address,uint256)", amount_in, *rest)


def decode_swap(data: bytes) -> tuple[str, int | None, int, tuple[bytes, ...], bytes, int] | None:
    """Function, amount in (None: the value), least out, path, recipient and deadline of a call of a router.

    Calls that name the amount out, and anything else, are None.
    """
    known = SELECTORS.get(data[:4])
    if known is None:
        return None
    types = ["uint256", "address[]", "address", "uint256"]
    native_in = "ExactETH" in known
    try:
        *amount, least, path, recipient, deadline = abi_decode(types if native_in else ["uint256", *types], data[4:])
    except (DecodingError, OverflowError):
        return None
    return known, (amount[0] if amount else None), least, tuple(map(_raw, path)), _raw(recipient), deadline


SELECTORS = {
    call(f"{name}({types})", *empty)[:4]: name
    for ends, types, empty in (
        ("ETHForTokens", "uint256,address[],address,uint256", (0, [], "0x" + "00" * 20, 0)),
        ("TokensForETH", "uint256,uint256,address[],address,uint256", (0, 0, [], "0x" + "00" * 20, 0)),
        ("TokensForTokens", "uint256,uint256,address[],address,uint256", (0, 0, [], "0x" + "00" * 20, 0)),
    )
    for name in (f"swapExact{ends}", f"swapExact{ends}{_FEES}")
}
"""The router's functions for an exact amount in, by selector."""


def _path(path: Sequence[bytes]) -> list[str]:
    return [_text(one) for one in path]


def _text(address: bytes) -> str:
    return "0x" + address.hex()


def _raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])
