// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RedeemOrder, RemainderAuthorization, RemainderPermit, SignedOrder} from "./VoucherTypes.sol";

/// @notice The way out: vouchers are used up, the escrow pays, the remainder moves; both parties have consented.
interface IBookRedemptions {
    /// @notice Redeem an order's vouchers and pay its remainder, all or nothing. The caller is the order's merchant or
    /// its relayer.
    /// @param holderSignature The holder's EIP-712 signature over the order (65 bytes r ‖ s ‖ v, or ERC-1271).
    function redeemSigned(RedeemOrder calldata order, bytes calldata holderSignature) external;

    /// @notice As redeemSigned, with an ERC-2612 permit for the remainder. A permit that fails is ignored: somebody may
    /// have used it before; what counts is the allowance.
    function payAndRedeem(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderPermit calldata permit
    ) external;

    /// @notice As redeemSigned, with an ERC-3009 authorisation of exactly the remainder to the book. Its nonce is the
    /// order's digest, so it serves no other order, and only the book can use it.
    function payAndRedeemAuthorized(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderAuthorization calldata authorization
    ) external;

    /// @notice As redeemSigned, called by the holder.
    /// @param merchantSignature The merchant's own EIP-712 signature over the same order.
    function redeem(RedeemOrder calldata order, bytes calldata merchantSignature) external;

    /// @notice As redeemSigned, for an order with leaves of drops that were never claimed: each is claimed and redeemed
    /// at once.
    /// @param proofs One for each voucher of the order; empty for a voucher that needs none.
    function redeemFromDrop(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        bytes32[][] calldata proofs
    ) external;

    /// @notice Many orders as one call, all or nothing. The caller is the merchant of each, or its relayer.
    function redeemBatch(SignedOrder[] calldata batch) external;

    /// @notice Many orders, each by itself: one that fails is left out with OrderSkipped. Payouts are credited.
    function redeemBestEffort(SignedOrder[] calldata batch) external;

    /// @notice One order of a best-effort batch. Only the book itself calls this, so that a failure undoes one order.
    /// @param caller Who called the batch.
    /// @param receipt Running digest of the batch's receipt.
    /// @return The digest with this order's redemptions.
    function redeemAlone(SignedOrder calldata signed, address caller, bytes32 receipt)
        external
        returns (bytes32);
}
