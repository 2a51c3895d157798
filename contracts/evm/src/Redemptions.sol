// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ShortString} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Caip10} from "./Caip10.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {CampaignGate} from "./CampaignGate.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {IBookEvents} from "./IBookEvents.sol";
import {MerchantCredit} from "./MerchantCredit.sol";
import {VoucherRegister} from "./VoucherRegister.sol";
import {VoucherSlot, newSlot} from "./VoucherSlot.sol";
import {CampaignId, RedeemItem, RedeemOrder, VoucherId} from "./VoucherTypes.sol";

/// @notice What a redemption does to the ledger, before any money moves.
abstract contract Redemptions is IBookEvents, CampaignGate, VoucherRegister, MerchantCredit, Caip10 {
    /// @dev What one call has redeemed so far, and the order that it is at.
    struct Tally {
        /// Who called, for ERC-1155's logs.
        address operator;
        /// Every payout is a credit.
        bool accrue;
        /// Whether any order has a remainder.
        bool remainders;
        /// Running digest of the receipt; zero: nothing so far can be reversed.
        bytes32 receipt;
        address holder;
        bytes32 holderHash;
        /// Kept from order to order: most batches are one merchant's.
        address merchant;
        bytes32 merchantHash;
        bytes32 orderHash;
        /// Of the campaign of the voucher that it is at.
        CampaignClock clock;
        /// Payouts to make: asset, merchant and amount of each run of equal asset and merchant.
        uint256[] payouts;
        /// How many words of them are filled.
        uint256 filled;
    }

    /// @dev Both consents are given. Marks every voucher of the order, and the order itself if it has none.
    /// @param proofs One for each voucher, or none at all.
    function _redeemOrder(
        RedeemOrder calldata order,
        bytes32 digest,
        bytes32[][] calldata proofs,
        Tally memory tally
    ) internal {
        address holder = order.holder;
        address merchant = order.merchant;
        if (holder == merchant) revert SameParty(holder);
        if (block.timestamp >= order.validBefore) revert OrderExpired(block.timestamp, order.validBefore);
        RedeemItem[] calldata items = order.items;
        if (items.length == 0) {
            if (order.remainderAmount == 0) revert EmptyOrder();
            if (_paidOrders[holder][digest]) revert OrderAlreadyPaid(holder, digest);
            _paidOrders[holder][digest] = true;
        } else {
            ShortString prefix = _accountPrefix();
            if (tally.merchant != merchant) {
                tally.merchant = merchant;
                tally.merchantHash = _accountHash(prefix, merchant);
            }
            tally.holder = holder;
            tally.holderHash = _accountHash(prefix, holder);
            tally.orderHash = order.orderHash;
            _redeemItems(items, proofs, tally);
        }
        if (order.remainderAmount != 0) _tellRemainder(order, digest, tally);
    }

    function _redeemItems(RedeemItem[] calldata items, bytes32[][] calldata proofs, Tally memory tally)
        private
    {
        for (uint256 i = 0; i < items.length; ++i) {
            RedeemItem calldata item = items[i];
            tally.clock = _records[item.voucherId.campaignId()].clock;
            bool usedUp = proofs.length == 0 ? _use(item, tally) : _useOrClaim(item, proofs[i], tally);
            _book(item, usedUp, tally);
        }
    }

    function _tellRemainder(RedeemOrder calldata order, bytes32 digest, Tally memory tally) private {
        tally.remainders = true;
        emit RemainderPaid(
            order.orderHash, order.holder, order.merchant, digest, order.remainderAsset, order.remainderAmount
        );
    }

    /// @dev A leaf never claimed is claimed first; it keeps a slot only if something may be left of its value.
    function _useOrClaim(RedeemItem calldata item, bytes32[] calldata proof, Tally memory tally)
        private
        returns (bool)
    {
        VoucherId id = item.voucherId;
        if (CampaignIds.serialClass(id) != CampaignIds.DROP_CLASS || _slots[id].exists()) {
            return _use(item, tally);
        }
        _requireLeaf(id, tally.holder, proof);
        emit IERC1155.TransferSingle(tally.operator, address(0), tally.holder, VoucherId.unwrap(id), 1);
        if (tally.clock.isStoredValue()) {
            _slots[id] = newSlot(tally.holder);
            return _use(item, tally);
        }
        if (item.sequence != 0) revert VoucherMoved(id, item.sequence, 0);
        _setUsed(id);
        return true;
    }

    /// @return Whether nothing is left of the voucher.
    function _use(RedeemItem calldata item, Tally memory tally) private returns (bool) {
        VoucherId id = item.voucherId;
        VoucherSlot slot = _slots[id];
        bool slotted = slot.exists();
        if (slotted) _requireLive(id, slot);
        else slot = _liveWithoutSlot(id);
        if (slot.owner() != tally.holder) revert NotVoucherHolder(id, tally.holder, slot.owner());
        if (tally.clock.isStoredValue()) {
            if (!_spend(item, slot.moves())) return false;
        } else if (slot.moves() != item.sequence) {
            revert VoucherMoved(id, item.sequence, slot.moves());
        }
        if (slotted) _slots[id] = slot.redeemedNow();
        else _setUsed(id);
        return true;
    }

    /// @return Whether nothing is left.
    function _spend(RedeemItem calldata item, uint256 moves) private returns (bool) {
        VoucherId id = item.voucherId;
        (uint256 remaining, uint256 spends) = _valueOf(id, _records[id.campaignId()].price);
        if (item.sequence != moves + spends) revert VoucherMoved(id, item.sequence, moves + spends);
        if (item.amountMinor == 0 || item.amountMinor > remaining) {
            revert ValueNotCovered(id, item.amountMinor, remaining);
        }
        remaining -= item.amountMinor;
        _values[id] = (remaining << 128) | (spends + 1);
        return remaining == 0;
    }

    /// @dev Checks merchant and time, books the payout, and tells.
    function _book(RedeemItem calldata item, bool usedUp, Tally memory tally) private {
        VoucherId id = item.voucherId;
        CampaignId campaign = id.campaignId();
        Record storage record = _records[campaign];
        CampaignClock clock = tally.clock;
        MerchantAccount storage account = _merchants[campaign][tally.merchant];
        if (!account.accepted) revert MerchantNotAccepted(campaign, tally.merchant);
        _requireRunning(campaign, clock, clock.validFrom(), clock.windowEnd());
        if (usedUp) {
            record.clock = clock.redeemedOnce();
            emit IERC1155.TransferSingle(tally.operator, tally.holder, address(0), VoucherId.unwrap(id), 1);
        }
        bytes32 redemptionId = CampaignIds.redemption(
            id, tally.holderHash, tally.merchantHash, tally.orderHash, item.amountMinor, item.sequence
        );
        uint256 payout = 0;
        if (clock.isPaying()) {
            payout = _takePayout(record, item.amountMinor);
            if (payout != 0) _addPayout(record, campaign, account, redemptionId, payout, tally);
        }
        if (clock.isRefundable()) {
            tally.receipt = keccak256(abi.encode(tally.receipt, redemptionId, tally.merchant, payout));
        }
        _tell(item, tally, redemptionId, payout);
    }

    function _tell(RedeemItem calldata item, Tally memory tally, bytes32 redemptionId, uint256 payout)
        private
    {
        emit VoucherRedeemed(
            item.voucherId,
            item.voucherId.campaignId(),
            tally.holder,
            tally.merchant,
            redemptionId,
            tally.orderHash,
            item.amountMinor,
            item.sequence,
            payout
        );
    }

    /// @dev min(maxPayout, the sponsor's share of the amount), rounded down, taken out of the escrow.
    function _takePayout(Record storage record, uint256 amountMinor) private returns (uint256 amount) {
        Price storage price = record.price;
        // Cannot overflow: 128 + 96 + 16 bits.
        amount = amountMinor * price.unitsPerMinor * price.sponsorBp / 10_000;
        uint256 most = price.maxPayout;
        if (amount > most) amount = most;
        // Fits: at most maxPayout, which has 96 bits.
        if (amount != 0) record.purse.paid += uint96(amount);
    }

    /// @dev Credits the payout, or puts it on the list of what is to be paid when all vouchers are marked.
    function _addPayout(
        Record storage record,
        CampaignId campaign,
        MerchantAccount storage account,
        bytes32 redemptionId,
        uint256 amount,
        Tally memory tally
    ) private {
        bool accrued = record.clock.isAccrued();
        if (accrued || tally.accrue) {
            _credit(account, amount, record.price.refundWindow);
            if (!accrued) emit PayoutCredited(campaign, tally.merchant, redemptionId, amount);
        } else {
            _addRun(tally, uint160(record.purse.asset), uint160(tally.merchant), amount);
        }
    }

    function _addRun(Tally memory tally, uint256 asset, uint256 merchant, uint256 amount) private pure {
        uint256[] memory payouts = tally.payouts;
        uint256 next = tally.filled;
        if (next != 0 && payouts[next - 3] == asset && payouts[next - 2] == merchant) {
            payouts[next - 1] += amount;
            return;
        }
        if (next == payouts.length) {
            payouts = new uint256[](2 * next + 3);
            for (uint256 i = 0; i < next; ++i) {
                payouts[i] = tally.payouts[i];
            }
            tally.payouts = payouts;
        }
        (payouts[next], payouts[next + 1], payouts[next + 2]) = (asset, merchant, amount);
        tally.filled = next + 3;
    }
}
