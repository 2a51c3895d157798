// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RedeemItem, RedeemOrder} from "./VoucherTypes.sol";

/// @notice EIP-712 struct hash of a RedeemOrder.
library RedeemOrders {
    bytes32 internal constant ITEM_TYPEHASH =
        keccak256("RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)");

    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "RedeemOrder(address holder,address merchant,bytes32 orderHash,uint64 validBefore,address remainderAsset,uint256 remainderAmount,RedeemItem[] items)RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)"
    );

    /// @notice hashStruct(order) of EIP-712.
    function structHash(RedeemOrder calldata order) internal pure returns (bytes32) {
        uint256 count = order.items.length;
        bytes32[] memory items = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            RedeemItem calldata item = order.items[i];
            items[i] = keccak256(abi.encode(ITEM_TYPEHASH, item.voucherId, item.amountMinor, item.sequence));
        }
        return keccak256(
            abi.encode(
                ORDER_TYPEHASH,
                order.holder,
                order.merchant,
                order.orderHash,
                order.validBefore,
                order.remainderAsset,
                order.remainderAmount,
                keccak256(abi.encodePacked(items))
            )
        );
    }
}
