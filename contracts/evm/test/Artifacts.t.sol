// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {TestMoney} from "src/TestMoney.sol";
import {VoucherBook} from "src/VoucherBook.sol";
import {CampaignId, CampaignTerms, RedeemItem, RedeemOrder, VoucherId} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";

/// @notice The committed artefact itself: its size and its gas, each act a transaction of its own.
contract ArtifactsTest is BookTest {
    uint256 private constant RUNTIME_LIMIT = 24_576;

    function setUp() public override {
        super.setUp();
        book = VoucherBook(deployed("VoucherBook", ""));
        money = TestMoney(deployed("TestMoney", abi.encode("Test CNY (no value)", "tCNY", address(this))));
        money.mint(funder, 100_000_000_000);
        money.mint(holder, 1_000_000_000);
        // A merchant in business: its balance is not zero.
        money.mint(merchant, 1);
        vm.prank(funder);
        money.approve(address(book), type(uint256).max);
        approveRemainder(type(uint256).max / 2);
    }

    function test_Runtime_isSmallEnough() public view {
        assertLe(address(book).code.length, RUNTIME_LIMIT);
        assertLe(address(money).code.length, RUNTIME_LIMIT);
    }

    /// forge-config: default.isolate = true
    function test_Gas_campaign() public {
        CampaignTerms memory t = big();
        CampaignId campaign = create(t);
        vm.snapshotGasLastCall("createCampaign, one merchant");
        fund(campaign, 1_000 * uint256(MAX_PAYOUT));
        vm.snapshotGasLastCall("fund");
        issueMany(campaign, 1, 1);
        issueMany(campaign, 2, 1);
        vm.snapshotGasLastCall("issue 1");
        issueMany(campaign, 3, 100);
        vm.snapshotGasLastCall("issue 100");
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        vm.snapshotGasLastCall("setRelayer");
    }

    /// forge-config: default.isolate = true
    function test_Gas_redeem() public {
        CampaignId campaign = started(big());
        RedeemOrder memory order = orderOf(campaign, 2, 1);
        submit(order);
        vm.snapshotGasLastCall("redeemSigned with payout and remainder");
        order = orderOf(campaign, 3, 1);
        order.remainderAmount = 0;
        submit(order);
        vm.snapshotGasLastCall("redeemSigned with payout");
        order = orderOf(campaign, 4, 3);
        order.remainderAmount = 0;
        submit(order);
        vm.snapshotGasLastCall("redeemSigned with payout, three vouchers");
        order = orderOf(campaign, 7, 0);
        submit(order);
        vm.snapshotGasLastCall("redeemSigned without voucher");
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(single(campaign, 8)), 1, "");
        vm.snapshotGasLastCall("safeTransferFrom");
    }

    /// forge-config: default.isolate = true
    function test_Gas_redeemWithoutPayout() public {
        CampaignTerms memory t = big();
        t.maxPayout = 0;
        CampaignId campaign = started(t);
        RedeemOrder memory order = orderOf(campaign, 2, 1);
        order.remainderAmount = 0;
        submit(order);
        vm.snapshotGasLastCall("redeemSigned");
        order = orderOf(campaign, 3, 1);
        order.remainderAmount = 0;
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        bytes memory signature = sign(holderKey, order);
        vm.prank(relayer);
        book.redeemSigned(order, signature);
        vm.snapshotGasLastCall("redeemSigned by relayer");
        order = orderOf(campaign, 4, 3);
        order.remainderAmount = 0;
        submit(order);
        vm.snapshotGasLastCall("redeemSigned, three vouchers");
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function big() private view returns (CampaignTerms memory t) {
        t = terms();
        t.cap = 1_000;
    }

    /// @dev In its window, with ten vouchers of the holder, of which the first is redeemed.
    function started(CampaignTerms memory t) private returns (CampaignId campaign) {
        campaign = create(t);
        if (t.maxPayout != 0) fund(campaign, uint256(t.maxPayout) * 10);
        address[] memory holders = new address[](10);
        for (uint256 i = 0; i < holders.length; ++i) {
            holders[i] = holder;
        }
        vm.prank(issuer);
        book.issue(campaign, 1, holders);
        vm.warp(START);
        submit(orderOf(campaign, 1, 1));
    }

    function orderOf(CampaignId campaign, uint48 first, uint256 count)
        private
        view
        returns (RedeemOrder memory order)
    {
        order = orderFor(single(campaign, first));
        order.items = new RedeemItem[](count);
        for (uint256 i = 0; i < count; ++i) {
            order.items[i] = RedeemItem(single(campaign, first + uint48(i)), 2_000, 0);
        }
    }

    function submit(RedeemOrder memory order) private {
        bytes memory signature = sign(holderKey, order);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function issueMany(CampaignId campaign, uint48 first, uint256 count) private {
        address[] memory holders = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            holders[i] = makeAddr(string.concat("holder ", Strings.toString(first + i)));
        }
        vm.prank(issuer);
        book.issue(campaign, first, holders);
    }

    function deployed(string memory name, bytes memory arguments) private returns (address where) {
        string memory artifact = vm.readFile(string.concat("artifacts/", name, ".json"));
        bytes memory code = abi.encodePacked(vm.parseJsonBytes(artifact, ".bytecode"), arguments);
        assembly ("memory-safe") {
            where := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(where != address(0), "the artefact deploys");
    }
}
