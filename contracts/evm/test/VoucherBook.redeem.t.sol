// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IBookErrors} from "src/IBookErrors.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {IVoucherBook} from "src/IVoucherBook.sol";
import {VoucherBook} from "src/VoucherBook.sol";
import {
    CampaignId,
    CampaignTerms,
    RedeemItem,
    RedeemOrder,
    RemainderPermit,
    VoucherId
} from "src/VoucherTypes.sol";
import {ContractAccount, FeeToken, ReentrantToken, SilentToken} from "./Actors.sol";
import {BookTest} from "./BookTest.sol";

contract VoucherBookRedeemTest is BookTest {
    // ------------------------------------------------------------------------------------------- what it does

    function test_Redeem_paysMerchantFromEscrowAndHolder() public {
        (CampaignId campaign, VoucherId id) = ready();
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(id));
        assertEq(money.balanceOf(merchant), 100_000_000);
        assertEq(money.balanceOf(holder), 920_000_000);
        assertEq(book.escrowOf(campaign), 9 * uint256(MAX_PAYOUT));
        assertEq(book.balanceOf(holder, VoucherId.unwrap(id)), 0);
        assertEq(book.campaignOf(campaign).redeemed, 1);
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
        emit IBookEvents.VoucherRedeemed(
            id, campaign, holder, merchant, redemptionId, order.orderHash, 2_000, 0, MAX_PAYOUT
        );
        vm.expectEmit(address(book));
        emit IBookEvents.RemainderPaid(order.orderHash, holder, merchant, digest, address(money), 80_000_000);
        redeemAs(merchant, order);
    }

    function test_Redeem_byRelayerUntilItsTime() public {
        (, VoucherId id) = ready();
        approveRemainder(80_000_000);
        vm.prank(merchant);
        book.setRelayer(relayer, START + 10);
        assertTrue(book.isRelayer(merchant, relayer));
        vm.warp(START + 10);
        assertFalse(book.isRelayer(merchant, relayer));
        RedeemOrder memory order = orderFor(id);
        expectRefusal(
            relayer,
            order,
            abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, relayer, merchant)
        );
        vm.warp(START + 9);
        redeemAs(relayer, order);
        assertEq(money.balanceOf(merchant), 100_000_000);
    }

    function test_Redeem_byHolderWithMerchantsSignature() public {
        uint256 merchantKey;
        (merchant, merchantKey) = makeAddrAndKey("merchant with key");
        (, VoucherId id) = ready();
        approveRemainder(80_000_000);
        RedeemOrder memory order = orderFor(id);
        bytes memory signature = sign(merchantKey, order);
        vm.prank(holder);
        book.redeem(order, signature);
        assertEq(money.balanceOf(merchant), 100_000_000);
    }

    function test_Redeem_severalVouchersOfTwoCampaignsAtOnce() public {
        (CampaignId campaign, VoucherId first) = ready();
        VoucherId second = issueTo(campaign, holder);
        CampaignTerms memory other = terms();
        other.salt = bytes32(uint256(2));
        other.sponsorBp = 5_000;
        CampaignId otherCampaign = create(other);
        fund(otherCampaign, MAX_PAYOUT);
        VoucherId third = issueTo(otherCampaign, holder);
        RedeemOrder memory order = orderFor(first);
        order.remainderAmount = 0;
        order.items = new RedeemItem[](3);
        order.items[0] = RedeemItem(first, 2_000, 0);
        order.items[1] = RedeemItem(second, 1_000, 0);
        order.items[2] = RedeemItem(third, 2_000, 0);
        redeemAs(merchant, order);
        assertEq(money.balanceOf(merchant), 20_000_000 + 10_000_000 + 10_000_000);
        assertEq(book.escrowOf(campaign), 10 * uint256(MAX_PAYOUT) - 30_000_000);
        assertEq(book.escrowOf(otherCampaign), uint256(MAX_PAYOUT) - 10_000_000);
    }

    function test_Redeem_paysInEachCampaignsOwnAsset() public {
        (, VoucherId first) = ready();
        SilentToken silent = new SilentToken(funder);
        vm.prank(funder);
        silent.approve(address(book), MAX_PAYOUT);
        CampaignTerms memory other = terms();
        other.salt = bytes32(uint256(2));
        other.settlementAsset = address(silent);
        other.cap = 1;
        (, VoucherId second) = ready(other);
        RedeemOrder memory order = orderFor(first);
        order.remainderAmount = 0;
        order.items = new RedeemItem[](2);
        order.items[0] = RedeemItem(first, 2_000, 0);
        order.items[1] = RedeemItem(second, 500, 0);
        redeemAs(merchant, order);
        assertEq(money.balanceOf(merchant), 20_000_000);
        assertEq(silent.balanceOf(merchant), 5_000_000);
    }

    function test_Redeem_withoutPayout() public {
        CampaignTerms memory t = terms();
        (t.maxPayout, t.settlementAsset, t.funder) = (0, address(0), address(0));
        CampaignId campaign = create(t);
        VoucherId id = issueTo(campaign, holder);
        vm.warp(START);
        approveRemainder(80_000_000);
        redeemAs(merchant, orderFor(id));
        assertEq(money.balanceOf(merchant), 80_000_000);
    }

    function test_Redeem_ofContractAccount() public {
        (CampaignId campaign,) = ready();
        ContractAccount account = new ContractAccount();
        VoucherId id = issueTo(campaign, address(account));
        RedeemOrder memory order = orderFor(id);
        order.holder = address(account);
        order.remainderAmount = 0;
        bytes32 digest = book.digestOf(order);
        account.agree(digest);
        account.agree(0);
        vm.expectRevert(
            abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, address(account), digest)
        );
        vm.prank(merchant);
        book.redeemSigned(order, "");
        account.agree(digest);
        vm.prank(merchant);
        book.redeemSigned(order, "");
        assertEq(money.balanceOf(merchant), MAX_PAYOUT);
    }

    /// @dev Its key still speaks for an account that borrows code without ERC-1271 (EIP-7702).
    function test_Redeem_ofAccountWithKeyAndCode() public {
        (, VoucherId id) = ready();
        approveRemainder(80_000_000);
        vm.etch(holder, address(money).code);
        redeemAs(merchant, orderFor(id));
        assertEq(money.balanceOf(merchant), 100_000_000);
    }

    function test_OrderWithoutVoucher_isPaidOnce() public {
        approveRemainder(200_000_000);
        vm.warp(START);
        RedeemOrder memory order = orderFor(VoucherId.wrap(0));
        order.items = new RedeemItem[](0);
        redeemAs(merchant, order);
        assertEq(money.balanceOf(merchant), 80_000_000);
        bytes32 digest = book.digestOf(order);
        assertTrue(book.isOrderPaid(holder, digest));
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.OrderAlreadyPaid.selector, holder, digest)
        );
    }

    function test_PayAndRedeem_withPermit() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        payAndRedeem(order, permitFor(80_000_000));
        assertEq(money.balanceOf(merchant), 100_000_000);
        assertEq(money.allowance(holder, address(book)), 0);
    }

    function test_PayAndRedeem_withPermitThatSomebodyUsedBefore() public {
        (, VoucherId id) = ready();
        RemainderPermit memory permit = permitFor(80_000_000);
        vm.prank(stranger);
        money.permit(holder, address(book), permit.value, permit.deadline, permit.v, permit.r, permit.s);
        payAndRedeem(orderFor(id), permit);
        assertEq(money.balanceOf(merchant), 100_000_000);
    }

    function test_PayAndRedeem_withTokenThatHasNoPermit() public {
        (, VoucherId id) = ready();
        SilentToken silent = new SilentToken(holder);
        vm.prank(holder);
        silent.approve(address(book), 80_000_000);
        RedeemOrder memory order = orderFor(id);
        order.remainderAsset = address(silent);
        payAndRedeem(order, permitFor(80_000_000));
        assertEq(silent.balanceOf(merchant), 80_000_000);
    }

    function test_RevertWhen_PermitFailsAndAllowanceIsShort() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        RemainderPermit memory permit = permitFor(80_000_000);
        permit.deadline -= 1;
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(book), 0, 80_000_000
            )
        );
        vm.prank(merchant);
        book.payAndRedeem(order, signature, permit);
        (,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(redeemedAt, 0, "the voucher is not lost");
    }

    function testFuzz_Payout_isTheRule(uint128 amountMinor, uint96 units, uint16 bp, uint128 max) public {
        CampaignTerms memory t = terms();
        t.cap = 1;
        t.unitsPerMinor = uint96(bound(units, 1, type(uint96).max));
        t.sponsorBp = uint16(bound(bp, 0, 10_000));
        t.maxPayout = uint128(bound(max, 1, type(uint96).max));
        money.mint(funder, t.maxPayout);
        (CampaignId campaign, VoucherId id) = ready(t);
        RedeemOrder memory order = orderFor(id);
        order.items[0].amountMinor = amountMinor;
        order.remainderAmount = 0;
        redeemAs(merchant, order);
        uint256 expected = uint256(amountMinor) * t.unitsPerMinor * t.sponsorBp / 10_000;
        if (expected > t.maxPayout) expected = t.maxPayout;
        assertEq(money.balanceOf(merchant), expected);
        assertEq(book.escrowOf(campaign), t.maxPayout - expected);
    }

    // ------------------------------------------------------------------------------------ what it does not allow

    function test_RevertWhen_AlreadyRedeemed() public {
        (, VoucherId id) = ready();
        approveRemainder(160_000_000);
        RedeemOrder memory order = orderFor(id);
        redeemAs(merchant, order);
        bytes memory refusal = abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id);
        expectRefusal(merchant, order, refusal);
        order.orderHash = keccak256("another order");
        expectRefusal(merchant, order, refusal);
    }

    function test_RevertWhen_OneOrderNamesAVoucherTwice() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        order.items = new RedeemItem[](2);
        order.items[0] = RedeemItem(id, 2_000, 0);
        order.items[1] = RedeemItem(id, 2_000, 0);
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.VoucherAlreadyRedeemed.selector, id)
        );
    }

    function test_RevertWhen_StrangerCalls() public {
        (, VoucherId id) = ready();
        expectRefusal(
            stranger,
            orderFor(id),
            abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, stranger, merchant)
        );
    }

    function test_RevertWhen_AnotherMerchantsRelayerCalls() public {
        (, VoucherId id) = ready();
        vm.prank(stranger);
        book.setRelayer(relayer, END);
        expectRefusal(
            relayer,
            orderFor(id),
            abi.encodeWithSelector(IBookErrors.NotMerchantOrRelayer.selector, relayer, merchant)
        );
    }

    function test_RevertWhen_MerchantIsNotAccepted() public {
        (CampaignId campaign, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        order.merchant = stranger;
        expectRefusal(
            stranger,
            order,
            abi.encodeWithSelector(IBookErrors.MerchantNotAccepted.selector, campaign, stranger)
        );
    }

    function test_RevertWhen_HolderDidNotSignThisOrder() public {
        (, VoucherId id) = ready();
        approveRemainder(80_000_000);
        RedeemOrder memory order = orderFor(id);
        bytes memory signature = sign(holderKey, order);
        RedeemOrder[6] memory changed;
        for (uint256 i = 0; i < 6; ++i) {
            changed[i] = orderFor(id);
        }
        changed[0].remainderAmount = 79_999_999;
        changed[1].remainderAmount = 0;
        changed[2].orderHash = keccak256("another order");
        changed[3].validBefore = END - 1;
        changed[4].items[0].amountMinor = 2_001;
        changed[5].remainderAsset = address(0);
        for (uint256 i = 0; i < 6; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IBookErrors.InvalidSignature.selector, holder, book.digestOf(changed[i])
                )
            );
            vm.prank(merchant);
            book.redeemSigned(changed[i], signature);
        }
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function test_RevertWhen_HolderCallsWithoutMerchantsSignature() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        bytes memory signature = sign(holderKey, order);
        bytes32 digest = book.digestOf(order);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, merchant, digest));
        vm.prank(holder);
        book.redeem(order, signature);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.NotOrderHolder.selector, stranger, holder));
        vm.prank(stranger);
        book.redeem(order, signature);
    }

    function test_RevertWhen_OneAccountIsBothParties() public {
        (CampaignTerms memory t, address both) = (terms(), holder);
        address[] memory merchants = new address[](1);
        merchants[0] = both;
        vm.prank(issuer);
        CampaignId campaign = book.createCampaign(t, merchants);
        fund(campaign, uint256(MAX_PAYOUT) * 10);
        VoucherId id = issueTo(campaign, both);
        vm.warp(START);
        RedeemOrder memory order = orderFor(id);
        (order.merchant, order.remainderAmount) = (both, 0);
        expectRefusal(both, order, abi.encodeWithSelector(IBookErrors.SameParty.selector, both));
    }

    function test_RevertWhen_SignatureIsMalleable() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        bytes32 digest = book.digestOf(order);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(holderKey, digest);
        uint256 curveOrder = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory twin =
            abi.encodePacked(r, bytes32(curveOrder - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, holder, digest));
        vm.prank(merchant);
        book.redeemSigned(order, twin);
    }

    function test_RevertWhen_SignedForAnotherChainOrBook() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        IVoucherBook other = IVoucherBook(address(new VoucherBook()));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(holderKey, other.digestOf(order));
        bytes32 digest = book.digestOf(order);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, holder, digest));
        vm.prank(merchant);
        book.redeemSigned(order, abi.encodePacked(r, s, v));
        bytes memory here = sign(holderKey, order);
        vm.chainId(1);
        digest = book.digestOf(order);
        vm.expectRevert(abi.encodeWithSelector(IBookErrors.InvalidSignature.selector, holder, digest));
        vm.prank(merchant);
        book.redeemSigned(order, here);
    }

    function test_RevertWhen_VoucherMovedThereAndBack() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(id), 1, "");
        expectRefusal(
            merchant,
            order,
            abi.encodeWithSelector(IBookErrors.NotVoucherHolder.selector, id, holder, stranger)
        );
        vm.prank(stranger);
        book.safeTransferFrom(stranger, holder, VoucherId.unwrap(id), 1, "");
        expectRefusal(merchant, order, abi.encodeWithSelector(IBookErrors.VoucherMoved.selector, id, 0, 2));
        order.items[0].sequence = 2;
        approveRemainder(80_000_000);
        redeemAs(merchant, order);
    }

    function test_RevertWhen_OutsideTheHalfOpenWindow() public {
        (, VoucherId id) = ready();
        approveRemainder(80_000_000);
        RedeemOrder memory order = orderFor(id);
        order.validBefore = type(uint64).max;
        vm.warp(START - 1);
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, START - 1, START, END)
        );
        vm.warp(END);
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.OutsideWindow.selector, END, START, END)
        );
        vm.warp(END - 1);
        redeemAs(merchant, order);
    }

    function test_RevertWhen_OrderExpired() public {
        (, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        order.validBefore = START;
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.OrderExpired.selector, START, START)
        );
    }

    function test_RevertWhen_VoucherWasNeverIssued() public {
        (CampaignId campaign,) = ready();
        VoucherId id = single(campaign, 2);
        expectRefusal(
            merchant, orderFor(id), abi.encodeWithSelector(IBookErrors.VoucherNotFound.selector, id)
        );
    }

    function test_RevertWhen_OrderIsEmpty() public {
        RedeemOrder memory order = orderFor(VoucherId.wrap(0));
        (order.items, order.remainderAmount) = (new RedeemItem[](0), 0);
        expectRefusal(merchant, order, abi.encodeWithSelector(IBookErrors.EmptyOrder.selector));
    }

    function test_RevertWhen_TokenTakesAFee() public {
        (, VoucherId id) = ready();
        FeeToken fee = new FeeToken(holder);
        vm.prank(holder);
        fee.approve(address(book), 80_000_000);
        RedeemOrder memory order = orderFor(id);
        order.remainderAsset = address(fee);
        expectRefusal(
            merchant,
            order,
            abi.encodeWithSelector(
                IBookErrors.RemainderNotExact.selector, address(fee), 80_000_000, 79_200_000
            )
        );
    }

    function test_RevertWhen_OneVoucherOfSeveralFails() public {
        (CampaignId campaign, VoucherId id) = ready();
        RedeemOrder memory order = orderFor(id);
        order.items = new RedeemItem[](2);
        order.items[0] = RedeemItem(id, 2_000, 0);
        order.items[1] = RedeemItem(single(campaign, 9), 2_000, 0);
        expectRefusal(
            merchant, order, abi.encodeWithSelector(IBookErrors.VoucherNotFound.selector, single(campaign, 9))
        );
        (,, uint40 redeemedAt,) = book.voucherOf(id);
        assertEq(redeemedAt, 0);
    }

    function test_RevertWhen_TokenReenters() public {
        ReentrantToken token = new ReentrantToken(holder);
        (CampaignId campaign, VoucherId id) = ready();
        vm.prank(holder);
        token.approve(address(book), type(uint256).max);
        RedeemOrder memory order = orderFor(id);
        order.remainderAsset = address(token);
        token.arm(address(book), abi.encodeCall(book.reclaim, (campaign)));
        redeemAs(merchant, order);
        assertEq(
            token.answer(),
            abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector)
        );
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function expectRefusal(address caller, RedeemOrder memory order, bytes memory refusal) private {
        bytes memory signature = sign(holderKey, order);
        vm.expectRevert(refusal);
        vm.prank(caller);
        book.redeemSigned(order, signature);
    }

    function payAndRedeem(RedeemOrder memory order, RemainderPermit memory permit) private {
        bytes memory signature = sign(holderKey, order);
        vm.prank(merchant);
        book.payAndRedeem(order, signature, permit);
    }

    function permitFor(uint256 value) private view returns (RemainderPermit memory permit) {
        bytes32 typehash =
            keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 inner =
            keccak256(abi.encode(typehash, holder, address(book), value, money.nonces(holder), uint256(END)));
        bytes32 digest = keccak256(abi.encodePacked("\x19\x01", money.DOMAIN_SEPARATOR(), inner));
        (permit.v, permit.r, permit.s) = vm.sign(holderKey, digest);
        (permit.value, permit.deadline) = (value, END);
    }
}
