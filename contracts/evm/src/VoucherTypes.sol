// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice A campaign: the first 24 bytes of a hash over its rule document, issuers and salt; the same on every chain.
type CampaignId is bytes24;

/// @notice One voucher: its campaign's 24 bytes, then its serial's 8 bytes. It is the ERC-1155 token id.
type VoucherId is uint256;

using {campaignId, serial} for VoucherId global;
using {voucherAt} for CampaignId global;

function campaignId(VoucherId id) pure returns (CampaignId) {
    return CampaignId.wrap(bytes24(bytes32(VoucherId.unwrap(id))));
}

function serial(VoucherId id) pure returns (uint64) {
    return uint64(VoucherId.unwrap(id));
}

function voucherAt(CampaignId id, uint64 serialNumber) pure returns (VoucherId) {
    return VoucherId.wrap(uint256(bytes32(CampaignId.unwrap(id))) | serialNumber);
}

/// @notice What a holder may do with a voucher besides redeeming it.
/// @dev FREE: move it as often as wished. ONCE: only a voucher never moved before. BOUND: never.
enum TransferPolicy {
    FREE,
    ONCE,
    BOUND
}

/// @notice What one voucher of the campaign is.
/// @dev ONE_SHOT is used up by its first redemption. STORED_VALUE keeps a balance in minor units and is used up when
/// nothing is left of it. Its face value is what maxPayout pays for: maxPayout × 10000 / (unitsPerMinor × sponsorBp).
enum VoucherKind {
    ONE_SHOT,
    STORED_VALUE
}

/// @notice How the sponsor's share reaches the merchant.
/// @dev IMMEDIATE: in the redemption itself (best-effort batches accrue all the same). ACCRUED: as a credit to settle.
enum Settlement {
    IMMEDIATE,
    ACCRUED
}

/// @notice The terms of a campaign, fixed for ever when it is created.
struct CampaignTerms {
    /// keccak256 of the canonical rule document.
    bytes32 rulesHash;
    /// Who creates the campaign and issues its vouchers on EVM chains.
    address evmIssuer;
    /// The issuer's Solana public key, or zero: part of the identity only.
    bytes32 solanaIssuer;
    /// Tells campaigns with equal rules and issuers apart.
    bytes32 salt;
    /// The one account that pays into the escrow and gets the rest back.
    address funder;
    /// ERC-20 token the escrow is kept in; zero if maxPayout is zero.
    address settlementAsset;
    /// Lane of this chain, the first byte of every serial.
    uint8 lane;
    /// Most vouchers that may ever be issued here (this lane's share of the campaign's cap).
    uint48 cap;
    /// Most that one voucher pays out, in base units of the settlement asset; below 2^96.
    uint128 maxPayout;
    /// Base units of the settlement asset for one minor unit of the rule document's currency.
    uint96 unitsPerMinor;
    /// The sponsor's share of a discount in hundredths of a percent, at most 10000.
    uint16 sponsorBp;
    /// First second, in block time, in which vouchers can be redeemed.
    uint40 validFrom;
    /// First second in which they no longer can.
    uint40 validUntil;
    /// First second in which vouchers can no longer be claimed; zero is validUntil.
    uint40 claimUntil;
    /// Seconds in which a redemption can be reversed; zero: never.
    uint32 refundWindow;
    /// Seconds that all pauses together may last; zero unless PAUSE is declared.
    uint32 maxPauseSeconds;
    /// Bits of Powers: what the issuer may do later. What is not declared here never becomes possible.
    uint16 powers;
    TransferPolicy transferPolicy;
    VoucherKind kind;
    Settlement settlement;
    /// Signs claim tickets; zero: no tickets, unless TICKET_SIGNER names a signer later.
    address ticketSigner;
    /// Most tickets that one holder may claim, counted on chain; zero: not counted.
    uint16 claimsPerHolder;
    /// ERC-1155 metadata URI (may hold `{id}`); empty for a document made by the book itself.
    string metadataUri;
}

/// @notice A campaign as the book keeps it: terms that are read on chain, and counters.
struct Campaign {
    bytes32 rulesHash;
    address evmIssuer;
    address funder;
    address settlementAsset;
    uint8 lane;
    uint48 cap;
    uint128 maxPayout;
    uint96 unitsPerMinor;
    uint16 sponsorBp;
    uint40 validFrom;
    /// As fixed at creation, without pauses.
    uint40 validUntil;
    uint40 claimUntil;
    uint32 refundWindow;
    uint32 maxPauseSeconds;
    uint16 powers;
    TransferPolicy transferPolicy;
    /// Singles, packed vouchers, claimed tickets, and each drop's whole count from its commitment on.
    uint48 issuedEver;
    /// Redemptions that used a voucher up.
    uint48 redeemed;
    uint48 voided;
    uint128 funded;
    /// Paid to merchants or credited to them.
    uint128 paid;
    uint128 reclaimed;
    /// Seconds of pause so far, a running pause included.
    uint40 pausedSeconds;
    bool paused;
    /// validUntil with the pauses so far added.
    uint40 windowEnd;
    VoucherKind kind;
    Settlement settlement;
    address ticketSigner;
    uint16 claimsPerHolder;
    /// Payouts that came back, by a reversal or a partial refund.
    uint128 returned;
    /// Redemptions that used a voucher up and were reversed.
    uint48 reversed;
    /// Vouchers that a reversal brought back.
    uint48 reissued;
    /// Number of the next voucher that `issue` issues.
    uint48 nextNumber;
}

/// @notice One voucher of an order.
struct RedeemItem {
    VoucherId voucherId;
    /// Discount this voucher gives in the order, in minor units of the rule document's currency.
    uint128 amountMinor;
    /// The voucher's `moves` (one-shot) or `sequence` (stored value) when the holder signed.
    uint64 sequence;
}

/// @notice What holder and merchant both consent to. EIP-712 struct with these names, types and order.
struct RedeemOrder {
    address holder;
    address merchant;
    /// keccak256 of the canonical order document.
    bytes32 orderHash;
    /// First second, in block time, in which the order no longer counts.
    uint64 validBefore;
    /// ERC-20 token of the remainder; ignored if remainderAmount is zero.
    address remainderAsset;
    /// What the holder pays the merchant in the same call, in base units.
    uint256 remainderAmount;
    RedeemItem[] items;
}

/// @notice One order of a batch.
struct SignedOrder {
    RedeemOrder order;
    /// The holder's, as for redeemSigned.
    bytes holderSignature;
}

/// @notice An ERC-2612 permit for the remainder: holder to book.
struct RemainderPermit {
    uint256 value;
    uint256 deadline;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice An ERC-3009 authorisation of the remainder: holder to book, nonce = the order's digest.
struct RemainderAuthorization {
    uint256 validAfter;
    uint256 validBefore;
    uint8 v;
    bytes32 r;
    bytes32 s;
}

/// @notice One redemption of a call, as the call's receipt names it.
struct ReceiptEntry {
    bytes32 redemptionId;
    address merchant;
    /// What the escrow paid for it, in base units of the campaign's settlement asset.
    uint256 payout;
}

/// @notice The facts that a redemption's id is made of, but for the merchant.
struct RedemptionFacts {
    VoucherId voucherId;
    address holder;
    bytes32 orderHash;
    uint128 amountMinor;
    uint64 sequence;
}

/// @notice A redemption and the receipt of the call it happened in.
/// @dev `receipt` lists all redemptions of that call whose campaigns have a refund window, in the order of their logs.
struct ReceiptProof {
    ReceiptEntry[] receipt;
    /// Which of them is meant.
    uint256 index;
    RedemptionFacts facts;
}

/// @notice The powers an issuer can declare.
library Powers {
    /// Stops issue, claim and redemption for at most maxPauseSeconds in all; never transfers.
    uint16 internal constant PAUSE = 1 << 0;
    /// Cancels a live voucher, with a recorded reason.
    uint16 internal constant VOID = 1 << 1;
    /// Lets further merchants accept the campaign's vouchers.
    uint16 internal constant ADD_MERCHANT = 1 << 2;
    /// Takes a merchant off the list.
    uint16 internal constant REMOVE_MERCHANT = 1 << 3;
    /// Changes the account that signs claim tickets.
    uint16 internal constant TICKET_SIGNER = 1 << 4;
}
