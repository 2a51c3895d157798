// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BookStorage} from "./BookStorage.sol";
import {CampaignClock} from "./CampaignClock.sol";
import {IBookErrors} from "./IBookErrors.sol";
import {CampaignId} from "./VoucherTypes.sol";

/// @notice Who may act on a campaign, when, and for how many vouchers.
abstract contract CampaignGate is BookStorage, IBookErrors {
    function _existing(CampaignId campaign) internal view returns (Record storage record) {
        record = _records[campaign];
        if (!record.clock.exists()) revert CampaignNotFound(campaign);
    }

    function _onlyIssuer(Record storage record) internal view {
        address issuer = record.supply.issuer;
        if (msg.sender != issuer) revert NotIssuer(msg.sender, issuer);
    }

    function _requirePower(CampaignId campaign, Record storage record, uint16 power) internal view {
        if (!record.clock.declares(power)) revert PowerNotDeclared(campaign, power);
    }

    /// @dev In the half-open window [from, until), and not paused.
    function _requireRunning(CampaignId campaign, CampaignClock clock, uint256 from, uint256 until)
        internal
        view
    {
        if (block.timestamp < from || block.timestamp >= until) {
            revert OutsideWindow(block.timestamp, from, until);
        }
        uint256 pausedUntil = clock.pauseEnd();
        if (block.timestamp < pausedUntil) revert CampaignPaused(campaign, pausedUntil);
    }

    /// @dev Counts `count` vouchers as issued for ever.
    function _takeRoom(Record storage record, uint256 count) internal {
        Supply storage supply = record.supply;
        uint256 issued = supply.issuedEver + count;
        if (issued > supply.room) {
            if (issued > record.cap) revert CapExceeded(issued, record.cap);
            revert UnderFunded(record.price.maxPayout * issued, record.escrow.funded);
        }
        // Fits: `room` has 48 bits.
        supply.issuedEver = uint48(issued);
    }
}
