// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    Powers,
    RedeemOrder,
    Settlement,
    TransferPolicy,
    VoucherId,
    VoucherKind
} from "src/VoucherTypes.sol";
import {FeeToken, ReentrantReceiver} from "./Actors.sol";
import {BookTest} from "./BookTest.sol";

contract VoucherBookCampaignTest is BookTest {
    uint16 private constant ALL_POWERS =
        Powers.PAUSE | Powers.VOID | Powers.ADD_MERCHANT | Powers.REMOVE_MERCHANT;
    uint32 private constant MAX_PAUSE = 3 days;

    // ------------------------------------------------------------------------------------------------- create

    function test_Create_keepsTheTerms() public {
        CampaignTerms memory t = powerful();
        CampaignId id = book.campaignIdOf(t.rulesHash, issuer, t.solanaIssuer, t.salt);
        vm.expectEmit(address(book));
        emit IBookEvents.CampaignCreated(id, issuer, funder, t.rulesHash, t);
        vm.expectEmit(address(book));
        emit IBookEvents.MerchantAdded(id, merchant);
        assertEq(CampaignId.unwrap(create(t)), CampaignId.unwrap(id));
        Campaign memory c = book.campaignOf(id);
        assertEq(c.rulesHash, t.rulesHash);
        assertEq(c.evmIssuer, issuer);
        assertEq(c.funder, funder);
        assertEq(c.settlementAsset, address(money));
        assertEq(c.lane, 7);
        assertEq(c.cap, 10);
        assertEq(c.maxPayout, MAX_PAYOUT);
        assertEq(c.unitsPerMinor, 10_000);
        assertEq(c.sponsorBp, 10_000);
        assertEq(c.validFrom, START);
        assertEq(c.validUntil, END);
        assertEq(c.claimUntil, END);
        assertEq(c.windowEnd, END);
        assertEq(c.maxPauseSeconds, MAX_PAUSE);
        assertEq(c.powers, ALL_POWERS);
        assertEq(uint8(c.transferPolicy), uint8(TransferPolicy.FREE));
        assertEq(book.powersOf(id), ALL_POWERS);
        assertTrue(book.isMerchant(id, merchant));
        assertFalse(book.isMerchant(id, stranger));
    }

    function test_RevertWhen_CampaignExists() public {
        CampaignTerms memory t = terms();
        CampaignId campaign = create(t);
        expect(abi.encodeWithSelector(IBookErrors.CampaignAlreadyExists.selector, campaign));
        create(t);
    }

    function test_RevertWhen_SomebodyElseCreates() public {
        expect(abi.encodeWithSelector(IBookErrors.NotIssuer.selector, stranger, issuer));
        vm.prank(stranger);
        book.createCampaign(terms(), new address[](0));
    }

    function test_RevertWhen_TermsAreImpossible() public {
        CampaignTerms memory t = terms();
        t.cap = 0;
        refuse(t, "cap");
        t.cap = 1 << 47;
        refuse(t, "cap");
        t = terms();
        t.validUntil = t.validFrom;
        refuse(t, "validUntil");
        t = terms();
        t.validUntil = type(uint40).max;
        (t.powers, t.maxPauseSeconds) = (Powers.PAUSE, 1);
        refuse(t, "validUntil");
        t = terms();
        t.claimUntil = END + 1;
        refuse(t, "claimUntil");
        t = terms();
        t.sponsorBp = 10_001;
        refuse(t, "sponsorBp");
        t = terms();
        t.settlementAsset = stranger;
        refuse(t, "settlementAsset");
        t = terms();
        t.funder = address(0);
        refuse(t, "funder");
        t = terms();
        t.unitsPerMinor = 0;
        refuse(t, "unitsPerMinor");
        t = terms();
        t.maxPauseSeconds = 1;
        refuse(t, "maxPauseSeconds");
        t = terms();
        t.powers = Powers.PAUSE;
        refuse(t, "maxPauseSeconds");
        t = terms();
        t.powers = 32;
        refuse(t, "powers");
        t = terms();
        vm.warp(END);
        refuse(t, "validUntil");
    }

    function test_RevertWhen_StoredValueHasNoExactFaceValue() public {
        CampaignTerms memory t = terms();
        t.kind = VoucherKind.STORED_VALUE;
        (t.unitsPerMinor, t.sponsorBp) = (1, 9_999);
        refuse(t, "unitsPerMinor");
        (t.unitsPerMinor, t.sponsorBp) = (10_000, 0);
        refuse(t, "unitsPerMinor");
        (t.unitsPerMinor, t.sponsorBp, t.maxPayout) = (10_000, 10_000, 9_999);
        refuse(t, "maxPayout");
        (t.maxPayout, t.settlementAsset, t.funder) = (0, address(0), address(0));
        refuse(t, "maxPayout");
    }

    function test_RevertWhen_MerchantIsNamedTwiceOrZero() public {
        address[] memory merchants = new address[](2);
        (merchants[0], merchants[1]) = (merchant, merchant);
        CampaignTerms memory t = terms();
        CampaignId id = book.campaignIdOf(t.rulesHash, issuer, t.solanaIssuer, t.salt);
        expect(abi.encodeWithSelector(IBookErrors.MerchantAlreadyAdded.selector, id, merchant));
        vm.prank(issuer);
        book.createCampaign(t, merchants);
        merchants[1] = address(0);
        expect(abi.encodeWithSelector(IBookErrors.InvalidTerm.selector, "merchants"));
        vm.prank(issuer);
        book.createCampaign(t, merchants);
    }

    function test_RevertWhen_CampaignDoesNotExist() public {
        CampaignId none = CampaignId.wrap(0);
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.CampaignNotFound.selector, none);
        expect(refusal);
        book.campaignOf(none);
        expect(refusal);
        book.fund(none, 1);
        expect(refusal);
        book.issue(none, 1, new address[](1));
        expect(refusal);
        book.reclaim(none);
        expect(refusal);
        book.uri(0);
        expect(refusal);
        book.escrowOf(none);
    }

    // --------------------------------------------------------------------------------------------------- fund

    function test_Fund_countsWhatArrives() public {
        FeeToken fee = new FeeToken(funder);
        CampaignTerms memory t = terms();
        t.settlementAsset = address(fee);
        CampaignId campaign = create(t);
        vm.startPrank(funder);
        fee.approve(address(book), 100);
        vm.expectEmit(address(book));
        emit IBookEvents.CampaignFunded(campaign, funder, 99);
        book.fund(campaign, 100);
        vm.stopPrank();
        assertEq(book.escrowOf(campaign), 99);
    }

    function test_Fund_ignoresDirectTransfers() public {
        CampaignId campaign = create(terms());
        vm.prank(funder);
        money.transfer(address(book), 50);
        assertEq(book.escrowOf(campaign), 0);
    }

    function test_RevertWhen_SomebodyElseFunds() public {
        CampaignId campaign = create(terms());
        expect(abi.encodeWithSelector(IBookErrors.NotFunder.selector, stranger, funder));
        vm.prank(stranger);
        book.fund(campaign, 1);
    }

    function test_RevertWhen_ThereIsNothingToFund() public {
        CampaignTerms memory t = terms();
        t.maxPayout = 0;
        CampaignId campaign = create(t);
        expect(abi.encodeWithSelector(IBookErrors.NothingToFund.selector, campaign));
        vm.prank(funder);
        book.fund(campaign, 1);
    }

    // -------------------------------------------------------------------------------------------------- issue

    function test_Issue_numbersOnFromOne() public {
        CampaignTerms memory t = powerful();
        CampaignId campaign = create(t);
        fund(campaign, uint256(MAX_PAYOUT) * 3);
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (holder, stranger);
        VoucherId first = campaign.voucherAt((uint64(7) << 56) | 1);
        vm.expectEmit(address(book));
        emit IBookEvents.VoucherIssued(first, campaign, holder);
        vm.prank(issuer);
        book.issue(campaign, 1, holders);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(first)), 1);
        assertEq(book.balanceOf(stranger, VoucherId.unwrap(first) + 1), 1);
        assertEq(book.issuedEver(campaign), 2);
        expect(abi.encodeWithSelector(IBookErrors.NotNextNumber.selector, 2, 3));
        vm.prank(issuer);
        book.issue(campaign, 2, holders);
    }

    function test_RevertWhen_CapWouldBePassed() public {
        CampaignTerms memory t = terms();
        t.maxPayout = 0;
        CampaignId campaign = create(t);
        expect(abi.encodeWithSelector(IBookErrors.CapExceeded.selector, 11, 10));
        vm.prank(issuer);
        book.issue(campaign, 1, new address[](11));
    }

    function test_RevertWhen_EscrowWouldNotCoverAll() public {
        CampaignId campaign = create(terms());
        fund(campaign, uint256(MAX_PAYOUT) * 2 - 1);
        expect(
            abi.encodeWithSelector(
                IBookErrors.UnderFunded.selector, uint256(MAX_PAYOUT) * 2, uint256(MAX_PAYOUT) * 2 - 1
            )
        );
        vm.prank(issuer);
        book.issue(campaign, 1, new address[](2));
    }

    function test_RevertWhen_SomebodyElseIssues() public {
        CampaignId campaign = create(terms());
        expect(abi.encodeWithSelector(IBookErrors.NotIssuer.selector, stranger, issuer));
        vm.prank(stranger);
        book.issue(campaign, 1, new address[](1));
    }

    /// @dev A holder that takes no ERC-1155 tokens cannot make the others' vouchers fail.
    function test_Issue_doesNotAskTheHolders() public {
        CampaignId campaign = create(terms());
        fund(campaign, 2 * MAX_PAYOUT);
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (address(money), stranger);
        vm.prank(issuer);
        book.issue(campaign, 1, holders);
        assertEq(book.balanceOf(address(money), VoucherId.unwrap(single(campaign, 1))), 1);
        assertEq(book.balanceOf(stranger, VoucherId.unwrap(single(campaign, 2))), 1);
    }

    function test_RevertWhen_HolderIsZero() public {
        CampaignId campaign = create(terms());
        fund(campaign, MAX_PAYOUT);
        address[] memory holders = new address[](1);
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(0)));
        vm.prank(issuer);
        book.issue(campaign, 1, holders);
    }

    function test_RevertWhen_IssuingAfterTheWindow() public {
        (CampaignId campaign,) = ready();
        vm.warp(END);
        expect(abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, END, 0, END));
        vm.prank(issuer);
        book.issue(campaign, 2, new address[](1));
    }

    // ------------------------------------------------------------------------------------------------ reclaim

    function test_Reclaim_sendsTheRestToTheFunderAfterTheWindow() public {
        (CampaignId campaign, VoucherId id) = ready();
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(id));
        vm.warp(END - 1);
        expect(abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, END - 1, END, type(uint256).max));
        book.reclaim(campaign);
        vm.warp(END);
        vm.prank(stranger);
        book.reclaim(campaign);
        assertEq(money.balanceOf(funder), 1_000_000_000 - MAX_PAYOUT);
        assertEq(money.balanceOf(address(book)), 0);
        assertEq(book.escrowOf(campaign), 0);
        expect(abi.encodeWithSelector(IBookErrors.NothingToReclaim.selector, campaign));
        book.reclaim(campaign);
    }

    // ------------------------------------------------------------------------------------------------- powers

    function test_RevertWhen_PowerIsNotDeclared() public {
        (CampaignId campaign, VoucherId id) = ready();
        vm.startPrank(issuer);
        expect(undeclared(campaign, Powers.PAUSE));
        book.pause(campaign);
        expect(undeclared(campaign, Powers.VOID));
        book.voidVoucher(id, 0);
        expect(undeclared(campaign, Powers.ADD_MERCHANT));
        book.addMerchant(campaign, stranger);
        expect(undeclared(campaign, Powers.REMOVE_MERCHANT));
        book.removeMerchant(campaign, merchant);
        expect(abi.encodeWithSelector(IBookErrors.CampaignNotPaused.selector, campaign));
        book.unpause(campaign);
    }

    function test_RevertWhen_SomebodyElseUsesAPower() public {
        (CampaignId campaign, VoucherId id) = ready(powerful());
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.NotIssuer.selector, stranger, issuer);
        vm.startPrank(stranger);
        expect(refusal);
        book.pause(campaign);
        expect(refusal);
        book.unpause(campaign);
        expect(refusal);
        book.voidVoucher(id, 0);
        expect(refusal);
        book.addMerchant(campaign, stranger);
        expect(refusal);
        book.removeMerchant(campaign, merchant);
    }

    function test_Void_endsALiveVoucher() public {
        (CampaignId campaign,) = ready(powerful());
        VoucherId id = campaign.voucherAt((uint64(7) << 56) | 1);
        vm.expectEmit(address(book));
        emit IBookEvents.VoucherVoided(id, campaign, holder, keccak256("reason"));
        vm.prank(issuer);
        book.voidVoucher(id, keccak256("reason"));
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        (,,, bool voided) = book.voucherOf(id);
        assertTrue(voided);
        assertEq(book.campaignOf(campaign).voided, 1);
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.VoucherVoid.selector, id);
        expect(refusal);
        vm.prank(issuer);
        book.voidVoucher(id, 0);
        RedeemOrder memory order = orderFor(id);
        bytes memory signature = sign(holderKey, order);
        expect(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
        expect(refusal);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
    }

    function test_RevertWhen_VoidingARedeemedVoucher() public {
        (CampaignId campaign,) = ready(powerful());
        VoucherId id = campaign.voucherAt((uint64(7) << 56) | 1);
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(id));
        expect(abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id));
        vm.prank(issuer);
        book.voidVoucher(id, 0);
    }

    function test_Merchants_comeAndGo() public {
        (CampaignId campaign,) = ready(powerful());
        vm.startPrank(issuer);
        book.addMerchant(campaign, stranger);
        assertTrue(book.isMerchant(campaign, stranger));
        book.removeMerchant(campaign, stranger);
        assertFalse(book.isMerchant(campaign, stranger));
        expect(abi.encodeWithSelector(IBookErrors.MerchantNotAccepted.selector, campaign, stranger));
        book.removeMerchant(campaign, stranger);
    }

    function test_Pause_stopsRedemptionAndLengthensTheWindow() public {
        (CampaignId campaign,) = ready(powerful());
        VoucherId id = campaign.voucherAt((uint64(7) << 56) | 1);
        approveRemainder(80_000_000);
        RedeemOrder memory order = orderFor(id);
        order.validBefore = type(uint64).max;
        bytes memory signature = sign(holderKey, order);
        vm.prank(issuer);
        book.pause(campaign);
        bytes memory refusal =
            abi.encodeWithSelector(IBookErrors.CampaignPaused.selector, campaign, START + MAX_PAUSE);
        vm.warp(START + 1 days);
        expect(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
        expect(refusal);
        vm.prank(issuer);
        book.issue(campaign, 2, new address[](1));
        expect(refusal);
        vm.prank(issuer);
        book.pause(campaign);
        assertTrue(book.campaignOf(campaign).paused);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        vm.prank(stranger);
        book.safeTransferFrom(stranger, holder, VoucherId.unwrap(id), 1, "");
        vm.prank(issuer);
        book.unpause(campaign);
        assertEq(book.campaignOf(campaign).windowEnd, END + 1 days);
        vm.warp(END + 1 days - 1);
        expect(
            abi.encodeWithSelector(
                IBookErrors.OutsideWindow.selector, END + 1 days - 1, END + 1 days, type(uint256).max
            )
        );
        book.reclaim(campaign);
        order.items[0].sequence = 2;
        redeemAs(merchant, order);
    }

    function test_Pause_endsByItselfAndCannotBeRepeated() public {
        (CampaignId campaign,) = ready(powerful());
        vm.prank(issuer);
        book.pause(campaign);
        vm.warp(START + MAX_PAUSE - 1);
        assertTrue(book.campaignOf(campaign).paused);
        vm.warp(START + MAX_PAUSE);
        assertFalse(book.campaignOf(campaign).paused);
        vm.warp(START + MAX_PAUSE + 5 days);
        assertEq(book.campaignOf(campaign).windowEnd, END + MAX_PAUSE);
        expect(abi.encodeWithSelector(IBookErrors.PauseExhausted.selector, campaign, MAX_PAUSE));
        vm.prank(issuer);
        book.pause(campaign);
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(campaign.voucherAt((uint64(7) << 56) | 1)));
        vm.prank(issuer);
        book.unpause(campaign);
        assertEq(book.campaignOf(campaign).windowEnd, END + MAX_PAUSE);
    }

    function testFuzz_Pause_neverLastsLongerThanDeclared(uint32[8] memory lengths) public {
        (CampaignId campaign,) = ready(powerful());
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.startPrank(issuer);
            try book.pause(campaign) {} catch {}
            skip(bound(lengths[i], 0, 1 days));
            try book.unpause(campaign) {} catch {}
            vm.stopPrank();
            Campaign memory c = book.campaignOf(campaign);
            assertLe(c.pausedSeconds, MAX_PAUSE);
            assertEq(c.windowEnd, END + c.pausedSeconds);
        }
    }

    // ------------------------------------------------------------------------------------------------ ERC-1155

    function test_Transfer_raisesMoves() public {
        (, VoucherId id) = ready();
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        (address owner, uint32 moves,,) = book.voucherOf(id);
        assertEq(owner, stranger);
        assertEq(moves, 1);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        assertEq(book.balanceOf(stranger, VoucherId.unwrap(id)), 1);
    }

    function test_Transfer_byOperatorAndInBatch() public {
        (CampaignId campaign, VoucherId first) = ready();
        VoucherId second = issueTo(campaign, holder);
        uint256[] memory ids = new uint256[](2);
        (ids[0], ids[1]) = (VoucherId.unwrap(first), VoucherId.unwrap(second));
        uint256[] memory ones = new uint256[](2);
        (ones[0], ones[1]) = (1, 1);
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155MissingApprovalForAll.selector, stranger, holder));
        vm.prank(stranger);
        book.safeBatchTransferFrom(holder, merchant, ids, ones, "");
        vm.prank(holder);
        book.setApprovalForAll(stranger, true);
        assertTrue(book.isApprovedForAll(holder, stranger));
        vm.prank(stranger);
        book.safeBatchTransferFrom(holder, merchant, ids, ones, "");
        address[] memory owners = new address[](2);
        (owners[0], owners[1]) = (merchant, holder);
        uint256[] memory balances = book.balanceOfBatch(owners, ids);
        assertEq(balances[0], 1);
        assertEq(balances[1], 0);
        vm.prank(holder);
        book.setApprovalForAll(stranger, false);
        assertFalse(book.isApprovedForAll(holder, stranger));
    }

    function test_Transfer_onceAndBound() public {
        CampaignTerms memory t = terms();
        t.transferPolicy = TransferPolicy.ONCE;
        (, VoucherId id) = ready(t);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        expect(abi.encodeWithSelector(IBookErrors.TransferNotAllowed.selector, id, TransferPolicy.ONCE, 1));
        vm.prank(stranger);
        book.safeTransferFrom(stranger, holder, VoucherId.unwrap(id), 1, "");
        vm.warp(START - 1 days);
        t.transferPolicy = TransferPolicy.BOUND;
        t.salt = bytes32(uint256(2));
        (, id) = ready(t);
        expect(abi.encodeWithSelector(IBookErrors.TransferNotAllowed.selector, id, TransferPolicy.BOUND, 0));
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
    }

    function test_Transfer_ofAnExpiredVoucher() public {
        (, VoucherId id) = ready();
        vm.warp(END + 1);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        assertEq(book.balanceOf(stranger, VoucherId.unwrap(id)), 1);
    }

    function test_RevertWhen_TransferIsMalformed() public {
        (, VoucherId id) = ready();
        uint256 raw = VoucherId.unwrap(id);
        vm.startPrank(holder);
        expect(abi.encodeWithSelector(IBookErrors.NotOneUnit.selector, 0));
        book.safeTransferFrom(holder, stranger, raw, 0, "");
        expect(abi.encodeWithSelector(IBookErrors.NotOneUnit.selector, 2));
        book.safeTransferFrom(holder, stranger, raw, 2, "");
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(0)));
        book.safeTransferFrom(holder, address(0), raw, 1, "");
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(money)));
        book.safeTransferFrom(holder, address(money), raw, 1, "");
        expect(abi.encodeWithSelector(IBookErrors.VoucherNotFound.selector, raw + 1));
        book.safeTransferFrom(holder, stranger, raw + 1, 1, "");
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidArrayLength.selector, 1, 0));
        book.safeBatchTransferFrom(holder, stranger, new uint256[](1), new uint256[](0), "");
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidArrayLength.selector, 0, 1));
        book.balanceOfBatch(new address[](1), new uint256[](0));
        expect(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidOperator.selector, address(0)));
        book.setApprovalForAll(address(0), true);
        vm.stopPrank();
        expect(abi.encodeWithSelector(IBookErrors.NotVoucherHolder.selector, id, stranger, holder));
        vm.prank(stranger);
        book.safeTransferFrom(stranger, merchant, raw, 1, "");
    }

    function test_Uri_isTheCampaignsOrMadeByTheBook() public {
        (, VoucherId id) = ready();
        assertEq(
            book.uri(VoucherId.unwrap(id)),
            string.concat(
                "data:application/json;base64,",
                vm.toBase64(
                    abi.encodePacked(
                        '{"name":"Voucher 0x0000000000000001","properties":{"voucher_id":"',
                        vm.toString(bytes32(VoucherId.unwrap(id))),
                        '","rules_hash":"',
                        vm.toString(keccak256("rules")),
                        '"}}'
                    )
                )
            )
        );
        CampaignTerms memory t = terms();
        t.salt = bytes32(uint256(2));
        t.metadataUri = "https://example.org/{id}.json";
        CampaignId campaign = create(t);
        assertEq(book.uri(VoucherId.unwrap(single(campaign, 1))), t.metadataUri);
    }

    function test_SupportsInterface() public view {
        assertTrue(book.supportsInterface(0x01ffc9a7), "ERC-165");
        assertTrue(book.supportsInterface(0xd9b67a26), "ERC-1155");
        assertTrue(book.supportsInterface(0x0e89341c), "ERC-1155 metadata");
        assertFalse(book.supportsInterface(0xffffffff));
    }

    function test_RevertWhen_VoucherIsAskedForThatNeverWas() public {
        expect(abi.encodeWithSelector(IBookErrors.VoucherNotFound.selector, 5));
        book.voucherOf(VoucherId.wrap(5));
    }

    // ------------------------------------------------------------------------------------------------- helpers

    /// @dev Every power, lane 7.
    function powerful() private view returns (CampaignTerms memory t) {
        t = terms();
        (t.powers, t.maxPauseSeconds, t.lane) = (ALL_POWERS, MAX_PAUSE, 7);
    }

    function undeclared(CampaignId campaign, uint16 power) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBookErrors.PowerNotDeclared.selector, campaign, power);
    }

    function refuse(CampaignTerms memory t, string memory term) private {
        expect(abi.encodeWithSelector(IBookErrors.InvalidTerm.selector, term));
        create(t);
    }

    function expect(bytes memory refusal) private {
        vm.expectRevert(refusal);
    }
}
