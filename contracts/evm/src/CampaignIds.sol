// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, VoucherId} from "./VoucherTypes.sol";

/// @notice How ids are made. Python and the browser make the same ones (tests/vectors/ids.json).
library CampaignIds {
    bytes32 private constant CAMPAIGN_TAG = keccak256("quanbao.campaign.v1");

    /// @notice The id of the campaign with these rules, issuers and salt.
    function derive(bytes32 rulesHash, address evmIssuer, bytes32 solanaIssuer, bytes32 salt)
        internal
        pure
        returns (CampaignId)
    {
        return CampaignId.wrap(
            bytes24(keccak256(abi.encode(CAMPAIGN_TAG, rulesHash, evmIssuer, solanaIssuer, salt)))
        );
    }

    /// @notice Serial of a voucher issued one by one: lane, class 0, number.
    /// @dev Numbers from 2^47 are left to tickets, which choose their own, so that the two never meet.
    function single(CampaignId campaign, uint8 lane, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(lane) << 56) | uint64(number));
    }

    /// @notice The id of a redemption, the same for every chain and every party that reckons it.
    /// @param holder keccak256 of the holder's CAIP-10 text.
    /// @param merchant keccak256 of the merchant's CAIP-10 text.
    /// @param sequence The voucher's `moves` or `sequence` at the redemption; zero on Solana.
    function redemption(
        VoucherId voucherId,
        bytes32 holder,
        bytes32 merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(voucherId, holder, merchant, orderHash, amountMinor, sequence));
    }
}
