// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignTerms, Powers, Settlement, TransferPolicy, VoucherKind} from "./VoucherTypes.sol";

/// @notice What every redemption, issue and transfer asks of a campaign, in one storage word:
/// validFrom40 ‖ validUntil40 ‖ maxPauseSeconds32 ‖ pausedAt40 ‖ pausedSeconds32 ‖ redeemed48 ‖ traits8 ‖ powers8 ‖ lane8,
/// first field highest. A redemption without a payout reads and writes no other word of its campaign.
type CampaignClock is uint256;

using {
    exists,
    lane,
    powers,
    declares,
    transferPolicy,
    isStoredValue,
    isAccrued,
    isPaying,
    isRefundable,
    redeemed,
    validFrom,
    validUntil,
    maxPauseSeconds,
    isPauseBegun,
    pausedSeconds,
    pauseEnd,
    windowEnd,
    redeemedOnce,
    pausedNow,
    unpausedNow
} for CampaignClock global;

uint256 constant POLICY_MASK = 3 << 16;
uint256 constant STORED_VALUE = 1 << 18;
uint256 constant ACCRUED = 1 << 19;
uint256 constant PAYING = 1 << 20;
uint256 constant REFUNDABLE = 1 << 21;
uint256 constant ONE_REDEMPTION = 1 << 24;

function newClock(CampaignTerms calldata terms) pure returns (CampaignClock) {
    uint256 word = uint256(terms.lane) | (uint256(terms.powers) << 8);
    word |= uint256(terms.transferPolicy) << 16;
    if (terms.kind == VoucherKind.STORED_VALUE) word |= STORED_VALUE;
    if (terms.settlement == Settlement.ACCRUED) word |= ACCRUED;
    if (terms.maxPayout != 0) word |= PAYING;
    if (terms.refundWindow != 0) word |= REFUNDABLE;
    word |= uint256(terms.maxPauseSeconds) << 144;
    word |= uint256(terms.validUntil) << 176;
    return CampaignClock.wrap(word | (uint256(terms.validFrom) << 216));
}

/// @dev No campaign ends in the second zero.
function exists(CampaignClock clock) pure returns (bool) {
    return CampaignClock.unwrap(clock) != 0;
}

function lane(CampaignClock clock) pure returns (uint8) {
    return uint8(CampaignClock.unwrap(clock));
}

function powers(CampaignClock clock) pure returns (uint16) {
    return uint8(CampaignClock.unwrap(clock) >> 8);
}

function declares(CampaignClock clock, uint16 power) pure returns (bool) {
    return (CampaignClock.unwrap(clock) >> 8) & power != 0;
}

function transferPolicy(CampaignClock clock) pure returns (TransferPolicy) {
    return TransferPolicy((CampaignClock.unwrap(clock) & POLICY_MASK) >> 16);
}

function isStoredValue(CampaignClock clock) pure returns (bool) {
    return CampaignClock.unwrap(clock) & STORED_VALUE != 0;
}

function isAccrued(CampaignClock clock) pure returns (bool) {
    return CampaignClock.unwrap(clock) & ACCRUED != 0;
}

/// @notice Whether redemptions are paid from an escrow.
function isPaying(CampaignClock clock) pure returns (bool) {
    return CampaignClock.unwrap(clock) & PAYING != 0;
}

/// @notice Whether redemptions leave a receipt.
function isRefundable(CampaignClock clock) pure returns (bool) {
    return CampaignClock.unwrap(clock) & REFUNDABLE != 0;
}

function redeemed(CampaignClock clock) pure returns (uint48) {
    return uint48(CampaignClock.unwrap(clock) >> 24);
}

function validFrom(CampaignClock clock) pure returns (uint256) {
    return CampaignClock.unwrap(clock) >> 216;
}

/// @notice As fixed at creation, without pauses.
function validUntil(CampaignClock clock) pure returns (uint256) {
    return uint40(CampaignClock.unwrap(clock) >> 176);
}

function maxPauseSeconds(CampaignClock clock) pure returns (uint256) {
    return uint32(CampaignClock.unwrap(clock) >> 144);
}

function pausedAt(CampaignClock clock) pure returns (uint256) {
    return uint40(CampaignClock.unwrap(clock) >> 104);
}

function pausedBefore(CampaignClock clock) pure returns (uint256) {
    return uint32(CampaignClock.unwrap(clock) >> 72);
}

/// @notice Whether a pause was begun and not ended by the issuer; it may have run out by itself.
function isPauseBegun(CampaignClock clock) pure returns (bool) {
    return pausedAt(clock) != 0;
}

/// @notice Seconds of pause until now, a running pause included; never more than the terms allow.
function pausedSeconds(CampaignClock clock) view returns (uint256) {
    uint256 begun = pausedAt(clock);
    if (begun == 0) return pausedBefore(clock);
    uint256 total = pausedBefore(clock) + (block.timestamp - begun);
    uint256 most = clock.maxPauseSeconds();
    return total < most ? total : most;
}

/// @notice When the pause that was begun ends by itself; zero if none was.
function pauseEnd(CampaignClock clock) pure returns (uint256) {
    uint256 begun = pausedAt(clock);
    return begun == 0 ? 0 : begun + clock.maxPauseSeconds() - pausedBefore(clock);
}

/// @notice First second in which vouchers can no longer be redeemed, as far as is known now.
function windowEnd(CampaignClock clock) view returns (uint256) {
    return clock.validUntil() + clock.pausedSeconds();
}

/// @dev Cannot reach the next field: there are at most as many redemptions as vouchers, below 2^48.
function redeemedOnce(CampaignClock clock) pure returns (CampaignClock) {
    return CampaignClock.wrap(CampaignClock.unwrap(clock) + ONE_REDEMPTION);
}

/// @dev Settles a pause that ran out by itself.
function pausedNow(CampaignClock clock) view returns (CampaignClock) {
    return _withPause(clock, clock.pausedSeconds(), block.timestamp);
}

function unpausedNow(CampaignClock clock) view returns (CampaignClock) {
    return _withPause(clock, clock.pausedSeconds(), 0);
}

function _withPause(CampaignClock clock, uint256 before, uint256 begun) pure returns (CampaignClock) {
    uint256 cleared = CampaignClock.unwrap(clock) & ~(((uint256(1) << 72) - 1) << 72);
    return CampaignClock.wrap(cleared | (before << 72) | (begun << 104));
}
