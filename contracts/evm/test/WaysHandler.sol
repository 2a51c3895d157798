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
    CampaignId,
    ReceiptEntry,
    ReceiptProof,
    RedeemItem,
    RedeemOrder,
    RedemptionFacts,
    SignedOrder,
    VoucherId
} from "src/VoucherTypes.sol";
import {Commitments} from "./Commitments.sol";

/// @notice Issues and redeems by every way at random, and rebuilds the ledger from the book's logs alone.
contract WaysHandler is CommonBase, StdCheats, StdUtils {
    struct Rebuilt {
        address owner;
        uint32 changes;
        bool live;
        bool known;
        uint256 redemptions;
        uint256 spent;
    }

    struct Past {
        ReceiptEntry entry;
        RedemptionFacts facts;
    }

    uint256 private constant TICKET_KEY = 0x71C;
    IVoucherBook private immutable _book;
    TestMoney private immutable _money;
    CampaignId private immutable _campaign;
    address private immutable _issuer;
    address private immutable _funder;
    address private immutable _merchant;
    bool private immutable _isValue;

    uint256[3] private _keys = [uint256(0xA1), 0xA2, 0xA3];
    bool private _undone;
    uint256 private _orders;
    uint32 private _batches;
    uint16 private _drops;
    uint48 private _tickets;

    mapping(uint256 id => Rebuilt) private _rebuilt;
    mapping(uint256 id => bytes32[]) private _proofs;
    mapping(uint256 id => address) private _promised;
    uint256[] public ids;
    uint256[] public leaves;
    Past[] private _past;
    ReceiptEntry[] private _receipt;
    RedemptionFacts[] private _receiptFacts;
    uint256 public funded;
    uint256 public paid;
    uint256 public returned;
    uint256 public reclaimed;
    uint256 public settled;
    uint256 public promised;
    uint256 public reversals;
    /// @notice What went through and should not have: without a consent, or twice.
    uint256 public breaches;

    constructor(
        IVoucherBook book,
        TestMoney money,
        CampaignId campaign,
        address[3] memory parties,
        bool isValue
    ) {
        (_book, _money, _campaign, _isValue) = (book, money, campaign, isValue);
        (_issuer, _funder, _merchant) = (parties[0], parties[1], parties[2]);
        vm.prank(_merchant);
        money.approve(address(book), type(uint256).max);
    }

    modifier logged() {
        vm.recordLogs();
        _;
        Vm.Log[] memory logs = vm.getRecordedLogs();
        // Forge records the logs of a call that reverted, too.
        for (uint256 i = 0; i < logs.length && !_undone; ++i) {
            if (logs[i].emitter == address(_book)) _read(logs[i]);
        }
        _undone = false;
        // What one call redeemed has one receipt; each entry is kept with the whole of it only for single redemptions.
        if (_receipt.length == 1) _past.push(Past(_receipt[0], _receiptFacts[0]));
        delete _receipt;
        delete _receiptFacts;
    }

    function rebuilt(uint256 id) external view returns (Rebuilt memory) {
        return _rebuilt[id];
    }

    function known() external view returns (uint256) {
        return ids.length;
    }

    function unclaimed() external view returns (uint256 count) {
        for (uint256 i = 0; i < leaves.length; ++i) {
            if (!_rebuilt[leaves[i]].known) ++count;
        }
    }

    // ------------------------------------------------------------------------------------------------- issuing

    function fund(uint256 amount) external logged {
        amount = bound(amount, 1, 60_000_000);
        _money.mint(_funder, amount);
        vm.startPrank(_funder);
        _money.approve(address(_book), amount);
        _book.fund(_campaign, amount);
        vm.stopPrank();
    }

    function issueSingle(uint8 who) external logged {
        address[] memory holders = new address[](1);
        holders[0] = _holder(who);
        uint48 next = _book.campaignOf(_campaign).nextNumber;
        vm.prank(_issuer);
        try _book.issue(_campaign, next, holders) {} catch {}
    }

    function issuePacked(uint8 who) external logged {
        bytes memory owners = abi.encodePacked(_holder(who), _holder(uint256(who) + 1));
        vm.prank(_issuer);
        try _book.issuePacked(_campaign, _batches, owners) {
            ++_batches;
        } catch {}
    }

    function commitDrop(uint8 who) external logged {
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (_holder(who), _holder(uint256(who) + 1));
        (bytes32 root, bytes32[][] memory proofs) = Commitments.tree(_campaign, _drops, holders);
        vm.prank(_issuer);
        try _book.commitDrop(_campaign, _drops, root, 2) {
            for (uint32 i = 0; i < 2; ++i) {
                uint256 id = VoucherId.unwrap(Commitments.leafId(_campaign, _drops, i));
                leaves.push(id);
                (_proofs[id], _promised[id]) = (proofs[i], holders[i]);
            }
            ++_drops;
        } catch {}
    }

    function claimTicket(uint8 who, bool forged) external logged {
        VoucherId id = Commitments.ticketId(_campaign, _tickets);
        address holder = _holder(who);
        uint64 until = uint64(block.timestamp + 1);
        bytes memory ticket = _signed(forged ? _keys[0] : TICKET_KEY, _book.ticketDigestOf(id, holder, until));
        try _book.claim(id, holder, until, ticket) {
            ++_tickets;
            if (forged) ++breaches;
        } catch {}
    }

    function claimLeaf(uint256 which, uint8 who, bool own) external logged {
        if (leaves.length == 0) return;
        uint256 id = leaves[which % leaves.length];
        address holder = own ? _promised[id] : _holder(who);
        try _book.claimFromDrop(VoucherId.wrap(id), holder, _proofs[id]) {
            if (holder != _promised[id]) ++breaches;
        } catch {}
    }

    function transfer(uint256 which, uint8 to) external logged {
        (uint256 id, address owner) = _voucher(which);
        vm.prank(owner);
        try _book.safeTransferFrom(owner, _holder(to), id, 1, "") {} catch {}
    }

    // ----------------------------------------------------------------------------------------------- redeeming

    function redeem(uint256 which, uint128 amount, uint8 mode) external logged {
        (uint256 id, address owner) = _voucher(which);
        RedeemOrder memory order = _order(id, owner, amount);
        bytes memory signature = _sign(order, owner);
        mode = mode % 6;
        if (mode == 3) order.items[0].amountMinor += 1;
        if (mode == 4) signature = _sign(order, _holder(_indexOf(owner) + 1));
        vm.prank(mode == 5 ? _funder : _merchant);
        try _book.redeemSigned(order, signature) {
            if (mode > 2) ++breaches;
        } catch {}
    }

    function redeemLeaf(uint256 which, uint128 amount, uint8 mode) external logged {
        if (leaves.length == 0) return;
        uint256 id = leaves[which % leaves.length];
        address owner = _rebuilt[id].known ? _rebuilt[id].owner : _promised[id];
        RedeemOrder memory order = _order(id, owner, amount);
        bytes memory signature = _sign(order, owner);
        bytes32[][] memory proofs = new bytes32[][](1);
        proofs[0] = _proofs[id];
        if (mode % 4 == 3) proofs[0][0] = ~proofs[0][0];
        bool wasKnown = _rebuilt[id].known;
        vm.prank(_merchant);
        try _book.redeemFromDrop(order, signature, proofs) {
            if (mode % 4 == 3 && !wasKnown) ++breaches;
        } catch {
            _undone = true;
        }
    }

    /// @dev Two vouchers, or one twice, all or nothing or each by itself.
    function redeemBatch(uint256 one, uint256 two, uint128 amount, bool bestEffort) external logged {
        SignedOrder[] memory batch = new SignedOrder[](2);
        for (uint256 i = 0; i < 2; ++i) {
            (uint256 id, address owner) = _voucher(i == 0 ? one : two);
            batch[i].order = _order(id, owner, amount);
            batch[i].holderSignature = _sign(batch[i].order, owner);
        }
        vm.prank(_merchant);
        if (bestEffort) {
            try _book.redeemBestEffort(batch) {} catch {}
        } else {
            try _book.redeemBatch(batch) {}
            catch {
                _undone = true;
            }
        }
    }

    // ------------------------------------------------------------------------------------------------ afterwards

    function reverse(uint256 which, bool byStranger) external logged {
        if (_past.length == 0) return;
        Past storage past = _past[which % _past.length];
        ReceiptProof memory proof;
        proof.receipt = new ReceiptEntry[](1);
        (proof.receipt[0], proof.facts) = (past.entry, past.facts);
        (, bool before) = _book.returnOf(past.entry.redemptionId);
        vm.prank(byStranger ? _funder : _merchant);
        try _book.reverse(proof) {
            if (byStranger || before) ++breaches;
            ++reversals;
        } catch {}
    }

    function returnPart(uint256 which, uint256 amount) external logged {
        if (_past.length == 0) return;
        Past storage past = _past[which % _past.length];
        ReceiptProof memory proof;
        proof.receipt = new ReceiptEntry[](1);
        (proof.receipt[0], proof.facts) = (past.entry, past.facts);
        vm.prank(_merchant);
        try _book.returnPayout(proof, bound(amount, 1, 5_000_000)) {} catch {}
    }

    function settle() external logged {
        try _book.settle(_campaign, _merchant) {} catch {}
    }

    function voidOne(uint256 which, bool leaf) external logged {
        if (which % 4 != 0) return;
        (uint256 id,) = _voucher(which);
        if (leaf && leaves.length != 0) id = leaves[which % leaves.length];
        vm.prank(_issuer);
        try _book.voidVoucher(VoucherId.wrap(id), 0) {} catch {}
    }

    function wait(uint32 length) external {
        skip(bound(length, 0, length % 8 == 0 ? 20 days : 12 hours));
    }

    function reclaim() external logged {
        try _book.reclaim(_campaign) {} catch {}
    }

    // -------------------------------------------------------------------------------------------------- helpers

    function _read(Vm.Log memory log) private {
        bytes32 kind = log.topics[0];
        if (kind == IERC1155.TransferSingle.selector) {
            (uint256 id,) = abi.decode(log.data, (uint256, uint256));
            _moved(id, _address(log.topics[2]), _address(log.topics[3]));
        } else if (kind == IBookEvents.VoucherRedeemed.selector) {
            _redeemed(log);
        } else if (kind == IBookEvents.ValueCredited.selector) {
            Rebuilt storage r = _rebuilt[uint256(log.topics[1])];
            (uint128 amount,) = abi.decode(log.data, (uint128, uint128));
            r.spent -= amount;
            ++r.changes;
        } else if (kind == IBookEvents.VoucherVoided.selector) {
            Rebuilt storage r = _rebuilt[uint256(log.topics[1])];
            if (!r.known) {
                r.known = true;
                ids.push(uint256(log.topics[1]));
            }
        } else if (kind == IBookEvents.DropCommitted.selector) {
            promised += 2;
        } else if (kind == IBookEvents.CampaignFunded.selector) {
            funded += abi.decode(log.data, (uint256));
        } else if (kind == IBookEvents.CampaignReclaimed.selector) {
            reclaimed += abi.decode(log.data, (uint256));
        } else if (kind == IBookEvents.MerchantSettled.selector) {
            settled += abi.decode(log.data, (uint256));
        } else if (kind == IBookEvents.RedemptionReversed.selector) {
            (, uint256 amount) = abi.decode(log.data, (address, uint256));
            returned += amount;
        } else if (kind == IBookEvents.PayoutReturned.selector) {
            returned += abi.decode(log.data, (uint256));
        }
    }

    function _moved(uint256 id, address from, address to) private {
        Rebuilt storage r = _rebuilt[id];
        if (from == address(0)) {
            if (!r.known) ids.push(id);
            (r.known, r.live, r.owner) = (true, true, to);
        } else if (to == address(0)) {
            r.live = false;
        } else {
            r.owner = to;
            ++r.changes;
        }
    }

    function _redeemed(Vm.Log memory log) private {
        (
            address merchant,
            bytes32 redemptionId,
            bytes32 orderHash,
            uint128 amount,
            uint64 sequence,
            uint256 payout
        ) = abi.decode(log.data, (address, bytes32, bytes32, uint128, uint64, uint256));
        uint256 id = uint256(log.topics[1]);
        Rebuilt storage r = _rebuilt[id];
        ++r.redemptions;
        if (_isValue) {
            r.spent += amount;
            ++r.changes;
        }
        paid += payout;
        _receipt.push(ReceiptEntry(redemptionId, merchant, payout));
        _receiptFacts.push(
            RedemptionFacts(VoucherId.wrap(id), _address(log.topics[3]), orderHash, amount, sequence)
        );
    }

    function _voucher(uint256 which) private view returns (uint256 id, address owner) {
        if (ids.length == 0) return (0, _holder(which));
        id = ids[which % ids.length];
        owner = _rebuilt[id].owner;
        if (owner == address(0)) owner = _holder(which);
    }

    function _order(uint256 id, address owner, uint128 amount) private returns (RedeemOrder memory order) {
        order.items = new RedeemItem[](1);
        order.items[0] =
            RedeemItem(VoucherId.wrap(id), uint128(bound(amount, 0, 1_500)), _rebuilt[id].changes);
        order.holder = owner;
        order.merchant = _merchant;
        order.orderHash = bytes32(++_orders);
        order.validBefore = uint64(block.timestamp + 1);
    }

    function _sign(RedeemOrder memory order, address signer) private view returns (bytes memory) {
        return _signed(_keys[_indexOf(signer)], _book.digestOf(order));
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
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
