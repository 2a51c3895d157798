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

    uint256 internal constant PACKED_CLASS = 1;
    uint256 internal constant DROP_CLASS = 2;
    uint256 internal constant REISSUE_CLASS = 3;
    /// @dev Singles count up from one; tickets choose their numbers from here on, so that the two never meet.
    uint48 internal constant FIRST_TICKET = 1 << 47;

    /// @notice The second byte of a serial: 0 single or ticket, 1 packed, 2 drop, 3 reissue.
    function serialClass(VoucherId id) internal pure returns (uint256) {
        return (VoucherId.unwrap(id) >> 48) & 0xff;
    }

    /// @notice Serial of a voucher issued one by one: lane, class 0, number.
    function single(CampaignId campaign, uint8 lane, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(lane) << 56) | uint64(number));
    }

    /// @notice First serial of a packed batch: lane, class 1, batch(32), offset(16).
    function packed(CampaignId campaign, uint8 lane, uint32 batch) internal pure returns (VoucherId) {
        return campaign.voucherAt(_serial(lane, PACKED_CLASS, uint48(batch) << 16));
    }

    /// @notice First serial of a drop: lane, class 2, drop(16), index(32).
    function dropped(CampaignId campaign, uint8 lane, uint16 drop) internal pure returns (VoucherId) {
        return campaign.voucherAt(_serial(lane, DROP_CLASS, uint48(drop) << 32));
    }

    /// @notice Serial of a voucher that replaces a reversed one: lane, class 3, number from one.
    function reissue(CampaignId campaign, uint8 lane, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt(_serial(lane, REISSUE_CLASS, number));
    }

    /// @notice A drop's leaf: hashed twice, so that no inner node of the tree can be taken for one.
    function leaf(VoucherId id, address holder) internal pure returns (bytes32) {
        uint256 word = VoucherId.unwrap(id);
        bytes32 inner = keccak256(abi.encode(id.campaignId(), uint16(word >> 32), uint32(word), holder));
        return keccak256(abi.encode(inner));
    }

    function _serial(uint8 lane, uint256 class, uint48 number) private pure returns (uint64) {
        return uint64((uint256(lane) << 56) | (class << 48) | number);
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
    ) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // keccak256(abi.encode(…)) without taking memory: a batch makes one for each voucher.
            let free := mload(0x40)
            mstore(free, voucherId)
            mstore(add(free, 0x20), holder)
            mstore(add(free, 0x40), merchant)
            mstore(add(free, 0x60), orderHash)
            mstore(add(free, 0x80), and(amountMinor, 0xffffffffffffffffffffffffffffffff))
            mstore(add(free, 0xa0), and(sequence, 0xffffffffffffffff))
            hash := keccak256(free, 0xc0)
        }
    }
}
