// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {ERC1155Utils} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Utils.sol";
import {IERC1155Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Caip10} from "./Caip10.sol";
import {CampaignIds} from "./CampaignIds.sol";
import {IVoucherBook} from "./IVoucherBook.sol";
import {RedeemOrders} from "./RedeemOrders.sol";
import {VoucherSlot, newSlot} from "./VoucherSlot.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    Powers,
    RedeemItem,
    RedeemOrder,
    RemainderPermit,
    Settlement,
    TransferPolicy,
    VoucherId,
    VoucherKind
} from "./VoucherTypes.sol";

/// @title VoucherBook, version 1
/// @notice See IVoucherBook.
contract VoucherBook is IVoucherBook, IERC1155Errors, ERC165, EIP712, Caip10, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using RedeemOrders for RedeemOrder;

    /// @dev What every redemption, issue and transfer asks for: one word, read once.
    struct Clock {
        uint40 validFrom;
        uint40 validUntil;
        uint40 pausedAt;
        uint32 pausedSeconds;
        uint48 redeemed;
        uint16 powers;
        TransferPolicy transferPolicy;
        uint8 lane;
    }

    struct Price {
        uint128 maxPayout;
        uint96 unitsPerMinor;
        uint16 sponsorBp;
    }

    struct Escrow {
        uint128 funded;
        uint128 paid;
    }

    struct Supply {
        address issuer;
        uint48 cap;
        uint48 issuedEver;
    }

    struct Record {
        Clock clock;
        Price price;
        Escrow escrow;
        Supply supply;
        address asset;
        uint32 maxPauseSeconds;
        uint32 refundWindow;
        address funder;
        uint40 claimUntil;
        uint48 voided;
        uint128 reclaimed;
        bytes32 rulesHash;
        string metadataUri;
    }

    /// @dev A payout that waits until every voucher of the order is marked.
    struct Payout {
        address asset;
        uint256 amount;
    }

    mapping(CampaignId campaign => Record) private _records;
    mapping(VoucherId id => VoucherSlot) private _slots;
    mapping(CampaignId campaign => mapping(address merchant => bool)) private _merchants;
    mapping(address merchant => mapping(address relayer => uint40 until)) private _relayers;
    mapping(address holder => mapping(bytes32 digest => bool)) private _paidOrders;
    mapping(address holder => mapping(address operator => bool)) private _operators;

    constructor() EIP712("Quanbao VoucherBook", "1") {}

    // ------------------------------------------------------------------------------------------ campaign's parties

    /// @inheritdoc IVoucherBook
    function createCampaign(CampaignTerms calldata terms, address[] calldata merchants)
        external
        returns (CampaignId campaign)
    {
        if (msg.sender != terms.evmIssuer) revert NotIssuer(msg.sender, terms.evmIssuer);
        _checkTerms(terms);
        campaign = CampaignIds.derive(terms.rulesHash, terms.evmIssuer, terms.solanaIssuer, terms.salt);
        Record storage record = _records[campaign];
        if (record.supply.issuer != address(0)) revert CampaignAlreadyExists(campaign);

        record.clock = Clock({
            validFrom: terms.validFrom,
            validUntil: terms.validUntil,
            pausedAt: 0,
            pausedSeconds: 0,
            redeemed: 0,
            powers: terms.powers,
            transferPolicy: terms.transferPolicy,
            lane: terms.lane
        });
        record.price = Price(terms.maxPayout, terms.unitsPerMinor, terms.sponsorBp);
        record.supply = Supply(terms.evmIssuer, terms.cap, 0);
        record.asset = terms.settlementAsset;
        record.maxPauseSeconds = terms.maxPauseSeconds;
        record.refundWindow = terms.refundWindow;
        record.funder = terms.funder;
        record.claimUntil = terms.claimUntil == 0 ? terms.validUntil : terms.claimUntil;
        record.rulesHash = terms.rulesHash;
        if (bytes(terms.metadataUri).length != 0) record.metadataUri = terms.metadataUri;
        emit CampaignCreated(campaign, terms.evmIssuer, terms.funder, terms.rulesHash, terms);
        for (uint256 i = 0; i < merchants.length; ++i) {
            _addMerchant(campaign, merchants[i]);
        }
    }

    /// @inheritdoc IVoucherBook
    function fund(CampaignId campaign, uint256 amount) external nonReentrant {
        Record storage record = _existing(campaign);
        if (msg.sender != record.funder) revert NotFunder(msg.sender, record.funder);
        if (record.price.maxPayout == 0) revert NothingToFund(campaign);
        IERC20 asset = IERC20(record.asset);
        uint256 before = asset.balanceOf(address(this));
        asset.safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = asset.balanceOf(address(this)) - before;
        record.escrow.funded += SafeCast.toUint128(arrived);
        emit CampaignFunded(campaign, msg.sender, arrived);
    }

    /// @inheritdoc IVoucherBook
    function issue(CampaignId campaign, uint48 firstNumber, address[] calldata holders)
        external
        nonReentrant
    {
        Record storage record = _existing(campaign);
        Supply memory supply = _onlyIssuer(record);
        Clock memory clock = record.clock;
        _requireRunning(campaign, record, clock, 0);
        uint256 first = uint256(supply.issuedEver) + 1;
        if (firstNumber != first) revert NotNextNumber(firstNumber, first);
        uint256 issued = supply.issuedEver + holders.length;
        if (issued > supply.cap) revert CapExceeded(issued, supply.cap);
        uint256 needed = uint256(record.price.maxPayout) * issued;
        if (needed > record.escrow.funded) revert UnderFunded(needed, record.escrow.funded);
        // Fits: issued is at most the cap, which has 48 bits.
        record.supply.issuedEver = uint48(issued);
        for (uint256 i = 0; i < holders.length; ++i) {
            address holder = holders[i];
            if (holder == address(0)) revert ERC1155InvalidReceiver(holder);
            VoucherId id = CampaignIds.single(campaign, clock.lane, uint48(first + i));
            _slots[id] = newSlot(holder);
            emit TransferSingle(msg.sender, address(0), holder, VoucherId.unwrap(id), 1);
            emit VoucherIssued(id, campaign, holder);
        }
        for (uint256 i = 0; i < holders.length; ++i) {
            uint256 id = VoucherId.unwrap(CampaignIds.single(campaign, clock.lane, uint48(first + i)));
            ERC1155Utils.checkOnERC1155Received(msg.sender, address(0), holders[i], id, 1, "");
        }
    }

    /// @inheritdoc IVoucherBook
    function reclaim(CampaignId campaign) external nonReentrant {
        Record storage record = _existing(campaign);
        uint256 end = uint256(_windowEnd(record, record.clock)) + record.refundWindow;
        if (block.timestamp < end) revert OutsideWindow(block.timestamp, end, type(uint256).max);
        uint256 left = _escrow(record);
        if (left == 0) revert NothingToReclaim(campaign);
        // Fits: it is a part of `funded`, which has 128 bits.
        record.reclaimed += uint128(left);
        emit CampaignReclaimed(campaign, record.funder, left);
        IERC20(record.asset).safeTransfer(record.funder, left);
    }

    /// @inheritdoc IVoucherBook
    function voidVoucher(VoucherId id, bytes32 reasonHash) external {
        CampaignId campaign = id.campaignId();
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.VOID);
        VoucherSlot slot = _live(id);
        _slots[id] = slot.voidedNow();
        ++record.voided;
        emit TransferSingle(msg.sender, slot.owner(), address(0), VoucherId.unwrap(id), 1);
        emit VoucherVoided(id, campaign, slot.owner(), reasonHash);
    }

    /// @inheritdoc IVoucherBook
    function pause(CampaignId campaign) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.PAUSE);
        Clock memory clock = record.clock;
        _requireRunning(campaign, record, clock, 0);
        uint256 used = _pausedSeconds(record, clock);
        if (used >= record.maxPauseSeconds) revert PauseExhausted(campaign, record.maxPauseSeconds);
        // A pause that ran out by itself is settled here.
        record.clock.pausedSeconds = uint32(used);
        record.clock.pausedAt = uint40(block.timestamp);
        emit CampaignPausedUntil(campaign, block.timestamp + record.maxPauseSeconds - used);
    }

    /// @inheritdoc IVoucherBook
    function unpause(CampaignId campaign) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        Clock memory clock = record.clock;
        if (clock.pausedAt == 0) revert CampaignNotPaused(campaign);
        uint32 used = uint32(_pausedSeconds(record, clock));
        record.clock.pausedSeconds = used;
        record.clock.pausedAt = 0;
        emit CampaignUnpaused(campaign, used);
    }

    /// @inheritdoc IVoucherBook
    function addMerchant(CampaignId campaign, address merchant) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.ADD_MERCHANT);
        _addMerchant(campaign, merchant);
    }

    /// @inheritdoc IVoucherBook
    function removeMerchant(CampaignId campaign, address merchant) external {
        Record storage record = _existing(campaign);
        _onlyIssuer(record);
        _requirePower(campaign, record, Powers.REMOVE_MERCHANT);
        if (!_merchants[campaign][merchant]) revert MerchantNotAccepted(campaign, merchant);
        _merchants[campaign][merchant] = false;
        emit MerchantRemoved(campaign, merchant);
    }

    // -------------------------------------------------------------------------------------------------- redemption

    /// @inheritdoc IVoucherBook
    function setRelayer(address relayer, uint40 until) external {
        _relayers[msg.sender][relayer] = until;
        emit RelayerSet(msg.sender, relayer, until);
    }

    /// @inheritdoc IVoucherBook
    function redeemSigned(RedeemOrder calldata order, bytes calldata holderSignature) external nonReentrant {
        _settle(order, _holderConsents(order, holderSignature));
    }

    /// @inheritdoc IVoucherBook
    function payAndRedeem(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderPermit calldata permit
    ) external nonReentrant {
        bytes32 digest = _holderConsents(order, holderSignature);
        // An account without code would make the call below revert outside of the try.
        if (order.remainderAsset.code.length != 0) {
            // Anybody may have used the permit already: then it fails, and the allowance that it left is there.
            try IERC20Permit(order.remainderAsset)
                .permit(
                    order.holder, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s
                ) {}
                catch {}
        }
        _settle(order, digest);
    }

    /// @inheritdoc IVoucherBook
    function redeem(RedeemOrder calldata order, bytes calldata merchantSignature) external nonReentrant {
        if (msg.sender != order.holder) revert NotOrderHolder(msg.sender, order.holder);
        bytes32 digest = _hashTypedDataV4(order.structHash());
        _requireSignature(order.merchant, digest, merchantSignature);
        _settle(order, digest);
    }

    // ------------------------------------------------------------------------------------------- ERC-1155 transfers

    /// @inheritdoc IERC1155
    function safeTransferFrom(address from, address to, uint256 id, uint256 value, bytes calldata data)
        external
    {
        _requireOperator(from);
        _move(from, to, VoucherId.wrap(id), value);
        emit TransferSingle(msg.sender, from, to, id, value);
        ERC1155Utils.checkOnERC1155Received(msg.sender, from, to, id, value, data);
    }

    /// @inheritdoc IERC1155
    function safeBatchTransferFrom(
        address from,
        address to,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external {
        if (ids.length != values.length) {
            revert ERC1155InvalidArrayLength(ids.length, values.length);
        }
        _requireOperator(from);
        for (uint256 i = 0; i < ids.length; ++i) {
            _move(from, to, VoucherId.wrap(ids[i]), values[i]);
            // One log for each voucher, which the standard allows: every fact has a position of its own.
            emit TransferSingle(msg.sender, from, to, ids[i], values[i]);
        }
        ERC1155Utils.checkOnERC1155BatchReceived(msg.sender, from, to, ids, values, data);
    }

    /// @inheritdoc IERC1155
    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ERC1155InvalidOperator(operator);
        _operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    // ------------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IERC1155
    function balanceOf(address account, uint256 id) public view returns (uint256) {
        VoucherSlot slot = _slots[VoucherId.wrap(id)];
        bool live = slot.exists() && slot.redeemedAt() == 0 && !slot.isVoid();
        return live && slot.owner() == account ? 1 : 0;
    }

    /// @inheritdoc IERC1155
    function balanceOfBatch(address[] calldata accounts, uint256[] calldata ids)
        external
        view
        returns (uint256[] memory balances)
    {
        if (accounts.length != ids.length) revert ERC1155InvalidArrayLength(ids.length, accounts.length);
        balances = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            balances[i] = balanceOf(accounts[i], ids[i]);
        }
    }

    /// @inheritdoc IERC1155
    function isApprovedForAll(address account, address operator) external view returns (bool) {
        return _operators[account][operator];
    }

    /// @inheritdoc IERC1155MetadataURI
    function uri(uint256 id) external view returns (string memory) {
        CampaignId campaign = VoucherId.wrap(id).campaignId();
        Record storage record = _existing(campaign);
        if (bytes(record.metadataUri).length != 0) return record.metadataUri;
        bytes memory document = abi.encodePacked(
            '{"name":"Voucher ',
            Strings.toHexString(uint64(id), 8),
            '","properties":{"voucher_id":"',
            Strings.toHexString(id, 32),
            '","rules_hash":"',
            Strings.toHexString(uint256(record.rulesHash), 32),
            '"}}'
        );
        return string.concat("data:application/json;base64,", Base64.encode(document));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC165, IERC165) returns (bool) {
        return interfaceId == type(IERC1155).interfaceId
            || interfaceId == type(IERC1155MetadataURI).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @inheritdoc IVoucherBook
    function campaignOf(CampaignId campaign) external view returns (Campaign memory view_) {
        Record storage record = _existing(campaign);
        Clock memory clock = record.clock;
        view_.rulesHash = record.rulesHash;
        view_.evmIssuer = record.supply.issuer;
        view_.funder = record.funder;
        view_.settlementAsset = record.asset;
        view_.lane = clock.lane;
        view_.cap = record.supply.cap;
        view_.maxPayout = record.price.maxPayout;
        view_.unitsPerMinor = record.price.unitsPerMinor;
        view_.sponsorBp = record.price.sponsorBp;
        view_.validFrom = clock.validFrom;
        view_.validUntil = clock.validUntil;
        view_.claimUntil = record.claimUntil;
        view_.refundWindow = record.refundWindow;
        view_.maxPauseSeconds = record.maxPauseSeconds;
        view_.powers = clock.powers;
        view_.transferPolicy = clock.transferPolicy;
        view_.issuedEver = record.supply.issuedEver;
        view_.redeemed = clock.redeemed;
        view_.voided = record.voided;
        view_.funded = record.escrow.funded;
        view_.paid = record.escrow.paid;
        view_.reclaimed = record.reclaimed;
        view_.pausedSeconds = uint40(_pausedSeconds(record, clock));
        view_.paused = _pauseEnd(record, clock) > block.timestamp;
        view_.windowEnd = _windowEnd(record, clock);
    }

    /// @inheritdoc IVoucherBook
    function voucherOf(VoucherId id)
        external
        view
        returns (address owner, uint32 moves, uint40 redeemedAt, bool voided)
    {
        VoucherSlot slot = _slots[id];
        if (!slot.exists()) revert VoucherNotFound(id);
        return (slot.owner(), slot.moves(), slot.redeemedAt(), slot.isVoid());
    }

    /// @inheritdoc IVoucherBook
    function escrowOf(CampaignId campaign) external view returns (uint256) {
        return _escrow(_existing(campaign));
    }

    /// @inheritdoc IVoucherBook
    function issuedEver(CampaignId campaign) external view returns (uint256) {
        return _existing(campaign).supply.issuedEver;
    }

    /// @inheritdoc IVoucherBook
    function isMerchant(CampaignId campaign, address merchant) external view returns (bool) {
        return _merchants[campaign][merchant];
    }

    /// @inheritdoc IVoucherBook
    function isRelayer(address merchant, address relayer) public view returns (bool) {
        return block.timestamp < _relayers[merchant][relayer];
    }

    /// @inheritdoc IVoucherBook
    function powersOf(CampaignId campaign) external view returns (uint16) {
        return _existing(campaign).clock.powers;
    }

    /// @inheritdoc IVoucherBook
    function digestOf(RedeemOrder calldata order) external view returns (bytes32) {
        return _hashTypedDataV4(order.structHash());
    }

    /// @inheritdoc IVoucherBook
    function isOrderPaid(address holder, bytes32 digest) external view returns (bool) {
        return _paidOrders[holder][digest];
    }

    /// @inheritdoc IVoucherBook
    function campaignIdOf(bytes32 rulesHash, address evmIssuer, bytes32 solanaIssuer, bytes32 salt)
        external
        pure
        returns (CampaignId)
    {
        return CampaignIds.derive(rulesHash, evmIssuer, solanaIssuer, salt);
    }

    /// @inheritdoc IVoucherBook
    function redemptionIdOf(
        VoucherId id,
        address holder,
        address merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) external view returns (bytes32) {
        string memory prefix = _accountPrefix();
        return CampaignIds.redemption(
            id, _accountHash(prefix, holder), _accountHash(prefix, merchant), orderHash, amountMinor, sequence
        );
    }

    // ---------------------------------------------------------------------------------------------------- consents

    /// @dev Caller is the merchant or its relayer, and the holder signed.
    function _holderConsents(RedeemOrder calldata order, bytes calldata signature)
        private
        view
        returns (bytes32 digest)
    {
        if (msg.sender != order.merchant && !isRelayer(order.merchant, msg.sender)) {
            revert NotMerchantOrRelayer(msg.sender, order.merchant);
        }
        digest = _hashTypedDataV4(order.structHash());
        _requireSignature(order.holder, digest, signature);
    }

    function _requireSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == signer) return;
        // Asked second: an account with a key stays its key's even while it borrows code (EIP-7702).
        bool agreed = signer.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
        if (!agreed) revert InvalidSignature(signer, digest);
    }

    // -------------------------------------------------------------------------------------------------- settlement

    /// @dev Both consents are given. Marks every voucher first, then pays.
    function _settle(RedeemOrder calldata order, bytes32 digest) private {
        if (order.holder == order.merchant) revert SameParty(order.holder);
        if (block.timestamp >= order.validBefore) revert OrderExpired(block.timestamp, order.validBefore);
        uint256 count = order.items.length;
        Payout[] memory payouts = new Payout[](count);
        if (count == 0) {
            if (order.remainderAmount == 0) revert EmptyOrder();
            if (_paidOrders[order.holder][digest]) revert OrderAlreadyPaid(order.holder, digest);
            _paidOrders[order.holder][digest] = true;
        } else {
            string memory prefix = _accountPrefix();
            bytes32 holder = _accountHash(prefix, order.holder);
            bytes32 merchant = _accountHash(prefix, order.merchant);
            for (uint256 i = 0; i < count; ++i) {
                payouts[i] = _redeem(order, order.items[i], holder, merchant);
            }
        }
        if (order.remainderAmount != 0) {
            emit RemainderPaid(
                order.orderHash,
                order.holder,
                order.merchant,
                digest,
                order.remainderAsset,
                order.remainderAmount
            );
        }
        _pay(payouts, order.merchant);
        if (order.remainderAmount != 0) _moveRemainder(order);
    }

    /// @dev Uses one voucher up and books its payout, which is still to be paid.
    function _redeem(RedeemOrder calldata order, RedeemItem calldata item, bytes32 holder, bytes32 merchant)
        private
        returns (Payout memory payout)
    {
        CampaignId campaign = item.voucherId.campaignId();
        _useUp(item.voucherId, order.holder, item.sequence);
        if (!_merchants[campaign][order.merchant]) revert MerchantNotAccepted(campaign, order.merchant);
        Record storage record = _records[campaign];
        Clock memory clock = record.clock;
        _requireRunning(campaign, record, clock, clock.validFrom);
        record.clock.redeemed = clock.redeemed + 1;
        payout = _bookPayout(record, item.amountMinor);
        emit TransferSingle(msg.sender, order.holder, address(0), VoucherId.unwrap(item.voucherId), 1);
        emit VoucherRedeemed(
            item.voucherId,
            campaign,
            order.holder,
            order.merchant,
            _redemptionId(order, item, holder, merchant),
            order.orderHash,
            item.amountMinor,
            item.sequence,
            payout.amount
        );
    }

    function _bookPayout(Record storage record, uint128 amountMinor) private returns (Payout memory payout) {
        Price memory price = record.price;
        // Cannot overflow: 128 + 96 + 16 bits.
        uint256 amount = uint256(amountMinor) * price.unitsPerMinor * price.sponsorBp / 10_000;
        if (amount > price.maxPayout) amount = price.maxPayout;
        if (amount == 0) return payout;
        // Fits: at most maxPayout, which has 128 bits.
        record.escrow.paid += uint128(amount);
        return Payout(record.asset, amount);
    }

    function _redemptionId(
        RedeemOrder calldata order,
        RedeemItem calldata item,
        bytes32 holder,
        bytes32 merchant
    ) private pure returns (bytes32) {
        return CampaignIds.redemption(
            item.voucherId, holder, merchant, order.orderHash, item.amountMinor, item.sequence
        );
    }

    function _useUp(VoucherId id, address holder, uint64 sequence) private {
        VoucherSlot slot = _live(id);
        if (slot.owner() != holder) revert NotVoucherHolder(id, holder, slot.owner());
        if (slot.moves() != sequence) revert VoucherMoved(id, sequence, slot.moves());
        _slots[id] = slot.redeemedNow();
    }

    /// @dev One transfer for each run of payouts in the same asset.
    function _pay(Payout[] memory payouts, address merchant) private {
        uint256 due = 0;
        for (uint256 i = 0; i < payouts.length; ++i) {
            due += payouts[i].amount;
            bool last = i + 1 == payouts.length || payouts[i + 1].asset != payouts[i].asset;
            if (last && due != 0) {
                IERC20(payouts[i].asset).safeTransfer(merchant, due);
                due = 0;
            }
        }
    }

    /// @dev A token that takes a fee on transfers would leave the merchant short: the whole order reverts then.
    function _moveRemainder(RedeemOrder calldata order) private {
        IERC20 asset = IERC20(order.remainderAsset);
        uint256 before = asset.balanceOf(order.merchant);
        asset.safeTransferFrom(order.holder, order.merchant, order.remainderAmount);
        uint256 received = asset.balanceOf(order.merchant) - before;
        if (received != order.remainderAmount) {
            revert RemainderNotExact(order.remainderAsset, order.remainderAmount, received);
        }
    }

    // --------------------------------------------------------------------------------------------------- vouchers

    function _live(VoucherId id) private view returns (VoucherSlot slot) {
        slot = _slots[id];
        if (!slot.exists()) revert VoucherNotFound(id);
        if (slot.redeemedAt() != 0) revert VoucherAlreadyRedeemed(id);
        if (slot.isVoid()) revert VoucherVoid(id);
    }

    function _move(address from, address to, VoucherId id, uint256 value) private {
        if (to == address(0)) revert ERC1155InvalidReceiver(to);
        if (value != 1) revert NotOneUnit(value);
        VoucherSlot slot = _live(id);
        if (slot.owner() != from) revert NotVoucherHolder(id, from, slot.owner());
        TransferPolicy policy = _records[id.campaignId()].clock.transferPolicy;
        uint32 moves = slot.moves();
        if (policy == TransferPolicy.BOUND || (policy == TransferPolicy.ONCE && moves != 0)) {
            revert TransferNotAllowed(id, policy, moves);
        }
        _slots[id] = slot.movedTo(to);
    }

    function _requireOperator(address from) private view {
        if (msg.sender != from && !_operators[from][msg.sender]) {
            revert ERC1155MissingApprovalForAll(msg.sender, from);
        }
    }

    // --------------------------------------------------------------------------------------------------- campaigns

    function _checkTerms(CampaignTerms calldata terms) private view {
        if (terms.cap == 0 || terms.cap >= 1 << 47) revert InvalidTerm("cap");
        if (terms.validFrom >= terms.validUntil || terms.validUntil <= block.timestamp) {
            revert InvalidTerm("validUntil");
        }
        // The end of the window, moved by every pause and the refund window, stays a time of 40 bits.
        if (uint256(terms.validUntil) + terms.maxPauseSeconds + terms.refundWindow > type(uint40).max) {
            revert InvalidTerm("validUntil");
        }
        if (terms.claimUntil > terms.validUntil) revert InvalidTerm("claimUntil");
        if (terms.sponsorBp > 10_000) revert InvalidTerm("sponsorBp");
        if (terms.maxPayout != 0) {
            if (terms.settlementAsset.code.length == 0) revert InvalidTerm("settlementAsset");
            if (terms.funder == address(0)) revert InvalidTerm("funder");
            if (terms.unitsPerMinor == 0) revert InvalidTerm("unitsPerMinor");
        }
        bool pausable = terms.powers & Powers.PAUSE != 0;
        if (pausable != (terms.maxPauseSeconds != 0)) revert InvalidTerm("maxPauseSeconds");
        if (terms.powers > 2 * Powers.TICKET_SIGNER - 1) revert InvalidTerm("powers");
        if (terms.powers & Powers.TICKET_SIGNER != 0) revert TermNotSupported("powers");
        if (terms.kind != VoucherKind.ONE_SHOT) revert TermNotSupported("kind");
        if (terms.settlement != Settlement.IMMEDIATE) revert TermNotSupported("settlement");
        if (terms.refundWindow != 0) revert TermNotSupported("refundWindow");
        if (terms.ticketSigner != address(0)) revert TermNotSupported("ticketSigner");
        if (terms.claimsPerHolder != 0) revert TermNotSupported("claimsPerHolder");
    }

    function _addMerchant(CampaignId campaign, address merchant) private {
        if (merchant == address(0)) revert InvalidTerm("merchants");
        if (_merchants[campaign][merchant]) revert MerchantAlreadyAdded(campaign, merchant);
        _merchants[campaign][merchant] = true;
        emit MerchantAdded(campaign, merchant);
    }

    function _existing(CampaignId campaign) private view returns (Record storage record) {
        record = _records[campaign];
        if (record.supply.issuer == address(0)) revert CampaignNotFound(campaign);
    }

    function _onlyIssuer(Record storage record) private view returns (Supply memory supply) {
        supply = record.supply;
        if (msg.sender != supply.issuer) revert NotIssuer(msg.sender, supply.issuer);
    }

    function _requirePower(CampaignId campaign, Record storage record, uint16 power) private view {
        if (record.clock.powers & power == 0) revert PowerNotDeclared(campaign, power);
    }

    /// @dev In the half-open window that starts at `from`, and not paused.
    function _requireRunning(CampaignId campaign, Record storage record, Clock memory clock, uint256 from)
        private
        view
    {
        uint256 until = _windowEnd(record, clock);
        if (block.timestamp < from || block.timestamp >= until) {
            revert OutsideWindow(block.timestamp, from, until);
        }
        uint256 pausedUntil = _pauseEnd(record, clock);
        if (block.timestamp < pausedUntil) revert CampaignPaused(campaign, pausedUntil);
    }

    /// @dev When the running pause ends by itself; zero if none was begun.
    function _pauseEnd(Record storage record, Clock memory clock) private view returns (uint256) {
        if (clock.pausedAt == 0) return 0;
        return uint256(clock.pausedAt) + record.maxPauseSeconds - clock.pausedSeconds;
    }

    function _pausedSeconds(Record storage record, Clock memory clock) private view returns (uint256) {
        if (clock.pausedAt == 0) return clock.pausedSeconds;
        uint256 elapsed = block.timestamp - clock.pausedAt;
        uint256 total = clock.pausedSeconds + elapsed;
        return total < record.maxPauseSeconds ? total : record.maxPauseSeconds;
    }

    function _windowEnd(Record storage record, Clock memory clock) private view returns (uint40) {
        // Fits: _checkTerms refuses terms whose longest window would not.
        return uint40(clock.validUntil + _pausedSeconds(record, clock));
    }

    function _escrow(Record storage record) private view returns (uint256) {
        return record.escrow.funded - record.escrow.paid - record.reclaimed;
    }
}
