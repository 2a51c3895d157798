// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBookErrors} from "./IBookErrors.sol";
import {IVoucherBook} from "./IVoucherBook.sol";
import {Campaign, CampaignId, VoucherId} from "./VoucherTypes.sol";

/// @notice A campaign as the book tells it; zeros if it does not exist.
struct CampaignSeen {
    bool exists;
    /// What the escrow holds, in base units of the settlement asset.
    uint256 escrow;
    Campaign campaign;
}

/// @notice A voucher as the book tells it; zeros if it was never issued.
struct VoucherSeen {
    bool exists;
    /// Of a redeemed or void voucher the last one; zero for a leaf that left no owner in the book.
    address holder;
    uint32 moves;
    /// Block time; zero while live; one for a packed voucher or drop leaf that kept only a bit.
    uint40 redeemedAt;
    bool voided;
    /// What an order about the voucher must name.
    uint64 sequence;
    /// Minor units; zero for a one-shot voucher.
    uint128 remaining;
}

/// @notice A merchant in a campaign.
struct MerchantKey {
    CampaignId campaign;
    address merchant;
}

/// @notice A merchant's standing in a campaign; zeros if the campaign does not exist.
struct MerchantSeen {
    /// Whether it may accept the campaign's vouchers.
    bool accepted;
    /// What settle would pay now, in base units of the settlement asset.
    uint256 due;
    /// What can still be reversed.
    uint256 waiting;
}

/// @title VoucherLens
/// @notice Many answers of a book in one call, all of one block. It keeps nothing, may do nothing, and need not be
/// deployed (see LensCall): what is not there is told as such, any other refusal of the book is the call's own.
contract VoucherLens {
    /// @notice Campaigns, in the order asked for.
    function campaignsOf(IVoucherBook book, CampaignId[] calldata campaigns)
        external
        view
        returns (CampaignSeen[] memory seen)
    {
        seen = new CampaignSeen[](campaigns.length);
        for (uint256 i = 0; i < campaigns.length; ++i) {
            try book.campaignOf(campaigns[i]) returns (Campaign memory told) {
                seen[i] = CampaignSeen(true, book.escrowOf(campaigns[i]), told);
            } catch (bytes memory reason) {
                _onlyFor(IBookErrors.CampaignNotFound.selector, reason);
            }
        }
    }

    /// @notice Vouchers, in the order asked for.
    function vouchersOf(IVoucherBook book, VoucherId[] calldata ids)
        external
        view
        returns (VoucherSeen[] memory seen)
    {
        seen = new VoucherSeen[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            try book.voucherOf(ids[i]) returns (
                address holder, uint32 moves, uint40 redeemedAt, bool voided
            ) {
                (uint64 sequence, uint128 remaining) = book.valueOf(ids[i]);
                seen[i] = VoucherSeen(true, holder, moves, redeemedAt, voided, sequence, remaining);
            } catch (bytes memory reason) {
                _onlyFor(IBookErrors.VoucherNotFound.selector, reason);
            }
        }
    }

    /// @notice Merchants' standings and credits, in the order asked for.
    function merchantsOf(IVoucherBook book, MerchantKey[] calldata keys)
        external
        view
        returns (MerchantSeen[] memory seen)
    {
        seen = new MerchantSeen[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            (CampaignId campaign, address merchant) = (keys[i].campaign, keys[i].merchant);
            try book.creditOf(campaign, merchant) returns (uint256 due, uint256 waiting) {
                seen[i] = MerchantSeen(book.isMerchant(campaign, merchant), due, waiting);
            } catch (bytes memory reason) {
                _onlyFor(IBookErrors.CampaignNotFound.selector, reason);
            }
        }
    }

    /// @dev Lets the refusal pass that means absence; every other one goes on to the caller.
    function _onlyFor(bytes4 absence, bytes memory reason) private pure {
        if (bytes4(reason) == absence) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
