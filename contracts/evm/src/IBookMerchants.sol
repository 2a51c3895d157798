// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, ReceiptProof} from "./VoucherTypes.sol";

/// @notice What merchants do besides redeeming: name relayers, take back, refund, settle.
interface IBookMerchants {
    /// @notice Let `relayer` redeem for the caller, a merchant, before `until` (seconds of block time; zero ends it).
    function setRelayer(address relayer, uint40 until) external;

    /// @notice Take a redemption back, within the refund window; the caller is its merchant or the merchant's relayer.
    /// What is left of its payout returns to the escrow first: from the merchant's credit, then from its allowance. While
    /// the campaign's window is open, the holder gets a new voucher (one-shot) or the value back (stored value).
    function reverse(ReceiptProof calldata proof) external;

    /// @notice Send the sponsor's share of a partial refund back to the escrow; the caller is the redemption's merchant
    /// or the merchant's relayer. At most what was paid out for the redemption, over all such calls.
    /// @param amount Base units of the settlement asset.
    function returnPayout(ReceiptProof calldata proof, uint256 amount) external;

    /// @notice Pay a merchant what is due of its credit; anyone may call. A credit is due once no redemption in it can
    /// be reversed any more: between one and two refund windows after the redemption; at once if there is no refund.
    function settle(CampaignId campaign, address merchant) external;
}
