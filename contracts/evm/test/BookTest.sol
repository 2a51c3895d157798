// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {TestMoney} from "src/TestMoney.sol";
import {IVoucherBook} from "src/IVoucherBook.sol";
import {VoucherBook} from "src/VoucherBook.sol";
import {
    CampaignId,
    CampaignTerms,
    RedeemItem,
    RedeemOrder,
    Settlement,
    SignedOrder,
    TransferPolicy,
    VoucherId,
    VoucherKind
} from "src/VoucherTypes.sol";
import {Commitments} from "./Commitments.sol";

/// @notice One campaign of the kind 满100减20, funded for ten, and the people around it.
abstract contract BookTest is Test {
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant END = START + 30 days;
    uint128 internal constant MAX_PAYOUT = 20_000_000;

    IVoucherBook internal book;
    TestMoney internal money;

    address internal issuer = makeAddr("issuer");
    address internal funder = makeAddr("funder");
    address internal merchant = makeAddr("merchant");
    address internal relayer = makeAddr("relayer");
    address internal stranger = makeAddr("stranger");
    address internal holder;
    uint256 internal holderKey;

    function setUp() public virtual {
        vm.warp(START - 1 days);
        (holder, holderKey) = makeAddrAndKey("holder");
        book = IVoucherBook(address(new VoucherBook()));
        money = new TestMoney("Test CNY (no value)", "tCNY", address(this));
        money.mint(funder, 1_000_000_000);
        money.mint(holder, 1_000_000_000);
        vm.prank(funder);
        money.approve(address(book), type(uint256).max);
    }

    function terms() internal view returns (CampaignTerms memory t) {
        t.rulesHash = keccak256("rules");
        t.evmIssuer = issuer;
        t.salt = bytes32(uint256(1));
        t.funder = funder;
        t.settlementAsset = address(money);
        t.cap = 10;
        t.maxPayout = MAX_PAYOUT;
        t.unitsPerMinor = 10_000;
        t.sponsorBp = 10_000;
        t.validFrom = START;
        t.validUntil = END;
        t.transferPolicy = TransferPolicy.FREE;
        t.kind = VoucherKind.ONE_SHOT;
        t.settlement = Settlement.IMMEDIATE;
    }

    function create(CampaignTerms memory t) internal returns (CampaignId) {
        address[] memory merchants = new address[](1);
        merchants[0] = merchant;
        vm.prank(t.evmIssuer);
        return book.createCampaign(t, merchants);
    }

    function fund(CampaignId campaign, uint256 amount) internal {
        vm.prank(funder);
        book.fund(campaign, amount);
    }

    function issueTo(CampaignId campaign, address to) internal returns (VoucherId) {
        address[] memory holders = new address[](1);
        holders[0] = to;
        uint48 number = book.campaignOf(campaign).nextNumber;
        vm.prank(issuer);
        book.issue(campaign, number, holders);
        return single(campaign, number);
    }

    function single(CampaignId campaign, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt(uint64(number));
    }

    /// @dev Campaign in its window, funded for its cap, one voucher with the holder.
    function ready() internal returns (CampaignId campaign, VoucherId id) {
        return ready(terms());
    }

    function ready(CampaignTerms memory t) internal returns (CampaignId campaign, VoucherId id) {
        campaign = create(t);
        fund(campaign, uint256(t.maxPayout) * t.cap);
        id = issueTo(campaign, holder);
        vm.warp(START);
    }

    /// @dev 100.00 less 20.00: the holder pays 80.00.
    function orderFor(VoucherId id) internal view returns (RedeemOrder memory order) {
        order.items = new RedeemItem[](1);
        order.items[0] = RedeemItem(id, 2_000, 0);
        order.holder = holder;
        order.merchant = merchant;
        order.orderHash = keccak256("order");
        order.validBefore = END;
        order.remainderAsset = address(money);
        order.remainderAmount = 80_000_000;
    }

    function approveRemainder(uint256 amount) internal {
        vm.prank(holder);
        money.approve(address(book), amount);
    }

    /// @dev Many vouchers in one order, without a remainder.
    function orderFor(VoucherId[] memory ids) internal view returns (RedeemOrder memory order) {
        order = orderFor(VoucherId.wrap(0));
        order.items = new RedeemItem[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            order.items[i] = RedeemItem(ids[i], 2_000, 0);
        }
        order.remainderAmount = 0;
        order.remainderAsset = address(0);
    }

    /// @dev One voucher, one minor amount, no remainder.
    function orderOf(VoucherId id, uint128 amountMinor, uint64 sequence)
        internal
        view
        returns (RedeemOrder memory order)
    {
        VoucherId[] memory ids = new VoucherId[](1);
        ids[0] = id;
        order = orderFor(ids);
        (order.items[0].amountMinor, order.items[0].sequence) = (amountMinor, sequence);
        order.orderHash = keccak256(abi.encode(id, amountMinor, sequence));
    }

    /// @dev Four holders, of whom the first is `holder`; a Merkle tree has a power of two.
    function four() internal returns (address[] memory holders) {
        holders = new address[](4);
        holders[0] = holder;
        for (uint256 i = 1; i < 4; ++i) {
            holders[i] = makeAddr(string.concat("other ", vm.toString(i)));
        }
    }

    function issuePacked(CampaignId campaign, uint32 batch, address[] memory owners) internal {
        bytes memory blob = Commitments.packed(owners);
        vm.prank(issuer);
        book.issuePacked(campaign, batch, blob);
    }

    function commit(CampaignId campaign, uint16 drop, address[] memory holders)
        internal
        returns (bytes32[][] memory proofs)
    {
        bytes32 root;
        (root, proofs) = Commitments.tree(campaign, drop, holders);
        vm.prank(issuer);
        book.commitDrop(campaign, drop, root, uint32(holders.length));
    }

    function zip(RedeemOrder[] memory orders, bytes[] memory signatures)
        internal
        pure
        returns (SignedOrder[] memory batch)
    {
        batch = new SignedOrder[](orders.length);
        for (uint256 i = 0; i < orders.length; ++i) {
            batch[i] = SignedOrder(orders[i], signatures[i]);
        }
    }

    function fromDropAs(address caller, RedeemOrder memory order, bytes32[] memory proof) internal {
        bytes32[][] memory proofs = new bytes32[][](1);
        proofs[0] = proof;
        bytes memory signature = sign(holderKey, order);
        vm.prank(caller);
        book.redeemFromDrop(order, signature, proofs);
    }

    function sign(uint256 key, RedeemOrder memory order) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, book.digestOf(order));
        return abi.encodePacked(r, s, v);
    }

    function redeemAs(address caller, RedeemOrder memory order) internal {
        bytes memory signature = sign(holderKey, order);
        vm.prank(caller);
        book.redeemSigned(order, signature);
    }
}
