// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, CampaignTerms, VoucherId} from "./VoucherTypes.sol";

/// @notice What the book tells: enough to rebuild its ledger from logs and the content-addressed documents.
interface IBookEvents {
    /// @notice A campaign exists from now on, with these terms for ever.
    event CampaignCreated(
        CampaignId indexed campaign,
        address indexed issuer,
        address indexed funder,
        bytes32 rulesHash,
        CampaignTerms terms
    );

    /// @notice A merchant may accept the campaign's vouchers.
    event MerchantAdded(CampaignId indexed campaign, address indexed merchant);

    /// @notice A merchant may no longer accept the campaign's vouchers.
    event MerchantRemoved(CampaignId indexed campaign, address indexed merchant);

    /// @notice The funder paid in. `amount` is what arrived, in base units of the settlement asset.
    event CampaignFunded(CampaignId indexed campaign, address indexed funder, uint256 amount);

    /// @notice What was left of the escrow went back to the funder after expiry.
    event CampaignReclaimed(CampaignId indexed campaign, address indexed funder, uint256 amount);

    /// @notice Issue and redemption stop until the campaign is unpaused, at the latest at `until`.
    event CampaignPausedUntil(CampaignId indexed campaign, uint256 until);

    /// @notice The campaign goes on; its window has grown by `pausedSeconds` since the campaign began.
    event CampaignUnpaused(CampaignId indexed campaign, uint256 pausedSeconds);

    /// @notice A voucher exists and belongs to `holder`: one issued by itself, or by a claimed ticket.
    /// @dev Packed vouchers and drop leaves are told by ERC-1155's TransferSingle from the zero address alone.
    event VoucherIssued(VoucherId indexed id, CampaignId indexed campaign, address indexed holder);

    /// @notice A voucher was redeemed. It is used up, unless it is stored value of which something is left.
    /// @param redemptionId Name of this redemption on every chain: CampaignIds.redemption.
    /// @param amountMinor Discount that the order gave for it, in minor units of the rule document's currency.
    /// @param sequence The voucher's `moves` (stored value: moves and spends together) that the parties consented to.
    /// @param payout What the escrow paid or credited to the merchant, in base units of the settlement asset.
    event VoucherRedeemed(
        VoucherId indexed id,
        CampaignId indexed campaign,
        address indexed holder,
        address merchant,
        bytes32 redemptionId,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence,
        uint256 payout
    );

    /// @notice The issuer cancelled a voucher that was not used up. `holder` is zero for a drop leaf never claimed.
    /// @param reasonHash keccak256 of the reason's document.
    event VoucherVoided(
        VoucherId indexed id, CampaignId indexed campaign, address indexed holder, bytes32 reasonHash
    );

    /// @notice The holder paid the merchant the rest of an order's price.
    /// @param digest EIP-712 digest of the order.
    /// @param amount Base units of `asset`.
    event RemainderPaid(
        bytes32 indexed orderHash,
        address indexed holder,
        address indexed merchant,
        bytes32 digest,
        address asset,
        uint256 amount
    );

    /// @notice `relayer` may act for `merchant` before `until` (seconds of block time; zero: no longer).
    event RelayerSet(address indexed merchant, address indexed relayer, uint256 until);

    /// @notice `count` vouchers exist: class 1, batch number `batch`, offsets from zero. A TransferSingle follows for each.
    event BatchIssued(CampaignId indexed campaign, uint32 indexed batch, uint256 count);

    /// @notice `count` vouchers are promised to the leaves of a Merkle tree: class 2, drop number `drop`.
    /// @dev Leaf: keccak256(keccak256(abi.encode(campaign, drop, index, holder))), index < count; pairs are hashed sorted.
    event DropCommitted(CampaignId indexed campaign, uint16 indexed drop, bytes32 root, uint32 count);

    /// @notice From now on `signer` signs the campaign's claim tickets (zero: nobody).
    event TicketSignerSet(CampaignId indexed campaign, address indexed signer);

    /// @notice The redemptions of this call whose campaigns have a refund window can be reversed with this receipt.
    /// @param digest Running hash over the call's entries: keccak256(abi.encode(before, redemptionId, merchant, payout)).
    event ReceiptKept(bytes32 indexed digest);

    /// @notice The payout of a redemption was credited to the merchant, to be settled later.
    event PayoutCredited(
        CampaignId indexed campaign, address indexed merchant, bytes32 redemptionId, uint256 amount
    );

    /// @notice What was due of the merchant's credit was paid, in base units of the settlement asset.
    event MerchantSettled(CampaignId indexed campaign, address indexed merchant, uint256 amount);

    /// @notice A redemption was taken back, and what was left of its payout is in the escrow again.
    event RedemptionReversed(
        bytes32 indexed redemptionId,
        VoucherId indexed id,
        CampaignId indexed campaign,
        address merchant,
        uint256 returned
    );

    /// @notice A part of a redemption's payout came back to the escrow.
    event PayoutReturned(
        bytes32 indexed redemptionId, CampaignId indexed campaign, address indexed merchant, uint256 amount
    );

    /// @notice `id` replaces the reversed voucher `parent` and belongs to its last holder.
    event VoucherReissued(
        VoucherId indexed id, VoucherId indexed parent, address indexed holder, bytes32 redemptionId
    );

    /// @notice A reversal put value back on a stored-value voucher.
    /// @param remaining Minor units that are on it now.
    event ValueCredited(
        VoucherId indexed id, bytes32 indexed redemptionId, uint128 amountMinor, uint128 remaining
    );

    /// @notice A best-effort batch left out an order, which has no effect.
    /// @param index Its place in the batch, from zero.
    /// @param reason The error it would have reverted with.
    event OrderSkipped(uint256 indexed index, bytes32 indexed orderHash, bytes reason);
}
