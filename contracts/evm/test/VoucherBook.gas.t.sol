// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {
    CampaignId,
    CampaignTerms,
    RedeemItem,
    RedeemOrder,
    Settlement,
    VoucherId
} from "src/VoucherTypes.sol";
import {Commitments} from "./Commitments.sol";
import {DeployedBook} from "./DeployedBook.sol";

/// @notice Gas of the committed bytecode, each act a whole transaction, calldata included. Limits are per voucher, for
/// holders that may be contracts (ERC-1271). The first use of a storage word is told apart from the steady state.
/// forge-config: default.isolate = true
contract GasTest is DeployedBook {
    uint256 private constant BATCH = 50;

    function setUp() public override {
        super.setUp();
        vm.warp(START - 1 days);
    }

    function test_Gas_campaign() public {
        CampaignId campaign = create(big());
        vm.snapshotGasLastCall("createCampaign, one merchant");
        fund(campaign, 1_000 * uint256(MAX_PAYOUT));
        vm.snapshotGasLastCall("fund");
        issueMany(campaign, 1, 1);
        issueMany(campaign, 2, 1);
        vm.snapshotGasLastCall("issue 1");
        issueMany(campaign, 3, 100);
        limit("issue 100", 100, 28_500);
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        vm.snapshotGasLastCall("setRelayer");
    }

    function test_Gas_issuePacked() public {
        CampaignId campaign = create(big());
        fund(campaign, 3_000 * uint256(MAX_PAYOUT));
        bytes memory owners = Commitments.packed(crowd(1_000));
        vm.prank(issuer);
        book.issuePacked(campaign, 1, owners);
        limit("issuePacked 1000", 1_000, 7_500);
        owners = Commitments.packed(crowd(100));
        vm.prank(issuer);
        book.issuePacked(campaign, 2, owners);
        limit("issuePacked 100", 100, 9_000);
    }

    function test_Gas_drop() public {
        CampaignId campaign = create(big());
        fund(campaign, 3_000 * uint256(MAX_PAYOUT));
        vm.prank(issuer);
        book.commitDrop(campaign, 1, keccak256("root"), 2_000);
        limit("commitDrop", 1, 60_000);
    }

    function test_Gas_claim() public {
        (address signer, uint256 key) = makeAddrAndKey("ticket signer");
        CampaignTerms memory t = big();
        t.ticketSigner = signer;
        CampaignId campaign = create(t);
        fund(campaign, 3_000 * uint256(MAX_PAYOUT));
        issueMany(campaign, 1, 1);
        VoucherId id = Commitments.ticketId(campaign, 77);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, book.ticketDigestOf(id, stranger, uint64(END)));
        vm.prank(relayer);
        book.claim(id, stranger, uint64(END), abi.encodePacked(r, s, v));
        limit("claim by ticket", 1, 72_000);
        (bytes32 root, bytes32[] memory proof) =
            Commitments.around(Commitments.leaf(campaign, 1, 5, stranger), 7);
        vm.prank(issuer);
        book.commitDrop(campaign, 1, root, 128);
        vm.prank(relayer);
        book.claimFromDrop(Commitments.leafId(campaign, 1, 5), stranger, proof);
        vm.snapshotGasLastCall("claimFromDrop, 2^7 leaves");
    }

    function test_Gas_redeemClaimed() public {
        CampaignId campaign = started(free());
        submit(singles(campaign, 2, 1));
        limit("redeemSigned", 1, 56_000);
        submit(singles(campaign, 3, 3));
        limit("redeemSigned, three vouchers", 3, 35_000);
        RedeemOrder memory order = singles(campaign, 6, 1);
        vm.prank(merchant);
        book.setRelayer(relayer, END);
        bytes memory signature = sign(holderKey, order);
        vm.prank(relayer);
        book.redeemSigned(order, signature);
        vm.snapshotGasLastCall("redeemSigned by relayer");
        order = singles(campaign, 7, 0);
        (order.remainderAsset, order.remainderAmount) = (address(money), 80_000_000);
        submit(order);
        vm.snapshotGasLastCall("redeemSigned without voucher");
        vm.prank(holder);
        book.safeTransferFrom(holder, stranger, VoucherId.unwrap(single(campaign, 8)), 1, "");
        vm.snapshotGasLastCall("safeTransferFrom");
    }

    function test_Gas_redeemWithPayout() public {
        CampaignId campaign = started(big());
        submit(singles(campaign, 2, 1));
        vm.snapshotGasLastCall("redeemSigned with payout");
        RedeemOrder memory order = singles(campaign, 3, 1);
        (order.remainderAsset, order.remainderAmount) = (address(money), 80_000_000);
        submit(order);
        vm.snapshotGasLastCall("redeemSigned with payout and remainder");
        submit(singles(campaign, 4, 3));
        vm.snapshotGasLastCall("redeemSigned with payout, three vouchers");
    }

    function test_Gas_redeemAccrued() public {
        CampaignTerms memory t = big();
        t.settlement = Settlement.ACCRUED;
        CampaignId campaign = started(t);
        submit(singles(campaign, 2, 1));
        vm.snapshotGasLastCall("redeemSigned with accrued payout");
        book.settle(campaign, merchant);
        vm.snapshotGasLastCall("settle");
    }

    function test_Gas_redeemPacked() public {
        CampaignId campaign = create(free());
        address[] memory owners = crowd(1_000);
        for (uint256 i = 0; i < 300; ++i) {
            owners[i] = holder;
        }
        vm.prank(issuer);
        book.issuePacked(campaign, 1, Commitments.packed(owners));
        vm.warp(START);
        submit(packed(campaign, 0));
        vm.snapshotGasLastCall("redeemSigned packed, first of its 256");
        submit(packed(campaign, 1));
        limit("redeemSigned packed", 1, 63_000);
    }

    function test_Gas_redeemFromDrop() public {
        CampaignId campaign = started(free());
        uint256[3] memory levels = [uint256(7), 7, 20];
        for (uint16 i = 0; i < 3; ++i) {
            // The first leaf of a word pays for it; the second is the steady state.
            (bytes32 root, bytes32[] memory proof) =
                Commitments.around(Commitments.leaf(campaign, i, i, holder), levels[i]);
            vm.prank(issuer);
            book.commitDrop(campaign, i, root, 100);
            warmWord(Commitments.leafId(campaign, i, 9));
            VoucherId[] memory ids = new VoucherId[](1);
            ids[0] = Commitments.leafId(campaign, i, i);
            RedeemOrder memory order = orderFor(ids);
            bytes32[][] memory proofs = new bytes32[][](1);
            proofs[0] = proof;
            bytes memory signature = sign(holderKey, order);
            vm.prank(merchant);
            book.redeemFromDrop(order, signature, proofs);
            if (i == 1) limit("redeemFromDrop, 2^7 leaves", 1, 69_500);
            if (i == 2) limit("redeemFromDrop, 2^20 leaves", 1, 77_500);
        }
    }

    function test_Gas_batches() public {
        uint256 plain = batchOfSingles(free(), "redeemBatch 50");
        // 24,500 was measured before the remainder was signed, which may add 1,500.
        assertLe(plain, 26_000);
        assertLe(batchOfSingles(big(), "redeemBatch 50 with payout"), 29_500);
        CampaignTerms memory t = big();
        (t.settlement, t.salt) = (Settlement.ACCRUED, bytes32(uint256(3)));
        assertLe(batchOfSingles(t, "redeemBatch 50 with accrued payout"), 29_500);
        t = free();
        (t.refundWindow, t.salt) = (7 days, bytes32(uint256(4)));
        assertLe(batchOfSingles(t, "redeemBatch 50, refundable") - plain, 1_000);
    }

    function test_Gas_bestEffort() public {
        CampaignId campaign = started(big());
        (RedeemOrder[] memory orders, bytes[] memory signatures) = fiftyOrders(campaign, 60);
        vm.prank(merchant);
        book.redeemBestEffort(zip(orders, signatures));
        limit("redeemBestEffort 50 with credited payout", BATCH, 34_000);
    }

    function test_Gas_refundable() public {
        uint256 plain = onlyRedemption(free());
        CampaignTerms memory t = free();
        (t.refundWindow, t.salt) = (7 days, bytes32(uint256(5)));
        uint256 refundable = onlyRedemption(t);
        vm.snapshotValue("redeemSigned, refundable: what it adds", refundable - plain);
        assertLe(refundable - plain, 28_000);
    }

    /// @dev A thousand issued together, redeemed by fifties, each by its own holder.
    function test_Gas_wholeLife() public {
        CampaignId campaign = create(free());
        address[] memory owners = crowd(1_000);
        (RedeemOrder[] memory orders, bytes[] memory signatures) =
            (new RedeemOrder[](BATCH), new bytes[](BATCH));
        uint256[] memory keys = new uint256[](2 * BATCH);
        for (uint256 i = 0; i < keys.length; ++i) {
            (owners[i], keys[i]) = makeAddrAndKey(string.concat("customer ", vm.toString(i)));
        }
        bytes memory blob = Commitments.packed(owners);
        vm.prank(issuer);
        book.issuePacked(campaign, 1, blob);
        uint256 life = vm.lastCallGas().gasTotalUsed / 1_000;
        vm.warp(START);
        for (uint256 round = 0; round < 2; ++round) {
            for (uint256 i = 0; i < BATCH; ++i) {
                uint256 n = round * BATCH + i;
                orders[i] = packed(campaign, uint16(n));
                (orders[i].holder, orders[i].orderHash) = (owners[n], keccak256(abi.encode(n)));
                signatures[i] = sign(keys[n], orders[i]);
            }
            vm.prank(merchant);
            book.redeemBatch(zip(orders, signatures));
        }
        limit("redeemBatch 50, packed", BATCH, 24_500);
        life += vm.lastCallGas().gasTotalUsed / BATCH;
        vm.snapshotValue("whole life in batches, per voucher", life);
        assertLe(life, 32_000);
    }

    // ------------------------------------------------------------------------------------------------ helpers

    function limit(string memory name, uint256 vouchers, uint256 most) private {
        uint256 each = vm.snapshotGasLastCall(name) / vouchers;
        assertLe(each, most, name);
    }

    function big() private view returns (CampaignTerms memory t) {
        t = terms();
        t.cap = 10_000;
    }

    /// @dev Redemptions of these pay nothing out.
    function free() private view returns (CampaignTerms memory t) {
        t = big();
        (t.maxPayout, t.settlementAsset, t.funder, t.salt) = (0, address(0), address(0), bytes32(uint256(2)));
    }

    /// @dev In its window, with sixty vouchers of the holder, of which the first is redeemed.
    function started(CampaignTerms memory t) private returns (CampaignId campaign) {
        vm.warp(START - 1 days);
        campaign = create(t);
        if (t.maxPayout != 0) fund(campaign, uint256(t.maxPayout) * 2_000);
        address[] memory holders = new address[](120);
        for (uint256 i = 0; i < holders.length; ++i) {
            holders[i] = holder;
        }
        vm.prank(issuer);
        book.issue(campaign, 1, holders);
        vm.warp(START);
        submit(singles(campaign, 1, 1));
    }

    function onlyRedemption(CampaignTerms memory t) private returns (uint256) {
        CampaignId campaign = started(t);
        submit(singles(campaign, 2, 1));
        return vm.lastCallGas().gasTotalUsed;
    }

    function batchOfSingles(CampaignTerms memory t, string memory name) private returns (uint256) {
        CampaignId campaign = started(t);
        (RedeemOrder[] memory orders, bytes[] memory signatures) = fiftyOrders(campaign, 60);
        vm.prank(merchant);
        book.redeemBatch(zip(orders, signatures));
        return vm.snapshotGasLastCall(name) / BATCH;
    }

    function fiftyOrders(CampaignId campaign, uint48 first)
        private
        returns (RedeemOrder[] memory orders, bytes[] memory signatures)
    {
        (orders, signatures) = (new RedeemOrder[](BATCH), new bytes[](BATCH));
        for (uint48 i = 0; i < BATCH; ++i) {
            (address customer, uint256 key) = makeAddrAndKey(string.concat("customer ", vm.toString(i)));
            vm.prank(holder);
            book.safeTransferFrom(holder, customer, VoucherId.unwrap(single(campaign, first + i)), 1, "");
            orders[i] = singles(campaign, first + i, 1);
            orders[i].items[0].sequence = 1;
            (orders[i].holder, orders[i].orderHash) = (customer, keccak256(abi.encode(i)));
            signatures[i] = sign(key, orders[i]);
        }
    }

    function singles(CampaignId campaign, uint48 first, uint256 count)
        private
        view
        returns (RedeemOrder memory)
    {
        VoucherId[] memory ids = new VoucherId[](count);
        for (uint256 i = 0; i < count; ++i) {
            ids[i] = single(campaign, first + uint48(i));
        }
        return orderFor(ids);
    }

    function packed(CampaignId campaign, uint16 offset) private view returns (RedeemOrder memory) {
        VoucherId[] memory ids = new VoucherId[](1);
        ids[0] = Commitments.packedId(campaign, 1, offset);
        return orderFor(ids);
    }

    /// @dev As if another leaf of the same 256 had been redeemed before.
    function warmWord(VoucherId id) private {
        uint256 word = VoucherId.unwrap(id) >> 8;
        bytes32 slot = keccak256(abi.encode(word, usedSlot()));
        vm.store(address(book), slot, bytes32(uint256(1) << (VoucherId.unwrap(id) & 0xff)));
    }

    /// @dev Where the committed layout has the bits of used vouchers.
    function usedSlot() private view returns (uint256) {
        string memory artifact = vm.readFile("artifacts/VoucherBook.json");
        for (uint256 i = 0;; ++i) {
            string memory entry = string.concat(".storageLayout.storage[", vm.toString(i), "]");
            string memory label = vm.parseJsonString(artifact, string.concat(entry, ".label"));
            if (keccak256(bytes(label)) == keccak256("_used")) {
                return vm.parseJsonUint(artifact, string.concat(entry, ".slot"));
            }
        }
        revert("no such storage");
    }

    function submit(RedeemOrder memory order) private {
        bytes memory signature = sign(holderKey, order);
        vm.prank(merchant);
        book.redeemSigned(order, signature);
    }

    function crowd(uint256 count) private pure returns (address[] memory holders) {
        holders = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            holders[i] = address(bytes20(keccak256(abi.encode("holder", i))));
        }
    }

    function issueMany(CampaignId campaign, uint48 first, uint256 count) private {
        address[] memory holders = crowd(first + count);
        address[] memory next = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            next[i] = holders[first + i];
        }
        vm.prank(issuer);
        book.issue(campaign, first, next);
    }
}
