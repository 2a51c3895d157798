// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {CampaignId, CampaignTerms, Powers, RedeemOrder, VoucherId} from "src/VoucherTypes.sol";
import {Commitments} from "./Commitments.sol";
import {IssueTest} from "./IssueTest.sol";

/// @notice Drops: committed, claimed, redeemed straight from the commitment.
contract VoucherBookDropTest is IssueTest {
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

    function refuseFromDrop(RedeemOrder memory order, bytes32[] memory proof, bytes memory refusal) private {
        bytes32[][] memory proofs = new bytes32[][](1);
        proofs[0] = proof;
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(merchant);
        book.redeemFromDrop(order, signature, proofs);
    }
}
