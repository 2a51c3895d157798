"""What the EVM book makes of a node's answers; the contract itself is tried in tests/conformance/evm_contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from chains import events as facts
from chains.campaign import CampaignTerms, Redemption, RedemptionItem, TransferPolicy
from chains.evm.issued_logs import IssuedLogs
from chains.evm.voucher_book import EvmVoucherBook
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import erc20
from codec.evm.abi import encode
from codec.evm.book import events as logged
from codec.evm.book.events import decode_event
from codec.evm.book.interface import book_abi
from codec.evm.campaign_id import derive_campaign_id
from codec.evm.redeem_order import domain_separator
from codec.evm.typed_data import parse_typed_data
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.contract_errors import EmptyOrder
from primitives.errors import InvalidTerms, InvalidValue, NodeUnavailable
from primitives.hashing import keccak256
from primitives.signing import Curve, Signature
from primitives.voucher_id import Serial, SerialClass, VoucherId

CHAIN = ChainId.evm(31337)
BOOK, TOKEN = b"\x0b" * 20, b"\x0c" * 20
ISSUER, FUNDER, MERCHANT, HOLDER, RELAYER = (AccountId.from_raw(CHAIN, bytes([n]) * 20) for n in range(1, 6))
MONEY = Asset(AssetId.fungible(CHAIN, AccountId.from_raw(CHAIN, TOKEN).address), "tCNY", 6)
RULES_HASH = keccak256(b"rules")
TERMS = CampaignTerms(
    id=derive_campaign_id(RULES_HASH, ISSUER.raw, bytes(32), bytes(32)),
    chain=CHAIN,
    rules_hash=RULES_HASH,
    evm_issuer=ISSUER.raw,
    solana_issuer=bytes(32),
    salt=bytes(32),
    lane=0,
    cap=5,
    issuer=ISSUER,
    funder=FUNDER,
    merchants=(MERCHANT,),
    settlement=MONEY,
    max_payout=20_000_000,
    units_per_minor=10_000,
    sponsor_bp=10_000,
    valid_from=1_800_000_000,
    valid_until=1_900_000_000,
    transfer_policy=TransferPolicy.BOUND,
    title="满100减20",
    kind="threshold",
    currency="CNY",
)
VOUCHER = VoucherId(TERMS.id, Serial(0, SerialClass.SINGLE, 1))
REDEMPTION = Redemption(
    holder=HOLDER,
    merchant=MERCHANT,
    submitter=RELAYER,
    order_hash=keccak256(b"order"),
    valid_before=1_850_000_000,
    remainder=Amount(80_000_000, MONEY),
    items=(RedemptionItem(VOUCHER, 2_000, 0),),
)

Answer = Callable[[str, Sequence[Any]], Any]


class ScriptedNode(JsonRpcClient):
    """A node whose every answer is told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("http://127.0.0.1:1")
        self._tell = answer
        self.asked: list[tuple[str, Sequence[Any]]] = []

    async def settle(self, calls: Sequence[Call]) -> list[Any]:
        self.asked += [(method, params) for method, params in calls]
        return [self._tell(method, params) for method, params in calls]


def book(answer: Answer) -> tuple[EvmVoucherBook, ScriptedNode]:
    node = ScriptedNode(answer)
    return EvmVoucherBook(CHAIN, node, BOOK), node


def silent(method: str, params: Sequence[Any]) -> Any:
    raise AssertionError(f"nobody should ask for {method}")


def reverted(data: bytes = b"") -> NodeRefusal:
    return NodeRefusal("eth_call", 3, "execution reverted", "0x" + data.hex())


def issued_log(height: int, **changes: Any) -> dict[str, Any]:
    topics = [
        book_abi().topic("VoucherIssued"),
        VOUCHER.raw,
        TERMS.id.raw + bytes(8),
        bytes(12) + HOLDER.raw,
    ]
    log = {
        "address": "0x" + BOOK.hex(),
        "topics": ["0x" + topic.hex() for topic in topics],
        "data": "0x",
        "blockNumber": hex(height),
        "blockHash": "0x" + height.to_bytes(32, "big").hex(),
        "transactionHash": "0x" + bytes(32).hex(),
        "transactionIndex": "0x2",
        "logIndex": "0x3",
        "removed": False,
    }
    return {**log, **changes}


def block(height: int, branch: int = 0) -> dict[str, Any]:
    """A block as the node tells it; its hash is its height, on a branch of its own."""
    return {"hash": f"0x{branch:02x}{height:062x}", "number": hex(height), "timestamp": hex(1_800_000_000 + height)}


def chain_with(logs: Sequence[dict[str, Any]], **by_hash: Any) -> Answer:
    """A chain of one branch that holds these logs."""

    def answer(method: str, params: Sequence[Any]) -> Any:
        if method == "eth_getBlockByNumber":
            return block(int(params[0], 16))
        if method == "eth_getBlockByHash":
            return by_hash.get("replaced", block(int(params[0], 16)))
        return logs

    return answer


class TestEvents:
    async def test_a_range_that_the_node_finds_too_large_is_halved(self) -> None:
        def answer(method: str, params: Sequence[Any]) -> Any:
            if method != "eth_getLogs":
                return block(int(params[0], 16))
            since, until = (int(params[0][key], 16) for key in ("fromBlock", "toBlock"))
            if until - since >= 3:
                return NodeRefusal(method, -32602, "block range too large", None)
            return [issued_log(height) for height in range(since, until + 1)]

        made, node = book(answer)
        page = await made.events([TERMS], 10, 19)
        assert [event.position.height for event in page.events] == list(range(10, 20))
        assert [event.block_time for event in page.events] == [1_800_000_000 + n for n in range(10, 20)]
        assert all(event.fact == facts.VoucherIssued(VOUCHER, HOLDER) for event in page.events)
        first = page.events[0].position
        assert (first.transaction_index, first.event_index) == (2, 3)
        asked = [(params[0]["fromBlock"], params[0]["toBlock"]) for method, params in node.asked if "Logs" in method]
        assert asked[:2] == [("0xa", "0x13"), ("0xa", "0xe")]
        assert (page.before_hash, page.until_hash) == (
            bytes.fromhex(block(9)["hash"][2:]),
            bytes.fromhex(block(19)["hash"][2:]),
        )
        assert page.pieces == 4

    async def test_one_block_that_cannot_be_read_is_not_skipped(self) -> None:
        made, _ = book(lambda method, params: NodeRefusal(method, -32000, "missing trie node", None))
        with pytest.raises(NodeUnavailable, match="missing trie node"):
            await made.events([TERMS], 10, 11)

    async def test_a_block_replaced_meanwhile_is_read_again_later(self) -> None:
        made, _ = book(chain_with([issued_log(10)], replaced=None))
        with pytest.raises(NodeUnavailable, match="replaced"):
            await made.events([TERMS], 10, 10)

    async def test_a_chain_that_changes_while_it_is_read_is_read_again_later(self) -> None:
        branches = iter(range(10))
        logs = [issued_log(10, blockTimestamp="0x5")]
        made, _ = book(
            lambda method, params: logs if method == "eth_getLogs" else block(int(params[0], 16), next(branches))
        )
        with pytest.raises(NodeUnavailable, match="changed"):
            await made.events([TERMS], 10, 10)

    @pytest.mark.parametrize(
        ("log", "match"),
        [
            (issued_log(11, blockTimestamp="0x5"), "other blocks"),
            (issued_log(10, blockTimestamp="0x5", blockHash="0x" + "ee" * 32), "two branches"),
            (issued_log(10, blockTimestamp="0x5", address="0x" + "ee" * 20), "other contracts"),
        ],
    )
    async def test_what_nobody_asked_for_is_not_believed(self, log: dict[str, Any], match: str) -> None:
        made, _ = book(chain_with([log]))
        with pytest.raises(NodeUnavailable, match=match):
            await made.events([TERMS], 10, 10)

    async def test_a_log_that_is_told_twice_is_one_fact(self) -> None:
        made, _ = book(chain_with([issued_log(10, blockTimestamp="0x5")] * 2))
        assert len((await made.events([TERMS], 10, 10)).events) == 1

    async def test_a_node_that_lacks_the_last_block_is_behind(self) -> None:
        made, _ = book(lambda method, params: [] if method == "eth_getLogs" else None)
        with pytest.raises(NodeUnavailable, match="behind"):
            await made.events([TERMS], 10, 10)

    async def test_times_in_the_logs_save_the_blocks(self) -> None:
        made, node = book(chain_with([issued_log(10, blockTimestamp="0x5")]))
        page = await made.events([TERMS], 10, 10)
        assert page.events[0].block_time == 5
        assert "eth_getBlockByHash" not in [method for method, _ in node.asked]

    async def test_removed_logs_are_no_facts(self) -> None:
        made, _ = book(chain_with([issued_log(10, removed=True)]))
        assert (await made.events([TERMS], 10, 10)).events == ()

    @pytest.mark.parametrize("kind", [SerialClass.PACKED, SerialClass.DROP])
    async def test_bound_vouchers_that_only_a_transfer_tells_are_issued(self, kind: SerialClass) -> None:
        """The node must be asked for transfers though nobody can move these vouchers."""
        voucher = VoucherId(TERMS.id, Serial(0, kind, 7 << 32))
        log = issued_log(
            10,
            blockTimestamp="0x5",
            topics=[
                "0x" + topic.hex()
                for topic in (
                    book_abi().topic("TransferSingle"),
                    bytes(12) + ISSUER.raw,
                    bytes(32),
                    bytes(12) + HOLDER.raw,
                )
            ],
            data="0x" + voucher.raw.hex() + f"{1:064x}",
        )

        def answer(method: str, params: Sequence[Any]) -> Any:
            if method != "eth_getLogs":
                return block(int(params[0], 16))
            wanted = params[0].get("topics") or [None]
            return [log] if wanted[0] is None or log["topics"][0] in wanted[0] else []

        assert TERMS.transfer_policy is TransferPolicy.BOUND
        made, _ = book(answer)
        assert [event.fact for event in (await made.events([TERMS], 10, 10)).events] == [
            facts.VoucherIssued(voucher, HOLDER)
        ]

    async def test_the_quick_reading_of_an_issue_is_the_slow_one(self) -> None:
        """Byte for byte what the ABI decoder says, and other campaigns' vouchers are left out."""
        log = issued_log(10)
        log["topics"][3] = "0x" + "00" * 12 + "fb6916095ca1df60bb79ce92ce3ea74c37c5d359"
        times = {log["blockHash"]: 5}
        event = decode_event([bytes.fromhex(topic[2:]) for topic in log["topics"]], b"")
        assert isinstance(event, logged.VoucherIssued)
        issued, rest = IssuedLogs(CHAIN, [TERMS.id], times).split([log])
        assert rest == []
        assert [line.event().fact for line in issued] == [
            facts.VoucherIssued(event.voucher, AccountId.from_raw(CHAIN, event.holder))
        ]
        assert issued[0].event().position == IssuedLogs(CHAIN, [], times).position(log)
        assert IssuedLogs(CHAIN, [], times).split([log]) == ([], [])

    async def test_an_issue_of_an_unknown_class_is_not_believed(self) -> None:
        log = issued_log(10)
        log["topics"][1] = log["topics"][1][:52] + "09" + log["topics"][1][54:]
        with pytest.raises(NodeUnavailable, match="unknown class"):
            IssuedLogs(CHAIN, [TERMS.id], {log["blockHash"]: 5}).split([log])

    async def test_logs_out_of_order_are_put_in_order(self) -> None:
        logs = [issued_log(10, blockTimestamp="0x5", logIndex=hex(index)) for index in (7, 2, 11)]
        made, _ = book(chain_with(logs))
        assert [event.position.event_index for event in (await made.events([TERMS], 10, 10)).events] == [2, 7, 11]


class TestConsents:
    @staticmethod
    def token(*, described: bool, separator_of: str | None, allowance: int = 0) -> Answer:
        """A token with or without ERC-5267 (version 2) and ERC-2612 under the given version."""

        def answer(method: str, params: Sequence[Any]) -> Any:
            data = bytes.fromhex(params[0]["data"][2:])
            told: dict[bytes, bytes | None] = {
                erc20.allowance_call(HOLDER.raw, BOOK): encode(["uint256"], [allowance]),
                erc20.name_call(): encode(["string"], ["Test CNY"]),
                erc20.nonces_call(HOLDER.raw): encode(["uint256"], [7]),
                erc20.eip712_domain_call(): encode(
                    ["bytes1", "string", "string", "uint256", "address", "bytes32", "uint256[]"],
                    [b"\x0f", "Test CNY", "2", 31337, TOKEN, bytes(32), []],
                )
                if described
                else None,
                erc20.domain_separator_call(): domain_separator("Test CNY", separator_of, 31337, TOKEN)
                if separator_of
                else None,
            }
            found = told[data]
            return reverted() if found is None else "0x" + found.hex()

        return answer

    @pytest.mark.parametrize(("described", "version"), [(True, "2"), (False, "1")])
    async def test_permit_is_in_the_tokens_own_domain(self, described: bool, version: str) -> None:
        made, _ = book(self.token(described=described, separator_of=version))
        requests = await made.consents([TERMS], REDEMPTION)
        assert [request.name for request in requests] == ["redeem_order", "permit"]
        document = parse_typed_data(requests[1].payload)
        assert document.domain["version"] == version
        assert document.message["value"] == "80000000", "exactly the remainder"
        assert document.message["nonce"] == "7"
        assert document.message["deadline"] == str(REDEMPTION.valid_before)

    @pytest.mark.parametrize("separator_of", [None, "3"])
    async def test_token_without_usable_permit_asks_for_the_order_only(self, separator_of: str | None) -> None:
        made, _ = book(self.token(described=False, separator_of=separator_of))
        assert [request.name for request in await made.consents([TERMS], REDEMPTION)] == ["redeem_order"]

    async def test_allowance_that_covers_needs_no_permit(self) -> None:
        made, _ = book(self.token(described=True, separator_of="2", allowance=80_000_000))
        assert [request.name for request in await made.consents([TERMS], REDEMPTION)] == ["redeem_order"]

    async def test_order_shows_what_is_signed(self) -> None:
        made, _ = book(silent)
        (request,) = await made.consents([TERMS], replace(REDEMPTION, remainder=Amount(0, MONEY)))
        document = parse_typed_data(request.payload)
        assert document.primary_type == "RedeemOrder"
        assert document.verifying_contract == BOOK
        assert document.chain_id == 31337
        assert document.message["remainderAmount"] == "0"

    async def test_remainder_in_the_native_coin_is_refused(self) -> None:
        native = Amount(1, Asset(AssetId.native(CHAIN), "ETH", 18))
        made, _ = book(silent)
        with pytest.raises(InvalidValue, match="ERC-20"):
            await made.consents([TERMS], replace(REDEMPTION, remainder=native))


class TestIntents:
    async def test_redeem_needs_the_holders_signature(self) -> None:
        made, _ = book(silent)
        with pytest.raises(InvalidValue, match="not signed"):
            await made.redeem([TERMS], REDEMPTION, {})

    async def test_redeem_takes_the_permit_along(self) -> None:
        made, _ = book(silent)
        signature = Signature(Curve.SECP256K1, b"\1" * 64 + b"\0")
        plain = await made.redeem([TERMS], REDEMPTION, {"redeem_order": signature})
        with_permit = await made.redeem([TERMS], REDEMPTION, {"redeem_order": signature, "permit": signature})
        for intent, function in ((plain, "redeemSigned"), (with_permit, "payAndRedeem")):
            assert intent.sender == RELAYER
            assert book_abi().decode_call(intent.action.data).name == function  # type: ignore[union-attr]

    async def test_issue_is_cut_to_the_gas_of_a_transaction(self) -> None:
        made, _ = book(silent)
        intents = await made.issue(TERMS, [HOLDER] * 501, 10)
        calls = [book_abi().decode_call(intent.action.data) for intent in intents]  # type: ignore[union-attr]
        assert [call.arguments["firstNumber"] for call in calls] == [10, 260, 510]
        assert [len(call.arguments["holders"]) for call in calls] == [250, 250, 1]

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"chain": ChainId.evm(1)}, "chain"),
            ({"issuer": FUNDER}, "issuer"),
            ({"cap": 2**47}, "cap"),
            ({"settlement": Asset(AssetId.native(CHAIN), "ETH", 18)}, "settlement"),
        ],
    )
    async def test_impossible_terms_are_refused_before_any_step(self, change: dict[str, Any], field: str) -> None:
        made, _ = book(silent)
        with pytest.raises(InvalidTerms) as refused:
            await made.launch(replace(TERMS, **change))
        assert refused.value.field == field


class TestReading:
    async def test_an_unexpected_revert_is_told(self) -> None:
        made, _ = book(lambda method, params: reverted(keccak256(b"EmptyOrder()")[:4]))
        with pytest.raises(EmptyOrder, match="neither a voucher"):
            await made.voucher(VOUCHER)

    async def test_a_node_that_cannot_answer_is_no_absence(self) -> None:
        made, _ = book(lambda method, params: NodeRefusal(method, -32000, "header not found", None))
        with pytest.raises(NodeUnavailable, match="header not found"):
            await made.voucher(VOUCHER)

    async def test_no_contract_is_no_absence(self) -> None:
        made, _ = book(lambda method, params: "0x")
        with pytest.raises(InvalidValue, match="no such contract"):
            await made.escrow(TERMS)
