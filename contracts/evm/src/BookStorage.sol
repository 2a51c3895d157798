// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {CampaignId, VoucherId} from "./VoucherTypes.sol";
import {VoucherSlot} from "./VoucherSlot.sol";

/// @notice Everything that the book keeps. Both halves of the book inherit this first and declare no storage of their
/// own, so they agree on every slot (a test compares the compiled layouts).
abstract contract BookStorage is EIP712 {
    struct Price {
        uint96 maxPayout;
        uint96 unitsPerMinor;
        uint16 sponsorBp;
        uint32 refundWindow;
    }

    /// @dev `paid` counts what was paid to merchants and what was credited to them.
    struct Purse {
        address asset;
        uint96 paid;
    }

    /// @dev `room`: how many vouchers the cap and the escrow allow together, so that issue reads one word.
    struct Supply {
        address issuer;
        uint48 issuedEver;
        uint48 room;
    }

    struct Escrow {
        uint96 funded;
        uint96 returned;
        uint48 singles;
    }

    struct Claims {
        address ticketSigner;
        uint40 claimUntil;
        uint16 claimsPerHolder;
        uint40 reissued;
    }

    struct Funder {
        address account;
        uint48 voided;
        uint48 reversed;
    }

    struct Record {
        CampaignClock clock;
        Price price;
        Purse purse;
        Supply supply;
        Escrow escrow;
        Claims claims;
        Funder funder;
        uint96 reclaimed;
        uint48 cap;
        bytes32 rulesHash;
        string metadataUri;
    }

    /// @dev A merchant in a campaign. Credits of redemptions that can still be reversed wait in two epochs, each as long
    /// as the refund window: `current` belongs to `epoch`, `previous` to the one before. `free` is what can be settled.
    struct MerchantAccount {
        bool accepted;
        uint40 epoch;
        uint96 current;
        uint96 previous;
        uint96 free;
    }

    /// @dev What came back of a redemption's payout.
    struct Return {
        uint96 amount;
        bool reversed;
    }

    // Written through storage references, and some of them by the other half only: Slither follows neither.
    // slither-disable-start uninitialized-state
    mapping(CampaignId campaign => Record) internal _records;
    mapping(VoucherId id => VoucherSlot) internal _slots;
    /// @dev One bit per packed voucher and drop leaf that was redeemed without ever having had a slot: key id >> 8.
    mapping(uint256 word => uint256 bits) internal _used;
    /// @dev owners' blob160 ‖ count16: key id >> 16.
    mapping(uint256 batch => uint256) internal _batches;
    /// @dev First 28 bytes of the root ‖ count32: key id >> 32.
    mapping(uint256 drop => uint256) internal _drops;
    /// @dev Stored value: remaining128 ‖ spends128; zero: nothing was spent yet.
    mapping(VoucherId id => uint256) internal _values;
    mapping(CampaignId campaign => mapping(address merchant => MerchantAccount)) internal _merchants;
    mapping(CampaignId campaign => mapping(address holder => uint256)) internal _claimed;
    mapping(bytes32 digest => uint256 redeemedAt) internal _receipts;
    mapping(bytes32 redemptionId => Return) internal _returns;
    mapping(address merchant => mapping(address relayer => uint40 until)) internal _relayers;
    mapping(address holder => mapping(bytes32 digest => bool)) internal _paidOrders;
    mapping(address holder => mapping(address operator => bool)) internal _operators;
    // slither-disable-end uninitialized-state

    constructor() EIP712("Quanbao VoucherBook", "1") {}
}
