// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBookErrors} from "./IBookErrors.sol";
import {IBookEvents} from "./IBookEvents.sol";
import {CampaignId, CampaignTerms, VoucherId} from "./VoucherTypes.sol";

/// @notice What a campaign's issuer and funder do.
interface IBookCampaigns is IBookEvents, IBookErrors {
    /// @notice Create a campaign. The caller is its EVM issuer.
    /// @param terms Fixed for ever.
    /// @param merchants The first accepted merchants; without ADD_MERCHANT the only ones ever.
    /// @return campaign Its id: CampaignIds.derive.
    function createCampaign(CampaignTerms calldata terms, address[] calldata merchants)
        external
        returns (CampaignId campaign);

    /// @notice Pay into the escrow; the caller is the campaign's funder. Credited is what arrives.
    /// @dev Only the funder itself may call: anybody's campaign can name any account as its funder, so an allowance
    /// alone is no consent. Tokens sent directly to the book belong to no campaign; rebasing tokens are not supported.
    /// @param amount Base units of the settlement asset, from the caller's allowance.
    function fund(CampaignId campaign, uint256 amount) external;

    /// @notice Send what is left in the escrow to the funder. Anyone may call, from the end of the window and of the last
    /// refund window on.
    function reclaim(CampaignId campaign) external;

    /// @notice Cancel a live voucher, or a drop's leaf never claimed; the caller is the issuer, the power VOID is
    /// declared.
    /// @param reasonHash keccak256 of the reason's document.
    function voidVoucher(VoucherId id, bytes32 reasonHash) external;

    /// @notice Stop issue, claim and redemption; the caller is the issuer, the power PAUSE is declared.
    function pause(CampaignId campaign) external;

    /// @notice End a pause; the caller is the issuer.
    function unpause(CampaignId campaign) external;

    /// @notice Let a further merchant accept the vouchers; the caller is the issuer, ADD_MERCHANT is declared.
    function addMerchant(CampaignId campaign, address merchant) external;

    /// @notice Take a merchant off the list; the caller is the issuer, REMOVE_MERCHANT is declared. Its credit stays.
    function removeMerchant(CampaignId campaign, address merchant) external;

    /// @notice Change who signs claim tickets; the caller is the issuer, TICKET_SIGNER is declared.
    /// @param signer Zero: nobody from now on.
    function setTicketSigner(CampaignId campaign, address signer) external;
}
