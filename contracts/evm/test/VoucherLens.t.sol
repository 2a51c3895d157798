// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IBookErrors} from "src/IBookErrors.sol";
import {IVoucherBook} from "src/IVoucherBook.sol";
import {LensCall} from "src/LensCall.sol";
import {CampaignSeen, MerchantKey, MerchantSeen, VoucherLens, VoucherSeen} from "src/VoucherLens.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    Powers,
    Settlement,
    VoucherId,
    VoucherKind
} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";
import {Commitments} from "./Commitments.sol";

/// @notice Every answer in bulk is the book's own single answer, and absence is told, not refused.
contract VoucherLensTest is BookTest {
    VoucherLens private lens = new VoucherLens();

    function test_Campaigns_areTheBooksAnswers() public {
        CampaignTerms memory t = terms();
        (t.powers, t.maxPauseSeconds) = (Powers.PAUSE | Powers.VOID, 1 hours);
        (CampaignId campaign, VoucherId id) = ready(t);
        approveRemainder(type(uint256).max);
        redeemAs(merchant, orderFor(id));
        vm.prank(issuer);
        book.pause(campaign);
        CampaignId[] memory ids = new CampaignId[](3);
        (ids[0], ids[1], ids[2]) = (campaign, CampaignId.wrap("nobody's"), campaign);

        CampaignSeen[] memory seen = lens.campaignsOf(book, ids);

        assertEq(seen.length, 3);
        for (uint256 i = 0; i < 3; i += 2) {
            assertTrue(seen[i].exists);
            assertEq(abi.encode(seen[i].campaign), abi.encode(book.campaignOf(campaign)));
            assertEq(seen[i].escrow, 9 * uint256(MAX_PAYOUT));
            assertEq(seen[i].campaign.powers, Powers.PAUSE | Powers.VOID);
            assertEq(seen[i].campaign.redeemed, 1);
            assertTrue(seen[i].campaign.paused);
        }
        Campaign memory none;
        assertEq(abi.encode(seen[1]), abi.encode(CampaignSeen(false, 0, none)));
    }

    function test_Vouchers_ofEveryStateAndOrigin() public {
        CampaignTerms memory t = terms();
        t.powers = Powers.VOID;
        (CampaignId campaign, VoucherId redeemed) = ready(t);
        VoucherId moved = issueTo(campaign, holder);
        VoucherId voided = issueTo(campaign, holder);
        issuePacked(campaign, 0, four());
        VoucherId[] memory ids = new VoucherId[](6);
        (ids[0], ids[1], ids[2]) = (redeemed, moved, voided);
        ids[3] = Commitments.packedId(campaign, 0, 1);
        ids[4] = Commitments.packedId(campaign, 0, 0);
        ids[5] = Commitments.packedId(campaign, 0, 4);
        redeemAs(merchant, orderOf(redeemed, 2_000, 0));
        redeemAs(merchant, orderOf(ids[4], 2_000, 0));
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(moved), 1, "");
        vm.prank(issuer);
        book.voidVoucher(voided, 0);

        VoucherSeen[] memory seen = lens.vouchersOf(book, ids);

        same(seen[0], VoucherSeen(true, holder, 0, START, false, 0, 0));
        same(seen[1], VoucherSeen(true, stranger, 1, 0, false, 1, 0));
        same(seen[2], VoucherSeen(true, holder, 0, 0, true, 0, 0));
        same(seen[3], VoucherSeen(true, four()[1], 0, 0, false, 0, 0));
        same(seen[4], VoucherSeen(true, holder, 0, 1, false, 0, 0));
        same(seen[5], VoucherSeen(false, address(0), 0, 0, false, 0, 0));
    }

    function test_Vouchers_withTheirValue() public {
        CampaignTerms memory t = terms();
        t.kind = VoucherKind.STORED_VALUE;
        (, VoucherId id) = ready(t);
        redeemAs(merchant, orderOf(id, 500, 0));
        VoucherId[] memory ids = new VoucherId[](1);
        ids[0] = id;
        same(lens.vouchersOf(book, ids)[0], VoucherSeen(true, holder, 0, 0, false, 1, 1_500));
    }

    function test_Merchants_withTheirCredit() public {
        CampaignTerms memory t = terms();
        (t.settlement, t.refundWindow) = (Settlement.ACCRUED, 1 days);
        (CampaignId campaign, VoucherId id) = ready(t);
        redeemAs(merchant, orderOf(id, 2_000, 0));
        MerchantKey[] memory keys = new MerchantKey[](3);
        keys[0] = MerchantKey(campaign, merchant);
        keys[1] = MerchantKey(campaign, stranger);
        keys[2] = MerchantKey(CampaignId.wrap("nobody's"), merchant);
        MerchantSeen[] memory seen = lens.merchantsOf(book, keys);
        assertEq(abi.encode(seen[0]), abi.encode(MerchantSeen(true, 0, MAX_PAYOUT)));
        assertEq(abi.encode(seen[1]), abi.encode(MerchantSeen(false, 0, 0)));
        assertEq(abi.encode(seen[2]), abi.encode(MerchantSeen(false, 0, 0)));
        vm.warp(START + 2 days);
        seen = lens.merchantsOf(book, keys);
        assertEq(abi.encode(seen[0]), abi.encode(MerchantSeen(true, MAX_PAYOUT, 0)));
    }

    function test_NothingAskedIsNothingTold() public view {
        assertEq(lens.campaignsOf(book, new CampaignId[](0)).length, 0);
        assertEq(lens.vouchersOf(book, new VoucherId[](0)).length, 0);
        assertEq(lens.merchantsOf(book, new MerchantKey[](0)).length, 0);
    }

    /// @dev Only the refusal that means absence is absence; a broken book is not an empty one.
    function test_RevertWhen_TheBookRefusesForAnotherReason() public {
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.EmptyOrder.selector);
        vm.mockCallRevert(
            address(book), abi.encodeWithSelector(IVoucherBook(book).campaignOf.selector), refusal
        );
        vm.mockCallRevert(
            address(book), abi.encodeWithSelector(IVoucherBook(book).voucherOf.selector), refusal
        );
        vm.mockCallRevert(address(book), abi.encodeWithSelector(IVoucherBook(book).creditOf.selector), "");
        vm.expectRevert(refusal);
        lens.campaignsOf(book, new CampaignId[](1));
        vm.expectRevert(refusal);
        lens.vouchersOf(book, new VoucherId[](1));
        vm.expectRevert(bytes(""));
        lens.merchantsOf(book, new MerchantKey[](1));
    }

    function test_RevertWhen_ThereIsNoBook() public {
        vm.expectRevert(bytes(""));
        lens.vouchersOf(IVoucherBook(stranger), new VoucherId[](1));
    }

    // --------------------------------------------------------------------------------------------- undeployed

    /// @dev A hundred vouchers stay below the size of a contract, and read the same as from a deployed lens.
    function test_Undeployed_answersTheSame() public {
        (, VoucherId id) = ready();
        VoucherId[] memory ids = new VoucherId[](100);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = VoucherId.wrap(VoucherId.unwrap(id) + i);
        }
        bytes memory question = abi.encodeCall(VoucherLens.vouchersOf, (book, ids));
        (bool done, bytes memory expected) = address(lens).staticcall(question);
        assertTrue(done);
        assertEq(address(new LensCall(type(VoucherLens).creationCode, question)).code, expected);
        assertLe(expected.length, 24_576);
    }

    function test_RevertWhen_AnUndeployedLensIsRefused() public {
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.EmptyOrder.selector);
        vm.mockCallRevert(
            address(book), abi.encodeWithSelector(IVoucherBook(book).voucherOf.selector), refusal
        );
        bytes memory question = abi.encodeCall(VoucherLens.vouchersOf, (book, new VoucherId[](1)));
        vm.expectRevert(refusal);
        new LensCall(type(VoucherLens).creationCode, question);
        vm.expectRevert(bytes(""));
        new LensCall(hex"fe", question);
    }

    function same(VoucherSeen memory seen, VoucherSeen memory expected) private pure {
        assertEq(abi.encode(seen), abi.encode(expected));
    }
}
