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
import {BookTest} from "./BookTest.sol";
import {Commitments} from "./Commitments.sol";

/// @notice Packed batches, drops and tickets.
contract VoucherBookIssueTest is BookTest {
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

    // ------------------------------------------------------------------------------------------------- drops

    function test_Drop_claimedByAnybodyForItsHolder() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 3, four());
        assertEq(book.issuedEver(campaign), 4);
        VoucherId id = Commitments.leafId(campaign, 3, 0);
        expect(id, IBookErrors.VoucherNotFound.selector);
        book.voucherOf(id);
        vm.expectEmit(address(book));
        emit IERC1155.TransferSingle(stranger, address(0), holder, VoucherId.unwrap(id), 1);
        vm.prank(stranger);
        book.claimFromDrop(id, holder, proofs[0]);
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 1);
        assertEq(book.issuedEver(campaign), 4);
        expect(id, IBookErrors.VoucherAlreadyClaimed.selector);
        book.claimFromDrop(id, holder, proofs[0]);
        (bytes28 root, uint32 count) = book.dropOf(campaign, 3);
        assertEq(count, 4);
        assertTrue(root != 0);
    }

    function test_RevertWhen_ClaimDoesNotMatchTheDrop() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 3, four());
        VoucherId id = Commitments.leafId(campaign, 3, 0);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidProof.selector, id, stranger));
        book.claimFromDrop(id, stranger, proofs[0]);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidProof.selector, id, holder));
        book.claimFromDrop(id, holder, proofs[1]);
        VoucherId other = Commitments.leafId(campaign, 3, 1);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidProof.selector, other, holder));
        book.claimFromDrop(other, holder, proofs[0]);
        // An inner node is no leaf: leaves are hashed twice.
        bytes32[] memory shorter = new bytes32[](1);
        shorter[0] = proofs[0][1];
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidProof.selector, id, holder));
        book.claimFromDrop(id, holder, shorter);
        id = Commitments.leafId(campaign, 4, 0);
        expect(id, IBookErrors.VoucherNotFound.selector);
        book.claimFromDrop(id, holder, proofs[0]);
        id = single(campaign, 1);
        expect(id, IBookErrors.VoucherNotFound.selector);
        book.claimFromDrop(id, holder, proofs[0]);
    }

    /// @dev The tree may hold more leaves than were promised and paid for.
    function test_RevertWhen_TheLeafIsBeyondTheCount() public {
        CampaignId campaign = funded(terms());
        (bytes32 root, bytes32[][] memory proofs) = Commitments.tree(campaign, 0, four());
        vm.prank(issuer);
        book.commitDrop(campaign, 0, root, 3);
        address last = four()[3];
        VoucherId id = Commitments.leafId(campaign, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidProof.selector, id, last));
        book.claimFromDrop(id, last, proofs[3]);
    }

    function test_RevertWhen_TheDropIsCommittedAgainOrEmpty() public {
        CampaignId campaign = funded(terms());
        vm.startPrank(issuer);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidDrop.selector, bytes32(0), 1));
        book.commitDrop(campaign, 0, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidDrop.selector, bytes32("r"), 0));
        book.commitDrop(campaign, 0, "r", 0);
        book.commitDrop(campaign, 0, "r", 1);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.DropAlreadyCommitted.selector, campaign, 0));
        book.commitDrop(campaign, 0, "s", 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotIssuer.selector, stranger, issuer));
        vm.prank(stranger);
        book.commitDrop(campaign, 1, "r", 1);
    }

    /// @dev One leaf is a whole tree: its proof is empty.
    function test_Drop_ofOneLeaf() public {
        CampaignId campaign = funded(terms());
        bytes32 root = Commitments.leaf(campaign, 0, 0, holder);
        vm.prank(issuer);
        book.commitDrop(campaign, 0, root, 1);
        vm.warp(START);
        fromDropAs(merchant, orderOf(Commitments.leafId(campaign, 0, 0), 2_000, 0), new bytes32[](0));
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
    }

    function test_Drop_unclaimedLeafCannotBeTransferred() public {
        CampaignId campaign = funded(terms());
        commit(campaign, 0, four());
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        expect(id, IBookErrors.VoucherNotFound.selector);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
    }

    function test_Drop_redeemedStraightFromTheCommitment() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        RedeemOrder memory order = orderOf(id, 2_000, 0);
        vm.expectEmit(address(book));
        emit IERC1155.TransferSingle(merchant, address(0), holder, VoucherId.unwrap(id), 1);
        vm.expectEmit(address(book));
        emit IERC1155.TransferSingle(merchant, holder, address(0), VoucherId.unwrap(id), 1);
        fromDropAs(merchant, order, proofs[0]);
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
        assertEq(book.campaignOf(campaign).redeemed, 1);
        (address owner,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(owner, address(0));
        assertEq(redeemedAt, 1);
        // The same proof again, by any way.
        bytes memory used = abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id);
        refuseFromDrop(order, proofs[0], used);
        vm.expectRevert(used);
        book.claimFromDrop(id, holder, proofs[0]);
        refuse(order, used);
    }

    function test_Drop_claimedThenRedeemedFromDrop() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        book.claimFromDrop(id, holder, proofs[0]);
        // The claimed voucher is redeemed as any other, once.
        fromDropAs(merchant, orderOf(id, 2_000, 0), proofs[0]);
        (,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(redeemedAt, START);
        refuseFromDrop(
            orderOf(id, 1, 0),
            proofs[0],
            abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id)
        );
    }

    function test_RevertWhen_AClaimedLeafMovedBeforeRedeemingItFromTheDrop() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        book.claimFromDrop(id, holder, proofs[0]);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        refuseFromDrop(
            orderOf(id, 2_000, 0),
            proofs[0],
            abi.encodeWithSelector(IBookErrors.NotVoucherHolder.selector, id, holder, stranger)
        );
    }

    function test_RevertWhen_AnUnclaimedLeafIsRedeemedWithoutProof() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        refuse(orderOf(id, 2_000, 0), abi.encodeWithSelector(IBookErrors.VoucherNotFound.selector, id));
        refuseFromDrop(
            orderOf(id, 2_000, 0),
            proofs[1],
            abi.encodeWithSelector(IBookErrors.InvalidProof.selector, id, holder)
        );
        refuseFromDrop(
            orderOf(id, 2_000, 1),
            proofs[0],
            abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 1, 0)
        );
        RedeemOrder memory order = orderOf(id, 2_000, 0);
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.ProofCountMismatch.selector, 1, 0));
        vm.prank(merchant);
        book.redeemFromDrop(order, signature, new bytes32[][](0));
    }

    function test_Drop_mixedWithOtherVouchersInOneOrder() public {
        CampaignId campaign = funded(terms());
        bytes32[][] memory proofs = commit(campaign, 0, four());
        issuePacked(campaign, 0, four());
        VoucherId[] memory ids = new VoucherId[](3);
        ids[0] = Commitments.packedId(campaign, 0, 0);
        ids[1] = Commitments.leafId(campaign, 0, 0);
        ids[2] = issueTo1(campaign, 1);
        vm.warp(START);
        RedeemOrder memory order = orderFor(ids);
        bytes32[][] memory three = new bytes32[][](3);
        three[1] = proofs[0];
        bytes memory signature = sign(holderKey, order);
        vm.prank(merchant);
        book.redeemFromDrop(order, signature, three);
        assertEq(money.balanceOf(merchant), 3 * uint256(MAX_PAYOUT));
        assertEq(book.campaignOf(campaign).redeemed, 3);
    }

    function test_Drop_voidedLeafIsNeitherClaimedNorRedeemed() public {
        CampaignTerms memory t = terms();
        t.powers = Powers.VOID;
        CampaignId campaign = funded(t);
        bytes32[][] memory proofs = commit(campaign, 0, four());
        vm.warp(START);
        VoucherId id = Commitments.leafId(campaign, 0, 0);
        vm.expectEmit(address(book));
        emit IBookEvents.VoucherVoided(id, campaign, address(0), keccak256("reason"));
        vm.prank(issuer);
        book.voidVoucher(id, keccak256("reason"));
        assertEq(book.campaignOf(campaign).voided, 1);
        expect(id, IBookErrors.VoucherAlreadyClaimed.selector);
        book.claimFromDrop(id, holder, proofs[0]);
        refuseFromDrop(
            orderOf(id, 2_000, 0), proofs[0], abi.encodeWithSelector(IBookErrors.VoucherVoid.selector, id)
        );
        vm.startPrank(issuer);
        expect(id, IBookErrors.VoucherVoid.selector);
        book.voidVoucher(id, 0);
        id = Commitments.leafId(campaign, 0, 4);
        expect(id, IBookErrors.VoucherNotFound.selector);
        book.voidVoucher(id, 0);
        vm.stopPrank();
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

    function funded(CampaignTerms memory t) private returns (CampaignId campaign) {
        campaign = create(t);
        fund(campaign, uint256(t.maxPayout) * t.cap);
    }

    function issueTo1(CampaignId campaign, uint48 number) private returns (VoucherId) {
        address[] memory holders = new address[](1);
        holders[0] = holder;
        vm.prank(issuer);
        book.issue(campaign, number, holders);
        return single(campaign, number);
    }

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

    function expect(VoucherId id, bytes4 selector) private {
        vm.expectRevert(abi.encodeWithSelector(selector, id));
    }

    function refuse(RedeemOrder memory order, bytes memory refusal) private {
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function refuseFromDrop(RedeemOrder memory order, bytes32[] memory proof, bytes memory refusal) private {
        bytes32[][] memory proofs = new bytes32[][](1);
        proofs[0] = proof;
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemFromDrop(order, signature, proofs);
    }
}
