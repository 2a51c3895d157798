// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {TestMoney} from "src/TestMoney.sol";

/// @notice Money without value: one minter, six decimals.
contract TestMoneyTest is Test {
    TestMoney private money = new TestMoney("Test CNY (no value)", "tCNY", address(this));

    function test_Money_isMadeByItsMinterAlone() public {
        assertEq(money.minter(), address(this));
        assertEq(money.decimals(), 6);
        money.mint(address(1), 5);
        assertEq(money.balanceOf(address(1)), 5);
        address stranger = makeAddr("stranger");
        vm.expectRevert(abi.encodeWithSelector(TestMoney.NotMinter.selector, stranger, address(this)));
        vm.prank(stranger);
        money.mint(stranger, 5);
        assertEq(money.totalSupply(), 5);
    }
}
