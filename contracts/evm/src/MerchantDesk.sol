// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ShortString} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Caip10} from "./Caip10.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {CampaignGate} from "./CampaignGate.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {Consents} from "./Consents.sol";
import {IBookEvents} from "./IBookEvents.sol";
import {IBookMerchants} from "./IBookMerchants.sol";
import {MerchantCredit} from "./MerchantCredit.sol";
import {VoucherRegister} from "./VoucherRegister.sol";
import {VoucherSlot, newSlot} from "./VoucherSlot.sol";
import {CampaignId, ReceiptEntry, ReceiptProof, RedemptionFacts, VoucherId} from "./VoucherTypes.sol";

/// @notice What merchants do besides redeeming. Pauses stop none of it.
abstract contract MerchantDesk is
    IBookMerchants,
    IBookEvents,
    CampaignGate,
    VoucherRegister,
    MerchantCredit,
    Consents,
    Caip10,
    ReentrancyGuardTransient
{
    using SafeERC20 for IERC20;

    /// @inheritdoc IBookMerchants
    function setRelayer(address relayer, uint40 until) external {
        _relayers[msg.sender][relayer] = until;
        emit RelayerSet(msg.sender, relayer, until);
    }

    /// @inheritdoc IBookMerchants
    function settle(CampaignId campaign, address merchant) external nonReentrant {
        Record storage record = _existing(campaign);
        MerchantAccount storage account = _merchants[campaign][merchant];
        uint256 refundWindow = record.price.refundWindow;
        uint256 due;
        if (refundWindow == 0) {
            due = account.current;
            account.current = 0;
        } else {
            _turnEpoch(account, refundWindow);
            due = account.free;
            account.free = 0;
        }
        if (due == 0) revert NothingToSettle(campaign, merchant);
        emit MerchantSettled(campaign, merchant, due);
        IERC20(record.purse.asset).safeTransfer(merchant, due);
    }

    /// @inheritdoc IBookMerchants
    function reverse(ReceiptProof calldata proof) external nonReentrant {
        (ReceiptEntry calldata entry, uint256 redeemedAt) = _proven(proof);
        CampaignId campaign = proof.facts.voucherId.campaignId();
        Record storage record = _records[campaign];
        uint256 until = redeemedAt + record.price.refundWindow;
        if (block.timestamp >= until) revert OutsideWindow(block.timestamp, redeemedAt, until);
        Return storage back = _returns[entry.redemptionId];
        if (back.reversed) revert RedemptionAlreadyReversed(entry.redemptionId);
        back.reversed = true;
        uint256 needed = entry.payout - back.amount;
        _takeBack(campaign, record, entry, needed);
        emit RedemptionReversed(entry.redemptionId, proof.facts.voucherId, campaign, entry.merchant, needed);
        _giveBack(proof.facts, entry.redemptionId, record);
    }

    /// @inheritdoc IBookMerchants
    function returnPayout(ReceiptProof calldata proof, uint256 amount) external nonReentrant {
        (ReceiptEntry calldata entry,) = _proven(proof);
        CampaignId campaign = proof.facts.voucherId.campaignId();
        Return storage back = _returns[entry.redemptionId];
        if (back.reversed) revert RedemptionAlreadyReversed(entry.redemptionId);
        uint256 most = entry.payout - back.amount;
        if (amount == 0 || amount > most) revert ReturnOutOfRange(amount, most);
        _takeBack(campaign, _records[campaign], entry, amount);
        emit PayoutReturned(entry.redemptionId, campaign, entry.merchant, amount);
    }

    /// @dev The entry that the proof points at, and when its call was. The caller is the entry's merchant or its relayer.
    function _proven(ReceiptProof calldata proof)
        private
        view
        returns (ReceiptEntry calldata entry, uint256 redeemedAt)
    {
        bytes32 digest = 0;
        for (uint256 i = 0; i < proof.receipt.length; ++i) {
            entry = proof.receipt[i];
            digest = keccak256(abi.encode(digest, entry.redemptionId, entry.merchant, entry.payout));
        }
        redeemedAt = _receipts[digest];
        if (redeemedAt == 0) revert ReceiptNotFound(digest);
        if (proof.index >= proof.receipt.length) {
            revert ReceiptIndexOutOfRange(proof.index, proof.receipt.length);
        }
        entry = proof.receipt[proof.index];
        _requireMerchant(msg.sender, entry.merchant);
        RedemptionFacts calldata facts = proof.facts;
        bytes32 given = _redemptionId(
            facts.voucherId, facts.holder, entry.merchant, facts.orderHash, facts.amountMinor, facts.sequence
        );
        if (given != entry.redemptionId) revert RedemptionMismatch(given, entry.redemptionId);
    }

    /// @dev Money first: from the merchant's credit, and what is missing from its account.
    function _takeBack(
        CampaignId campaign,
        Record storage record,
        ReceiptEntry calldata entry,
        uint256 needed
    ) private {
        if (needed == 0) return;
        MerchantAccount storage account = _merchants[campaign][entry.merchant];
        if (record.price.refundWindow != 0) _turnEpoch(account, record.price.refundWindow);
        // Fits, here and below: no more than the payout, which has 96 bits.
        _returns[entry.redemptionId].amount += uint96(needed);
        record.escrow.returned += uint96(needed);
        uint256 credit = _debit(account, needed);
        if (credit == needed) return;
        IERC20 asset = IERC20(record.purse.asset);
        uint256 have = asset.balanceOf(entry.merchant);
        uint256 allowed = asset.allowance(entry.merchant, address(this));
        if (allowed < have) have = allowed;
        if (credit + have < needed) revert PayoutNotReturned(needed, credit + have);
        uint256 before = asset.balanceOf(address(this));
        // Not arbitrary: the caller is this merchant or the relayer that it set.
        // slither-disable-next-line arbitrary-send-erc20
        asset.safeTransferFrom(entry.merchant, address(this), needed - credit);
        uint256 arrived = asset.balanceOf(address(this)) - before;
        if (credit + arrived != needed) revert PayoutNotReturned(needed, credit + arrived);
    }

    /// @dev While the window is open, the holder can use the voucher or its value again.
    function _giveBack(RedemptionFacts calldata facts, bytes32 redemptionId, Record storage record) private {
        VoucherId id = facts.voucherId;
        CampaignClock clock = record.clock;
        bool open = block.timestamp < clock.windowEnd();
        if (clock.isStoredValue()) {
            _creditValue(facts, redemptionId, record, open);
            return;
        }
        ++record.funder.reversed;
        if (!open) return;
        uint40 number = record.claims.reissued + 1;
        record.claims.reissued = number;
        VoucherId fresh = CampaignIds.reissue(id.campaignId(), clock.lane(), number);
        _slots[fresh] = newSlot(facts.holder);
        emit IERC1155.TransferSingle(msg.sender, address(0), facts.holder, VoucherId.unwrap(fresh), 1);
        emit VoucherReissued(fresh, id, facts.holder, redemptionId);
    }

    /// @dev Whoever holds the voucher now has the value; one that was used up lives again with its last holder.
    function _creditValue(
        RedemptionFacts calldata facts,
        bytes32 redemptionId,
        Record storage record,
        bool open
    ) private {
        VoucherId id = facts.voucherId;
        VoucherSlot slot = _slots[id];
        bool usedUp = slot.exists() ? slot.redeemedAt() != 0 : _isUsed(id);
        if (usedUp) ++record.funder.reversed;
        if (!open || slot.isVoid()) return;
        (uint256 remaining, uint256 spends) = _valueOf(id, record.price);
        remaining += facts.amountMinor;
        _values[id] = (remaining << 128) | (spends + 1);
        if (usedUp) {
            ++record.claims.reissued;
            address last = slot.exists() ? slot.owner() : _packedOwner(id);
            if (slot.exists()) _slots[id] = slot.revived();
            else _clearUsed(id);
            emit IERC1155.TransferSingle(msg.sender, address(0), last, VoucherId.unwrap(id), 1);
        }
        emit ValueCredited(id, redemptionId, facts.amountMinor, SafeCast.toUint128(remaining));
    }

    function _redemptionId(
        VoucherId id,
        address holder,
        address merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) internal view returns (bytes32) {
        ShortString prefix = _accountPrefix();
        return CampaignIds.redemption(
            id, _accountHash(prefix, holder), _accountHash(prefix, merchant), orderHash, amountMinor, sequence
        );
    }
}
