// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {CampaignDesk} from "./CampaignDesk.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {IBookViews} from "./IBookViews.sol";
import {MerchantDesk} from "./MerchantDesk.sol";
import {RedeemOrders} from "./RedeemOrders.sol";
import {VoucherSlot} from "./VoucherSlot.sol";
import {Campaign, CampaignId, RedeemOrder, Settlement, VoucherId, VoucherKind} from "./VoucherTypes.sol";

/// @notice What the book answers, as itself and as an ERC-1155.
abstract contract BookViews is IBookViews, IERC1155Errors, ERC165, CampaignDesk, MerchantDesk {
    using RedeemOrders for RedeemOrder;

    // --------------------------------------------------------------------------------------------------- ERC-1155

    /// @notice See IERC1155. One unit while the voucher is neither redeemed nor void, expired or not; a drop's leaf that
    /// was never claimed counts nowhere.
    function balanceOf(address account, uint256 id) public view returns (uint256) {
        VoucherId voucher = VoucherId.wrap(id);
        VoucherSlot slot = _slots[voucher];
        if (slot.exists()) {
            return slot.owner() == account && slot.redeemedAt() == 0 && !slot.isVoid() ? 1 : 0;
        }
        return account != address(0) && _packedOwner(voucher) == account && !_isUsed(voucher) ? 1 : 0;
    }

    /// @notice See IERC1155.
    function balanceOfBatch(address[] calldata accounts, uint256[] calldata ids)
        external
        view
        returns (uint256[] memory balances)
    {
        if (accounts.length != ids.length) revert ERC1155InvalidArrayLength(ids.length, accounts.length);
        balances = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            balances[i] = balanceOf(accounts[i], ids[i]);
        }
    }

    /// @notice See IERC1155. Vouchers of a bound campaign do not move with an approval either.
    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ERC1155InvalidOperator(operator);
        _operators[msg.sender][operator] = approved;
        emit IERC1155.ApprovalForAll(msg.sender, operator, approved);
    }

    /// @notice See IERC1155.
    function isApprovedForAll(address account, address operator) external view returns (bool) {
        return _operators[account][operator];
    }

    /// @notice See IERC1155MetadataURI: the campaign's URI, or a document inside of its own URI.
    function uri(uint256 id) external view returns (string memory) {
        Record storage record = _existing(VoucherId.wrap(id).campaignId());
        if (bytes(record.metadataUri).length != 0) return record.metadataUri;
        bytes memory document = abi.encodePacked(
            '{"name":"Voucher ',
            Strings.toHexString(uint64(id), 8),
            '","properties":{"voucher_id":"',
            Strings.toHexString(id, 32),
            '","rules_hash":"',
            Strings.toHexString(uint256(record.rulesHash), 32),
            '"}}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(document));
    }

    /// @notice See IERC165.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC1155).interfaceId
            || interfaceId == type(IERC1155MetadataURI).interfaceId || super.supportsInterface(interfaceId);
    }

    // --------------------------------------------------------------------------------------------------- campaigns

    /// @inheritdoc IBookViews
    function campaignOf(CampaignId campaign) external view returns (Campaign memory view_) {
        Record storage record = _existing(campaign);
        CampaignClock clock = record.clock;
        view_.rulesHash = record.rulesHash;
        view_.evmIssuer = record.supply.issuer;
        view_.funder = record.funder.account;
        view_.settlementAsset = record.purse.asset;
        view_.lane = clock.lane();
        view_.cap = record.cap;
        view_.maxPayout = record.price.maxPayout;
        view_.unitsPerMinor = record.price.unitsPerMinor;
        view_.sponsorBp = record.price.sponsorBp;
        view_.validFrom = uint40(clock.validFrom());
        view_.validUntil = uint40(clock.validUntil());
        view_.claimUntil = record.claims.claimUntil;
        view_.refundWindow = record.price.refundWindow;
        view_.maxPauseSeconds = uint32(clock.maxPauseSeconds());
        view_.powers = clock.powers();
        view_.transferPolicy = clock.transferPolicy();
        _fillCounters(view_, record, clock);
    }

    function _fillCounters(Campaign memory view_, Record storage record, CampaignClock clock) private view {
        view_.issuedEver = record.supply.issuedEver;
        view_.redeemed = clock.redeemed();
        view_.voided = record.funder.voided;
        view_.funded = record.escrow.funded;
        view_.paid = record.purse.paid;
        view_.reclaimed = record.reclaimed;
        view_.pausedSeconds = uint40(clock.pausedSeconds());
        view_.paused = clock.pauseEnd() > block.timestamp;
        view_.windowEnd = uint40(clock.windowEnd());
        view_.kind = clock.isStoredValue() ? VoucherKind.STORED_VALUE : VoucherKind.ONE_SHOT;
        view_.settlement = clock.isAccrued() ? Settlement.ACCRUED : Settlement.IMMEDIATE;
        view_.ticketSigner = record.claims.ticketSigner;
        view_.claimsPerHolder = record.claims.claimsPerHolder;
        view_.returned = record.escrow.returned;
        view_.reversed = record.funder.reversed;
        view_.reissued = record.claims.reissued;
        view_.nextNumber = record.escrow.singles + 1;
    }

    /// @inheritdoc IBookViews
    function escrowOf(CampaignId campaign) external view returns (uint256) {
        return _escrow(_existing(campaign));
    }

    /// @inheritdoc IBookViews
    function issuedEver(CampaignId campaign) external view returns (uint256) {
        return _existing(campaign).supply.issuedEver;
    }

    /// @inheritdoc IBookViews
    function powersOf(CampaignId campaign) external view returns (uint16) {
        return _existing(campaign).clock.powers();
    }

    /// @inheritdoc IBookViews
    function dropOf(CampaignId campaign, uint16 drop) external view returns (bytes28 root, uint32 count) {
        uint8 lane = _existing(campaign).clock.lane();
        uint256 kept = _drops[VoucherId.unwrap(CampaignIds.dropped(campaign, lane, drop)) >> 32];
        return (bytes28(bytes32(kept)), uint32(kept));
    }

    /// @inheritdoc IBookViews
    function batchOf(CampaignId campaign, uint32 batch) external view returns (address blob, uint256 count) {
        uint8 lane = _existing(campaign).clock.lane();
        uint256 kept = _batches[VoucherId.unwrap(CampaignIds.packed(campaign, lane, batch)) >> 16];
        return (address(uint160(kept >> 96)), uint16(kept));
    }

    // ---------------------------------------------------------------------------------------------------- vouchers

    /// @inheritdoc IBookViews
    function voucherOf(VoucherId id)
        external
        view
        returns (address owner, uint32 moves, uint40 redeemedAt, bool voided)
    {
        VoucherSlot slot = _slots[id];
        if (slot.exists()) return (slot.owner(), slot.moves(), slot.redeemedAt(), slot.isVoid());
        owner = _packedOwner(id);
        redeemedAt = _isUsed(id) ? 1 : 0;
        if (owner == address(0) && redeemedAt == 0) revert VoucherNotFound(id);
    }

    /// @inheritdoc IBookViews
    function valueOf(VoucherId id) external view returns (uint64 sequence, uint128 remaining) {
        VoucherSlot slot = _slots[id];
        if (!slot.exists() && _packedOwner(id) == address(0) && !_isUsed(id)) revert VoucherNotFound(id);
        Record storage record = _records[id.campaignId()];
        if (!record.clock.isStoredValue()) return (slot.moves(), 0);
        (uint256 left, uint256 spends) = _valueOf(id, record.price);
        return (uint64(slot.moves() + spends), uint128(left));
    }

    /// @inheritdoc IBookViews
    function startTime(uint256 id) external view returns (uint256) {
        return _existing(VoucherId.wrap(id).campaignId()).clock.validFrom();
    }

    /// @inheritdoc IBookViews
    function endTime(uint256 id) public view returns (uint256) {
        return _existing(VoucherId.wrap(id).campaignId()).clock.windowEnd();
    }

    /// @inheritdoc IBookViews
    function isTokenExpired(uint256 id) external view returns (bool) {
        return block.timestamp >= endTime(id);
    }

    // ----------------------------------------------------------------------------------------- holders and merchants

    /// @inheritdoc IBookViews
    function claimsOf(CampaignId campaign, address holder) external view returns (uint256) {
        return _claimed[campaign][holder];
    }

    /// @inheritdoc IBookViews
    function isMerchant(CampaignId campaign, address merchant) external view returns (bool) {
        return _merchants[campaign][merchant].accepted;
    }

    /// @inheritdoc IBookViews
    function isRelayer(address merchant, address relayer) external view returns (bool) {
        return block.timestamp < _relayers[merchant][relayer];
    }

    /// @inheritdoc IBookViews
    function creditOf(CampaignId campaign, address merchant)
        external
        view
        returns (uint256 due, uint256 waiting)
    {
        uint256 refundWindow = _existing(campaign).price.refundWindow;
        (due, waiting,,) = _aged(_merchants[campaign][merchant], refundWindow);
    }

    /// @inheritdoc IBookViews
    function receiptOf(bytes32 digest) external view returns (uint256) {
        return _receipts[digest];
    }

    /// @inheritdoc IBookViews
    function returnOf(bytes32 redemptionId) external view returns (uint256 amount, bool reversed) {
        return (_returns[redemptionId].amount, _returns[redemptionId].reversed);
    }

    /// @inheritdoc IBookViews
    function isOrderPaid(address holder, bytes32 digest) external view returns (bool) {
        return _paidOrders[holder][digest];
    }

    // ------------------------------------------------------------------------------------------------- ids and hashes

    /// @inheritdoc IBookViews
    function digestOf(RedeemOrder calldata order) external view returns (bytes32) {
        return _hashTypedDataV4(order.structHash());
    }

    /// @inheritdoc IBookViews
    function ticketDigestOf(VoucherId id, address holder, uint64 validBefore)
        external
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(RedeemOrders.ticketHash(id, holder, validBefore));
    }

    /// @inheritdoc IBookViews
    function campaignIdOf(bytes32 rulesHash, address evmIssuer, bytes32 solanaIssuer, bytes32 salt)
        external
        pure
        returns (CampaignId)
    {
        return CampaignIds.derive(rulesHash, evmIssuer, solanaIssuer, salt);
    }

    /// @inheritdoc IBookViews
    function redemptionIdOf(
        VoucherId id,
        address holder,
        address merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) external view returns (bytes32) {
        return _redemptionId(id, holder, merchant, orderHash, amountMinor, sequence);
    }
}
