// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DeployedBook} from "./DeployedBook.sol";

/// @notice The committed artefacts themselves.
contract ArtifactsTest is DeployedBook {
    uint256 private constant RUNTIME_LIMIT = 24_576;
    uint256 private constant INIT_CODE_LIMIT = 49_152;

    /// @dev EIP-170 and EIP-3860: one transaction must be able to deploy the whole book.
    function test_Book_isSmallEnough() public view {
        assertLe(address(book).code.length, RUNTIME_LIMIT);
        assertLe(address(money).code.length, RUNTIME_LIMIT);
        assertLe(code("VoucherBookOffice", ".deployedBytecode").length, RUNTIME_LIMIT);
        assertLe(code("VoucherBook", ".bytecode").length, INIT_CODE_LIMIT);
    }

    /// @dev The other half lies where the book's first creation puts it, and is the committed one.
    function test_Office_isTheCommittedOne() public view {
        address office = vm.computeCreateAddress(address(book), 1);
        assertEq(office.code.length, code("VoucherBookOffice", ".deployedBytecode").length);
        assertGt(office.code.length, 0);
    }
}
