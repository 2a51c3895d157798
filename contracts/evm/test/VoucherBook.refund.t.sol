// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    Powers,
    ReceiptEntry,
    ReceiptProof,
    RedeemItem,
    RedeemOrder,
    RedemptionFacts,
    Settlement,
    VoucherId
} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";
import {Commitments} from "./Commitments.sol";

/// @notice Receipts, reversal, partial refunds, accrual and settlement.
contract VoucherBookRefundTest is BookTest {
    uint32 private constant WINDOW = 7 days;

    // ---------------------------------------------------------------------------------------------- reversal

    function test_Reverse_bringsPayoutAndVoucherBack() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT) - 15_000_000);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        assertEq(book.receiptOf(digestOf(proof.receipt)), START);
        approveReturn(15_000_000);
        VoucherId fresh = Commitments.reissueId(campaign, 1);
        bytes32 redemptionId = proof.receipt[0].redemptionId;
        vm.expectEmit(address(book));
        emit IBookEvents.RedemptionReversed(redemptionId, id, campaign, merchant, 15_000_000);
        vm.expectEmit(address(book));
        emit IBookEvents.VoucherReissued(fresh, id, holder, redemptionId);
        vm.prank(merchant);
        book.reverse(proof);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT));
        assertEq(money.balanceOf(merchant), 0);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(fresh)), 1);
        (,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(redeemedAt, START, "the old voucher stays used");
        Campaign memory c = book.campaignOf(campaign);
        assertEq(c.issuedEver, 1, "the cap's slot does not come back");
        assertEq(c.redeemed, 1);
        assertEq(c.reversed, 1);
        assertEq(c.reissued, 1);
        assertEq(c.returned, 15_000_000);
        (uint256 back, bool reversed) = book.returnOf(redemptionId);
        assertEq(back, 15_000_000);
        assertTrue(reversed);
        // The old order is worth nothing, the new voucher is redeemable once.
        refuse(order, abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id));
        redeemAs(merchant, orderOf(fresh, 2_000, 0));
        assertEq(book.escrowOf(campaign), 9 * uint256(MAX_PAYOUT));
    }

    function test_RevertWhen_ReversedTwice() public {
        (, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        approveReturn(30_000_000);
        vm.startPrank(merchant);
        book.reverse(proof);
        bytes memory refusal = abi.encodeWithSelector(
            IBookErrors.RedemptionAlreadyReversed.selector, proof.receipt[0].redemptionId
        );
        vm.expectRevert(refusal);
        book.reverse(proof);
        vm.expectRevert(refusal);
        book.returnPayout(proof, 1);
        vm.stopPrank();
    }

    function test_RevertWhen_ThePayoutDoesNotComeBack() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        vm.startPrank(merchant);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.PayoutNotReturned.selector, 15_000_000, 0));
        book.reverse(proof);
        money.approve(address(book), 14_999_999);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.PayoutNotReturned.selector, 15_000_000, 14_999_999)
        );
        book.reverse(proof);
        money.approve(address(book), type(uint256).max);
        money.transfer(stranger, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.PayoutNotReturned.selector, 15_000_000, 14_999_999)
        );
        book.reverse(proof);
        vm.stopPrank();
        assertEq(book.campaignOf(campaign).reissued, 0);
        (uint256 back, bool reversed) = book.returnOf(proof.receipt[0].redemptionId);
        assertEq(back, 0);
        assertFalse(reversed);
    }

    function test_RevertWhen_SomebodyElseReverses() public {
        (, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        approveReturn(15_000_000);
        bytes memory refusal =
            abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, issuer, merchant);
        vm.startPrank(issuer);
        vm.expectRevert(refusal);
        book.reverse(proof);
        vm.expectRevert(refusal);
        book.returnPayout(proof, 1);
        vm.stopPrank();
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        vm.prank(relayer);
        book.reverse(proof);
    }

    function test_RevertWhen_TheRefundWindowIsOver() public {
        (, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        approveReturn(15_000_000);
        vm.warp(START + WINDOW);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, START + WINDOW, START, START + WINDOW)
        );
        vm.prank(merchant);
        book.reverse(proof);
        // A partial refund is not bound to the window.
        vm.prank(merchant);
        book.returnPayout(proof, 5_000_000);
        vm.warp(START + WINDOW - 1);
        vm.prank(merchant);
        book.reverse(proof);
    }

    function test_RevertWhen_TheReceiptIsAnother() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        VoucherId second = issueTo(campaign, holder);
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        RedeemOrder memory other = orderOf(second, 1_000, 0);
        redeemAs(merchant, order);
        redeemAs(merchant, other);
        approveReturn(type(uint256).max);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        proof.receipt[0].payout = 1;
        refuseProof(
            proof, abi.encodeWithSelector(IBookErrors.ReceiptNotFound.selector, digestOf(proof.receipt))
        );
        proof = proofOf(order, 15_000_000);
        proof.receipt[0].merchant = stranger;
        refuseProof(
            proof, abi.encodeWithSelector(IBookErrors.ReceiptNotFound.selector, digestOf(proof.receipt))
        );
        proof = proofOf(order, 15_000_000);
        proof.index = 1;
        refuseProof(proof, abi.encodeWithSelector(IBookErrors.ReceiptIndexOutOfRange.selector, 1, 1));
        proof.index = 0;
        ReceiptProof memory foreign = proofOf(other, 10_000_000);
        proof.facts = foreign.facts;
        refuseProof(
            proof,
            abi.encodeWithSelector(
                IBookErrors.RedemptionMismatch.selector,
                foreign.receipt[0].redemptionId,
                proof.receipt[0].redemptionId
            )
        );
        proof.receipt = new ReceiptEntry[](0);
        refuseProof(proof, abi.encodeWithSelector(IBookErrors.ReceiptNotFound.selector, bytes32(0)));
    }

    function test_Receipt_isLeftOnlyByRefundableCampaigns() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        refuseProof(
            proof, abi.encodeWithSelector(IBookErrors.ReceiptNotFound.selector, digestOf(proof.receipt))
        );
    }

    /// @dev One digest for a whole call, of which any redemption can be reversed by itself.
    function test_Receipt_coversABatch() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        RedeemOrder[] memory orders = new RedeemOrder[](3);
        bytes[] memory signatures = new bytes[](3);
        ReceiptEntry[] memory receipt = new ReceiptEntry[](3);
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0) id = issueAgain(campaign);
            orders[i] = orderOf(id, uint128(500 * (i + 1)), 0);
            signatures[i] = sign(holderKey, orders[i]);
            receipt[i] = ReceiptEntry(idOf(orders[i]), merchant, 5_000_000 * (i + 1));
        }
        vm.expectEmit(address(book));
        emit IBookEvents.ReceiptKept(digestOf(receipt));
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        approveReturn(type(uint256).max);
        vm.startPrank(merchant);
        book.reverse(ReceiptProof(receipt, 2, factsOf(orders[2])));
        book.reverse(ReceiptProof(receipt, 0, factsOf(orders[0])));
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.RedemptionAlreadyReversed.selector, receipt[2].redemptionId)
        );
        book.reverse(ReceiptProof(receipt, 2, factsOf(orders[2])));
        vm.stopPrank();
        assertEq(book.campaignOf(campaign).returned, 20_000_000);
        assertEq(book.campaignOf(campaign).reissued, 2);
    }

    function test_Reverse_afterTheWindowBringsNoVoucher() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        order.validBefore = END;
        vm.warp(END - 1);
        redeemAs(merchant, order);
        vm.warp(END);
        approveReturn(15_000_000);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, END, END + WINDOW, type(uint256).max)
        );
        book.reclaim(campaign);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        vm.prank(merchant);
        book.reverse(proof);
        assertEq(book.campaignOf(campaign).reissued, 0);
        assertEq(book.campaignOf(campaign).reversed, 1);
        vm.warp(END + WINDOW);
        book.reclaim(campaign);
        assertEq(money.balanceOf(funder), 1_000_000_000);
    }

    function test_Reverse_goesOnWhilePaused() public {
        CampaignTerms memory t = refundable();
        (t.powers, t.maxPauseSeconds) = (Powers.PAUSE, 1 days);
        (CampaignId campaign, VoucherId id) = ready(t);
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        vm.prank(issuer);
        book.pause(campaign);
        approveReturn(15_000_000);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        vm.prank(merchant);
        book.reverse(proof);
        assertEq(book.campaignOf(campaign).reissued, 1);
    }

    function test_Reverse_ofPackedAndDropped() public {
        CampaignTerms memory t = refundable();
        CampaignId campaign = create(t);
        fund(campaign, 10 * uint256(MAX_PAYOUT));
        issuePacked(campaign, 0, four());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        RedeemOrder memory one = orderOf(Commitments.packedId(campaign, 0, 0), 1_000, 0);
        RedeemOrder memory two = orderOf(Commitments.leafId(campaign, 0, 0), 1_000, 0);
        redeemAs(merchant, one);
        fromDropAs(merchant, two, proofs[0]);
        approveReturn(type(uint256).max);
        vm.startPrank(merchant);
        book.reverse(proofOf(one, 10_000_000));
        book.reverse(proofOf(two, 10_000_000));
        vm.stopPrank();
        assertEq(book.balanceOf(holder, VoucherId.unwrap(Commitments.reissueId(campaign, 1))), 1);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(Commitments.reissueId(campaign, 2))), 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.VoucherAlreadyRedeemed.selector, Commitments.leafId(campaign, 0, 0)
            )
        );
        book.claimFromDrop(Commitments.leafId(campaign, 0, 0), holder, proofs[0]);
    }

    // -------------------------------------------------------------------------------------- partial refunds

    function test_ReturnPayout_thenReverse() public {
        (CampaignId campaign, VoucherId id) = ready(refundable());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        approveReturn(type(uint256).max);
        vm.startPrank(merchant);
        vm.expectEmit(address(book));
        emit IBookEvents.PayoutReturned(proof.receipt[0].redemptionId, campaign, merchant, 4_000_000);
        book.returnPayout(proof, 4_000_000);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.ReturnOutOfRange.selector, 11_000_001, 11_000_000));
        book.returnPayout(proof, 11_000_001);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.ReturnOutOfRange.selector, 0, 11_000_000));
        book.returnPayout(proof, 0);
        vm.expectEmit(address(book));
        emit IBookEvents.RedemptionReversed(proof.receipt[0].redemptionId, id, campaign, merchant, 11_000_000);
        book.reverse(proof);
        vm.stopPrank();
        assertEq(money.balanceOf(merchant), 0);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT));
    }

    // ------------------------------------------------------------------------------- accrual and settlement

    function test_Settle_atOnceWithoutRefunds() public {
        CampaignTerms memory t = terms();
        t.settlement = Settlement.ACCRUED;
        (CampaignId campaign, VoucherId id) = ready(t);
        redeemAs(merchant, orderOf(id, 1_500, 0));
        assertEq(money.balanceOf(merchant), 0);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT) - 15_000_000, "credited is not escrow");
        (uint256 due, uint256 waiting) = book.creditOf(campaign, merchant);
        assertEq(due, 15_000_000);
        assertEq(waiting, 0);
        vm.expectEmit(address(book));
        emit IBookEvents.MerchantSettled(campaign, merchant, 15_000_000);
        vm.prank(stranger);
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), 15_000_000);
        bytes memory nothing =
            abi.encodeWithSelector(IBookErrors.NothingToSettle.selector, campaign, merchant);
        vm.expectRevert(nothing);
        book.settle(campaign, merchant);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NothingToSettle.selector, campaign, stranger));
        book.settle(campaign, stranger);
    }

    function test_Settle_paysWhatTheWindowHasFreed() public {
        (CampaignId campaign, VoucherId id) = ready(accrued());
        // START lies inside of an epoch: its credit is due when the next one is over.
        redeemAs(merchant, orderOf(id, 1_000, 0));
        uint256 epochEnd = (uint256(START) / WINDOW + 1) * WINDOW;
        bytes memory nothing =
            abi.encodeWithSelector(IBookErrors.NothingToSettle.selector, campaign, merchant);
        vm.expectRevert(nothing);
        book.settle(campaign, merchant);
        vm.warp(epochEnd);
        redeemAs(merchant, orderOf(issueAgain(campaign), 500, 0));
        vm.warp(epochEnd + WINDOW - 1);
        vm.expectRevert(nothing);
        book.settle(campaign, merchant);
        (uint256 due, uint256 waiting) = book.creditOf(campaign, merchant);
        assertEq(due, 0);
        assertEq(waiting, 15_000_000);
        vm.warp(epochEnd + WINDOW);
        (due, waiting) = book.creditOf(campaign, merchant);
        assertEq(due, 10_000_000);
        assertEq(waiting, 5_000_000);
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), 10_000_000);
        // Nobody came for several epochs: all of it is due.
        vm.warp(epochEnd + 5 * uint256(WINDOW));
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), 15_000_000);
    }

    function testFuzz_Settle_neverWhatCanStillBeReversed(uint32[6] memory waits, uint16[6] memory amounts)
        public
    {
        CampaignTerms memory t = accrued();
        t.validUntil = START + 3_650 days;
        (CampaignId campaign, VoucherId id) = ready(t);
        uint256[6] memory times;
        uint256 all = 0;
        for (uint256 i = 0; i < 6; ++i) {
            vm.warp(block.timestamp + bound(waits[i], 0, 3 * uint256(WINDOW)));
            if (i != 0) id = issueAgain(campaign);
            uint128 amount = uint128(bound(amounts[i], 1, 2_000));
            RedeemOrder memory order = orderOf(id, amount, 0);
            order.validBefore = type(uint64).max;
            redeemAs(merchant, order);
            (times[i], amounts[i]) = (block.timestamp, uint16(amount));
            all += uint256(amount) * 10_000;
            try book.settle(campaign, merchant) {} catch {}
            uint256 reversible = 0;
            for (uint256 k = 0; k <= i; ++k) {
                if (block.timestamp < times[k] + WINDOW) reversible += uint256(amounts[k]) * 10_000;
            }
            (uint256 due, uint256 waiting) = book.creditOf(campaign, merchant);
            assertGe(waiting, reversible);
            assertEq(due + waiting + money.balanceOf(merchant), all);
        }
        vm.warp(block.timestamp + 2 * uint256(WINDOW));
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), all);
    }

    function test_Reverse_takesTheCreditFirst() public {
        (CampaignId campaign, VoucherId id) = ready(accrued());
        RedeemOrder memory order = orderOf(id, 1_500, 0);
        redeemAs(merchant, order);
        redeemAs(merchant, orderOf(issueAgain(campaign), 500, 0));
        ReceiptProof memory proof = proofOf(order, 15_000_000);
        vm.prank(merchant);
        book.reverse(proof);
        (, uint256 waiting) = book.creditOf(campaign, merchant);
        assertEq(waiting, 5_000_000);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT) - 5_000_000);
        assertEq(money.balanceOf(address(book)), 10 * uint256(MAX_PAYOUT));
    }

    /// @dev Credits of both epochs and of what is due, then the account.
    function test_Reverse_takesEveryPartOfTheCredit() public {
        (CampaignId campaign, VoucherId id) = ready(accrued());
        redeemAs(merchant, orderOf(id, 100, 0));
        uint256 epochEnd = (uint256(START) / WINDOW + 1) * WINDOW;
        vm.warp(epochEnd);
        redeemAs(merchant, orderOf(issueAgain(campaign), 200, 0));
        vm.warp(epochEnd + WINDOW);
        RedeemOrder memory order = orderOf(issueAgain(campaign), 2_000, 0);
        redeemAs(merchant, order);
        ReceiptProof memory proof = proofOf(order, 20_000_000);
        vm.prank(merchant);
        book.reverse(proof);
        (uint256 due, uint256 waiting) = book.creditOf(campaign, merchant);
        assertEq(due, 1_000_000);
        assertEq(waiting, 2_000_000);
        // A second one needs 20,000,000 of 3,000,000 of credit and 17,000,000 from the account.
        order = orderOf(Commitments.reissueId(campaign, 1), 2_000, 0);
        order.orderHash = keccak256("immediate");
        redeemAs(merchant, order);
        vm.warp(block.timestamp + WINDOW - 1);
        book.settle(campaign, merchant);
        money.mint(merchant, 17_000_000);
        approveReturn(type(uint256).max);
        proof = proofOf(order, 20_000_000);
        vm.prank(merchant);
        book.reverse(proof);
        (due, waiting) = book.creditOf(campaign, merchant);
        assertEq(due + waiting + money.balanceOf(merchant), 20_000_000);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT) - 3_000_000);
    }

    function test_Credit_outlivesRemovalAndReclaim() public {
        CampaignTerms memory t = accrued();
        t.powers = Powers.REMOVE_MERCHANT;
        (CampaignId campaign, VoucherId id) = ready(t);
        redeemAs(merchant, orderOf(id, 1_500, 0));
        vm.prank(issuer);
        book.removeMerchant(campaign, merchant);
        vm.warp(END + WINDOW);
        book.reclaim(campaign);
        assertEq(money.balanceOf(funder), 1_000_000_000 - 15_000_000);
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), 15_000_000);
        assertEq(money.balanceOf(address(book)), 0);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function refundable() private view returns (CampaignTerms memory t) {
        t = terms();
        t.refundWindow = WINDOW;
    }

    function accrued() private view returns (CampaignTerms memory t) {
        t = refundable();
        t.settlement = Settlement.ACCRUED;
    }

    function issueAgain(CampaignId campaign) private returns (VoucherId) {
        return issueTo(campaign, holder);
    }

    function approveReturn(uint256 amount) private {
        vm.prank(merchant);
        money.approve(address(book), amount);
    }

    function idOf(RedeemOrder memory order) private view returns (bytes32) {
        RedeemItem memory item = order.items[0];
        return book.redemptionIdOf(
            item.voucherId, order.holder, order.merchant, order.orderHash, item.amountMinor, item.sequence
        );
    }

    function factsOf(RedeemOrder memory order) private pure returns (RedemptionFacts memory) {
        RedeemItem memory item = order.items[0];
        return RedemptionFacts(item.voucherId, order.holder, order.orderHash, item.amountMinor, item.sequence);
    }

    function proofOf(RedeemOrder memory order, uint256 payout)
        private
        view
        returns (ReceiptProof memory proof)
    {
        proof.receipt = new ReceiptEntry[](1);
        proof.receipt[0] = ReceiptEntry(idOf(order), order.merchant, payout);
        proof.facts = factsOf(order);
    }

    /// @dev Written out, not taken from the code that it tests.
    function digestOf(ReceiptEntry[] memory receipt) private pure returns (bytes32 digest) {
        for (uint256 i = 0; i < receipt.length; ++i) {
            digest = keccak256(
                abi.encode(digest, receipt[i].redemptionId, receipt[i].merchant, receipt[i].payout)
            );
        }
    }

    function refuse(RedeemOrder memory order, bytes memory refusal) private {
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function refuseProof(ReceiptProof memory proof, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.reverse(proof);
    }
}
