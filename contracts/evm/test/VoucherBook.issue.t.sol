// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {
    CampaignId,
    CampaignTerms,
    Powers,
    RedeemOrder,
    TransferPolicy,
    VoucherId
} from "src/VoucherTypes.sol";
import {ContractAccount} from "./Actors.sol";
import {Commitments} from "./Commitments.sol";
import {IssueTest} from "./IssueTest.sol";

/// @notice Packed batches and tickets, and the cap that all ways share.
contract VoucherBookIssueTest is IssueTest {
    address private signer;
    uint256 private signerKey;

    function setUp() public override {
        super.setUp();
        (signer, signerKey) = makeAddrAndKey("ticket signer");
    }

    // ------------------------------------------------------------------------------------------------ packed

    function test_Packed_ownersReadBack() public {
        CampaignId campaign = funded(terms());
        address[] memory owners = four();
        vm.expectEmit(address(book));
        emit IBookEvents.BatchIssued(campaign, 7, 4);
        for (uint16 i = 0; i < 4; ++i) {
            vm.expectEmit(address(book));
            uint256 id = VoucherId.unwrap(Commitments.packedId(campaign, 7, i));
            emit IERC1155.TransferSingle(issuer, address(0), owners[i], id, 1);
        }
        issuePacked(campaign, 7, owners);
        for (uint16 i = 0; i < 4; ++i) {
            VoucherId id = Commitments.packedId(campaign, 7, i);
            (address owner, uint32 moves, uint40 redeemedAt, bool voided) = book.voucherOf(id);
            assertEq(owner, owners[i]);
            assertEq(moves, 0);
            assertEq(redeemedAt, 0);
            assertFalse(voided);
            assertEq(book.balanceOf(owners[i], VoucherId.unwrap(id)), 1);
            assertEq(book.balanceOf(stranger, VoucherId.unwrap(id)), 0);
        }
        assertEq(book.issuedEver(campaign), 4);
        (address blob, uint256 count) = book.batchOf(campaign, 7);
        assertEq(count, 4);
        assertEq(blob.code, abi.encodePacked(hex"00", Commitments.packed(owners)));
        expect(Commitments.packedId(campaign, 7, 4), IBookErrors.VoucherNotFound.selector);
        book.voucherOf(Commitments.packedId(campaign, 7, 4));
        expect(Commitments.packedId(campaign, 8, 0), IBookErrors.VoucherNotFound.selector);
        book.voucherOf(Commitments.packedId(campaign, 8, 0));
        assertEq(book.balanceOf(address(0), VoucherId.unwrap(Commitments.packedId(campaign, 7, 4))), 0);
    }

    function test_Packed_isRedeemedOnceAndKeepsABit() public {
        CampaignId campaign = funded(terms());
        issuePacked(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.packedId(campaign, 0, 0);
        redeemAs(merchant, orderOf(id, 2_000, 0));
        (address owner,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(owner, holder);
        assertEq(redeemedAt, 1);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
        refuse(orderOf(id, 1_000, 0), abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id));
        expect(id, IBookErrors.VoucherAlreadyRedeemed.selector);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        // Its neighbour in the same word lives.
        assertEq(book.balanceOf(four()[1], VoucherId.unwrap(id) + 1), 1);
    }

    function test_Packed_movesIntoASlotOfItsOwn() public {
        CampaignId campaign = funded(terms());
        issuePacked(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.packedId(campaign, 0, 0);
        RedeemOrder memory before = orderOf(id, 2_000, 0);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        (address owner, uint32 moves,,) = book.voucherOf(id);
        assertEq(owner, stranger);
        assertEq(moves, 1);
        vm.prank(stranger);
        book.safeTransferFrom(stranger, holder, VoucherId.unwrap(id), 1, "");
        refuse(before, abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 0, 2));
        redeemAs(merchant, orderOf(id, 2_000, 2));
        (,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(redeemedAt, START);
    }

    function test_Packed_onceMovesOnce() public {
        CampaignTerms memory t = terms();
        t.transferPolicy = TransferPolicy.ONCE;
        CampaignId campaign = funded(t);
        issuePacked(campaign, 0, four());
        VoucherId id = Commitments.packedId(campaign, 0, 0);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.TransferNotAllowed.selector, id, TransferPolicy.ONCE, 1)
        );
        vm.prank(stranger);
        book.safeTransferFrom(stranger, holder, VoucherId.unwrap(id), 1, "");
    }

    function test_Packed_voidEndsIt() public {
        CampaignTerms memory t = terms();
        t.powers = Powers.VOID;
        CampaignId campaign = funded(t);
        issuePacked(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.packedId(campaign, 0, 0);
        vm.prank(issuer);
        book.voidVoucher(id, keccak256("reason"));
        (address owner,,, bool voided) = book.voucherOf(id);
        assertEq(owner, holder);
        assertTrue(voided);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        refuse(orderOf(id, 2_000, 0), abi.encodeWithSelector(IBookErrors.VoucherVoid.selector, id));
    }

    function test_Packed_theLargestBlobFits() public {
        CampaignTerms memory t = terms();
        (t.cap, t.maxPayout, t.settlementAsset, t.funder) = (2_000, 0, address(0), address(0));
        CampaignId campaign = create(t);
        address[] memory owners = new address[](1_228);
        for (uint256 i = 0; i < owners.length; ++i) {
            owners[i] = address(uint160(i + 1));
        }
        issuePacked(campaign, 0, owners);
        (address last,,,) = book.voucherOf(Commitments.packedId(campaign, 0, 1_227));
        assertEq(last, address(1_228));
        bytes memory tooLong = abi.encodePacked(Commitments.packed(owners), stranger);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidBatch.selector, tooLong.length, 1_228));
        vm.prank(issuer);
        book.issuePacked(campaign, 1, tooLong);
    }

    function test_RevertWhen_PackedIssueIsMalformed() public {
        CampaignId campaign = funded(terms());
        vm.startPrank(issuer);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidBatch.selector, 0, 1_228));
        book.issuePacked(campaign, 0, "");
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidBatch.selector, 21, 1_228));
        book.issuePacked(campaign, 0, abi.encodePacked(holder, hex"00"));
        vm.expectRevert(abi.encodeWithSelector(IERC1155Errors.ERC1155InvalidReceiver.selector, address(0)));
        book.issuePacked(campaign, 0, abi.encodePacked(holder, address(0), stranger));
        book.issuePacked(campaign, 0, abi.encodePacked(holder));
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.BatchAlreadyIssued.selector, campaign, 0));
        book.issuePacked(campaign, 0, abi.encodePacked(holder));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotIssuer.selector, stranger, issuer));
        vm.prank(stranger);
        book.issuePacked(campaign, 1, abi.encodePacked(holder));
    }

    function testFuzz_Packed_everyOwner(uint16 count, uint256 seed) public {
        CampaignTerms memory t = terms();
        (t.cap, t.maxPayout, t.settlementAsset, t.funder) = (2_000, 0, address(0), address(0));
        CampaignId campaign = create(t);
        address[] memory owners = new address[](bound(count, 1, 300));
        for (uint256 i = 0; i < owners.length; ++i) {
            owners[i] = address(bytes20(keccak256(abi.encode(seed, i))));
        }
        issuePacked(campaign, uint32(seed), owners);
        for (uint16 i = 0; i < owners.length; ++i) {
            (address owner,,,) = book.voucherOf(Commitments.packedId(campaign, uint32(seed), i));
            assertEq(owner, owners[i]);
        }
    }

    // ----------------------------------------------------------------------------------------- cap and escrow

    /// @dev Singles, batches, drops and tickets draw on one cap and one escrow; singles keep numbers of their own.
    function test_Cap_isSharedByEveryWay() public {
        CampaignTerms memory t = terms();
        t.ticketSigner = signer;
        CampaignId campaign = funded(t);
        issuePacked(campaign, 0, four());
        commit(campaign, 0, four());
        assertEq(book.issuedEver(campaign), 8);
        issueTo1(campaign, 1);
        claim(campaign, 5, stranger);
        assertEq(book.issuedEver(campaign), 10);
        assertEq(book.campaignOf(campaign).nextNumber, 2);
        vm.startPrank(issuer);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.CapExceeded.selector, 11, 10));
        book.issuePacked(campaign, 1, abi.encodePacked(holder));
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.CapExceeded.selector, 11, 10));
        book.commitDrop(campaign, 1, keccak256("root"), 1);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.CapExceeded.selector, 11, 10));
        book.issue(campaign, 2, new address[](1));
        vm.stopPrank();
        VoucherId id = Commitments.ticketId(campaign, 6);
        bytes memory ticket = ticketFor(id, stranger, END);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.CapExceeded.selector, 11, 10));
        book.claim(id, stranger, END, ticket);
    }

    function test_RevertWhen_TheEscrowCoversFewer() public {
        CampaignTerms memory t = terms();
        t.ticketSigner = signer;
        CampaignId campaign = create(t);
        fund(campaign, 4 * uint256(MAX_PAYOUT) - 1);
        bytes memory blob = Commitments.packed(four());
        bytes memory refusal = abi.encodeWithSelector(
            IBookErrors.UnderFunded.selector, 4 * uint256(MAX_PAYOUT), 4 * uint256(MAX_PAYOUT) - 1
        );
        vm.startPrank(issuer);
        vm.expectRevert(refusal);
        book.issuePacked(campaign, 0, blob);
        vm.expectRevert(refusal);
        book.commitDrop(campaign, 0, keccak256("root"), 4);
        vm.stopPrank();
        fund(campaign, 1);
        vm.prank(issuer);
        book.commitDrop(campaign, 0, keccak256("root"), 4);
        VoucherId id = Commitments.ticketId(campaign, 6);
        bytes memory ticket = ticketFor(id, stranger, END);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.UnderFunded.selector, 5 * uint256(MAX_PAYOUT), 4 * uint256(MAX_PAYOUT)
            )
        );
        book.claim(id, stranger, END, ticket);
    }

    // ----------------------------------------------------------------------------------------------- tickets

    function test_Ticket_isClaimedOnce() public {
        CampaignTerms memory t = terms();
        t.ticketSigner = signer;
        CampaignId campaign = funded(t);
        VoucherId id = Commitments.ticketId(campaign, 5);
        vm.expectEmit(address(book));
        emit IBookEvents.VoucherIssued(id, campaign, holder);
        claim(campaign, 5, holder);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1);
        assertEq(book.issuedEver(campaign), 1);
        bytes memory ticket = ticketFor(id, holder, END);
        expect(id, IBookErrors.VoucherAlreadyClaimed.selector);
        book.claim(id, holder, END, ticket);
        vm.warp(START);
        redeemAs(merchant, orderOf(id, 2_000, 0));
        ticket = ticketFor(id, stranger, END);
        expect(id, IBookErrors.VoucherAlreadyClaimed.selector);
        book.claim(id, stranger, END, ticket);
    }

    function test_RevertWhen_TicketIsNotForThis() public {
        CampaignTerms memory t = terms();
        t.ticketSigner = signer;
        CampaignId campaign = funded(t);
        VoucherId id = Commitments.ticketId(campaign, 5);
        bytes memory ticket = ticketFor(id, holder, END);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.InvalidSignature.selector, signer, book.ticketDigestOf(id, stranger, END)
            )
        );
        book.claim(id, stranger, END, ticket);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.InvalidSignature.selector, signer, book.ticketDigestOf(id, holder, END + 1)
            )
        );
        book.claim(id, holder, END + 1, ticket);
        vm.chainId(5);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.InvalidSignature.selector, signer, book.ticketDigestOf(id, holder, END)
            )
        );
        book.claim(id, holder, END, ticket);
    }

    /// @dev Only serials that no other way can ever give.
    function test_RevertWhen_TicketNamesAForeignSerial() public {
        CampaignTerms memory t = terms();
        t.ticketSigner = signer;
        CampaignId campaign = funded(t);
        VoucherId[5] memory ids = [
            single(campaign, 1),
            Commitments.packedId(campaign, 0, 0),
            Commitments.leafId(campaign, 0, 0),
            Commitments.reissueId(campaign, 1),
            campaign.voucherAt((uint64(1) << 56) | (uint64(1) << 47))
        ];
        for (uint256 i = 0; i < ids.length; ++i) {
            bytes memory ticket = ticketFor(ids[i], holder, END);
            expect(ids[i], IBookErrors.InvalidTicketSerial.selector);
            book.claim(ids[i], holder, END, ticket);
        }
    }

    function test_RevertWhen_ClaimingTooLateOrWhilePaused() public {
        CampaignTerms memory t = terms();
        (t.ticketSigner, t.claimUntil) = (signer, START + 1 days);
        (t.powers, t.maxPauseSeconds) = (Powers.PAUSE, 1 hours);
        CampaignId campaign = funded(t);
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.ticketId(campaign, 5);
        bytes memory ticket = ticketFor(id, holder, START);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.TicketExpired.selector, START, START));
        book.claim(id, holder, START, ticket);
        ticket = ticketFor(id, holder, END);
        vm.prank(issuer);
        book.pause(campaign);
        bytes memory paused =
            abi.encodeWithSelector(IBookErrors.CampaignPaused.selector, campaign, START + 1 hours);
        vm.expectRevert(paused);
        book.claim(id, holder, END, ticket);
        vm.expectRevert(paused);
        book.claimFromDrop(Commitments.leafId(campaign, 0, 0), holder, proofs[0]);
        // The deadline has moved on with the pause.
        vm.warp(START + 1 days + 1 hours - 1);
        book.claimFromDrop(Commitments.leafId(campaign, 0, 0), holder, proofs[0]);
        vm.warp(START + 1 days + 1 hours);
        bytes memory late = abi.encodeWithSelector(
            IBookErrors.OutsideWindow.selector, START + 1 days + 1 hours, 0, START + 1 days + 1 hours
        );
        vm.expectRevert(late);
        book.claim(id, holder, END, ticket);
        vm.expectRevert(late);
        book.claimFromDrop(Commitments.leafId(campaign, 0, 0), holder, proofs[0]);
    }

    function test_Ticket_limitPerHolderIsCounted() public {
        CampaignTerms memory t = terms();
        (t.ticketSigner, t.claimsPerHolder) = (signer, 2);
        CampaignId campaign = funded(t);
        claim(campaign, 1, holder);
        claim(campaign, 2, holder);
        assertEq(book.claimsOf(campaign, holder), 2);
        VoucherId id = Commitments.ticketId(campaign, 3);
        bytes memory ticket = ticketFor(id, holder, END);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.ClaimLimitReached.selector, campaign, holder, 2));
        book.claim(id, holder, END, ticket);
        claim(campaign, 3, stranger);
    }

    function test_Ticket_signerChangesOnlyIfDeclared() public {
        CampaignId campaign = funded(terms());
        VoucherId id = Commitments.ticketId(campaign, 3);
        bytes memory ticket = ticketFor(id, holder, END);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NoTicketSigner.selector, campaign));
        book.claim(id, holder, END, ticket);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.PowerNotDeclared.selector, campaign, Powers.TICKET_SIGNER)
        );
        vm.prank(issuer);
        book.setTicketSigner(campaign, signer);

        CampaignTerms memory t = terms();
        (t.powers, t.salt) = (Powers.TICKET_SIGNER, "other");
        campaign = funded(t);
        assertEq(book.powersOf(campaign), Powers.TICKET_SIGNER);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotIssuer.selector, signer, issuer));
        vm.prank(signer);
        book.setTicketSigner(campaign, signer);
        vm.expectEmit(address(book));
        emit IBookEvents.TicketSignerSet(campaign, signer);
        vm.prank(issuer);
        book.setTicketSigner(campaign, signer);
        claim(campaign, 1, holder);
        vm.prank(issuer);
        book.setTicketSigner(campaign, address(0));
        id = Commitments.ticketId(campaign, 2);
        ticket = ticketFor(id, holder, END);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NoTicketSigner.selector, campaign));
        book.claim(id, holder, END, ticket);
    }

    function test_Ticket_ofAContractSigner() public {
        ContractAccount account = new ContractAccount();
        CampaignTerms memory t = terms();
        t.ticketSigner = address(account);
        CampaignId campaign = funded(t);
        VoucherId id = Commitments.ticketId(campaign, 3);
        bytes32 digest = book.ticketDigestOf(id, holder, END);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, address(account), digest)
        );
        book.claim(id, holder, END, "");
        account.agree(digest);
        book.claim(id, holder, END, "");
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function ticketFor(VoucherId id, address to, uint64 validBefore) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signerKey, book.ticketDigestOf(id, to, validBefore));
        return abi.encodePacked(r, s, v);
    }

    function claim(CampaignId campaign, uint48 number, address to) private {
        VoucherId id = Commitments.ticketId(campaign, number);
        bytes memory ticket = ticketFor(id, to, END);
        vm.prank(relayer);
        book.claim(id, to, END, ticket);
    }
}
