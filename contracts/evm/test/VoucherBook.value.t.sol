// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {
    CampaignId,
    CampaignTerms,
    Powers,
    ReceiptEntry,
    ReceiptProof,
    RedeemOrder,
    RedemptionFacts,
    VoucherId,
    VoucherKind
} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";
import {Commitments} from "./Commitments.sol";

/// @notice Stored value: a balance in minor units, of which maxPayout pays for 2,000.
contract VoucherBookValueTest is BookTest {
    function test_Value_isSpentInParts() public {
        (CampaignId campaign, VoucherId id) = ready(cards());
        check(id, 0, 2_000);
        redeemAs(merchant, orderOf(id, 500, 0));
        check(id, 1, 1_500);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1);
        assertEq(book.campaignOf(campaign).redeemed, 0);
        redeemAs(merchant, orderOf(id, 1_500, 1));
        check(id, 2, 0);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        assertEq(book.campaignOf(campaign).redeemed, 1);
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
        refuse(orderOf(id, 1, 2), abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id));
    }

    function test_RevertWhen_TheValueDoesNotCover() public {
        (, VoucherId id) = ready(cards());
        refuse(
            orderOf(id, 2_001, 0),
            abi.encodeWithSelector(IBookErrors.ValueNotCovered.selector, id, 2_001, 2_000)
        );
        refuse(orderOf(id, 0, 0), abi.encodeWithSelector(IBookErrors.ValueNotCovered.selector, id, 0, 2_000));
        redeemAs(merchant, orderOf(id, 1_999, 0));
        refuse(orderOf(id, 2, 1), abi.encodeWithSelector(IBookErrors.ValueNotCovered.selector, id, 2, 1));
    }

    /// @dev The same order again, and one signed before a transfer there and back.
    function test_RevertWhen_TheSequenceIsOld() public {
        (, VoucherId id) = ready(cards());
        RedeemOrder memory order = orderOf(id, 500, 0);
        redeemAs(merchant, order);
        refuse(order, abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 0, 1));
        order = orderOf(id, 500, 1);
        move(holder, stranger, id);
        refuse(order, abi.encodeWithSelector(IBookErrors.NotVoucherHolder.selector, id, holder, stranger));
        move(stranger, holder, id);
        refuse(order, abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 1, 3));
        check(id, 3, 1_500);
        redeemAs(merchant, orderOf(id, 500, 3));
    }

    function test_Value_goesWithTheVoucher() public {
        (, VoucherId id) = ready(cards());
        redeemAs(merchant, orderOf(id, 500, 0));
        (address next, uint256 key) = makeAddrAndKey("next");
        move(holder, next, id);
        RedeemOrder memory order = orderOf(id, 1_500, 2);
        order.holder = next;
        bytes memory signature = sign(key, order);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
    }

    function test_Value_packedAndDropped() public {
        CampaignId campaign = create(cards());
        fund(campaign, 10 * uint256(MAX_PAYOUT));
        issuePacked(campaign, 0, four());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId packed = Commitments.packedId(campaign, 0, 0);
        redeemAs(merchant, orderOf(packed, 500, 0));
        check(packed, 1, 1_500);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(packed)), 1);
        redeemAs(merchant, orderOf(packed, 1_500, 1));
        refuse(
            orderOf(packed, 1, 2), abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, packed)
        );
        // A leaf of which something is left is claimed by its first redemption.
        VoucherId leaf = Commitments.leafId(campaign, 0, 0);
        fromDropAs(merchant, orderOf(leaf, 500, 0), proofs[0]);
        check(leaf, 1, 1_500);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(leaf)), 1);
        redeemAs(merchant, orderOf(leaf, 1_000, 1));
        fromDropAs(merchant, orderOf(leaf, 500, 2), proofs[0]);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(leaf)), 0);
        assertEq(money.balanceOf(merchant), 2 * uint256(MAX_PAYOUT));
    }

    function test_Reverse_putsTheValueBack() public {
        CampaignTerms memory t = cards();
        t.refundWindow = 7 days;
        (CampaignId campaign, VoucherId id) = ready(t);
        RedeemOrder memory first = orderOf(id, 500, 0);
        RedeemOrder memory second = orderOf(id, 1_500, 1);
        redeemAs(merchant, first);
        redeemAs(merchant, second);
        vm.startPrank(merchant);
        money.approve(address(book), type(uint256).max);
        vm.expectEmit(address(book));
        emit IBookEvents.ValueCredited(id, idOf(first), 500, 500);
        book.reverse(proofOf(first));
        vm.stopPrank();
        check(id, 3, 500);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1, "it lives again");
        assertEq(book.campaignOf(campaign).reissued, 1);
        assertEq(book.campaignOf(campaign).reversed, 1);
        redeemAs(merchant, orderOf(id, 300, 3));
        ReceiptProof memory proof = proofOf(second);
        vm.prank(merchant);
        book.reverse(proof);
        check(id, 5, 1_700);
        assertEq(book.campaignOf(campaign).reversed, 1, "it was not used up");
        redeemAs(merchant, orderOf(id, 1_700, 5));
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
        assertEq(book.escrowOf(campaign), 9 * uint256(MAX_PAYOUT));
    }

    function test_Reverse_ofAPackedVoucherRevivesIt() public {
        CampaignTerms memory t = cards();
        t.refundWindow = 7 days;
        CampaignId campaign = create(t);
        fund(campaign, 10 * uint256(MAX_PAYOUT));
        issuePacked(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.packedId(campaign, 0, 0);
        RedeemOrder memory order = orderOf(id, 2_000, 0);
        redeemAs(merchant, order);
        vm.startPrank(merchant);
        money.approve(address(book), type(uint256).max);
        book.reverse(proofOf(order));
        vm.stopPrank();
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1);
        check(id, 2, 2_000);
        refuse(order, abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 0, 2));
    }

    function test_Reverse_ofAVoidVoucherBringsOnlyTheMoney() public {
        CampaignTerms memory t = cards();
        (t.refundWindow, t.powers) = (7 days, Powers.VOID);
        (CampaignId campaign, VoucherId id) = ready(t);
        RedeemOrder memory order = orderOf(id, 500, 0);
        redeemAs(merchant, order);
        vm.prank(issuer);
        book.voidVoucher(id, 0);
        vm.startPrank(merchant);
        money.approve(address(book), type(uint256).max);
        book.reverse(proofOf(order));
        vm.stopPrank();
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT));
        (, uint128 remaining) = book.valueOf(id);
        assertEq(remaining, 1_500);
        refuse(orderOf(id, 500, 1), abi.encodeWithSelector(IBookErrors.VoucherVoid.selector, id));
    }

    /// @dev Roundings never add up to more than was set aside for the voucher.
    function testFuzz_Value_neverPaysMoreThanMaxPayout(uint96 units, uint16 bp, uint96 max, uint256 seed)
        public
    {
        CampaignTerms memory t = cards();
        t.cap = 1;
        t.sponsorBp = uint16(bound(bp, 1, 10_000));
        t.unitsPerMinor = uint96(bound(units, (9_999 / t.sponsorBp) + 1, 1e18));
        t.maxPayout =
            uint96(bound(max, uint256(t.unitsPerMinor) * t.sponsorBp / 10_000 + 1, type(uint96).max));
        money.mint(funder, t.maxPayout);
        (CampaignId campaign, VoucherId id) = ready(t);
        (uint64 sequence, uint128 remaining) = book.valueOf(id);
        assertEq(remaining, uint256(t.maxPayout) * 10_000 / (uint256(t.unitsPerMinor) * t.sponsorBp));
        for (uint256 i = 0; i < 5 && remaining != 0; ++i) {
            uint128 amount =
                i == 4 ? remaining : uint128(bound(uint256(keccak256(abi.encode(seed, i))), 1, remaining));
            redeemAs(merchant, orderOf(id, amount, sequence));
            (sequence, remaining) = book.valueOf(id);
            uint256 ceiling = (uint256(remaining) * t.unitsPerMinor * t.sponsorBp + 9_999) / 10_000;
            assertLe(ceiling, book.escrowOf(campaign) + 1);
        }
        assertLe(money.balanceOf(merchant), t.maxPayout);
        assertEq(book.escrowOf(campaign) + money.balanceOf(merchant), t.maxPayout);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function cards() private view returns (CampaignTerms memory t) {
        t = terms();
        t.kind = VoucherKind.STORED_VALUE;
    }

    function check(VoucherId id, uint64 sequence, uint128 remaining) private view {
        (uint64 foundSequence, uint128 foundRemaining) = book.valueOf(id);
        assertEq(foundSequence, sequence, "sequence");
        assertEq(foundRemaining, remaining, "remaining");
    }

    function move(address from, address to, VoucherId id) private {
        vm.prank(from);
        book.safeTransferFrom(from, to, VoucherId.unwrap(id), 1, "");
    }

    function idOf(RedeemOrder memory order) private view returns (bytes32) {
        return book.redemptionIdOf(
            order.items[0].voucherId,
            order.holder,
            order.merchant,
            order.orderHash,
            order.items[0].amountMinor,
            order.items[0].sequence
        );
    }

    function proofOf(RedeemOrder memory order) private view returns (ReceiptProof memory proof) {
        uint128 amount = order.items[0].amountMinor;
        proof.receipt = new ReceiptEntry[](1);
        proof.receipt[0] = ReceiptEntry(idOf(order), order.merchant, uint256(amount) * 10_000);
        proof.facts = RedemptionFacts(
            order.items[0].voucherId, order.holder, order.orderHash, amount, order.items[0].sequence
        );
    }

    function refuse(RedeemOrder memory order, bytes memory refusal) private {
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }
}
