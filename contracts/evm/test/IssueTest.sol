// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, CampaignTerms, RedeemOrder, VoucherId} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";

/// @notice What the tests of the ways to issue share.
abstract contract IssueTest is BookTest {
    function funded(CampaignTerms memory t) internal returns (CampaignId campaign) {
        campaign = create(t);
        fund(campaign, uint256(t.maxPayout) * t.cap);
    }

    function issueTo1(CampaignId campaign, uint48 number) internal returns (VoucherId) {
        address[] memory holders = new address[](1);
        holders[0] = holder;
        vm.prank(issuer);
        book.issue(campaign, number, holders);
        return single(campaign, number);
    }

    function expect(VoucherId id, bytes4 selector) internal {
        vm.expectRevert(abi.encodeWithSelector(selector, id));
    }

    function refuse(RedeemOrder memory order, bytes memory refusal) internal {
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }
}
