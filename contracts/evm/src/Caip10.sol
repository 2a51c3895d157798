// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ShortString, ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Account ids as text: `eip155:<chain>:0x<EIP-55 address>`
/// @notice A redemption's id is made from the CAIP-10 text of both parties, so that it is the same on every chain.
abstract contract Caip10 {
    uint256 private constant NIBBLES = 0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;

    ShortString private immutable _prefix;
    uint256 private immutable _prefixChainId;

    constructor() {
        _prefix = ShortStrings.toShortString(_prefixOf(block.chainid));
        _prefixChainId = block.chainid;
    }

    /// @notice What the text of every account on this chain begins with.
    function _accountPrefix() internal view returns (ShortString) {
        // A fork may change the chain id under a deployed contract.
        return
            block.chainid == _prefixChainId ? _prefix : ShortStrings.toShortString(_prefixOf(block.chainid));
    }

    /// @notice keccak256 of the CAIP-10 text of `account`.
    /// @param prefix The answer of _accountPrefix.
    function _accountHash(ShortString prefix, address account) internal pure returns (bytes32 hash) {
        (bytes32 head, bytes8 tail) = _checksummed(account);
        assembly ("memory-safe") {
            // A short string is its text from the left, with its length in the last byte.
            let free := mload(0x40)
            let length := and(prefix, 0xff)
            mstore(free, prefix)
            mstore(add(free, length), head)
            mstore(add(add(free, length), 0x20), tail)
            hash := keccak256(free, add(length, 40))
        }
    }

    function _prefixOf(uint256 chainId) private pure returns (string memory) {
        return string.concat("eip155:", Strings.toString(chainId), ":0x");
    }

    /// @dev The forty EIP-55 digits of an address: thirty-two and eight. All digits are worked on at once, one in each
    /// byte of a word, which costs a tenth of a loop over them.
    function _checksummed(address account) private pure returns (bytes32 head, bytes8 tail) {
        unchecked {
            // Cannot overflow: every byte of every sum below stays under 0x80.
            uint256 high = _spread(uint160(account) >> 32);
            uint256 low = _spread(uint32(uint160(account)));
            uint256 highLetters = ((high + 6 * ONES) >> 4) & ONES;
            uint256 lowLetters = ((low + 6 * ONES) >> 4) & ONES;
            high += 0x30 * ONES + 0x27 * highLetters;
            low += 0x30 * ONES + 0x27 * lowLetters;
            uint256 hash = uint256(keccak256(abi.encodePacked(bytes32(high), bytes8(uint64(low)))));
            high -= 0x20 * (highLetters & (_spread(hash >> 128) >> 3));
            low -= 0x20 * (lowLetters & (_spread(uint32(hash >> 96)) >> 3));
            return (bytes32(high), bytes8(uint64(low)));
        }
    }

    /// @dev Puts each of the lowest 32 nibbles into a byte of its own.
    function _spread(uint256 x) private pure returns (uint256) {
        x = (x | (x << 64)) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
        x = (x | (x << 32)) & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
        x = (x | (x << 16)) & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
        x = (x | (x << 8)) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
        return (x | (x << 4)) & NIBBLES;
    }
}
