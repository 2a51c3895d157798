// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IBookCampaigns} from "./IBookCampaigns.sol";
import {IBookIssue} from "./IBookIssue.sol";
import {IBookMerchants} from "./IBookMerchants.sol";
import {IBookRedemptions} from "./IBookRedemptions.sol";
import {IBookViews} from "./IBookViews.sol";

/// @title Vouchers that are redeemed once, by their holder and their merchant together
/// @notice Every voucher is an ERC-1155 id with a supply of one. The funder pays into an escrow beforehand; a redemption
/// pays the merchant from it and moves the rest of the price from the holder, in one call that both have consented to.
/// The book has no owner, no upgrade and no way to take an escrow other than redemption and, after expiry, its funder.
/// @dev Issue never calls the receivers, so that no account can stop a whole chunk; safeTransferFrom does.
interface IVoucherBook is
    IBookCampaigns,
    IBookIssue,
    IBookMerchants,
    IBookRedemptions,
    IBookViews,
    IERC1155MetadataURI
{}
