// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SSTORE2} from "solady/src/utils/SSTORE2.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {CampaignGate} from "./CampaignGate.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {Consents} from "./Consents.sol";
import {IBookEvents} from "./IBookEvents.sol";
import {IBookIssue} from "./IBookIssue.sol";
import {RedeemOrders} from "./RedeemOrders.sol";
import {VoucherRegister} from "./VoucherRegister.sol";
import {newSlot} from "./VoucherSlot.sol";
import {CampaignId, VoucherId} from "./VoucherTypes.sol";

/// @notice How vouchers come to be.
abstract contract Issuing is
    IBookIssue,
    IBookEvents,
    IERC1155Errors,
    CampaignGate,
    VoucherRegister,
    Consents
{
    /// @dev 20 bytes each after the blob's zero byte, in a contract of at most 24,576 bytes (EIP-170).
    uint256 private constant MOST_PACKED = 1_228;

    /// @inheritdoc IBookIssue
    function issue(CampaignId campaign, uint48 firstNumber, address[] calldata holders) external {
        (Record storage record, CampaignClock clock) = _issuing(campaign);
        uint256 first = uint256(record.escrow.singles) + 1;
        if (firstNumber != first) revert NotNextNumber(firstNumber, first);
        _takeRoom(record, holders.length);
        // Fits: no more than the cap, which has 48 bits.
        record.escrow.singles = uint48(first - 1 + holders.length);
        for (uint256 i = 0; i < holders.length; ++i) {
            _mint(CampaignIds.single(campaign, clock.lane(), uint48(first + i)), campaign, holders[i]);
        }
    }

    /// @inheritdoc IBookIssue
    function issuePacked(CampaignId campaign, uint32 batch, bytes calldata owners) external {
        (Record storage record, CampaignClock clock) = _issuing(campaign);
        uint256 count = owners.length / 20;
        // The product is compared with what was divided: that is how a length of another kind is noticed.
        // slither-disable-next-line divide-before-multiply
        if (count == 0 || count * 20 != owners.length || count > MOST_PACKED) {
            revert InvalidBatch(owners.length, MOST_PACKED);
        }
        uint256 first = VoucherId.unwrap(CampaignIds.packed(campaign, clock.lane(), batch));
        if (_batches[first >> 16] != 0) revert BatchAlreadyIssued(campaign, batch);
        _takeRoom(record, count);
        // The blob's constructor only returns the owners: nobody else is called.
        _batches[first >> 16] = (uint256(uint160(SSTORE2.write(owners))) << 96) | count;
        emit BatchIssued(campaign, batch, count);
        if (!_tellOwners(first, owners)) revert ERC1155InvalidReceiver(address(0));
    }

    /// @inheritdoc IBookIssue
    function commitDrop(CampaignId campaign, uint16 drop, bytes32 root, uint32 count) external {
        (Record storage record, CampaignClock clock) = _issuing(campaign);
        if (root == 0 || count == 0) revert InvalidDrop(root, count);
        uint256 key = VoucherId.unwrap(CampaignIds.dropped(campaign, clock.lane(), drop)) >> 32;
        if (_drops[key] != 0) revert DropAlreadyCommitted(campaign, drop);
        _takeRoom(record, count);
        _drops[key] = uint256(bytes32(bytes28(root))) | count;
        emit DropCommitted(campaign, drop, root, count);
    }

    /// @inheritdoc IBookIssue
    function claim(VoucherId id, address holder, uint64 validBefore, bytes calldata signature) external {
        CampaignId campaign = id.campaignId();
        Record storage record = _existing(campaign);
        CampaignClock clock = record.clock;
        address signer = record.claims.ticketSigner;
        if (signer == address(0)) revert NoTicketSigner(campaign);
        _requireClaiming(campaign, record, clock);
        if (block.timestamp >= validBefore) revert TicketExpired(block.timestamp, validBefore);
        if (id.serial() >> 47 != uint256(clock.lane()) << 9 | 1) revert InvalidTicketSerial(id);
        if (_slots[id].exists()) revert VoucherAlreadyClaimed(id);
        _requireSignature(
            signer, _hashTypedDataV4(RedeemOrders.ticketHash(id, holder, validBefore)), signature
        );
        uint256 limit = record.claims.claimsPerHolder;
        if (limit != 0) {
            uint256 claimed = _claimed[campaign][holder];
            if (claimed >= limit) revert ClaimLimitReached(campaign, holder, limit);
            _claimed[campaign][holder] = claimed + 1;
        }
        _takeRoom(record, 1);
        _mint(id, campaign, holder);
    }

    /// @inheritdoc IBookIssue
    function claimFromDrop(VoucherId id, address holder, bytes32[] calldata proof) external {
        CampaignId campaign = id.campaignId();
        Record storage record = _existing(campaign);
        _requireClaiming(campaign, record, record.clock);
        if (_slots[id].exists()) revert VoucherAlreadyClaimed(id);
        if (_isUsed(id)) revert VoucherAlreadyRedeemed(id);
        _requireLeaf(id, holder, proof);
        _slots[id] = newSlot(holder);
        emit IERC1155.TransferSingle(msg.sender, address(0), holder, VoucherId.unwrap(id), 1);
    }

    function _issuing(CampaignId campaign) private view returns (Record storage record, CampaignClock clock) {
        record = _existing(campaign);
        clock = record.clock;
        _onlyIssuer(record);
        _requireRunning(campaign, clock, 0, clock.windowEnd());
    }

    /// @dev The claim's deadline moves on with the pauses, as the window does.
    function _requireClaiming(CampaignId campaign, Record storage record, CampaignClock clock) private view {
        _requireRunning(campaign, clock, 0, record.claims.claimUntil + clock.pausedSeconds());
    }

    function _mint(VoucherId id, CampaignId campaign, address holder) private {
        if (holder == address(0)) revert ERC1155InvalidReceiver(holder);
        _slots[id] = newSlot(holder);
        emit IERC1155.TransferSingle(msg.sender, address(0), holder, VoucherId.unwrap(id), 1);
        emit VoucherIssued(id, campaign, holder);
    }

    /// @dev One TransferSingle for each owner: wallets and indexers see packed vouchers as they see all others.
    /// @return valid Whether none of them is zero.
    function _tellOwners(uint256 id, bytes calldata owners) private returns (bool valid) {
        bytes32 topic = IERC1155.TransferSingle.selector;
        assembly ("memory-safe") {
            valid := 1
            mstore(0x20, 1)
            let end := add(owners.offset, owners.length)
            for { let at := owners.offset } lt(at, end) { at := add(at, 20) } {
                let owner := shr(96, calldataload(at))
                valid := and(valid, iszero(iszero(owner)))
                mstore(0x00, id)
                log4(0x00, 0x40, topic, caller(), 0, owner)
                id := add(id, 1)
            }
        }
    }
}
