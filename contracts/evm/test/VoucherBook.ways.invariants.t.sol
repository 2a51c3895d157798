// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {TestMoney} from "src/TestMoney.sol";
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
import {WaysHandler} from "./WaysHandler.sol";

/// @notice What holds whatever mix of the ways in and out was taken.
abstract contract WaysInvariants is BookTest {
    WaysHandler internal handler;
    CampaignId internal campaign;

    function shape(CampaignTerms memory t) internal pure virtual returns (bool isValue);

    function setUp() public override {
        super.setUp();
        CampaignTerms memory t = terms();
        (t.cap, t.refundWindow, t.powers) = (60, 2 days, Powers.VOID);
        t.ticketSigner = vm.addr(0x71C);
        bool isValue = shape(t);
        campaign = create(t);
        vm.warp(START);
        handler = new WaysHandler(book, money, campaign, [issuer, funder, merchant], isValue);
        vm.etch(address(money), address(new TestMoney("Test CNY (no value)", "tCNY", address(handler))).code);
        targetContract(address(handler));
    }

    function invariant_EscrowAndCreditsAreAllTheMoney() public view {
        uint256 escrow = book.escrowOf(campaign);
        assertEq(escrow, handler.funded() + handler.returned() - handler.paid() - handler.reclaimed());
        (uint256 due, uint256 waiting) = book.creditOf(campaign, merchant);
        assertEq(money.balanceOf(address(book)), escrow + due + waiting);
    }

    function invariant_CountsAddUp() public view {
        Campaign memory c = book.campaignOf(campaign);
        assertLe(c.issuedEver, c.cap);
        assertLe(uint256(c.redeemed) - c.reversed, c.issuedEver);
        uint256 live = handler.unclaimed();
        for (uint256 i = 0; i < handler.known(); ++i) {
            if (handler.rebuilt(handler.ids(i)).live) ++live;
        }
        assertEq(live, uint256(c.issuedEver) + c.reissued - c.redeemed - c.voided);
    }

    function invariant_NobodyActsWithoutConsentOrTwice() public view {
        assertEq(handler.breaches(), 0);
    }

    function invariant_LedgerFromLogsEqualsStorage() public view {
        for (uint256 i = 0; i < handler.known(); ++i) {
            uint256 id = handler.ids(i);
            WaysHandler.Rebuilt memory r = handler.rebuilt(id);
            (address owner,, uint40 redeemedAt, bool voided) = book.voucherOf(VoucherId.wrap(id));
            assertEq(!r.live, redeemedAt != 0 || voided);
            // A leaf redeemed straight from its drop leaves no owner in storage.
            if (owner != address(0)) assertEq(owner, r.owner);
            assertEq(book.balanceOf(r.owner, id), r.live ? 1 : 0);
            check(VoucherId.wrap(id), r);
        }
    }

    function check(VoucherId id, WaysHandler.Rebuilt memory r) internal view virtual;
}

/// forge-config: default.invariant.runs = 4
/// forge-config: default.invariant.depth = 60
contract OneShotWaysInvariants is WaysInvariants {
    function shape(CampaignTerms memory) internal pure override returns (bool) {
        return false;
    }

    function check(VoucherId id, WaysHandler.Rebuilt memory r) internal view override {
        assertLe(r.redemptions, 1, "redeemed at most once by any way");
        (uint64 sequence,) = book.valueOf(id);
        assertEq(sequence, r.changes);
    }

    function invariant_EveryLiveVoucherIsPayable() public view {
        Campaign memory c = book.campaignOf(campaign);
        if (c.reclaimed != 0) return;
        uint256 live = uint256(c.issuedEver) + c.reissued - c.redeemed - c.voided;
        assertGe(book.escrowOf(campaign), live * MAX_PAYOUT);
    }

    /// @dev The acts do reach what the invariants speak of.
    function test_HandlerReachesEveryWay() public {
        for (uint256 i = 0; i < 6; ++i) {
            handler.fund(60_000_000);
        }
        handler.issueSingle(0);
        handler.issuePacked(0);
        handler.commitDrop(0);
        handler.claimTicket(1, false);
        handler.claimLeaf(0, 0, true);
        assertEq(handler.known(), 5);
        assertEq(handler.unclaimed(), 1);
        handler.redeemLeaf(1, 1_000, 0);
        handler.redeem(0, 1_000, 0);
        handler.redeemBatch(1, 2, 500, false);
        handler.redeemBatch(3, 4, 1_500, true);
        assertEq(book.campaignOf(campaign).redeemed, 6);
        handler.reverse(0, false);
        handler.reverse(1, false);
        assertEq(handler.reversals(), 2);
        assertEq(book.campaignOf(campaign).reissued, 2);
        skip(5 days);
        handler.settle();
        assertGt(handler.settled(), 0);
        vm.warp(END + 3 days);
        handler.reclaim();
        assertGt(handler.reclaimed(), 0);
        invariant_CountsAddUp();
        invariant_LedgerFromLogsEqualsStorage();
        invariant_EscrowAndCreditsAreAllTheMoney();
    }
}

/// forge-config: default.invariant.runs = 4
/// forge-config: default.invariant.depth = 60
contract StoredValueWaysInvariants is WaysInvariants {
    function shape(CampaignTerms memory t) internal pure override returns (bool) {
        (t.kind, t.settlement) = (VoucherKind.STORED_VALUE, Settlement.ACCRUED);
        return true;
    }

    function check(VoucherId id, WaysHandler.Rebuilt memory r) internal view override {
        assertLe(r.spent, 2_000, "never more than its face value");
        (uint64 sequence, uint128 remaining) = book.valueOf(id);
        assertEq(sequence, r.changes);
        assertEq(remaining, 2_000 - r.spent);
    }

    function invariant_EveryMinorUnitIsPayable() public view {
        Campaign memory c = book.campaignOf(campaign);
        if (c.reclaimed != 0) return;
        uint256 payable_ = handler.unclaimed() * MAX_PAYOUT;
        for (uint256 i = 0; i < handler.known(); ++i) {
            WaysHandler.Rebuilt memory r = handler.rebuilt(handler.ids(i));
            if (r.live) payable_ += (2_000 - r.spent) * 10_000;
        }
        assertGe(book.escrowOf(campaign), payable_);
    }
}
