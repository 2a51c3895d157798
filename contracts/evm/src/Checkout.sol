// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Consents} from "./Consents.sol";
import {IBookRedemptions} from "./IBookRedemptions.sol";
import {IERC3009} from "./IERC3009.sol";
import {RedeemOrders} from "./RedeemOrders.sol";
import {Redemptions} from "./Redemptions.sol";
import {RedeemOrder, RemainderAuthorization, RemainderPermit, SignedOrder} from "./VoucherTypes.sol";

/// @notice Redemption as merchants and holders call it: consents first, then the ledger, then the money.
abstract contract Checkout is IBookRedemptions, Redemptions, Consents, ReentrancyGuardTransient {
    using RedeemOrders for RedeemOrder;
    using SafeERC20 for IERC20;

    /// @inheritdoc IBookRedemptions
    function redeemSigned(RedeemOrder calldata order, bytes calldata holderSignature) external nonReentrant {
        bytes32 digest = _holderConsents(order, holderSignature, msg.sender);
        _settleOrder(order, digest, _noProofs());
        _moveRemainder(order);
    }

    /// @inheritdoc IBookRedemptions
    function payAndRedeem(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderPermit calldata permit
    ) external nonReentrant {
        bytes32 digest = _holderConsents(order, holderSignature, msg.sender);
        // An account without code would make the call below revert outside of the try.
        if (order.remainderAsset.code.length != 0) {
            // Anybody may have used the permit already: then it fails, and the allowance that it left is there.
            try IERC20Permit(order.remainderAsset)
                .permit(
                    order.holder, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
                ) {}
                catch {}
        }
        _settleOrder(order, digest, _noProofs());
        _moveRemainder(order);
    }

    /// @inheritdoc IBookRedemptions
    function payAndRedeemAuthorized(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderAuthorization calldata authorization
    ) external nonReentrant {
        bytes32 digest = _holderConsents(order, holderSignature, msg.sender);
        _settleOrder(order, digest, _noProofs());
        _moveAuthorizedRemainder(order, digest, authorization);
    }

    /// @inheritdoc IBookRedemptions
    function redeem(RedeemOrder calldata order, bytes calldata merchantSignature) external nonReentrant {
        if (msg.sender != order.holder) revert NotOrderHolder(msg.sender, order.holder);
        bytes32 digest = _hashTypedDataV4(order.structHash());
        _requireSignature(order.merchant, digest, merchantSignature);
        _settleOrder(order, digest, _noProofs());
        _moveRemainder(order);
    }

    /// @inheritdoc IBookRedemptions
    function redeemFromDrop(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        bytes32[][] calldata proofs
    ) external nonReentrant {
        if (proofs.length != order.items.length) {
            revert ProofCountMismatch(order.items.length, proofs.length);
        }
        bytes32 digest = _holderConsents(order, holderSignature, msg.sender);
        _settleOrder(order, digest, proofs);
        _moveRemainder(order);
    }

    /// @inheritdoc IBookRedemptions
    function redeemBatch(SignedOrder[] calldata batch) external nonReentrant {
        // Zeros are where a tally begins.
        // slither-disable-next-line uninitialized-local
        Tally memory tally;
        tally.operator = msg.sender;
        for (uint256 i = 0; i < batch.length; ++i) {
            _redeemConsented(batch[i], tally);
        }
        _keepReceipt(tally.receipt);
        _payOut(tally);
        if (!tally.remainders) return;
        for (uint256 i = 0; i < batch.length; ++i) {
            _moveRemainder(batch[i].order);
        }
    }

    /// @inheritdoc IBookRedemptions
    function redeemBestEffort(SignedOrder[] calldata batch) external nonReentrant {
        bytes32 receipt = 0;
        for (uint256 i = 0; i < batch.length; ++i) {
            try this.redeemAlone(batch[i], msg.sender, receipt) returns (bytes32 extended) {
                receipt = extended;
            } catch (bytes memory reason) {
                emit OrderSkipped(i, batch[i].order.orderHash, reason);
            }
        }
        _keepReceipt(receipt);
    }

    /// @inheritdoc IBookRedemptions
    function redeemAlone(SignedOrder calldata signed, address caller, bytes32 receipt)
        external
        returns (bytes32)
    {
        if (msg.sender != address(this)) revert NotTheBook(msg.sender);
        // Zeros are where a tally begins.
        // slither-disable-next-line uninitialized-local
        Tally memory tally;
        (tally.operator, tally.accrue, tally.receipt) = (caller, true, receipt);
        _redeemConsented(signed, tally);
        _moveRemainder(signed.order);
        return tally.receipt;
    }

    /// @dev Caller is the merchant or its relayer, and the holder signed.
    function _holderConsents(RedeemOrder calldata order, bytes calldata signature, address caller)
        private
        view
        returns (bytes32 digest)
    {
        _requireMerchant(caller, order.merchant);
        digest = _hashTypedDataV4(order.structHash());
        _requireSignature(order.holder, digest, signature);
    }

    /// @dev One order of a batch, as far as the ledger goes.
    function _redeemConsented(SignedOrder calldata signed, Tally memory tally) private {
        RedeemOrder calldata order = signed.order;
        bytes32 digest = _holderConsents(order, signed.holderSignature, tally.operator);
        _redeemOrder(order, digest, _noProofs(), tally);
    }

    function _settleOrder(RedeemOrder calldata order, bytes32 digest, bytes32[][] calldata proofs) private {
        // Zeros are where a tally begins.
        // slither-disable-next-line uninitialized-local
        Tally memory tally;
        tally.operator = msg.sender;
        _redeemOrder(order, digest, proofs, tally);
        _keepReceipt(tally.receipt);
        _payOut(tally);
    }

    function _keepReceipt(bytes32 digest) private {
        if (digest == 0) return;
        _receipts[digest] = block.timestamp;
        emit ReceiptKept(digest);
    }

    /// @dev One transfer for each run of payouts in the same asset to the same merchant.
    function _payOut(Tally memory tally) private {
        uint256[] memory payouts = tally.payouts;
        for (uint256 i = 0; i < tally.filled; i += 3) {
            IERC20(address(uint160(payouts[i])))
                .safeTransfer(address(uint160(payouts[i + 1])), payouts[i + 2]);
        }
    }

    /// @dev A token that takes a fee on transfers would leave the merchant short: the whole order reverts then.
    function _moveRemainder(RedeemOrder calldata order) private {
        uint256 amount = order.remainderAmount;
        if (amount == 0) return;
        IERC20 asset = IERC20(order.remainderAsset);
        uint256 before = asset.balanceOf(order.merchant);
        // Not arbitrary: the holder called, or its signature over this very order was checked before.
        // slither-disable-next-line arbitrary-send-erc20
        asset.safeTransferFrom(order.holder, order.merchant, amount);
        _requireExact(address(asset), amount, asset.balanceOf(order.merchant) - before);
    }

    function _moveAuthorizedRemainder(
        RedeemOrder calldata order,
        bytes32 digest,
        RemainderAuthorization calldata authorization
    ) private {
        uint256 amount = order.remainderAmount;
        if (amount == 0) return;
        IERC20 asset = IERC20(order.remainderAsset);
        uint256 before = asset.balanceOf(address(this));
        IERC3009(address(asset))
            .receiveWithAuthorization(
                order.holder,
                address(this),
                amount,
                authorization.validAfter,
                authorization.validBefore,
                digest,
                authorization.v,
                authorization.r,
                authorization.s
            );
        _requireExact(address(asset), amount, asset.balanceOf(address(this)) - before);
        before = asset.balanceOf(order.merchant);
        asset.safeTransfer(order.merchant, amount);
        _requireExact(address(asset), amount, asset.balanceOf(order.merchant) - before);
    }

    function _requireExact(address asset, uint256 expected, uint256 received) private pure {
        if (received != expected) revert RemainderNotExact(asset, expected, received);
    }

    function _noProofs() private pure returns (bytes32[][] calldata none) {
        assembly ("memory-safe") {
            none.offset := 0
            none.length := 0
        }
    }
}
