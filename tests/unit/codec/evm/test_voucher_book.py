"""The typed binding of the VoucherBook: calls, events and errors."""

from __future__ import annotations

import pytest

from codec.evm import abi, erc20
from codec.evm.book import answers, calls, errors, events
from codec.evm.book.interface import book_abi, contract_signature
from codec.evm.book.structs import CampaignTerms, RedeemItem, RedeemOrder, RemainderPermit
from codec.evm.book.types import Powers, Settlement, TransferPolicy, VoucherKind
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
        decoded = book_abi().decode_call(calls.redeem_signed_call(ORDER, SIGNATURE + b"\x01"))
        assert decoded.name == "redeemSigned"
        assert decoded.arguments["order"]["merchant"] == MERCHANT
        assert decoded.arguments["order"]["items"] == (
            {"voucherId": VOUCHER.token_id, "amountMinor": 2_000, "sequence": 4},
        )
        assert decoded.arguments["holderSignature"] == SIGNATURE + b"\x1c"

    def test_permit_comes_back_as_it_was(self) -> None:
        permit = RemainderPermit(80, 99, 28, b"\xaa" * 32, b"\xbb" * 32)
        data = calls.pay_and_redeem_call(ORDER, SIGNATURE + b"\x00", permit)
        assert RemainderPermit.of(book_abi().decode_call(data).arguments["permit"]) == permit

    def test_signatures_get_the_contracts_recovery_byte(self) -> None:
        assert contract_signature(SIGNATURE + b"\x00")[64] == 27
        assert contract_signature(SIGNATURE + b"\x1b")[64] == 27
        assert contract_signature(b"contract account") == b"contract account"

    def test_terms_stand_in_the_contracts_order(self) -> None:
        terms = CampaignTerms(
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
            claim_until=12,
            refund_window=13,
            max_pause_seconds=11,
            powers=Powers.PAUSE | Powers.VOID,
            transfer_policy=TransferPolicy.BOUND,
            kind=VoucherKind.ONE_SHOT,
            settlement=Settlement.ACCRUED,
            ticket_signer=MERCHANT,
            claims_per_holder=14,
            metadata_uri="uri",
        )
        decoded = book_abi().decode_call(calls.create_campaign_call(terms, [MERCHANT]))
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
            "settlement": 1,
            "ticketSigner": MERCHANT,
            "claimsPerHolder": 14,
            "metadataUri": "uri",
        }

    @pytest.mark.parametrize(
        ("call", "function"),
        [
            (calls.fund_call(CAMPAIGN, 1), "fund"),
            (calls.issue_call(CAMPAIGN, 1, [HOLDER]), "issue"),
            (calls.reclaim_call(CAMPAIGN), "reclaim"),
            (calls.void_voucher_call(VOUCHER, bytes(32)), "voidVoucher"),
            (calls.pause_call(CAMPAIGN), "pause"),
            (calls.unpause_call(CAMPAIGN), "unpause"),
            (calls.add_merchant_call(CAMPAIGN, MERCHANT), "addMerchant"),
            (calls.remove_merchant_call(CAMPAIGN, MERCHANT), "removeMerchant"),
            (calls.set_relayer_call(MERCHANT, 2**40 - 1), "setRelayer"),
            (calls.redeem_call(ORDER, SIGNATURE + b"\0"), "redeem"),
            (calls.safe_transfer_from_call(HOLDER, MERCHANT, VOUCHER, 1, b""), "safeTransferFrom"),
            (calls.campaign_of_call(CAMPAIGN), "campaignOf"),
            (calls.voucher_of_call(VOUCHER), "voucherOf"),
            (calls.escrow_of_call(CAMPAIGN), "escrowOf"),
            (calls.is_merchant_call(CAMPAIGN, MERCHANT), "isMerchant"),
            (calls.is_relayer_call(MERCHANT, HOLDER), "isRelayer"),
            (calls.is_order_paid_call(HOLDER, bytes(32)), "isOrderPaid"),
        ],
    )
    def test_call_names_its_function(self, call: bytes, function: str) -> None:
        decoded = book_abi().decode_call(call)
        assert decoded.name == function
        assert call[:4] == book_abi().selector(function)

    def test_value_that_does_not_fit_is_refused(self) -> None:
        with pytest.raises(InvalidValue, match="cannot be encoded"):
            calls.fund_call(CAMPAIGN, 2**256)
        with pytest.raises(InvalidValue, match="cannot be encoded"):
            calls.set_relayer_call(MERCHANT, 2**40)

    def test_foreign_or_cut_calls_are_refused(self) -> None:
        with pytest.raises(InvalidValue, match="no function"):
            book_abi().decode_call(b"\xde\xad\xbe\xef")
        with pytest.raises(InvalidValue, match="malformed"):
            book_abi().decode_call(calls.fund_call(CAMPAIGN, 1)[:-1])


class TestEvents:
    def test_redemption(self) -> None:
        topics = [
            keccak256(b"VoucherRedeemed(uint256,bytes24,address,address,bytes32,bytes32,uint128,uint64,uint256)"),
            VOUCHER.raw,
            CAMPAIGN.raw + bytes(8),
            topic(HOLDER),
        ]
        data = topic(MERCHANT) + b"\x07" * 32 + b"\x08" * 32 + word(2_000) + word(4) + word(20)
        assert events.decode_event(topics, data) == events.VoucherRedeemed(
            VOUCHER, CAMPAIGN, HOLDER, MERCHANT, b"\x07" * 32, b"\x08" * 32, 2_000, 4, 20
        )

    def test_transfer(self) -> None:
        topics = [
            keccak256(b"TransferSingle(address,address,address,uint256,uint256)"),
            topic(ASSET),
            topic(HOLDER),
            topic(MERCHANT),
        ]
        transfer = events.TransferSingle(ASSET, HOLDER, MERCHANT, VOUCHER, 1)
        assert events.decode_event(topics, VOUCHER.raw + word(1)) == transfer

    def test_foreign_logs_are_left_alone(self) -> None:
        assert events.decode_event([], b"") is None
        assert events.decode_event([bytes(32)], b"") is None

    def test_malformed_logs_are_refused(self) -> None:
        issued = keccak256(b"VoucherIssued(uint256,bytes24,address)")
        with pytest.raises(InvalidValue, match="indexed arguments"):
            events.decode_event([issued, VOUCHER.raw], b"")
        redeemed = book_abi().topic("VoucherRedeemed")
        with pytest.raises(InvalidValue, match="malformed"):
            events.decode_event([redeemed, VOUCHER.raw, CAMPAIGN.raw + bytes(8), topic(HOLDER)], bytes(31))


class TestErrors:
    def test_custom_error_keeps_its_facts(self) -> None:
        data = keccak256(b"OutsideWindow(uint256,uint256,uint256)")[:4] + word(5) + word(1) + word(4)
        assert errors.decode_book_error(data) == errors.OutsideWindow(timestamp=5, from_=1, until=4)

    def test_a_voucher_id_of_no_known_kind_still_reads(self) -> None:
        """The caller of the contract may have named anything."""
        data = keccak256(b"VoucherNotFound(uint256)")[:4] + b"\xff" * 32
        assert errors.decode_book_error(data) == errors.VoucherNotFound(b"\xff" * 32)

    def test_other_reverts_are_none(self) -> None:
        for data in (b"", b"\xde\xad\xbe\xef", bytes.fromhex("4e487b71") + word(0x11)):
            assert errors.decode_book_error(data) is None

    def test_tokens_and_solidity_errors_are_known(self) -> None:
        text = bytes.fromhex("08c379a0") + word(32) + word(2) + b"no".ljust(32, b"\0")
        assert str(book_abi().decode_error(text)) == "Error(no)"
        assert str(book_abi().decode_error(bytes.fromhex("4e487b71") + word(0x11))) == "Panic(17, arithmetic overflow)"
        allowance = keccak256(b"ERC20InsufficientAllowance(address,uint256,uint256)")[:4]
        assert str(erc20.erc20_abi().decode_error(allowance + topic(HOLDER) + word(1) + word(2))) == (
            f"ERC20InsufficientAllowance(0x{HOLDER.hex()}, 1, 2)"
        )


class TestAnswers:
    def test_voucher(self) -> None:
        answer = topic(HOLDER) + word(3) + word(0) + word(1)
        assert answers.decode_voucher_of(answer) == answers.VoucherOfAnswer(HOLDER, 3, 0, True)

    def test_empty_answer_says_that_there_is_no_contract(self) -> None:
        with pytest.raises(InvalidValue, match="no such contract"):
            answers.decode_escrow_of(b"")


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
