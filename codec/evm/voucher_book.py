"""The VoucherBook contract: calldata of its functions, its events as values, its errors by name.

Addresses are 20 bytes, hashes 32 bytes, times Unix seconds, money base units. The layout comes from the committed
artefact, so it cannot drift from the contract.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cache
from typing import Any

from codec.evm.abi import Abi, Decoded
from codec.evm.erc20 import erc20_abi
from codec.evm.redeem_order import RedeemOrder
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, VoucherId


@cache
def book_abi() -> Abi:
    """The interface of the VoucherBook."""
    return Abi.of_artifact("VoucherBook")


class BookTransferPolicy(IntEnum):
    FREE = 0
    ONCE = 1
    BOUND = 2


class BookPower(IntFlag):
    """What an issuer may do later; declared at creation or non-existent."""

    NONE = 0
    PAUSE = 1
    VOID = 2
    ADD_MERCHANT = 4
    REMOVE_MERCHANT = 8
    TICKET_SIGNER = 16


@dataclass(frozen=True, slots=True)
class BookTerms:
    """Terms of a campaign as `createCampaign` takes them; the contract's NatSpec explains each.

    Attributes:
        settlement_asset: ERC-20 contract.
        cap: Most vouchers ever issued in this lane, below 2^47.
        max_payout: Base units per voucher.
        claim_until: 0 means `valid_until`.
        metadata_uri: Empty: the book makes a small document itself.
    """

    rules_hash: bytes
    evm_issuer: bytes
    solana_issuer: bytes
    salt: bytes
    funder: bytes
    settlement_asset: bytes
    lane: int
    cap: int
    max_payout: int
    units_per_minor: int
    sponsor_bp: int
    valid_from: int
    valid_until: int
    transfer_policy: BookTransferPolicy = BookTransferPolicy.FREE
    powers: BookPower = BookPower.NONE
    max_pause_seconds: int = 0
    claim_until: int = 0
    refund_window: int = 0
    metadata_uri: str = ""

    def abi_values(self) -> tuple[Any, ...]:
        """The struct as ABI values, in the contract's order."""
        one_shot, immediate, no_ticket_signer, not_counted = 0, 0, bytes(20), 0
        return (
            self.rules_hash,
            self.evm_issuer,
            self.solana_issuer,
            self.salt,
            self.funder,
            self.settlement_asset,
            self.lane,
            self.cap,
            self.max_payout,
            self.units_per_minor,
            self.sponsor_bp,
            self.valid_from,
            self.valid_until,
            self.claim_until,
            self.refund_window,
            self.max_pause_seconds,
            int(self.powers),
            int(self.transfer_policy),
            one_shot,
            immediate,
            no_ticket_signer,
            not_counted,
            self.metadata_uri,
        )


@dataclass(frozen=True, slots=True)
class BookCampaign:
    """What `campaignOf` answers."""

    rules_hash: bytes
    issuer: bytes
    funder: bytes
    settlement_asset: bytes
    lane: int
    cap: int
    max_payout: int
    units_per_minor: int
    sponsor_bp: int
    valid_from: int
    valid_until: int
    powers: BookPower
    transfer_policy: BookTransferPolicy
    issued_ever: int
    redeemed: int
    voided: int
    funded: int
    paid: int
    reclaimed: int
    paused: bool
    window_end: int

    @property
    def escrow(self) -> int:
        return self.funded - self.paid - self.reclaimed


@dataclass(frozen=True, slots=True)
class BookVoucher:
    """What `voucherOf` answers. `redeemed_at`: 0 while not redeemed."""

    owner: bytes
    moves: int
    redeemed_at: int
    voided: bool


# ------------------------------------------------------------------------------------------------------------- calls


def create_campaign_call(terms: BookTerms, merchants: Sequence[bytes]) -> bytes:
    """Calldata of `createCampaign`; the caller must be `terms.evm_issuer`."""
    return book_abi().encode_call("createCampaign", terms.abi_values(), list(merchants))


def fund_call(campaign: CampaignId, base_units: int) -> bytes:
    """Calldata of `fund`; the caller must be the funder and have approved the book."""
    return book_abi().encode_call("fund", campaign.raw, base_units)


def issue_call(campaign: CampaignId, first_number: int, holders: Sequence[bytes]) -> bytes:
    """Calldata of `issue`; the campaign's first voucher has the number 1."""
    return book_abi().encode_call("issue", campaign.raw, first_number, list(holders))


def reclaim_call(campaign: CampaignId) -> bytes:
    """Calldata of `reclaim`."""
    return book_abi().encode_call("reclaim", campaign.raw)


def void_voucher_call(voucher: VoucherId, reason_hash: bytes) -> bytes:
    """Calldata of `voidVoucher`; `reason_hash` is keccak256 of the reason's document."""
    return book_abi().encode_call("voidVoucher", voucher.token_id, reason_hash)


def pause_call(campaign: CampaignId) -> bytes:
    """Calldata of `pause`."""
    return book_abi().encode_call("pause", campaign.raw)


def unpause_call(campaign: CampaignId) -> bytes:
    """Calldata of `unpause`."""
    return book_abi().encode_call("unpause", campaign.raw)


def add_merchant_call(campaign: CampaignId, merchant: bytes) -> bytes:
    """Calldata of `addMerchant`."""
    return book_abi().encode_call("addMerchant", campaign.raw, merchant)


def remove_merchant_call(campaign: CampaignId, merchant: bytes) -> bytes:
    """Calldata of `removeMerchant`."""
    return book_abi().encode_call("removeMerchant", campaign.raw, merchant)


def set_relayer_call(relayer: bytes, until: int) -> bytes:
    """Calldata of `setRelayer`; the caller is the merchant; `until` below 2^40, 0 ends it."""
    return book_abi().encode_call("setRelayer", relayer, until)


def redeem_signed_call(order: RedeemOrder, holder_signature: bytes) -> bytes:
    """Calldata of `redeemSigned`; the caller must be the order's merchant or its relayer."""
    return book_abi().encode_call("redeemSigned", order.abi_values(), contract_signature(holder_signature))


def pay_and_redeem_call(
    order: RedeemOrder, holder_signature: bytes, permit_value: int, permit_deadline: int, permit_signature: bytes
) -> bytes:
    """Calldata of `payAndRedeem`: `redeemSigned` with the holder's ERC-2612 permit for the remainder."""
    signature = contract_signature(permit_signature)
    permit = (permit_value, permit_deadline, signature[64], signature[:32], signature[32:64])
    return book_abi().encode_call("payAndRedeem", order.abi_values(), contract_signature(holder_signature), permit)


def redeem_call(order: RedeemOrder, merchant_signature: bytes) -> bytes:
    """Calldata of `redeem`; the caller must be the order's holder."""
    return book_abi().encode_call("redeem", order.abi_values(), contract_signature(merchant_signature))


def safe_transfer_call(sender: bytes, recipient: bytes, voucher: VoucherId) -> bytes:
    """Calldata of ERC-1155's `safeTransferFrom` for one voucher."""
    return book_abi().encode_call("safeTransferFrom", sender, recipient, voucher.token_id, 1, b"")


def campaign_of_call(campaign: CampaignId) -> bytes:
    """Calldata of `campaignOf`; it reverts with CampaignNotFound."""
    return book_abi().encode_call("campaignOf", campaign.raw)


def voucher_of_call(voucher: VoucherId) -> bytes:
    """Calldata of `voucherOf`; it reverts with VoucherNotFound."""
    return book_abi().encode_call("voucherOf", voucher.token_id)


def escrow_of_call(campaign: CampaignId) -> bytes:
    """Calldata of `escrowOf`."""
    return book_abi().encode_call("escrowOf", campaign.raw)


def is_merchant_call(campaign: CampaignId, merchant: bytes) -> bytes:
    """Calldata of `isMerchant`."""
    return book_abi().encode_call("isMerchant", campaign.raw, merchant)


def is_relayer_call(merchant: bytes, relayer: bytes) -> bytes:
    """Calldata of `isRelayer`."""
    return book_abi().encode_call("isRelayer", merchant, relayer)


def is_order_paid_call(holder: bytes, digest: bytes) -> bytes:
    """Calldata of `isOrderPaid`."""
    return book_abi().encode_call("isOrderPaid", holder, digest)


def contract_signature(signature: bytes) -> bytes:
    """A 65-byte r ‖ s ‖ parity signature (0/1 or 27/28) as contracts take it; anything else (ERC-1271) unchanged."""
    if len(signature) == 65 and signature[64] < 2:
        return signature[:64] + bytes([signature[64] + 27])
    return signature


# ----------------------------------------------------------------------------------------------------------- answers


def decode_campaign(data: bytes) -> BookCampaign:
    """The answer of `campaignOf`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    told: Mapping[str, Any] = book_abi().decode_result("campaignOf", data)[0]
    return BookCampaign(
        rules_hash=told["rulesHash"],
        issuer=told["evmIssuer"],
        funder=told["funder"],
        settlement_asset=told["settlementAsset"],
        lane=told["lane"],
        cap=told["cap"],
        max_payout=told["maxPayout"],
        units_per_minor=told["unitsPerMinor"],
        sponsor_bp=told["sponsorBp"],
        valid_from=told["validFrom"],
        valid_until=told["validUntil"],
        powers=BookPower(told["powers"]),
        transfer_policy=BookTransferPolicy(told["transferPolicy"]),
        issued_ever=told["issuedEver"],
        redeemed=told["redeemed"],
        voided=told["voided"],
        funded=told["funded"],
        paid=told["paid"],
        reclaimed=told["reclaimed"],
        paused=told["paused"],
        window_end=told["windowEnd"],
    )


def decode_voucher(data: bytes) -> BookVoucher:
    """The answer of `voucherOf`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    owner, moves, redeemed_at, voided = book_abi().decode_result("voucherOf", data)
    return BookVoucher(owner, moves, redeemed_at, voided)


def decode_uint(data: bytes) -> int:
    """The answer of `escrowOf` or `issuedEver`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    value: int = book_abi().decode_result("escrowOf", data)[0]
    return value


def decode_bool(data: bytes) -> bool:
    """The answer of `isMerchant`, `isRelayer` or `isOrderPaid`.

    Raises:
        InvalidValue: Empty or malformed.
    """
    value: bool = book_abi().decode_result("isRelayer", data)[0]
    return value


def decode_error(data: bytes) -> Decoded | None:
    """The error in a revert's data: the book's, an OpenZeppelin token's, `Error` or `Panic`; None if unknown."""
    return book_abi().decode_error(data) or erc20_abi().decode_error(data)


# ------------------------------------------------------------------------------------------------------------ events


@dataclass(frozen=True, slots=True)
class BookCampaignCreated:
    campaign: CampaignId
    issuer: bytes
    funder: bytes
    rules_hash: bytes
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BookMerchantAdded:
    campaign: CampaignId
    merchant: bytes


@dataclass(frozen=True, slots=True)
class BookMerchantRemoved:
    campaign: CampaignId
    merchant: bytes


@dataclass(frozen=True, slots=True)
class BookFunded:
    campaign: CampaignId
    funder: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class BookReclaimed:
    campaign: CampaignId
    funder: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class BookPaused:
    campaign: CampaignId
    until: int


@dataclass(frozen=True, slots=True)
class BookUnpaused:
    campaign: CampaignId
    paused_seconds: int


@dataclass(frozen=True, slots=True)
class BookIssued:
    voucher: VoucherId
    holder: bytes


@dataclass(frozen=True, slots=True)
class BookRedeemed:
    voucher: VoucherId
    holder: bytes
    merchant: bytes
    redemption_id: bytes
    order_hash: bytes
    amount_minor: int
    sequence: int
    payout: int


@dataclass(frozen=True, slots=True)
class BookVoided:
    voucher: VoucherId
    holder: bytes
    reason_hash: bytes


@dataclass(frozen=True, slots=True)
class BookRemainderPaid:
    order_hash: bytes
    holder: bytes
    merchant: bytes
    digest: bytes
    asset: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class BookRelayerSet:
    merchant: bytes
    relayer: bytes
    until: int


@dataclass(frozen=True, slots=True)
class BookTransfer:
    """ERC-1155 transfer of a whole voucher; the zero address made (issue) or destroyed (redemption, void) it."""

    operator: bytes
    sender: bytes
    recipient: bytes
    voucher: VoucherId


@dataclass(frozen=True, slots=True)
class BookApproval:
    account: bytes
    operator: bytes
    approved: bool


BookEvent = (
    BookCampaignCreated
    | BookMerchantAdded
    | BookMerchantRemoved
    | BookFunded
    | BookReclaimed
    | BookPaused
    | BookUnpaused
    | BookIssued
    | BookRedeemed
    | BookVoided
    | BookRemainderPaid
    | BookRelayerSet
    | BookTransfer
    | BookApproval
)


def decode_event(topics: Sequence[bytes], data: bytes) -> BookEvent | None:
    """A log of the book as a value. The caller checks the log's address.

    None for events that say nothing about vouchers or campaigns (`URI`, `EIP712DomainChanged`, and `TransferBatch`,
    which the book never emits) and for logs that are not the book's.

    Raises:
        InvalidValue: Malformed.
    """
    decoded = book_abi().decode_log(topics, data)
    if decoded is None or decoded.name not in _EVENTS:
        return None
    return _EVENTS[decoded.name](decoded.arguments)


def _redeemed(a: Mapping[str, Any]) -> BookRedeemed:
    return BookRedeemed(
        voucher=VoucherId.from_token_id(a["id"]),
        holder=a["holder"],
        merchant=a["merchant"],
        redemption_id=a["redemptionId"],
        order_hash=a["orderHash"],
        amount_minor=a["amountMinor"],
        sequence=a["sequence"],
        payout=a["payout"],
    )


def _transfer(a: Mapping[str, Any]) -> BookTransfer:
    if a["value"] != 1:
        raise InvalidValue("the book moves whole vouchers only")
    return BookTransfer(a["operator"], a["from"], a["to"], VoucherId.from_token_id(a["id"]))


_EVENTS: Mapping[str, Callable[[Mapping[str, Any]], BookEvent]] = {
    "CampaignCreated": lambda a: BookCampaignCreated(
        CampaignId(a["campaign"]), a["issuer"], a["funder"], a["rulesHash"], a["terms"]
    ),
    "MerchantAdded": lambda a: BookMerchantAdded(CampaignId(a["campaign"]), a["merchant"]),
    "MerchantRemoved": lambda a: BookMerchantRemoved(CampaignId(a["campaign"]), a["merchant"]),
    "CampaignFunded": lambda a: BookFunded(CampaignId(a["campaign"]), a["funder"], a["amount"]),
    "CampaignReclaimed": lambda a: BookReclaimed(CampaignId(a["campaign"]), a["funder"], a["amount"]),
    "CampaignPausedUntil": lambda a: BookPaused(CampaignId(a["campaign"]), a["until"]),
    "CampaignUnpaused": lambda a: BookUnpaused(CampaignId(a["campaign"]), a["pausedSeconds"]),
    "VoucherIssued": lambda a: BookIssued(VoucherId.from_token_id(a["id"]), a["holder"]),
    "VoucherRedeemed": _redeemed,
    "VoucherVoided": lambda a: BookVoided(VoucherId.from_token_id(a["id"]), a["holder"], a["reasonHash"]),
    "RemainderPaid": lambda a: BookRemainderPaid(
        a["orderHash"], a["holder"], a["merchant"], a["digest"], a["asset"], a["amount"]
    ),
    "RelayerSet": lambda a: BookRelayerSet(a["merchant"], a["relayer"], a["until"]),
    "TransferSingle": _transfer,
    "ApprovalForAll": lambda a: BookApproval(a["account"], a["operator"], a["approved"]),
}
