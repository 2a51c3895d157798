// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {CampaignClock, newClock} from "./CampaignClock.sol";
import {CampaignGate} from "./CampaignGate.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {IBookCampaigns} from "./IBookCampaigns.sol";
import {VoucherRegister} from "./VoucherRegister.sol";
import {VOID_FLAG, VoucherSlot} from "./VoucherSlot.sol";
import {CampaignId, CampaignTerms, Powers, VoucherId, VoucherKind} from "./VoucherTypes.sol";

/// @notice What a campaign's issuer and funder do.
abstract contract CampaignDesk is IBookCampaigns, CampaignGate, VoucherRegister, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Where this code lies; the book's own address differs.
    address private immutable _self = address(this);

    /// @inheritdoc IBookCampaigns
    function createCampaign(CampaignTerms calldata terms, address[] calldata merchants)
        external
        returns (CampaignId campaign)
    {
        // Without a campaign, nothing else can be done with this half alone.
        if (address(this) == _self) revert NotTheBook(address(this));
        if (msg.sender != terms.evmIssuer) revert NotIssuer(msg.sender, terms.evmIssuer);
        _checkTerms(terms);
        campaign = CampaignIds.derive(terms.rulesHash, terms.evmIssuer, terms.solanaIssuer, terms.salt);
        Record storage record = _records[campaign];
        if (record.clock.exists()) revert CampaignAlreadyExists(campaign);

        record.clock = newClock(terms);
        record.price =
            Price(uint96(terms.maxPayout), terms.unitsPerMinor, terms.sponsorBp, terms.refundWindow);
        record.purse.asset = terms.settlementAsset;
        record.supply = Supply(terms.evmIssuer, 0, terms.maxPayout == 0 ? terms.cap : 0);
        uint40 claimUntil = terms.claimUntil == 0 ? terms.validUntil : terms.claimUntil;
        record.claims = Claims(terms.ticketSigner, claimUntil, terms.claimsPerHolder, 0);
        if (terms.funder != address(0)) record.funder.account = terms.funder;
        record.cap = terms.cap;
        record.rulesHash = terms.rulesHash;
        if (bytes(terms.metadataUri).length != 0) record.metadataUri = terms.metadataUri;
        emit CampaignCreated(campaign, terms.evmIssuer, terms.funder, terms.rulesHash, terms);
        for (uint256 i = 0; i < merchants.length; ++i) {
            _addMerchant(campaign, merchants[i]);
        }
    }

    /// @inheritdoc IBookCampaigns
    function fund(CampaignId campaign, uint256 amount) external nonReentrant {
        Record storage record = _existing(campaign);
        address funder = record.funder.account;
        if (msg.sender != funder) revert NotFunder(msg.sender, funder);
        if (!record.clock.isPaying()) revert NothingToFund(campaign);
        IERC20 asset = IERC20(record.purse.asset);
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = asset.balanceOf(address(this)) - before;
        uint96 funded = SafeCast.toUint96(record.escrow.funded + arrived);
        record.escrow.funded = funded;
        uint256 covered = funded / record.price.maxPayout;
        // Fits: at most the cap, which has 48 bits.
        record.supply.room = covered < record.cap ? uint48(covered) : record.cap;
        emit CampaignFunded(campaign, msg.sender, arrived);
    }

    /// @inheritdoc IBookCampaigns
    function reclaim(CampaignId campaign) external nonReentrant {
        Record storage record = _existing(campaign);
        uint256 end = record.clock.windowEnd() + record.price.refundWindow;
        if (block.timestamp < end) revert OutsideWindow(block.timestamp, end, type(uint256).max);
        uint256 left = _escrow(record);
        if (left == 0) revert NothingToReclaim(campaign);
        record.reclaimed = SafeCast.toUint96(record.reclaimed + left);
        address funder = record.funder.account;
        emit CampaignReclaimed(campaign, funder, left);
        IERC20(record.purse.asset).safeTransfer(funder, left);
    }

    /// @inheritdoc IBookCampaigns
    function voidVoucher(VoucherId id, bytes32 reasonHash) external {
        CampaignId campaign = id.campaignId();
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.VOID);
        VoucherSlot slot = _isUnclaimedLeaf(id) ? VoucherSlot.wrap(0) : _live(id);
        _slots[id] = slot.voidedNow();
        ++record.funder.voided;
        if (slot.exists()) {
            emit IERC1155.TransferSingle(msg.sender, slot.owner(), address(0), VoucherId.unwrap(id), 1);
        }
        emit VoucherVoided(id, campaign, slot.owner(), reasonHash);
    }

    /// @inheritdoc IBookCampaigns
    function pause(CampaignId campaign) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.PAUSE);
        CampaignClock clock = record.clock;
        _requireRunning(campaign, clock, 0, clock.windowEnd());
        uint256 used = clock.pausedSeconds();
        uint256 most = clock.maxPauseSeconds();
        if (used >= most) revert PauseExhausted(campaign, most);
        record.clock = clock.pausedNow();
        emit CampaignPausedUntil(campaign, block.timestamp + most - used);
    }

    /// @inheritdoc IBookCampaigns
    function unpause(CampaignId campaign) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        CampaignClock clock = record.clock;
        if (!clock.isPauseBegun()) revert CampaignNotPaused(campaign);
        record.clock = clock.unpausedNow();
        emit CampaignUnpaused(campaign, clock.pausedSeconds());
    }

    /// @inheritdoc IBookCampaigns
    function addMerchant(CampaignId campaign, address merchant) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.ADD_MERCHANT);
        _addMerchant(campaign, merchant);
    }

    /// @inheritdoc IBookCampaigns
    function removeMerchant(CampaignId campaign, address merchant) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.REMOVE_MERCHANT);
        if (!_merchants[campaign][merchant].accepted) revert MerchantNotAccepted(campaign, merchant);
        _merchants[campaign][merchant].accepted = false;
        emit MerchantRemoved(campaign, merchant);
    }

    /// @inheritdoc IBookCampaigns
    function setTicketSigner(CampaignId campaign, address signer) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.TICKET_SIGNER);
        record.claims.ticketSigner = signer;
        emit TicketSignerSet(campaign, signer);
    }

    /// @dev What the escrow holds: neither paid nor credited nor reclaimed.
    function _escrow(Record storage record) internal view returns (uint256) {
        uint256 came = uint256(record.escrow.funded) + record.escrow.returned;
        return came - record.purse.paid - record.reclaimed;
    }

    function _addMerchant(CampaignId campaign, address merchant) private {
        if (merchant == address(0)) revert InvalidTerm("merchants");
        if (_merchants[campaign][merchant].accepted) revert MerchantAlreadyAdded(campaign, merchant);
        _merchants[campaign][merchant].accepted = true;
        emit MerchantAdded(campaign, merchant);
    }

    function _isUnclaimedLeaf(VoucherId id) private view returns (bool) {
        bool inside = uint32(VoucherId.unwrap(id)) < uint32(_dropOf(id));
        return inside && !_slots[id].exists() && !_isUsed(id);
    }

    function _checkTerms(CampaignTerms calldata terms) private view {
        if (terms.cap == 0 || terms.cap >= CampaignIds.FIRST_TICKET) revert InvalidTerm("cap");
        if (terms.validFrom >= terms.validUntil || terms.validUntil <= block.timestamp) {
            revert InvalidTerm("validUntil");
        }
        // The end of the window, moved by every pause and the refund window, stays a time of 40 bits.
        if (uint256(terms.validUntil) + terms.maxPauseSeconds + terms.refundWindow > type(uint40).max) {
            revert InvalidTerm("validUntil");
        }
        if (terms.claimUntil > terms.validUntil) revert InvalidTerm("claimUntil");
        if (terms.sponsorBp > 10_000) revert InvalidTerm("sponsorBp");
        if (terms.maxPayout > type(uint96).max) revert InvalidTerm("maxPayout");
        if (terms.maxPayout != 0) {
            if (terms.settlementAsset.code.length == 0) revert InvalidTerm("settlementAsset");
            if (terms.funder == address(0)) revert InvalidTerm("funder");
            if (terms.unitsPerMinor == 0) revert InvalidTerm("unitsPerMinor");
        }
        bool pausable = terms.powers & Powers.PAUSE != 0;
        if (pausable != (terms.maxPauseSeconds != 0)) revert InvalidTerm("maxPauseSeconds");
        if (terms.powers > 2 * Powers.TICKET_SIGNER - 1) revert InvalidTerm("powers");
        if (terms.kind == VoucherKind.STORED_VALUE) {
            // One minor unit is worth at least one base unit, so that maxPayout names the face value exactly.
            uint256 share = uint256(terms.unitsPerMinor) * terms.sponsorBp;
            if (share < 10_000) revert InvalidTerm("unitsPerMinor");
            if (uint256(terms.maxPayout) * 10_000 < share) revert InvalidTerm("maxPayout");
        }
    }
}
