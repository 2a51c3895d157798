// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, TransferPolicy, VoucherId} from "./VoucherTypes.sol";

/// @notice Why the book refuses, with the facts.
interface IBookErrors {
    /// @notice The campaign was created before.
    error CampaignAlreadyExists(CampaignId campaign);
    /// @notice Nothing was ever created under this id.
    error CampaignNotFound(CampaignId campaign);
    /// @notice A term is impossible or contradicts another.
    error InvalidTerm(string term);
    /// @notice Only the campaign's issuer may do this.
    error NotIssuer(address caller, address issuer);
    /// @notice Only the campaign's funder may do this.
    error NotFunder(address caller, address funder);
    /// @notice The campaign's terms did not declare the power (a bit of Powers).
    error PowerNotDeclared(CampaignId campaign, uint16 power);
    /// @notice Issue would pass the cap; `wanted` and `cap` in vouchers.
    error CapExceeded(uint256 wanted, uint256 cap);
    /// @notice Vouchers are numbered without gaps; the next one has the number `next`.
    error NotNextNumber(uint256 given, uint256 next);
    /// @notice The escrow would not cover every voucher; both in base units of the settlement asset.
    error UnderFunded(uint256 needed, uint256 have);
    /// @notice Not in the half-open window [from, until); all in seconds of block time.
    error OutsideWindow(uint256 timestamp, uint256 from, uint256 until);
    /// @notice The campaign is paused, at the latest until `until`.
    error CampaignPaused(CampaignId campaign, uint256 until);
    /// @notice The campaign is not paused.
    error CampaignNotPaused(CampaignId campaign);
    /// @notice All the seconds of pause that the terms allow are used.
    error PauseExhausted(CampaignId campaign, uint256 maxPauseSeconds);
    /// @notice The campaign pays nothing out, so money in its escrow would only wait for its reclaim.
    error NothingToFund(CampaignId campaign);
    /// @notice Nothing is left in the escrow.
    error NothingToReclaim(CampaignId campaign);
    /// @notice The merchant is on the list already.
    error MerchantAlreadyAdded(CampaignId campaign, address merchant);
    /// @notice The merchant may not accept vouchers of this campaign.
    error MerchantNotAccepted(CampaignId campaign, address merchant);
    /// @notice No voucher was ever issued under this id; a drop's leaf: not claimed yet.
    error VoucherNotFound(VoucherId id);
    /// @notice The voucher was redeemed before.
    error VoucherAlreadyRedeemed(VoucherId id);
    /// @notice The issuer cancelled the voucher.
    error VoucherVoid(VoucherId id);
    /// @notice The voucher belongs to `owner`.
    error NotVoucherHolder(VoucherId id, address claimed, address owner);
    /// @notice The voucher was transferred, or stored value was spent, after the order was signed.
    error VoucherMoved(VoucherId id, uint256 signed, uint256 moves);
    /// @notice The campaign's transfer policy does not allow this move.
    error TransferNotAllowed(VoucherId id, TransferPolicy policy, uint256 moves);
    /// @notice Vouchers are transferred whole: the value is one.
    error NotOneUnit(uint256 value);
    /// @notice The caller is neither the order's merchant nor a relayer that it set.
    error NotMerchantOrRelayer(address caller, address merchant);
    /// @notice The caller is not the order's holder.
    error NotOrderHolder(address caller, address holder);
    /// @notice Holder and merchant are one account, so there are no two consents.
    error SameParty(address account);
    /// @notice The signature over `digest` is not `signer`'s.
    error InvalidSignature(address signer, bytes32 digest);
    /// @notice The order counted before `validBefore` only; seconds of block time.
    error OrderExpired(uint256 timestamp, uint256 validBefore);
    /// @notice An order without vouchers is paid once.
    error OrderAlreadyPaid(address holder, bytes32 digest);
    /// @notice The order names no voucher and no remainder.
    error EmptyOrder();
    /// @notice The token did not move the remainder exactly; base units of `asset`.
    error RemainderNotExact(address asset, uint256 expected, uint256 received);
    /// @notice The caller is not the book itself.
    error NotTheBook(address caller);
    /// @notice This batch number is taken: the batch was issued before.
    error BatchAlreadyIssued(CampaignId campaign, uint32 batch);
    /// @notice Packed owners come as 20 bytes each, at least one and at most `most`; `length` is in bytes.
    error InvalidBatch(uint256 length, uint256 most);
    /// @notice This drop number is taken: the drop was committed before.
    error DropAlreadyCommitted(CampaignId campaign, uint16 drop);
    /// @notice A drop has a root and at least one leaf.
    error InvalidDrop(bytes32 root, uint32 count);
    /// @notice The proof does not lead from this holder's leaf to the drop's root.
    error InvalidProof(VoucherId id, address holder);
    /// @notice One proof for each voucher of the order: empty for those that need none.
    error ProofCountMismatch(uint256 items, uint256 proofs);
    /// @notice The voucher was claimed before.
    error VoucherAlreadyClaimed(VoucherId id);
    /// @notice The serial is none that a ticket may name: this lane, class 0, a number from 2^47.
    error InvalidTicketSerial(VoucherId id);
    /// @notice Nobody signs tickets for the campaign.
    error NoTicketSigner(CampaignId campaign);
    /// @notice The ticket counted before `validBefore` only; seconds of block time.
    error TicketExpired(uint256 timestamp, uint256 validBefore);
    /// @notice The holder has claimed as many as the terms allow.
    error ClaimLimitReached(CampaignId campaign, address holder, uint256 limit);
    /// @notice The stored value does not cover the amount, or the amount is zero; in minor units.
    error ValueNotCovered(VoucherId id, uint256 amountMinor, uint256 remaining);
    /// @notice No call left this receipt.
    error ReceiptNotFound(bytes32 digest);
    /// @notice The receipt has no entry of this number.
    error ReceiptIndexOutOfRange(uint256 index, uint256 length);
    /// @notice The facts given are those of another redemption.
    error RedemptionMismatch(bytes32 given, bytes32 expected);
    /// @notice The redemption was reversed before.
    error RedemptionAlreadyReversed(bytes32 redemptionId);
    /// @notice The merchant's credit and money do not cover what must come back; both in base units.
    error PayoutNotReturned(uint256 needed, uint256 have);
    /// @notice A part that comes back is above zero and at most `most`; in base units.
    error ReturnOutOfRange(uint256 amount, uint256 most);
    /// @notice Nothing is due to the merchant now.
    error NothingToSettle(CampaignId campaign, address merchant);
}
