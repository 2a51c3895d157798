// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RedeemItem, RedeemOrder, VoucherId} from "./VoucherTypes.sol";

/// @notice EIP-712 struct hashes of what is signed for the book.
library RedeemOrders {
    bytes32 internal constant ITEM_TYPEHASH =
        keccak256("RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)");

    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "RedeemOrder(address holder,address merchant,bytes32 orderHash,uint64 validBefore,address remainderAsset,uint256 remainderAmount,RedeemItem[] items)RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)"
    );

    bytes32 internal constant TICKET_TYPEHASH =
        keccak256("ClaimTicket(uint256 voucherId,address holder,uint64 validBefore)");

    /// @notice hashStruct(order) of EIP-712.
    /// @dev An item lies in calldata as EIP-712 encodes it, and so do the order's first six fields. Whoever reads a field
    /// afterwards makes the compiler check its range.
    function structHash(RedeemOrder calldata order) internal pure returns (bytes32 hash) {
        RedeemItem[] calldata items = order.items;
        (bytes32 itemType, bytes32 orderType) = (ITEM_TYPEHASH, ORDER_TYPEHASH);
        assembly ("memory-safe") {
            let free := mload(0x40)
            let hashes := add(free, 0x80)
            let size := shl(5, items.length)
            mstore(free, itemType)
            for { let at := 0 } lt(at, size) { at := add(at, 0x20) } {
                calldatacopy(add(free, 0x20), add(items.offset, mul(at, 3)), 0x60)
                mstore(add(hashes, at), keccak256(free, 0x80))
            }
            let itemsHash := keccak256(hashes, size)
            mstore(free, orderType)
            calldatacopy(add(free, 0x20), order, 0xc0)
            mstore(add(free, 0xe0), itemsHash)
            hash := keccak256(free, 0x100)
        }
    }

    /// @notice hashStruct(ticket) of EIP-712.
    function ticketHash(VoucherId id, address holder, uint64 validBefore) internal pure returns (bytes32) {
        return keccak256(abi.encode(TICKET_TYPEHASH, id, holder, validBefore));
    }
}
