// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BookStorage} from "./BookStorage.sol";
import {Checkout} from "./Checkout.sol";
import {Issuing} from "./Issuing.sol";
import {Transfers} from "./Transfers.sol";
import {VoucherBookOffice} from "./VoucherBookOffice.sol";

/// @title VoucherBook
/// @notice See IVoucherBook. This half holds what is called often: issue, claim, redemption, transfer.
/// @dev The book is larger than one contract may be (EIP-170). The constructor deploys the other half, VoucherBookOffice,
/// and nothing can ever exchange it: whatever this half does not know is delegated there. Both halves share one storage.
contract VoucherBook is BookStorage, Checkout, Issuing, Transfers {
    address private immutable _office;

    constructor() {
        _office = address(new VoucherBookOffice());
    }

    /// @dev Every call that no function above answers.
    fallback() external {
        address office = _office;
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, 0, calldatasize())
            let done := delegatecall(gas(), office, free, calldatasize(), 0, 0)
            returndatacopy(free, 0, returndatasize())
            switch done
            case 0 { revert(free, returndatasize()) }
            default { return(free, returndatasize()) }
        }
    }
}
