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
    /// @dev What one call has redeemed so far.
    struct Tally {
        /// Who called, for ERC-1155's logs.
        address operator;
        /// Every payout is a credit.
        bool accrue;
        /// Running digest of the receipt; zero: nothing so far can be reversed.
        bytes32 receipt;
        /// The merchant seen last, and the hash of its name.
        address merchant;
        bytes32 merchantHash;
        /// Payouts to make: asset, merchant and amount of each run of equal asset and merchant.
        uint256[] payouts;
        /// How many words of them are filled.
        uint256 filled;
    }

    /// @dev `items` is the most vouchers that the call can redeem.
    function _newTally(uint256 items, address operator) internal pure returns (Tally memory tally) {
        tally.operator = operator;
        tally.payouts = new uint256[](3 * items);
    }

    /// @dev Both consents are given. Marks every voucher of the order, and the order itself if it has none.
    /// @param proofs One for each voucher, or none at all.
    function _redeemOrder(
        RedeemOrder calldata order,
        bytes32 digest,
        bytes32[][] calldata proofs,
        Tally memory tally
    ) internal {
        if (order.holder == order.merchant) revert SameParty(order.holder);
        if (block.timestamp >= order.validBefore) revert OrderExpired(block.timestamp, order.validBefore);
        uint256 count = order.items.length;
        if (count == 0) {
            if (order.remainderAmount == 0) revert EmptyOrder();
            if (_paidOrders[order.holder][digest]) revert OrderAlreadyPaid(order.holder, digest);
            _paidOrders[order.holder][digest] = true;
        } else {
            ShortString prefix = _accountPrefix();
            if (tally.merchant != order.merchant) {
                tally.merchant = order.merchant;
                tally.merchantHash = _accountHash(prefix, order.merchant);
            }
            bytes32 holder = _accountHash(prefix, order.holder);
            for (uint256 i = 0; i < count; ++i) {
                bool usedUp = proofs.length == 0
                    ? _use(order.items[i], order.holder)
                    : _useOrClaim(order.items[i], order.holder, proofs[i], tally.operator);
                _book(order, order.items[i], holder, usedUp, tally);
            }
        }
        if (order.remainderAmount != 0) {
            emit RemainderPaid(
                order.orderHash,
                order.holder,
                order.merchant,
                digest,
                order.remainderAsset,
                order.remainderAmount
            );
        }
    }

    /// @dev A leaf never claimed is claimed first; it keeps a slot only if something will be left of its value.
    function _useOrClaim(RedeemItem calldata item, address holder, bytes32[] calldata proof, address operator)
        private
        returns (bool)
    {
        VoucherId id = item.voucherId;
        if (CampaignIds.serialClass(id) != CampaignIds.DROP_CLASS || _slots[id].exists()) {
            return _use(item, holder);
        }
        _requireLeaf(id, holder, proof);
        emit IERC1155.TransferSingle(operator, address(0), holder, VoucherId.unwrap(id), 1);
        if (_records[id.campaignId()].clock.isStoredValue()) {
            _slots[id] = newSlot(holder);
            return _use(item, holder);
        }
        if (item.sequence != 0) revert VoucherMoved(id, item.sequence, 0);
        _setUsed(id, true);
        return true;
    }

    /// @return Whether nothing is left of the voucher.
    function _use(RedeemItem calldata item, address holder) private returns (bool) {
        VoucherId id = item.voucherId;
        VoucherSlot slot = _slots[id];
        bool slotted = slot.exists();
        if (slotted) _requireLive(id, slot);
        else slot = _liveWithoutSlot(id);
        if (slot.owner() != holder) revert NotVoucherHolder(id, holder, slot.owner());
        Record storage record = _records[id.campaignId()];
        if (record.clock.isStoredValue()) {
            if (!_spend(item, slot.moves(), record.price)) return false;
        } else if (slot.moves() != item.sequence) {
            revert VoucherMoved(id, item.sequence, slot.moves());
        }
        if (slotted) _slots[id] = slot.redeemedNow();
        else _setUsed(id, true);
        return true;
    }

    /// @return Whether nothing is left.
    function _spend(RedeemItem calldata item, uint256 moves, Price storage price) private returns (bool) {
        VoucherId id = item.voucherId;
        (uint256 remaining, uint256 spends) = _valueOf(id, price);
        if (item.sequence != moves + spends) revert VoucherMoved(id, item.sequence, moves + spends);
        if (item.amountMinor == 0 || item.amountMinor > remaining) {
            revert ValueNotCovered(id, item.amountMinor, remaining);
        }
        remaining -= item.amountMinor;
        _values[id] = (remaining << 128) | (spends + 1);
        return remaining == 0;
    }

    /// @dev Checks merchant and time, books the payout, and tells.
    function _book(
        RedeemOrder calldata order,
        RedeemItem calldata item,
        bytes32 holder,
        bool usedUp,
        Tally memory tally
    ) private {
        CampaignId campaign = item.voucherId.campaignId();
        Record storage record = _records[campaign];
        CampaignClock clock = record.clock;
        MerchantAccount storage account = _merchants[campaign][order.merchant];
        if (!account.accepted) revert MerchantNotAccepted(campaign, order.merchant);
        _requireRunning(campaign, clock, clock.validFrom(), clock.windowEnd());
        if (usedUp) record.clock = clock.redeemedOnce();
        bytes32 redemptionId = CampaignIds.redemption(
            item.voucherId, holder, tally.merchantHash, order.orderHash, item.amountMinor, item.sequence
        );
        uint256 payout = 0;
        if (clock.isPaying()) {
            payout = _takePayout(record, item.amountMinor);
            if (payout == 0) {
                // Nothing to pay.
            } else if (clock.isAccrued()) {
                _credit(account, payout, record.price.refundWindow);
            } else if (tally.accrue) {
                _credit(account, payout, record.price.refundWindow);
                emit PayoutCredited(campaign, order.merchant, redemptionId, payout);
            } else {
                _addPayout(tally, record.purse.asset, order.merchant, payout);
            }
        }
        if (clock.isRefundable()) {
            tally.receipt = keccak256(abi.encode(tally.receipt, redemptionId, order.merchant, payout));
        }
        if (usedUp) {
            emit IERC1155.TransferSingle(
                tally.operator, order.holder, address(0), VoucherId.unwrap(item.voucherId), 1
            );
        }
        _tell(order, item, redemptionId, payout);
    }

    function _tell(RedeemOrder calldata order, RedeemItem calldata item, bytes32 redemptionId, uint256 payout)
        private
    {
        emit VoucherRedeemed(
            item.voucherId,
            item.voucherId.campaignId(),
            order.holder,
            order.merchant,
            redemptionId,
            order.orderHash,
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

    function _addPayout(Tally memory tally, address asset, address merchant, uint256 amount) private pure {
        uint256[] memory payouts = tally.payouts;
        uint256 next = tally.filled;
        if (
            next != 0 && payouts[next - 3] == uint160(asset) && payouts[next - 2] == uint160(merchant)
        ) {
            payouts[next - 1] += amount;
            return;
        }
        (payouts[next], payouts[next + 1], payouts[next + 2]) = (uint160(asset), uint160(merchant), amount);
        tally.filled = next + 3;
    }
}
