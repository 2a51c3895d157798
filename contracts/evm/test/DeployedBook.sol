// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IVoucherBook} from "src/IVoucherBook.sol";
import {TestMoney} from "src/TestMoney.sol";
import {BookTest} from "./BookTest.sol";

/// @notice As BookTest, with the committed bytecode instead of what was just compiled.
abstract contract DeployedBook is BookTest {
    function setUp() public virtual override {
        super.setUp();
        book = IVoucherBook(deployed("VoucherBook", ""));
        money = TestMoney(deployed("TestMoney", abi.encode("Test CNY (no value)", "tCNY", address(this))));
        money.mint(funder, 1_000_000_000_000);
        money.mint(holder, 1_000_000_000);
        // A merchant in business: its balance is not zero.
        money.mint(merchant, 1);
        vm.prank(funder);
        money.approve(address(book), type(uint256).max);
        approveRemainder(type(uint256).max / 2);
    }

    function code(string memory name, string memory which) internal view returns (bytes memory) {
        return vm.parseJsonBytes(vm.readFile(string.concat("artifacts/", name, ".json")), which);
    }

    function deployed(string memory name, bytes memory arguments) private returns (address where) {
        bytes memory init = abi.encodePacked(code(name, ".bytecode"), arguments);
        assembly ("memory-safe") {
            where := create(0, add(init, 0x20), mload(init))
        }
        assertTrue(where != address(0), "the artefact deploys");
    }
}
