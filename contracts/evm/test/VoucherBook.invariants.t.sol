// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CommonBase} from "forge-std/Base.sol";
import {StdCheats} from "forge-std/StdCheats.sol";
import {StdUtils} from "forge-std/StdUtils.sol";
import {Vm} from "forge-std/Vm.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IBookEvents} from "src/IBookEvents.sol";
import {IVoucherBook} from "src/IVoucherBook.sol";
import {TestMoney} from "src/TestMoney.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    Powers,
    RedeemItem,
    RedeemOrder,
    VoucherId
} from "src/VoucherTypes.sol";
import {BookTest} from "./BookTest.sol";

/// @notice Acts at random on one campaign and rebuilds its ledger from the book's logs alone.
contract Handler is CommonBase, StdCheats, StdUtils {
    struct Rebuilt {
        address owner;
        uint32 moves;
        uint256 redemptions;
        bool voided;
    }

    IVoucherBook private immutable _book;
    TestMoney private immutable _money;
    CampaignId private immutable _campaign;
    address private immutable _issuer;
    address private immutable _funder;
    address private immutable _merchant;
    uint256 private immutable _maxPayout;

    uint256[3] private _keys = [uint256(0xA1), 0xA2, 0xA3];
    uint256 private _orders;

    mapping(uint256 id => Rebuilt) private _rebuilt;
    uint256[] public ids;
    uint256 public funded;
    uint256 public paid;
    uint256 public reclaimed;
    uint256 public redeemed;
    uint256 public voided;
    uint256 public wrongPayouts;
    /// @notice Redemptions that went through without both consents; transfers that went through unasked.
    uint256 public breaches;

    constructor(
        IVoucherBook book,
        TestMoney money,
        CampaignId campaign,
        address[3] memory parties,
        uint256 maxPayout
    ) {
        (_book, _money, _campaign, _maxPayout) = (book, money, campaign, maxPayout);
        (_issuer, _funder, _merchant) = (parties[0], parties[1], parties[2]);
        for (uint256 i = 0; i < _keys.length; ++i) {
            vm.prank(vm.addr(_keys[i]));
            money.approve(address(book), type(uint256).max);
        }
    }

    /// @dev Reads what the act logged, and nothing else, into the rebuilt ledger.
    modifier logged() {
        vm.recordLogs();
        _;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == address(_book)) _read(logs[i]);
        }
    }

    function rebuilt(uint256 id) external view returns (Rebuilt memory) {
        return _rebuilt[id];
    }

    function issued() external view returns (uint256) {
        return ids.length;
    }

    function fund(uint256 amount) external logged {
        amount = bound(amount, 1, 4 * _maxPayout);
        _money.mint(_funder, amount);
        vm.startPrank(_funder);
        _money.approve(address(_book), amount);
        _book.fund(_campaign, amount);
        vm.stopPrank();
    }

    function issue(uint8 count, uint8 who) external logged {
        address[] memory holders = new address[](bound(count, 1, 3));
        for (uint256 i = 0; i < holders.length; ++i) {
            holders[i] = _holder(uint256(who) + i);
        }
        uint48 next = uint48(_book.issuedEver(_campaign)) + 1;
        vm.prank(_issuer);
        try _book.issue(_campaign, next, holders) {} catch {}
    }

    function transfer(uint256 which, uint8 to) external logged {
        (uint256 id, address owner) = _voucher(which);
        vm.prank(owner);
        try _book.safeTransferFrom(owner, _holder(to), id, 1, "") {} catch {}
    }

    function transferOfOthers(uint256 which, uint8 to) external logged {
        (uint256 id, address owner) = _voucher(which);
        vm.prank(_issuer);
        try _book.safeTransferFrom(owner, _issuer, id, 1, "") {
            ++breaches;
        } catch {}
        vm.prank(_merchant);
        try _book.safeTransferFrom(_merchant, _holder(to), id, 1, "") {
            ++breaches;
        } catch {}
    }

    function redeem(uint256 which, uint128 amountMinor, uint64 remainder, uint8 mode) external logged {
        (uint256 id, address owner) = _voucher(which);
        RedeemOrder memory order = _order(id, owner, amountMinor, remainder);
        bytes memory signature = _sign(order, owner);
        mode = mode % 6;
        if (mode == 3) order.items[0].amountMinor += 1;
        if (mode == 4) signature = _sign(order, _holder(_indexOf(owner) + 1));
        vm.prank(mode == 5 ? _funder : _merchant);
        try _book.redeemSigned(order, signature) {
            if (mode > 2) ++breaches;
        } catch {}
    }

    /// @dev Two orders over one voucher, both signed, one after the other.
    function redeemTwice(uint256 which) external logged {
        (uint256 id, address owner) = _voucher(which);
        for (uint256 i = 0; i < 2; ++i) {
            RedeemOrder memory order = _order(id, owner, 2_000, 0);
            bytes memory signature = _sign(order, owner);
            vm.prank(_merchant);
            try _book.redeemSigned(order, signature) {} catch {}
        }
    }

    /// @dev The holder calls with its own signature instead of the merchant's.
    function redeemAlone(uint256 which) external logged {
        (uint256 id, address owner) = _voucher(which);
        RedeemOrder memory order = _order(id, owner, 2_000, 0);
        bytes memory signature = _sign(order, owner);
        vm.prank(owner);
        try _book.redeem(order, signature) {
            ++breaches;
        } catch {}
    }

    function voidOne(uint256 which) external logged {
        (uint256 id,) = _voucher(which);
        // Rare, so that vouchers live long enough to meet the other acts.
        if (which % 5 != 0) return;
        vm.prank(_issuer);
        try _book.voidVoucher(VoucherId.wrap(id), 0) {} catch {}
    }

    function pauseAndGoOn(uint32 length) external logged {
        vm.startPrank(_issuer);
        try _book.pause(_campaign) {} catch {}
        skip(bound(length, 0, 2 hours));
        try _book.unpause(_campaign) {} catch {}
        vm.stopPrank();
    }

    function wait(uint32 length) external {
        skip(bound(length, 0, length % 4 == 0 ? 20 days : 1 days));
    }

    function reclaim(uint8 who) external logged {
        vm.prank(_holder(who));
        try _book.reclaim(_campaign) {} catch {}
    }

    // -------------------------------------------------------------------------------------------------- helpers

    function _read(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        if (kind == IERC1155.TransferSingle.selector) {
            (uint256 id,) = abi.decode(log.data, (uint256, uint256));
            (address from, address to) = (_address(log.topics[2]), _address(log.topics[3]));
            if (from == address(0)) {
                ids.push(id);
                _rebuilt[id].owner = to;
            } else if (to != address(0)) {
                _rebuilt[id].owner = to;
                ++_rebuilt[id].moves;
            }
        } else if (kind == IBookEvents.VoucherRedeemed.selector) {
            (,,, uint128 amountMinor,, uint256 payout) =
                abi.decode(log.data, (address, bytes32, bytes32, uint128, uint64, uint256));
            ++_rebuilt[uint256(log.topics[1])].redemptions;
            ++redeemed;
            paid += payout;
            uint256 due = uint256(amountMinor) * 10_000;
            if (payout != (due < _maxPayout ? due : _maxPayout)) ++wrongPayouts;
        } else if (kind == IBookEvents.VoucherVoided.selector) {
            _rebuilt[uint256(log.topics[1])].voided = true;
            ++voided;
        } else if (kind == IBookEvents.CampaignFunded.selector) {
            funded += abi.decode(log.data, (uint256));
        } else if (kind == IBookEvents.CampaignReclaimed.selector) {
            reclaimed += abi.decode(log.data, (uint256));
        }
    }

    function _voucher(uint256 which) private view returns (uint256 id, address owner) {
        if (ids.length == 0) return (0, _holder(which));
        id = ids[which % ids.length];
        owner = _rebuilt[id].owner;
    }

    function _order(uint256 id, address owner, uint128 amountMinor, uint64 remainder)
        private
        returns (RedeemOrder memory order)
    {
        order.items = new RedeemItem[](1);
        order.items[0] =
            RedeemItem(VoucherId.wrap(id), uint128(bound(amountMinor, 0, 4_000)), _rebuilt[id].moves);
        order.holder = owner;
        order.merchant = _merchant;
        order.orderHash = bytes32(++_orders);
        order.validBefore = uint64(block.timestamp + 1);
        order.remainderAsset = address(_money);
        order.remainderAmount = bound(remainder, 0, 1_000_000);
        if (order.remainderAmount != 0) _money.mint(owner, order.remainderAmount);
    }

    function _sign(RedeemOrder memory order, address signer) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_keys[_indexOf(signer)], _book.digestOf(order));
        return abi.encodePacked(r, s, v);
    }

    function _indexOf(address holder) private view returns (uint256) {
        for (uint256 i = 0; i < _keys.length; ++i) {
            if (vm.addr(_keys[i]) == holder) return i;
        }
        return 0;
    }

    function _holder(uint256 who) private view returns (address) {
        return vm.addr(_keys[who % _keys.length]);
    }

    function _address(bytes32 topic) private pure returns (address) {
        return address(uint160(uint256(topic)));
    }
}

contract VoucherBookInvariants is BookTest {
    Handler private _handler;
    CampaignId private _campaign;

    function setUp() public override {
        super.setUp();
        CampaignTerms memory t = terms();
        (t.powers, t.maxPauseSeconds) = (Powers.PAUSE | Powers.VOID, 6 hours);
        _campaign = create(t);
        // Another campaign in the same asset: neither may live on the other's money.
        t.salt = bytes32(uint256(2));
        fund(create(t), 7 * uint256(MAX_PAYOUT));
        vm.warp(START);
        _handler = new Handler(book, money, _campaign, [issuer, funder, merchant], MAX_PAYOUT);
        // From here on the handler is the money's minter: it pays its actors.
        vm.etch(address(money), address(new TestMoney("Test CNY (no value)", "tCNY", address(_handler))).code);
        targetContract(address(_handler));
    }

    function invariant_EscrowIsFundedLessPaidLessReclaimed() public view {
        uint256 expected = _handler.funded() - _handler.paid() - _handler.reclaimed();
        assertEq(book.escrowOf(_campaign), expected);
        assertEq(money.balanceOf(address(book)), expected + 7 * uint256(MAX_PAYOUT));
    }

    function invariant_EveryLiveVoucherIsPayable() public view {
        Campaign memory c = book.campaignOf(_campaign);
        if (c.reclaimed != 0) return;
        uint256 live = uint256(c.issuedEver) - c.redeemed - c.voided;
        assertGe(book.escrowOf(_campaign), live * MAX_PAYOUT);
    }

    function invariant_NeverMoreThanTheCap() public view {
        Campaign memory c = book.campaignOf(_campaign);
        assertLe(c.issuedEver, c.cap);
        assertLe(uint256(c.redeemed) + c.voided, c.issuedEver);
    }

    function invariant_NobodyActsWithoutConsent() public view {
        assertEq(_handler.breaches(), 0);
    }

    function invariant_PayoutIsTheRule() public view {
        assertEq(_handler.wrongPayouts(), 0);
    }

    function invariant_LedgerFromLogsEqualsStorage() public view {
        Campaign memory c = book.campaignOf(_campaign);
        assertEq(_handler.issued(), c.issuedEver);
        assertEq(_handler.redeemed(), c.redeemed);
        assertEq(_handler.voided(), c.voided);
        assertEq(_handler.funded(), c.funded);
        assertEq(_handler.paid(), c.paid);
        assertEq(_handler.reclaimed(), c.reclaimed);
        for (uint256 i = 0; i < c.issuedEver; ++i) {
            uint256 id = _handler.ids(i);
            Handler.Rebuilt memory r = _handler.rebuilt(id);
            (address owner, uint32 moves, uint40 redeemedAt, bool voided) = book.voucherOf(VoucherId.wrap(id));
            assertEq(owner, r.owner);
            assertEq(moves, r.moves);
            assertEq(voided, r.voided);
            assertEq(redeemedAt != 0 ? 1 : 0, r.redemptions, "redeemed at most once");
            assertEq(book.balanceOf(owner, id), r.redemptions == 0 && !r.voided ? 1 : 0);
        }
    }

    /// @dev The acts above do reach what the invariants speak of.
    function test_HandlerReachesEveryOutcome() public {
        _handler.fund(4 * MAX_PAYOUT);
        _handler.issue(3, 0);
        _handler.transfer(1, 2);
        assertEq(_handler.rebuilt(_handler.ids(1)).moves, 1);
        _handler.redeem(1, 1_500, 500, 0);
        assertEq(_handler.redeemed(), 1);
        assertEq(_handler.paid(), 15_000_000);
        _handler.redeemTwice(2);
        assertEq(_handler.redeemed(), 2);
        _handler.pauseAndGoOn(3_600);
        assertEq(book.campaignOf(_campaign).pausedSeconds, 3_600);
        _handler.voidOne(0);
        assertEq(_handler.voided(), 1);
        vm.warp(END + 1 days);
        _handler.reclaim(0);
        assertGt(_handler.reclaimed(), 0);
        invariant_LedgerFromLogsEqualsStorage();
        invariant_EscrowIsFundedLessPaidLessReclaimed();
    }

    function invariant_PauseIsBounded() public view {
        Campaign memory c = book.campaignOf(_campaign);
        assertLe(c.pausedSeconds, c.maxPauseSeconds);
        assertLe(c.windowEnd, uint256(c.validUntil) + c.maxPauseSeconds);
    }
}
