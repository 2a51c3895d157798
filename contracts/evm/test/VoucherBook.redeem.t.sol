// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IVoucherBook} from "src/IVoucherBook.sol";
import {CampaignId, CampaignTerms, RedeemItem, RedeemOrder, VoucherId} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";

contract VoucherBookRedeemTest is BookTest {
    function test_Redeem_paysMerchantFromEscrowAndHolder() public {
        (CampaignId campaign, VoucherId id) = ready();
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(id));
        assertEq(money.balanceOf(merchant), 100_000_000);
        assertEq(money.balanceOf(holder), 920_000_000);
        assertEq(book.escrowOf(campaign), 9 * uint256(MAX_PAYOUT));
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        (address owner,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(owner, holder);
        assertEq(redeemedAt, START);
    }

    function test_Redeem_emitsEnoughToRebuildTheLedger() public {
        (CampaignId campaign, VoucherId id) = ready();
        approveRemainder(80_000_000);
        RedeemOrder memory order = orderFor(id);
        bytes32 redemptionId = book.redemptionIdOf(id, holder, merchant, order.orderHash, 2_000, 0);
        bytes32 digest = book.digestOf(order);
        vm.expectEmit(address(book));
        emit IVoucherBook.VoucherRedeemed(
            id, campaign, holder, merchant, redemptionId, order.orderHash, 2_000, 0, MAX_PAYOUT
        );
        vm.expectEmit(address(book));
        emit IVoucherBook.RemainderPaid(order.orderHash, holder, merchant, digest, address(money), 80_000_000);
        redeemAs(merchant, order);
    }

    function test_RevertWhen_AlreadyRedeemed() public {
        (, VoucherId id) = ready();
        approveRemainder(160_000_000);
        RedeemOrder memory order = orderFor(id);
        redeemAs(merchant, order);
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(abi.encodeWithSelector(IVoucherBook.VoucherAlreadyRedeemed.selector, id));
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function test_RevertWhen_StrangerCalls() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(
            abi.encodeWithSelector(IVoucherBook.NotMerchantOrRelayer.selector, stranger, merchant)
        );
        vm.prank(stranger);
        book.redeemSigned(order, signature);
    }
}
