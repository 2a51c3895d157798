// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BookStorage} from "./BookStorage.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {IBookErrors} from "./IBookErrors.sol";
import {VoucherSlot, newSlot} from "./VoucherSlot.sol";
import {VoucherId} from "./VoucherTypes.sol";

/// @notice Whose a voucher is, and whether it is used: in a slot of its own, or still in its batch's or drop's
/// commitment with one bit for its use.
abstract contract VoucherRegister is BookStorage, IBookErrors {
    /// @dev The slot of a live voucher; of a packed one never moved, the slot that it would have.
    function _live(VoucherId id) internal view returns (VoucherSlot slot) {
        slot = _slots[id];
        if (slot.exists()) _requireLive(id, slot);
        else slot = _liveWithoutSlot(id);
    }

    function _requireLive(VoucherId id, VoucherSlot slot) internal pure {
        if (slot.redeemedAt() != 0) revert VoucherAlreadyRedeemed(id);
        if (slot.isVoid()) revert VoucherVoid(id);
    }

    function _liveWithoutSlot(VoucherId id) internal view returns (VoucherSlot) {
        address owner = _packedOwner(id);
        if (_isUsed(id)) revert VoucherAlreadyRedeemed(id);
        if (owner == address(0)) revert VoucherNotFound(id);
        return newSlot(owner);
    }

    /// @dev First owner of a packed voucher; zero for every other id.
    function _packedOwner(VoucherId id) internal view returns (address owner) {
        uint256 word = VoucherId.unwrap(id);
        if (CampaignIds.serialClass(id) != CampaignIds.PACKED_CLASS) return owner;
        uint256 batch = _batches[word >> 16];
        if (uint16(word) >= uint16(batch)) return owner;
        assembly ("memory-safe") {
            // The blob is a zero byte and the owners, 20 bytes each.
            mstore(0x00, 0)
            extcodecopy(shr(96, batch), 0x0c, add(1, mul(20, and(word, 0xffff))), 20)
            owner := mload(0x00)
        }
    }

    /// @dev Reverts unless the proof leads from this holder's leaf to its drop's root.
    function _requireLeaf(VoucherId id, address holder, bytes32[] calldata proof) internal view {
        uint256 drop = _dropOf(id);
        if (drop == 0) revert VoucherNotFound(id);
        bytes32 root = _rootOf(CampaignIds.leaf(id, holder), proof);
        bool proven = bytes28(root) == bytes28(bytes32(drop)) && uint32(VoucherId.unwrap(id)) < uint32(drop);
        if (!proven || holder == address(0)) revert InvalidProof(id, holder);
    }

    /// @dev What OpenZeppelin's MerkleProof.processProofCalldata answers, at half its cost for each of up to 32 levels.
    function _rootOf(bytes32 node, bytes32[] calldata proof) private pure returns (bytes32 root) {
        root = node;
        assembly ("memory-safe") {
            let end := add(proof.offset, shl(5, proof.length))
            for { let next := proof.offset } lt(next, end) { next := add(next, 0x20) } {
                // The smaller of the two comes first.
                let sibling := calldataload(next)
                let place := shl(5, gt(root, sibling))
                mstore(place, root)
                mstore(xor(place, 0x20), sibling)
                root := keccak256(0x00, 0x40)
            }
        }
    }

    /// @dev Root's head and count of the drop that the id is of; zero for every other id.
    function _dropOf(VoucherId id) internal view returns (uint256) {
        if (CampaignIds.serialClass(id) != CampaignIds.DROP_CLASS) return 0;
        return _drops[VoucherId.unwrap(id) >> 32];
    }

    function _isUsed(VoucherId id) internal view returns (bool) {
        uint256 word = VoucherId.unwrap(id);
        return _used[word >> 8] & (1 << (word & 0xff)) != 0;
    }

    function _setUsed(VoucherId id) internal {
        uint256 word = VoucherId.unwrap(id);
        uint256 bit = 1 << (word & 0xff);
        uint256 bits = _used[word >> 8];
        if (bits & bit != 0) revert VoucherAlreadyRedeemed(id);
        _used[word >> 8] = bits | bit;
    }

    function _clearUsed(VoucherId id) internal {
        uint256 word = VoucherId.unwrap(id);
        _used[word >> 8] &= ~(1 << (word & 0xff));
    }

    /// @dev Minor units on a stored-value voucher, and how often that changed.
    function _valueOf(VoucherId id, Price storage price)
        internal
        view
        returns (uint256 remaining, uint256 spends)
    {
        uint256 value = _values[id];
        if (value == 0) return (_faceValue(price), 0);
        return (value >> 128, uint128(value));
    }

    /// @dev What maxPayout pays for. Creation sees to it that the divisor is not zero and that the result has 128 bits.
    function _faceValue(Price storage price) internal view returns (uint256) {
        return uint256(price.maxPayout) * 10_000 / (uint256(price.unitsPerMinor) * price.sponsorBp);
    }
}
