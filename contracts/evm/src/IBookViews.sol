// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Campaign, CampaignId, RedeemOrder, VoucherId} from "./VoucherTypes.sol";

/// @notice What the book answers.
interface IBookViews {
    /// @notice A campaign's terms and counters.
    function campaignOf(CampaignId campaign) external view returns (Campaign memory);

    /// @notice The state of a voucher. Reverts with VoucherNotFound for an id never issued and a leaf never claimed.
    /// @return owner The holder; of a redeemed or void voucher the last one; zero for a leaf that left no owner here.
    /// @return moves How often it was transferred: the `sequence` of a one-shot RedeemItem.
    /// @return redeemedAt Block time of the redemption that used it up, zero before it; one for a packed voucher or drop
    /// leaf that kept only a bit: its time stands in the log.
    /// @return voided Whether the issuer cancelled it.
    function voucherOf(VoucherId id)
        external
        view
        returns (address owner, uint32 moves, uint40 redeemedAt, bool voided);

    /// @notice What the escrow holds, in base units of the settlement asset.
    function escrowOf(CampaignId campaign) external view returns (uint256);

    /// @notice How many vouchers were ever issued.
    function issuedEver(CampaignId campaign) external view returns (uint256);

    /// @notice Whether the merchant may accept the campaign's vouchers.
    function isMerchant(CampaignId campaign, address merchant) external view returns (bool);

    /// @notice Whether `relayer` may redeem for `merchant` now.
    function isRelayer(address merchant, address relayer) external view returns (bool);

    /// @notice The powers that the issuer declared, a set of Powers bits. No others exist.
    function powersOf(CampaignId campaign) external view returns (uint16);

    /// @notice The digest that holder and merchant sign.
    function digestOf(RedeemOrder calldata order) external view returns (bytes32);

    /// @notice Whether this order without vouchers was paid.
    function isOrderPaid(address holder, bytes32 digest) external view returns (bool);

    /// @notice The id of a campaign with these rules, issuers and salt.
    function campaignIdOf(bytes32 rulesHash, address evmIssuer, bytes32 solanaIssuer, bytes32 salt)
        external
        pure
        returns (CampaignId);

    /// @notice The id that a redemption on this chain with these facts has.
    function redemptionIdOf(
        VoucherId id,
        address holder,
        address merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) external view returns (bytes32);

    /// @notice What an order about the voucher must name, and what is left of stored value. Reverts as voucherOf.
    /// @return sequence A RedeemItem's `sequence`: transfers, and for stored value spends as well.
    /// @return remaining Minor units; zero for a one-shot voucher.
    function valueOf(VoucherId id) external view returns (uint64 sequence, uint128 remaining);

    /// @notice A committed drop.
    /// @return root First 28 bytes of the Merkle root; zero if there is no such drop.
    function dropOf(CampaignId campaign, uint16 drop) external view returns (bytes28 root, uint32 count);

    /// @notice A packed batch.
    /// @return blob Contract whose code is a zero byte and the owners, 20 bytes each; zero if there is no such batch.
    function batchOf(CampaignId campaign, uint32 batch) external view returns (address blob, uint256 count);

    /// @notice Tickets that the holder has claimed; counted only if the terms say so.
    function claimsOf(CampaignId campaign, address holder) external view returns (uint256);

    /// @notice A merchant's credit, in base units of the settlement asset.
    /// @return due What settle would pay now.
    /// @return waiting What can still be reversed.
    function creditOf(CampaignId campaign, address merchant)
        external
        view
        returns (uint256 due, uint256 waiting);

    /// @notice Block time of the call that left the receipt; zero if none did.
    function receiptOf(bytes32 digest) external view returns (uint256);

    /// @notice What came back of a redemption's payout, and whether it was reversed.
    function returnOf(bytes32 redemptionId) external view returns (uint256 amount, bool reversed);

    /// @notice The digest that a ticket's signer signs.
    function ticketDigestOf(VoucherId id, address holder, uint64 validBefore) external view returns (bytes32);

    /// @notice First second in which the voucher can be redeemed. As ERC-7858's.
    function startTime(uint256 id) external view returns (uint256);

    /// @notice First second in which it no longer can, as far as is known now: pauses move it on. As ERC-7858's.
    function endTime(uint256 id) external view returns (uint256);

    /// @notice Whether its time is over. It still counts in balanceOf and can be transferred. As ERC-7858's.
    function isTokenExpired(uint256 id) external view returns (bool);
}
