"""Calls of Uniswap v2's router, checked against the interface that its package publishes, and in plain words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.evm import swap_router, tokens
from codec.evm.abi import Abi
from codec.evm.envelopes import FeeMarketTransaction
from codec.evm.plain_words import explain_call
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue

ROUTER = json.loads(
    (Path(__file__).parents[4] / "node_modules/@uniswap/v2-periphery/build/UniswapV2Router02.json").read_text()
)["abi"]
ADDRESS = st.binary(min_size=20, max_size=20)
ME, A, B = b"\x01" * 20, b"\xaa" * 20, b"\xbb" * 20


@given(
    st.integers(1, 2**256 - 1),
    st.integers(0, 2**256 - 1),
    st.lists(ADDRESS, min_size=2, max_size=4),
    ADDRESS,
    st.integers(0, 2**64),
    st.sampled_from([(True, False), (False, True), (False, False)]),
    st.booleans(),
)
def test_calls_are_those_of_the_published_interface(
    amount: int, least: int, path: list[bytes], me: bytes, deadline: int, ends: tuple[bool, bool], fees: bool
) -> None:
    data = swap_router.swap_call(
        amount, least, path, me, deadline, native_in=ends[0], native_out=ends[1], transfer_fees=fees
    )
    told = Abi(ROUTER).decode_call(data)
    assert told.name.endswith("SupportingFeeOnTransferTokens") is fees
    assert ("ExactETH" in told.name, "ForETH" in told.name) == ends
    assert told.arguments.get("amountIn", amount) == amount
    assert (told.arguments["amountOutMin"], told.arguments["deadline"]) == (least, deadline)
    assert (list(told.arguments["path"]), told.arguments["to"]) == (path, me)
    read = swap_router.decode_swap(data)
    assert read == (told.name, None if ends[0] else amount, least, tuple(path), me, deadline)


@given(st.binary(max_size=300))
def test_reading_garbage_never_fails(data: bytes) -> None:
    for selector in swap_router.SELECTORS:
        swap_router.decode_swap(selector + data)
    swap_router.decode_amount_out(data)


def test_a_swap_of_one_end_is_refused() -> None:
    for path, ends in (([A], (True, False)), ([A, B], (True, True))):
        with pytest.raises(InvalidValue):
            swap_router.swap_call(1, 1, path, ME, 1, native_in=ends[0], native_out=ends[1], transfer_fees=False)


def _said(data: bytes, value: int = 0, to: bytes = b"\x0f" * 20) -> str:
    return explain_call(FeeMarketTransaction(1, 0, 0, 0, 21_000, to, value, data))


def test_plain_words() -> None:
    tokens_in = swap_router.swap_call(5, 4, [A, B], ME, 9, native_in=False, native_out=False, transfer_fees=True)
    router, sold, bought, me = (checksum_address(one) for one in (b"\x0f" * 20, A, B, ME))
    assert _said(tokens_in) == (
        f"swap 5 base units of {sold} for at least 4 base units of {bought} over 1 pools of router {router}, to {me}, "
        "until Unix time 9"
    )
    coin_in = swap_router.swap_call(5, 4, [A, B], ME, 9, native_in=True, native_out=False, transfer_fees=False)
    assert _said(coin_in, 5).startswith("swap 5 wei for at least 4 base units")
    assert "as coins are wrapped" in _said(swap_router.DEPOSIT, 7)
    assert "7 base units, as wrapped coins are unwrapped" in _said(swap_router.withdraw_call(7))
    text = ["0x" + one.hex() for one in (A, B)]
    permit2 = tokens.call("approve(address,address,uint160,uint48)", *text, 2**160 - 1, 12)
    assert "take without limit of token" in _said(permit2, to=tokens.PERMIT2)
    assert "Permit2" not in _said(permit2), "anybody may have a function of that name"
    moved = tokens.call("safeTransferFrom(address,address,uint256,uint256,bytes)", *text, 7, 3, b"")
    assert _said(moved).startswith("move 3 of token 7 of")
