// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BookStorage} from "./BookStorage.sol";

/// @notice What a campaign owes a merchant. A credit waits for the refund window to pass: epochs are as long as the
/// window, so what is two epochs old cannot be reversed any more.
abstract contract MerchantCredit is BookStorage {
    /// @param refundWindow Seconds; zero: nothing waits.
    function _credit(MerchantAccount storage account, uint256 amount, uint256 refundWindow) internal {
        if (refundWindow != 0) _turnEpoch(account, refundWindow);
        account.current = SafeCast.toUint96(account.current + amount);
    }

    /// @dev Takes up to `wanted` out of the credit, the youngest part first, and says how much that was.
    function _debit(MerchantAccount storage account, uint256 wanted) internal returns (uint256 taken) {
        uint256 part = _least(wanted, account.current);
        // Fits, here and below: a part is at most the field that it is taken from.
        if (part != 0) account.current -= uint96(part);
        taken = part;
        part = _least(wanted - taken, account.previous);
        if (part != 0) account.previous -= uint96(part);
        taken += part;
        part = _least(wanted - taken, account.free);
        if (part != 0) account.free -= uint96(part);
        taken += part;
    }

    /// @dev Moves what can no longer be reversed to `free`.
    function _turnEpoch(MerchantAccount storage account, uint256 refundWindow) internal {
        // Fits: seconds of 40 bits, divided.
        uint40 epoch = uint40(block.timestamp / refundWindow);
        if (account.epoch == epoch) return;
        (uint256 due,,, uint256 previous) = _aged(account, refundWindow);
        if (due != account.free) account.free = SafeCast.toUint96(due);
        (account.epoch, account.current, account.previous) = (epoch, 0, uint96(previous));
    }

    /// @return due What could be settled now.
    /// @return waiting What could still be reversed.
    /// @return current What `current` is in the present epoch.
    /// @return previous What `previous` is in the present epoch.
    function _aged(MerchantAccount storage account, uint256 refundWindow)
        internal
        view
        returns (uint256 due, uint256 waiting, uint256 current, uint256 previous)
    {
        (current, previous, due) = (account.current, account.previous, account.free);
        if (refundWindow == 0) return (due + current + previous, 0, 0, 0);
        uint256 age = block.timestamp / refundWindow - account.epoch;
        if (age != 0) {
            due += previous;
            (previous, current) = (current, 0);
            if (age > 1) {
                due += previous;
                previous = 0;
            }
        }
        waiting = current + previous;
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
