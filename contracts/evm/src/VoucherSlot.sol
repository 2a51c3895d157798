// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice One storage word of a voucher: owner160 ‖ moves32 ‖ redeemedAt40 ‖ flags24, first field highest. Never cleared.
type VoucherSlot is uint256;

using {
    owner,
    moves,
    redeemedAt,
    isVoid,
    exists,
    movedTo,
    redeemedNow,
    revived,
    voidedNow
} for VoucherSlot global;

uint256 constant VOID_FLAG = 1;

function newSlot(address holder) pure returns (VoucherSlot) {
    return VoucherSlot.wrap(uint256(uint160(holder)) << 96);
}

function exists(VoucherSlot slot) pure returns (bool) {
    return VoucherSlot.unwrap(slot) != 0;
}

/// @notice The holder; of a redeemed or void voucher the last one.
function owner(VoucherSlot slot) pure returns (address) {
    return address(uint160(VoucherSlot.unwrap(slot) >> 96));
}

/// @notice How often the voucher has been transferred.
function moves(VoucherSlot slot) pure returns (uint32) {
    return uint32(VoucherSlot.unwrap(slot) >> 64);
}

/// @notice Block time of the redemption, zero before it.
function redeemedAt(VoucherSlot slot) pure returns (uint40) {
    return uint40(VoucherSlot.unwrap(slot) >> 24);
}

function isVoid(VoucherSlot slot) pure returns (bool) {
    return VoucherSlot.unwrap(slot) & VOID_FLAG != 0;
}

/// @dev Reverts (panic 0x11) at the 2^32nd move rather than letting an old signature live again.
function movedTo(VoucherSlot slot, address to) pure returns (VoucherSlot) {
    uint32 next = slot.moves() + 1;
    uint256 rest = VoucherSlot.unwrap(slot) & type(uint64).max;
    return VoucherSlot.wrap((uint256(uint160(to)) << 96) | (uint256(next) << 64) | rest);
}

function redeemedNow(VoucherSlot slot) view returns (VoucherSlot) {
    return VoucherSlot.wrap(VoucherSlot.unwrap(slot) | (uint256(uint40(block.timestamp)) << 24));
}

/// @dev Stored value only: its spends and moves, which the holder signs, tell one life from the next.
function revived(VoucherSlot slot) pure returns (VoucherSlot) {
    return VoucherSlot.wrap(VoucherSlot.unwrap(slot) & ~(uint256(type(uint40).max) << 24));
}

function voidedNow(VoucherSlot slot) pure returns (VoucherSlot) {
    return VoucherSlot.wrap(VoucherSlot.unwrap(slot) | VOID_FLAG);
}
