"""What an EVM transaction or typed data does, in plain words, from its bytes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codec.evm.book.interface import book_abi
from codec.evm.envelopes import EvmTransaction
from codec.evm.swap_router import decode_swap
from codec.evm.tokens import PERMIT2
from codec.evm.typed_data import TypedData
from primitives.account_id import checksum_address
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

_UNLIMITED = 2**255
"""Allowances at or above half of the range are asked for to never run out."""
_UNLIMITED_PERMIT2 = 2**159
_PERMIT2 = checksum_address(PERMIT2)
_MAX_VALUE = 120
_MAX_FIELDS = 24
_MAX_CALL = 600


def _selector(signature: str) -> bytes:
    return keccak256(signature.encode())[:4]


def _address(word: bytes) -> str:
    return checksum_address(word[12:])


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")


def _allowance(words: list[bytes], token: str) -> str:
    amount = _number(words[1])
    if amount == 0:
        return f"take back what {_address(words[0])} may spend of token {token}"
    how_much = "without limit" if amount >= _UNLIMITED else f"up to {amount} base units"
    return f"let {_address(words[0])} spend {how_much} of token {token}"


def _operator(words: list[bytes], contract: str) -> str:
    act = "let" if _number(words[1]) else "no longer let"
    return f"{act} {_address(words[0])} move every token of {contract} that this account holds"


_CALLS: dict[bytes, tuple[int, Callable[[list[bytes], str], str]]] = {
    _selector("transfer(address,uint256)"): (
        2,
        lambda words, token: f"send {_number(words[1])} base units of token {token} to {_address(words[0])}",
    ),
    _selector("transferFrom(address,address,uint256)"): (
        3,
        lambda words, token: (
            f"move {_number(words[2])} of token {token} from {_address(words[0])} to {_address(words[1])}"
        ),
    ),
    _selector("approve(address,uint256)"): (2, _allowance),
    _selector("increaseAllowance(address,uint256)"): (2, _allowance),
    _selector("setApprovalForAll(address,bool)"): (2, _operator),
    _selector("safeTransferFrom(address,address,uint256)"): (
        3,
        lambda words, contract: (
            f"move token {_number(words[2])} of {contract} from {_address(words[0])} to {_address(words[1])}"
        ),
    ),
    _selector("safeTransferFrom(address,address,uint256,uint256,bytes)"): (
        4,
        lambda words, contract: (
            f"move {_number(words[3])} of token {_number(words[2])} of {contract} from {_address(words[0])} to "
            f"{_address(words[1])}"
        ),
    ),
    _selector("approve(address,address,uint160,uint48)"): (
        4,
        lambda words, contract: _permit2(words) if contract == _PERMIT2 else f"call approve of {contract}",
    ),
    _selector("withdraw(uint256)"): (
        1,
        lambda words, contract: (
            f"call withdraw of {contract} for {_number(words[0])} base units, as wrapped coins are unwrapped"
        ),
    ),
    _selector("deposit()"): (0, lambda words, contract: f"call deposit of {contract}, as coins are wrapped"),
}
"""Source: ERC-20, ERC-721, ERC-1155, OpenZeppelin's increaseAllowance, Permit2, WETH9."""


def _permit2(words: list[bytes]) -> str:
    amount = _number(words[2])
    if amount == 0:
        return f"take back what {_address(words[1])} may take of token {_address(words[0])} by Permit2"
    how_much = "without limit" if amount >= _UNLIMITED_PERMIT2 else f"up to {amount} base units"
    return (
        f"let {_address(words[1])} take {how_much} of token {_address(words[0])} by Permit2, until Unix time "
        f"{_number(words[3])}"
    )


def _swap(transaction: EvmTransaction, router: str) -> str | None:
    """A call of a router of Uniswap v2's kind; None for any other."""
    told = decode_swap(transaction.data)
    if told is None:
        return None
    name, amount, least, path, recipient, deadline = told
    if len(path) < 2:
        return f"ask router {router} for a swap without a path"
    sold = f"{transaction.value} wei" if amount is None else f"{amount} base units of {checksum_address(path[0])}"
    bought = f"{least} wei" if "ForETH" in name else f"{least} base units of {checksum_address(path[-1])}"
    return (
        f"swap {sold} for at least {bought} over {len(path) - 1} pools of router {router}, to "
        f"{checksum_address(recipient)}, until Unix time {deadline}"
    )


def explain_call(transaction: EvmTransaction) -> str:
    """One sentence; what is not known is said to be so. Amounts are wei and base units."""
    value = f" with {transaction.value} wei" if transaction.value else ""
    if transaction.to is None:
        return f"create a contract{value}"
    to, data = checksum_address(transaction.to), transaction.data
    if not data:
        return f"send {transaction.value} wei to {to}"
    known = _CALLS.get(data[:4])
    if known is not None and len(data) >= 4 + 32 * known[0]:
        count, explain = known
        words = [data[4 + 32 * at : 36 + 32 * at] for at in range(count)]
        return explain(words, to) + value
    swap = _swap(transaction, to)
    if swap is not None:
        return swap
    try:
        said = str(book_abi().decode_call(data))
    except InvalidValue:
        return f"call function 0x{data[:4].hex()} of {to}, which is not known here{value}"
    return f"ask {to}, as a voucher book, for {_cut(said, _MAX_CALL)}{value}"


def explain_message(document: TypedData) -> str:
    """The fields of typed data with their values, long ones cut."""
    fields = [f"{name}={_shown(value)}" for name, value in document.message.items()]
    more = f" and {len(fields) - _MAX_FIELDS} more fields" if len(fields) > _MAX_FIELDS else ""
    return ", ".join(fields[:_MAX_FIELDS]) + more


def _shown(value: Any) -> str:
    match value:
        case dict():
            text = "{" + ", ".join(f"{name}={_shown(item)}" for name, item in value.items()) + "}"
        case list():
            text = "[" + ", ".join(map(_shown, value)) + "]"
        case _:
            text = str(value)
    return _cut(text, _MAX_VALUE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
