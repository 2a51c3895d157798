// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title LensCall
/// @notice Asks a lens that nobody deployed: sent as the creation code of an `eth_call`, it creates the lens, asks it,
/// and its "code" is the answer. Nothing of it is ever stored.
/// @dev An answer is therefore at most 24,576 bytes (EIP-170), and does not begin with 0xEF (EIP-3541).
contract LensCall {
    /// @param lens Creation code of the lens.
    /// @param question Calldata for it. A refusal is passed on as it is.
    constructor(bytes memory lens, bytes memory question) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let made := create(0, add(lens, 0x20), mload(lens))
            if iszero(made) { revert(0, 0) }
            let done := staticcall(gas(), made, add(question, 0x20), mload(question), 0, 0)
            returndatacopy(free, 0, returndatasize())
            switch done
            case 0 { revert(free, returndatasize()) }
            default { return(free, returndatasize()) }
        }
    }
}
