// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {
    CampaignId,
    CampaignTerms,
    ReceiptEntry,
    ReceiptProof,
    RedeemOrder,
    RemainderAuthorization,
    RedemptionFacts,
    SignedOrder,
    VoucherId
} from "src/VoucherTypes.sol";
import {VoucherBookOffice} from "src/VoucherBookOffice.sol";
import {AuthorizedMoney, ContractAccount, FeeToken, ReentrantReceiver, ReentrantToken} from "./Actors.sol";
import {BookTest} from "./BookTest.sol";

/// @notice Batches of both kinds, ERC-3009 remainders, and what a hostile token or holder can try in them.
contract VoucherBookBatchTest is BookTest {
    // ---------------------------------------------------------------------------------------- all or nothing

    function test_Batch_redeemsAll() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) =
            three(terms(), 80_000_000);
        approveRemainder(type(uint256).max);
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        assertEq(money.balanceOf(merchant), 3 * 100_000_000);
        assertEq(book.campaignOf(campaign).redeemed, 3);
    }

    function test_Batch_paysEachMerchantItsOwn() public {
        CampaignTerms memory t = terms();
        t.powers = 4;
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(t, 0);
        vm.prank(issuer);
        book.addMerchant(campaign, stranger);
        orders[1].merchant = stranger;
        signatures[1] = sign(holderKey, orders[1]);
        // A relayer of both can take them together; either merchant alone cannot.
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, merchant, stranger));
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        vm.prank(stranger);
        book.setRelayer(relayer, END);
        vm.prank(relayer);
        book.redeemBatch(zip(orders, signatures));
        assertEq(money.balanceOf(merchant), 2 * uint256(MAX_PAYOUT));
        assertEq(money.balanceOf(stranger), MAX_PAYOUT);
    }

    function test_RevertWhen_OneOfABatchIsBad() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        signatures[1] = signatures[0];
        bytes32 digest = book.digestOf(orders[1]);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, holder, digest));
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 0);
        orders[1] = orders[0];
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, orders[0].items[0].voucherId)
        );
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
    }

    function test_RevertWhen_OneRemainderOfABatchIsMissing() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) =
            three(terms(), 80_000_000);
        approveRemainder(2 * 80_000_000);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 0, 80_000_000
            )
        );
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 0);
        assertEq(money.balanceOf(merchant), 0);
    }

    // ------------------------------------------------------------------------------------------- best effort

    function test_BestEffort_leavesOutTheBadOne() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        signatures[1] = signatures[0];
        bytes32 digest = book.digestOf(orders[1]);
        vm.expectEmit(address(book));
        emit IBookEvents.OrderSkipped(
            1,
            orders[1].orderHash,
            abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, holder, digest)
        );
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 2);
        (,, uint40 redeemedAt,) = book.voucherOf(orders[1].items[0].voucherId);
        assertEq(redeemedAt, 0);
        // Payouts are credited, although the campaign pays at once.
        assertEq(money.balanceOf(merchant), 0);
        book.settle(campaign, merchant);
        assertEq(money.balanceOf(merchant), 2 * uint256(MAX_PAYOUT));
    }

    function test_BestEffort_tellsWhatIsCredited() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        bytes32 id = book.redemptionIdOf(
            orders[0].items[0].voucherId, holder, merchant, orders[0].orderHash, 2_000, 0
        );
        vm.expectEmit(address(book));
        emit IBookEvents.PayoutCredited(campaign, merchant, id, MAX_PAYOUT);
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
    }

    /// @dev A missing remainder undoes its own order only, the voucher's use included.
    function test_BestEffort_undoesAnOrderWhoseRemainderFails() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) =
            three(terms(), 80_000_000);
        approveRemainder(2 * 80_000_000);
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 2);
        (,, uint40 redeemedAt,) = book.voucherOf(orders[2].items[0].voucherId);
        assertEq(redeemedAt, 0);
        assertEq(money.balanceOf(merchant), 2 * 80_000_000);
    }

    function test_BestEffort_leavesOneReceipt() public {
        CampaignTerms memory t = terms();
        t.refundWindow = 7 days;
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(t, 0);
        signatures[1] = signatures[0];
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        ReceiptEntry[] memory receipt = new ReceiptEntry[](2);
        for (uint256 i = 0; i < 2; ++i) {
            RedeemOrder memory order = orders[2 * i];
            receipt[i] = ReceiptEntry(
                book.redemptionIdOf(order.items[0].voucherId, holder, merchant, order.orderHash, 2_000, 0),
                merchant,
                MAX_PAYOUT
            );
        }
        RedemptionFacts memory facts =
            RedemptionFacts(orders[2].items[0].voucherId, holder, orders[2].orderHash, 2_000, 0);
        vm.prank(merchant);
        book.reverse(ReceiptProof(receipt, 1, facts));
        assertEq(book.campaignOf(campaign).reissued, 1);
    }

    function test_BestEffort_needsTheCallersRight() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        vm.prank(stranger);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 0);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotTheBook.selector, merchant));
        vm.prank(merchant);
        book.redeemAlone(SignedOrder(orders[0], signatures[0]), merchant, 0);
    }

    function test_BestEffort_holderThatChangesItsMind() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        ContractAccount account = new ContractAccount();
        VoucherId id = issueTo(campaign, address(account));
        orders[1] = orderOf(id, 2_000, 0);
        orders[1].holder = address(account);
        bytes32 digest = book.digestOf(orders[1]);
        account.agree(digest);
        account.agree(0);
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 2);
        account.agree(digest);
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(book.campaignOf(campaign).redeemed, 3);
    }

    function test_BestEffort_tokenThatReenters() public {
        (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures) = three(terms(), 0);
        ReentrantToken token = new ReentrantToken(holder);
        vm.prank(holder);
        token.approve(address(book), type(uint256).max);
        (orders[0].remainderAsset, orders[0].remainderAmount) = (address(token), 5);
        signatures[0] = sign(holderKey, orders[0]);
        token.arm(address(book), abi.encodeCall(book.redeemBestEffort, (zip(orders, signatures))));
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        assertEq(
            token.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(book.campaignOf(campaign).redeemed, 3);
        // Not even the one order of a batch, which only the book may redeem.
        token.arm(
            address(book),
            abi.encodeCall(book.redeemAlone, (SignedOrder(orders[0], signatures[0]), merchant, bytes32(0)))
        );
        vm.prank(holder);
        token.transfer(stranger, 1);
        assertEq(token.answer(), abi.encodeWithSelector(IBookErrors.NotTheBook.selector, address(token)));
    }

    // ---------------------------------------------------------------------------------- settlement token's tricks

    /// @dev The settlement token itself calls back while the payout moves.
    function test_RevertWhen_SettlementTokenReenters() public {
        ReentrantToken token = new ReentrantToken(funder);
        vm.prank(funder);
        token.approve(address(book), type(uint256).max);
        CampaignTerms memory t = terms();
        t.settlementAsset = address(token);
        (CampaignId campaign, VoucherId id) = ready(t);
        RedeemOrder memory order = orderOf(id, 2_000, 0);
        bytes memory signature = sign(holderKey, order);
        token.arm(address(book), abi.encodeCall(book.redeemSigned, (order, signature)));
        vm.prank(merchant);
        book.redeemSigned(order, signature);
        assertEq(
            token.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
        assertEq(token.balanceOf(merchant), MAX_PAYOUT);
        assertEq(book.campaignOf(campaign).redeemed, 1);
    }

    function test_Fund_ofATokenWithAFeeCreditsWhatArrives() public {
        FeeToken fee = new FeeToken(funder);
        vm.prank(funder);
        fee.approve(address(book), type(uint256).max);
        CampaignTerms memory t = terms();
        t.settlementAsset = address(fee);
        CampaignId campaign = create(t);
        fund(campaign, MAX_PAYOUT);
        assertEq(book.escrowOf(campaign), MAX_PAYOUT - MAX_PAYOUT / 100);
        vm.expectRevert(
            abi.encodeWithSelector(
                IBookErrors.UnderFunded.selector, MAX_PAYOUT, MAX_PAYOUT - MAX_PAYOUT / 100
            )
        );
        vm.prank(issuer);
        book.issuePacked(campaign, 0, abi.encodePacked(holder));
    }

    /// @dev A receiver that redeems the voucher in the moment that it gets it.
    function test_Transfer_receiverThatReenters() public {
        (, VoucherId id) = ready();
        ReentrantReceiver receiver = new ReentrantReceiver();
        RedeemOrder memory order = orderOf(id, 2_000, 0);
        bytes memory signature = sign(holderKey, order);
        receiver.arm(address(book), abi.encodeCall(book.redeemSigned, (order, signature)));
        vm.prank(holder);
        book.safeTransferFrom(holder, address(receiver), VoucherId.unwrap(id), 1, "");
        assertEq(
            receiver.answer(),
            abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, address(receiver), merchant)
        );
        assertEq(book.balanceOf(address(receiver), VoucherId.unwrap(id)), 1);
    }

    // ---------------------------------------------------------------------------------------------- ERC-3009

    function test_Authorized_movesTheRemainder() public {
        (, VoucherId id) = ready();
        (AuthorizedMoney token, RedeemOrder memory order) = authorizedOrder(id);
        submitAuthorized(order, authorization(token, order, 80_000_000, book.digestOf(order)));
        assertEq(token.balanceOf(merchant), 80_000_000);
        assertEq(token.balanceOf(address(book)), 0);
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
    }

    /// @dev Only the book may use it, and only in this order's call.
    function test_RevertWhen_AuthorizationIsFrontRun() public {
        (, VoucherId id) = ready();
        (AuthorizedMoney token, RedeemOrder memory order) = authorizedOrder(id);
        bytes32 digest = book.digestOf(order);
        RemainderAuthorization memory a = authorization(token, order, 80_000_000, digest);
        vm.expectRevert("caller must be the payee");
        vm.prank(stranger);
        token.receiveWithAuthorization(holder, address(book), 80_000_000, 0, END, digest, a.v, a.r, a.s);
        submitAuthorized(order, a);
        order.orderHash = keccak256("another order");
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert();
        vm.prank(merchant);
        book.payAndRedeemAuthorized(order, signature, a);
    }

    function test_RevertWhen_AuthorizationIsOfAnotherAmountOrOrder() public {
        (CampaignId campaign, VoucherId id) = ready();
        (AuthorizedMoney token, RedeemOrder memory order) = authorizedOrder(id);
        bytes memory signature = sign(holderKey, order);
        RemainderAuthorization[2] memory wrong = [
            authorization(token, order, 79_999_999, book.digestOf(order)),
            authorization(token, order, 80_000_000, keccak256("another order"))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert("invalid signature");
            vm.prank(merchant);
            book.payAndRedeemAuthorized(order, signature, wrong[i]);
        }
        assertEq(book.campaignOf(campaign).redeemed, 0);
    }

    /// @dev A token that only says that it moved: the escrow, kept in another campaign's asset, stays whole.
    function test_RevertWhen_AuthorizedTokenMovesNothing() public {
        (CampaignId campaign, VoucherId id) = ready();
        (AuthorizedMoney token, RedeemOrder memory order) = authorizedOrder(id);
        token.lie();
        RemainderAuthorization memory a = authorization(token, order, 80_000_000, book.digestOf(order));
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.RemainderNotExact.selector, address(token), 80_000_000, 0)
        );
        vm.prank(merchant);
        book.payAndRedeemAuthorized(order, signature, a);
        assertEq(book.escrowOf(campaign), money.balanceOf(address(book)));
    }

    // -------------------------------------------------------------------------------------------- the two halves

    /// @dev On its own, the other half can create no campaign and so hold no money.
    function test_RevertWhen_TheOfficeIsCalledDirectly() public {
        VoucherBookOffice office = new VoucherBookOffice();
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotTheBook.selector, address(office)));
        vm.prank(issuer);
        office.createCampaign(terms(), new address[](0));
    }

    function test_RevertWhen_NoHalfKnowsTheFunction() public {
        (bool done, bytes memory answer) = address(book).call(abi.encodeWithSignature("selfdestruct()"));
        assertFalse(done);
        assertEq(answer.length, 0);
        vm.deal(address(this), 1);
        (done,) = address(book).call{value: 1}("");
        assertFalse(done, "the book takes no native money");
    }

    function test_Expiry_isTold() public {
        CampaignTerms memory t = terms();
        (t.powers, t.maxPauseSeconds) = (1, 1 days);
        (CampaignId campaign, VoucherId id) = ready(t);
        uint256 token = VoucherId.unwrap(id);
        assertEq(book.startTime(token), START);
        assertEq(book.endTime(token), END);
        vm.prank(issuer);
        book.pause(campaign);
        vm.warp(END);
        assertEq(book.endTime(token), uint256(END) + 1 days);
        assertFalse(book.isTokenExpired(token));
        vm.warp(uint256(END) + 1 days);
        assertTrue(book.isTokenExpired(token));
        assertEq(book.balanceOf(holder, token), 1, "an expired voucher still counts");
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function three(CampaignTerms memory t, uint256 remainder)
        private
        returns (CampaignId campaign, RedeemOrder[] memory orders, bytes[] memory signatures)
    {
        (orders, signatures) = (new RedeemOrder[](3), new bytes[](3));
        VoucherId id;
        (campaign, id) = ready(t);
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0) id = issueTo(campaign, holder);
            orders[i] = orderOf(id, 2_000, 0);
            if (remainder != 0) {
                (orders[i].remainderAsset, orders[i].remainderAmount) = (address(money), remainder);
            }
            signatures[i] = sign(holderKey, orders[i]);
        }
    }

    function authorizedOrder(VoucherId id) private returns (AuthorizedMoney token, RedeemOrder memory order) {
        token = new AuthorizedMoney(holder);
        order = orderOf(id, 2_000, 0);
        (order.remainderAsset, order.remainderAmount) = (address(token), 80_000_000);
    }

    function authorization(AuthorizedMoney token, RedeemOrder memory order, uint256 value, bytes32 nonce)
        private
        view
        returns (RemainderAuthorization memory a)
    {
        bytes32 digest = token.digestOf(order.holder, address(book), value, 0, END, nonce);
        (a.validBefore) = END;
        (a.v, a.r, a.s) = vm.sign(holderKey, digest);
    }

    function submitAuthorized(RedeemOrder memory order, RemainderAuthorization memory a) private {
        bytes memory signature = sign(holderKey, order);
        vm.prank(merchant);
        book.payAndRedeemAuthorized(order, signature, a);
    }
}
