"""The typed binding of the VoucherBook: calls, events and errors."""

from __future__ import annotations

import pytest

from codec.evm import abi, erc20
from codec.evm import voucher_book as book
from codec.evm.redeem_order import RedeemItem, RedeemOrder
from primitives.errors import InvalidValue, MissingPart
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

CAMPAIGN = CampaignId(bytes(range(24)))
VOUCHER = VoucherId(CAMPAIGN, Serial(0, SerialClass.SINGLE, 1))
HOLDER, MERCHANT, ASSET = (bytes([n]) * 20 for n in (1, 2, 3))
ORDER = RedeemOrder(HOLDER, MERCHANT, bytes(32), 99, ASSET, 80, (RedeemItem(VOUCHER, 2_000, 4),))
SIGNATURE = b"\xaa" * 32 + b"\xbb" * 32


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def topic(address: bytes) -> bytes:
    return bytes(12) + address


class TestCalls:
    def test_every_function_call_reads_back(self) -> None:
        """The key policy decodes what it is asked to sign."""
        decoded = book.book_abi().decode_call(book.redeem_signed_call(ORDER, SIGNATURE + b"\x01"))
        assert decoded.name == "redeemSigned"
        assert decoded.arguments["order"]["merchant"] == MERCHANT
        assert decoded.arguments["order"]["items"] == (
            {"voucherId": VOUCHER.token_id, "amountMinor": 2_000, "sequence": 4},
        )
        assert decoded.arguments["holderSignature"] == SIGNATURE + b"\x1c"

    def test_permit_is_split_as_the_token_wants_it(self) -> None:
        data = book.pay_and_redeem_call(ORDER, SIGNATURE + b"\x00", 80, 99, SIGNATURE + b"\x01")
        permit = book.book_abi().decode_call(data).arguments["permit"]
        assert permit == {"value": 80, "deadline": 99, "v": 28, "r": b"\xaa" * 32, "s": b"\xbb" * 32}

    def test_signatures_get_the_contracts_recovery_byte(self) -> None:
        assert book.contract_signature(SIGNATURE + b"\x00")[64] == 27
        assert book.contract_signature(SIGNATURE + b"\x1b")[64] == 27
        assert book.contract_signature(b"contract account") == b"contract account"

    def test_terms_stand_in_the_contracts_order(self) -> None:
        terms = book.BookTerms(
            rules_hash=b"\x01" * 32,
            evm_issuer=HOLDER,
            solana_issuer=b"\x02" * 32,
            salt=b"\x03" * 32,
            funder=MERCHANT,
            settlement_asset=ASSET,
            lane=4,
            cap=5,
            max_payout=6,
            units_per_minor=7,
            sponsor_bp=8,
            valid_from=9,
            valid_until=10,
            transfer_policy=book.BookTransferPolicy.BOUND,
            powers=book.BookPower.PAUSE | book.BookPower.VOID,
            max_pause_seconds=11,
            claim_until=12,
            refund_window=13,
            metadata_uri="uri",
        )
        decoded = book.book_abi().decode_call(book.create_campaign_call(terms, [MERCHANT]))
        assert decoded.arguments["merchants"] == (MERCHANT,)
        assert decoded.arguments["terms"] == {
            "rulesHash": b"\x01" * 32,
            "evmIssuer": HOLDER,
            "solanaIssuer": b"\x02" * 32,
            "salt": b"\x03" * 32,
            "funder": MERCHANT,
            "settlementAsset": ASSET,
            "lane": 4,
            "cap": 5,
            "maxPayout": 6,
            "unitsPerMinor": 7,
            "sponsorBp": 8,
            "validFrom": 9,
            "validUntil": 10,
            "claimUntil": 12,
            "refundWindow": 13,
            "maxPauseSeconds": 11,
            "powers": 3,
            "transferPolicy": 2,
            "kind": 0,
            "settlement": 0,
            "ticketSigner": bytes(20),
            "claimsPerHolder": 0,
            "metadataUri": "uri",
        }

    @pytest.mark.parametrize(
        ("call", "function"),
        [
            (book.fund_call(CAMPAIGN, 1), "fund"),
            (book.issue_call(CAMPAIGN, 1, [HOLDER]), "issue"),
            (book.reclaim_call(CAMPAIGN), "reclaim"),
            (book.void_voucher_call(VOUCHER, bytes(32)), "voidVoucher"),
            (book.pause_call(CAMPAIGN), "pause"),
            (book.unpause_call(CAMPAIGN), "unpause"),
            (book.add_merchant_call(CAMPAIGN, MERCHANT), "addMerchant"),
            (book.remove_merchant_call(CAMPAIGN, MERCHANT), "removeMerchant"),
            (book.set_relayer_call(MERCHANT, 2**40 - 1), "setRelayer"),
            (book.redeem_call(ORDER, SIGNATURE + b"\0"), "redeem"),
            (book.safe_transfer_call(HOLDER, MERCHANT, VOUCHER), "safeTransferFrom"),
            (book.campaign_of_call(CAMPAIGN), "campaignOf"),
            (book.voucher_of_call(VOUCHER), "voucherOf"),
            (book.escrow_of_call(CAMPAIGN), "escrowOf"),
            (book.is_merchant_call(CAMPAIGN, MERCHANT), "isMerchant"),
            (book.is_relayer_call(MERCHANT, HOLDER), "isRelayer"),
            (book.is_order_paid_call(HOLDER, bytes(32)), "isOrderPaid"),
        ],
    )
    def test_call_names_its_function(self, call: bytes, function: str) -> None:
        decoded = book.book_abi().decode_call(call)
        assert decoded.name == function
        assert call[:4] == book.book_abi().selector(function)

    def test_value_that_does_not_fit_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="cannot be encoded"):
            book.fund_call(CAMPAIGN, 2**256)
        with pytest.raises(InvalidValue, match="cannot be encoded"):
            book.set_relayer_call(MERCHANT, 2**40)

    def test_foreign_or_cut_calls_are_refused(self) -> None:
        with pytest.raises(InvalidValue, match="no function"):
            book.book_abi().decode_call(b"\xde\xad\xbe\xef")
        with pytest.raises(InvalidValue, match="malformed"):
            book.book_abi().decode_call(book.fund_call(CAMPAIGN, 1)[:-1])


class TestEvents:
    def test_redemption(self) -> None:
        topics = [
            keccak256(b"VoucherRedeemed(uint256,bytes24,address,address,bytes32,bytes32,uint128,uint64,uint256)"),
            VOUCHER.raw,
            CAMPAIGN.raw + bytes(8),
            topic(HOLDER),
        ]
        data = topic(MERCHANT) + b"\x07" * 32 + b"\x08" * 32 + word(2_000) + word(4) + word(20)
        assert book.decode_event(topics, data) == book.BookRedeemed(
            VOUCHER, HOLDER, MERCHANT, b"\x07" * 32, b"\x08" * 32, 2_000, 4, 20
        )

    def test_transfer(self) -> None:
        topics = [
            keccak256(b"TransferSingle(address,address,address,uint256,uint256)"),
            topic(ASSET),
            topic(HOLDER),
            topic(MERCHANT),
        ]
        assert book.decode_event(topics, VOUCHER.raw + word(1)) == book.BookTransfer(ASSET, HOLDER, MERCHANT, VOUCHER)
        with pytest.raises(InvalidValue, match="whole vouchers"):
            book.decode_event(topics, VOUCHER.raw + word(2))

    def test_foreign_logs_are_left_alone(self) -> None:
        assert book.decode_event([], b"") is None
        assert book.decode_event([bytes(32)], b"") is None

    def test_malformed_logs_are_refused(self) -> None:
        issued = keccak256(b"VoucherIssued(uint256,bytes24,address)")
        with pytest.raises(InvalidValue, match="indexed arguments"):
            book.decode_event([issued, VOUCHER.raw], b"")
        redeemed = book.book_abi().topic("VoucherRedeemed")
        with pytest.raises(InvalidValue, match="malformed"):
            book.decode_event([redeemed, VOUCHER.raw, CAMPAIGN.raw + bytes(8), topic(HOLDER)], bytes(31))


class TestErrors:
    def test_custom_error_keeps_its_facts(self) -> None:
        data = keccak256(b"OutsideWindow(uint256,uint256,uint256)")[:4] + word(5) + word(1) + word(4)
        decoded = book.decode_error(data)
        assert decoded is not None
        assert str(decoded) == "OutsideWindow(5, 1, 4)"
        assert decoded.arguments == {"timestamp": 5, "from": 1, "until": 4}

    def test_tokens_and_solidity_errors_are_known(self) -> None:
        allowance = keccak256(b"ERC20InsufficientAllowance(address,uint256,uint256)")[:4]
        assert str(book.decode_error(allowance + topic(HOLDER) + word(1) + word(2))) == (
            f"ERC20InsufficientAllowance(0x{HOLDER.hex()}, 1, 2)"
        )
        text = bytes.fromhex("08c379a0") + word(32) + word(2) + b"no".ljust(32, b"\0")
        assert str(book.decode_error(text)) == "Error(no)"
        assert str(book.decode_error(bytes.fromhex("4e487b71") + word(0x11))) == "Panic(17, arithmetic overflow)"

    def test_unknown_error_is_none(self) -> None:
        assert book.decode_error(b"\xde\xad\xbe\xef") is None
        assert book.decode_error(b"") is None


class TestAnswers:
    def test_voucher(self) -> None:
        answer = topic(HOLDER) + word(3) + word(0) + word(1)
        assert book.decode_voucher(answer) == book.BookVoucher(HOLDER, 3, 0, True)

    def test_empty_answer_says_that_there_is_no_contract(self) -> None:
        with pytest.raises(InvalidValue, match="no such contract"):
            book.decode_uint(b"")


class TestErc20:
    def test_selectors_are_the_standards(self) -> None:
        assert erc20.transfer_call(HOLDER, 1)[:4].hex() == "a9059cbb"
        assert erc20.approve_call(HOLDER, 1)[:4].hex() == "095ea7b3"
        assert erc20.transfer_from_call(HOLDER, MERCHANT, 1)[:4].hex() == "23b872dd"
        assert erc20.balance_of_call(HOLDER)[:4].hex() == "70a08231"
        assert erc20.mint_call(HOLDER, 1)[:4].hex() == "40c10f19"
        assert erc20.decimals_call().hex() == "313ce567"
        assert erc20.nonces_call(HOLDER)[:4].hex() == "7ecebe00"

    def test_transfer_log(self) -> None:
        kind = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")
        log = (kind, topic(HOLDER), topic(MERCHANT))
        assert erc20.decode_transfer(log, word(7)) == erc20.Erc20Transfer(HOLDER, MERCHANT, 7)
        assert erc20.decode_transfer((*log, word(7)), b"") is None, "ERC-721 has the same first topic"

    def test_text(self) -> None:
        assert erc20.decode_text(word(32) + word(4) + b"tCNY".ljust(32, b"\0")) == "tCNY"


def test_missing_artifact_names_its_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(abi, "ARTIFACTS", abi.ARTIFACTS / "nowhere")
    with pytest.raises(MissingPart) as missing:
        abi.load_artifact("Nothing")
    assert "artifacts" in missing.value.mend
