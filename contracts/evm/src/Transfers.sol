// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC1155Utils} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Utils.sol";
import {VoucherRegister} from "./VoucherRegister.sol";
import {VoucherSlot} from "./VoucherSlot.sol";
import {TransferPolicy, VoucherId} from "./VoucherTypes.sol";

/// @notice ERC-1155's transfers, as far as each campaign's policy allows them. An expired voucher still moves.
abstract contract Transfers is IERC1155Errors, VoucherRegister {
    /// @notice See IERC1155.
    function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes calldata data)
        external
    {
        _requireOperator(from);
        _move(from, to, VoucherId.wrap(id), value);
        emit IERC1155.TransferSingle(msg.sender, from, to, id, value);
        ERC1155Utils.checkOnERC1155Received(msg.sender, from, to, id, value, data);
    }

    /// @notice See IERC1155.
    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external {
        if (ids.length != values.length) {
            revert ERC1155InvalidArrayLength(ids.length, values.length);
        }
        _requireOperator(from);
        for (uint256 i = 0; i < ids.length; ++i) {
            _move(from, to, VoucherId.wrap(ids[i]), values[i]);
            // One log for each voucher, which the standard allows: every fact has a position of its own.
            emit IERC1155.TransferSingle(msg.sender, from, to, ids[i], values[i]);
        }
        ERC1155Utils.checkOnERC1155BatchReceived(msg.sender, from, to, ids, values, data);
    }

    function _move(address from, address to, VoucherId id, uint256 value) private {
        if (to == address(0)) revert ERC1155InvalidReceiver(to);
        if (value != 1) revert NotOneUnit(value);
        VoucherSlot slot = _live(id);
        if (slot.owner() != from) revert NotVoucherHolder(id, from, slot.owner());
        TransferPolicy policy = _records[id.campaignId()].clock.transferPolicy();
        uint32 moves = slot.moves();
        if (policy == TransferPolicy.BOUND || (policy == TransferPolicy.ONCE && moves != 0)) {
            revert TransferNotAllowed(id, policy, moves);
        }
        _slots[id] = slot.movedTo(to);
    }

    function _requireOperator(address from) private view {
        if (msg.sender != from && !_operators[from][msg.sender]) {
            revert ERC1155MissingApprovalForAll(msg.sender, from);
        }
    }
}
