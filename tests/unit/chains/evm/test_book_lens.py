"""Bulk reads of the book where the node runs the lens, where it does not, and where it cannot answer at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chains.evm.book_lens import CAMPAIGNS_AT_ONCE, MERCHANTS_AT_ONCE, VOUCHERS_AT_ONCE, BookLens
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.abi import encode, load_artifact
from codec.evm.book import calls
from codec.evm.book.interface import book_abi, lens_abi
from codec.evm.book.lens_structs import MerchantKey, MerchantSeen, VoucherSeen
from codec.evm.lens_call import MAX_ANSWER_BYTES, lens_program
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.contract_errors import EmptyOrder
from primitives.errors import InvalidValue, NodeUnavailable
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

CHAIN = ChainId.evm(31337)
BOOK = AccountId.from_raw(CHAIN, b"\x0b" * 20)
HOLDER, SHOP = b"\1" * 20, b"\2" * 20
CAMPAIGN = CampaignId(b"\3" * 24)
IDS = [VoucherId(CAMPAIGN, Serial(0, SerialClass.SINGLE, number)) for number in (1, 2)]

Answer = Callable[[dict[str, str]], Any]


class ScriptedNode(JsonRpcClient):
    def __init__(self, answer: Answer) -> None:
        super().__init__("http://127.0.0.1:1")
        self._tell = answer
        self.asked: list[dict[str, str]] = []

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        self.asked += [params[0] for _, params in calls]
        return [self._tell(params[0]) for _, params in calls]


def refused(data: bytes = b"") -> NodeRefusal:
    return NodeRefusal("eth_call", 3, "execution reverted", "0x" + data.hex())


def without_lens(views: dict[bytes, Any]) -> Answer:
    """A node that wants a recipient in every call."""

    def answer(request: dict[str, str]) -> Any:
        if "to" not in request:
            return NodeRefusal("eth_call", -32602, "missing field `to`", None)
        told = views[bytes.fromhex(request["data"][2:])]
        return told if isinstance(told, NodeRefusal) else "0x" + told.hex()

    return answer


def not_found(voucher: VoucherId) -> NodeRefusal:
    return refused(keccak256(b"VoucherNotFound(uint256)")[:4] + voucher.raw)


STATE = encode(["address", "uint32", "uint40", "bool"], ["0x" + HOLDER.hex(), 3, 0, True])
VALUE = encode(["uint64", "uint128"], [5, 700])


async def test_vouchers_come_from_one_request_without_a_recipient() -> None:
    seen = ((True, HOLDER, 3, 0, True, 5, 700), (False, bytes(20), 0, 0, False, 0, 0))
    answer = encode(
        ["(bool,address,uint32,uint40,bool,uint64,uint128)[]"],
        [[(there, "0x" + holder.hex(), *rest) for there, holder, *rest in seen]],
    )
    node = ScriptedNode(lambda request: "0x" + answer.hex())
    found = await BookLens(node, BOOK).vouchers(IDS)
    assert found == [VoucherSeen(True, HOLDER, 3, 0, True, 5, 700), None]
    (request,) = node.asked
    assert set(request) == {"data"}
    question = lens_abi().encode_call("vouchersOf", BOOK.raw, [one.token_id for one in IDS])
    assert bytes.fromhex(request["data"][2:]) == lens_program(question)


async def test_a_node_without_the_lens_is_asked_view_by_view() -> None:
    views = {
        calls.voucher_of_call(IDS[0]): STATE,
        calls.value_of_call(IDS[0]): VALUE,
        calls.voucher_of_call(IDS[1]): not_found(IDS[1]),
        calls.value_of_call(IDS[1]): not_found(IDS[1]),
    }
    found = await BookLens(ScriptedNode(without_lens(views)), BOOK).vouchers(IDS)
    assert found == [VoucherSeen(True, HOLDER, 3, 0, True, 5, 700), None]


async def test_merchants_view_by_view() -> None:
    keys = [MerchantKey(CAMPAIGN, SHOP), MerchantKey(CampaignId(bytes(24)), SHOP)]
    views = {
        calls.credit_of_call(CAMPAIGN, SHOP): encode(["uint256", "uint256"], [8, 9]),
        calls.is_merchant_call(CAMPAIGN, SHOP): encode(["bool"], [True]),
        calls.credit_of_call(keys[1].campaign, SHOP): refused(keccak256(b"CampaignNotFound(bytes24)")[:4] + bytes(32)),
        calls.is_merchant_call(keys[1].campaign, SHOP): encode(["bool"], [False]),
    }
    found = await BookLens(ScriptedNode(without_lens(views)), BOOK).merchants(keys)
    assert found == [MerchantSeen(True, 8, 9), MerchantSeen(False, 0, 0)]


async def test_an_answer_of_another_length_is_not_believed() -> None:
    """A node that answers calls without a recipient with nothing, or with something else."""
    empty = encode(["(bool,address,uint32,uint40,bool,uint64,uint128)[]"], [[]])
    both = ((calls.voucher_of_call, STATE), (calls.value_of_call, VALUE))
    views = {call(one): told for one in IDS for call, told in both}
    for wrong in (empty, b""):
        found = await BookLens(ScriptedNode(_saying(wrong, without_lens(views))), BOOK).vouchers(IDS)
        assert [one is not None for one in found] == [True, True]


def _saying(answer: bytes, apart: Answer) -> Answer:
    return lambda request: apart(request) if "to" in request else "0x" + answer.hex()


async def test_many_are_cut_to_what_a_contract_may_answer() -> None:
    node = ScriptedNode(lambda request: NodeRefusal("eth_call", -32000, "header not found", None))
    with pytest.raises(NodeUnavailable, match="header not found"):
        await BookLens(node, BOOK).vouchers([IDS[0]] * (VOUCHERS_AT_ONCE + 1))
    question = calls_of(node.asked[0])
    assert len(question["ids"]) == VOUCHERS_AT_ONCE
    for name, count in (
        ("campaignsOf", CAMPAIGNS_AT_ONCE),
        ("vouchersOf", VOUCHERS_AT_ONCE),
        ("merchantsOf", MERCHANTS_AT_ONCE),
    ):
        assert 64 + count * words_of(name) * 32 <= MAX_ANSWER_BYTES


def calls_of(request: dict[str, str]) -> Any:
    program = bytes.fromhex(request["data"][2:])
    start = program.rindex(lens_abi().selector("vouchersOf"))
    size = int.from_bytes(program[start - 32 : start], "big")
    return lens_abi().decode_call(program[start : start + size]).arguments


def words_of(name: str) -> int:
    """Words of one answer; all members have one."""

    def words(part: Any) -> int:
        return sum(map(words, part["components"])) if part["type"].startswith("tuple") else 1

    (found,) = (item for item in load_artifact("VoucherLens")["abi"] if item.get("name") == name)
    return words(found["outputs"][0])


async def test_other_refusals_and_a_missing_book_are_told() -> None:
    lens = BookLens(ScriptedNode(lambda request: refused(book_abi_error("EmptyOrder()"))), BOOK)
    with pytest.raises(EmptyOrder):
        await lens.vouchers(IDS)
    nobody = BookLens(ScriptedNode(lambda request: "0x" if "to" in request else refused()), BOOK)
    with pytest.raises(InvalidValue, match="no such contract"):
        await nobody.campaigns([CAMPAIGN, CAMPAIGN])


def book_abi_error(signature: str) -> bytes:
    assert book_abi().decode_error(keccak256(signature.encode())[:4]) is not None
    return keccak256(signature.encode())[:4]
