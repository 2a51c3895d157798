// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC1155MetadataURI} from "@openzeppelin/contracts/token/ERC1155/extensions/IERC1155MetadataURI.sol";
import {
    Campaign,
    CampaignId,
    CampaignTerms,
    RedeemOrder,
    RemainderPermit,
    TransferPolicy,
    VoucherId
} from "./VoucherTypes.sol";

/// @title Vouchers that are redeemed once, by their holder and their merchant together
/// @notice Every voucher is an ERC-1155 id with a supply of one. The funder pays into an escrow beforehand; a redemption
/// pays the merchant from it and moves the rest of the price from the holder, in one call that both have consented to.
/// The book has no owner, no proxy and no way to take an escrow other than redemption and, after expiry, its funder.
interface IVoucherBook is IERC1155MetadataURI {
    // ---------------------------------------------------------------------------------------------------- events

    /// @notice A campaign exists from now on, with these terms for ever.
    event CampaignCreated(
        CampaignId indexed campaign,
        address indexed issuer,
        address indexed funder,
        bytes32 rulesHash,
        CampaignTerms terms
    );

    /// @notice A merchant may accept the campaign's vouchers.
    event MerchantAdded(CampaignId indexed campaign, address indexed merchant);

    /// @notice A merchant may no longer accept the campaign's vouchers.
    event MerchantRemoved(CampaignId indexed campaign, address indexed merchant);

    /// @notice The funder paid in. `amount` is what arrived, in base units of the settlement asset.
    event CampaignFunded(CampaignId indexed campaign, address indexed funder, uint256 amount);

    /// @notice What was left of the escrow went back to the funder after expiry.
    event CampaignReclaimed(CampaignId indexed campaign, address indexed funder, uint256 amount);

    /// @notice Issue and redemption stop until the campaign is unpaused, at the latest at `until`.
    event CampaignPausedUntil(CampaignId indexed campaign, uint256 until);

    /// @notice The campaign goes on; its window has grown by `pausedSeconds` since the campaign began.
    event CampaignUnpaused(CampaignId indexed campaign, uint256 pausedSeconds);

    /// @notice A voucher exists and belongs to `holder`.
    event VoucherIssued(VoucherId indexed id, CampaignId indexed campaign, address indexed holder);

    /// @notice A voucher was used up.
    /// @param redemptionId Name of this redemption on every chain: CampaignIds.redemption.
    /// @param amountMinor Discount that the order gave for it, in minor units of the rule document's currency.
    /// @param sequence The voucher's `moves` that the parties consented to.
    /// @param payout What the escrow paid to the merchant, in base units of the settlement asset.
    event VoucherRedeemed(
        VoucherId indexed id,
        CampaignId indexed campaign,
        address indexed holder,
        address merchant,
        bytes32 redemptionId,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence,
        uint256 payout
    );

    /// @notice The issuer cancelled a voucher that was not redeemed.
    /// @param reasonHash keccak256 of the reason's document.
    event VoucherVoided(
        VoucherId indexed id, CampaignId indexed campaign, address indexed holder, bytes32 reasonHash
    );

    /// @notice The holder paid the merchant the rest of an order's price.
    /// @param digest EIP-712 digest of the order.
    /// @param amount Base units of `asset`.
    event RemainderPaid(
        bytes32 indexed orderHash,
        address indexed holder,
        address indexed merchant,
        bytes32 digest,
        address asset,
        uint256 amount
    );

    /// @notice `relayer` may act for `merchant` before `until` (seconds of block time; zero: no longer).
    event RelayerSet(address indexed merchant, address indexed relayer, uint256 until);

    // ---------------------------------------------------------------------------------------------------- errors

    /// @notice The campaign was created before.
    error CampaignAlreadyExists(CampaignId campaign);
    /// @notice Nothing was ever created under this id.
    error CampaignNotFound(CampaignId campaign);
    /// @notice A term is impossible or contradicts another.
    error InvalidTerm(string term);
    /// @notice A term is sound, but this version of the book does not carry it out.
    error TermNotSupported(string term);
    /// @notice Only the campaign's issuer may do this.
    error NotIssuer(address caller, address issuer);
    /// @notice Only the campaign's funder may do this.
    error NotFunder(address caller, address funder);
    /// @notice The campaign's terms did not declare the power (a bit of Powers).
    error PowerNotDeclared(CampaignId campaign, uint16 power);
    /// @notice Issue would pass the cap; `wanted` and `cap` in vouchers.
    error CapExceeded(uint256 wanted, uint256 cap);
    /// @notice Vouchers are numbered without gaps; the next one has the number `next`.
    error NotNextNumber(uint256 given, uint256 next);
    /// @notice The escrow would not cover every voucher; both in base units of the settlement asset.
    error UnderFunded(uint256 needed, uint256 have);
    /// @notice Not in the half-open window [from, until); all in seconds of block time.
    error OutsideWindow(uint256 timestamp, uint256 from, uint256 until);
    /// @notice The campaign is paused, at the latest until `until`.
    error CampaignPaused(CampaignId campaign, uint256 until);
    /// @notice The campaign is not paused.
    error CampaignNotPaused(CampaignId campaign);
    /// @notice All the seconds of pause that the terms allow are used.
    error PauseExhausted(CampaignId campaign, uint256 maxPauseSeconds);
    /// @notice The campaign pays nothing out, so money in its escrow would only wait for its reclaim.
    error NothingToFund(CampaignId campaign);
    /// @notice Nothing is left in the escrow.
    error NothingToReclaim(CampaignId campaign);
    /// @notice The merchant is on the list already.
    error MerchantAlreadyAdded(CampaignId campaign, address merchant);
    /// @notice The merchant may not accept vouchers of this campaign.
    error MerchantNotAccepted(CampaignId campaign, address merchant);
    /// @notice No voucher was ever issued under this id.
    error VoucherNotFound(VoucherId id);
    /// @notice The voucher was redeemed before.
    error VoucherAlreadyRedeemed(VoucherId id);
    /// @notice The issuer cancelled the voucher.
    error VoucherVoid(VoucherId id);
    /// @notice The voucher belongs to `owner`.
    error NotVoucherHolder(VoucherId id, address claimed, address owner);
    /// @notice The voucher was transferred after the order was signed.
    error VoucherMoved(VoucherId id, uint256 signed, uint256 moves);
    /// @notice The campaign's transfer policy does not allow this move.
    error TransferNotAllowed(VoucherId id, TransferPolicy policy, uint256 moves);
    /// @notice Vouchers are transferred whole: the value is one.
    error NotOneUnit(uint256 value);
    /// @notice The caller is neither the order's merchant nor a relayer that it set.
    error NotMerchantOrRelayer(address caller, address merchant);
    /// @notice The caller is not the order's holder.
    error NotOrderHolder(address caller, address holder);
    /// @notice Holder and merchant are one account, so there are no two consents.
    error SameParty(address account);
    /// @notice The signature over `digest` is not `signer`'s.
    error InvalidSignature(address signer, bytes32 digest);
    /// @notice The order counted before `validBefore` only; seconds of block time.
    error OrderExpired(uint256 timestamp, uint256 validBefore);
    /// @notice An order without vouchers is paid once.
    error OrderAlreadyPaid(address holder, bytes32 digest);
    /// @notice The order names no voucher and no remainder.
    error EmptyOrder();
    /// @notice The token did not move the remainder exactly; base units of `asset`.
    error RemainderNotExact(address asset, uint256 expected, uint256 received);

    // ------------------------------------------------------------------------------------------ campaign's parties

    /// @notice Create a campaign. The caller is its EVM issuer.
    /// @param terms Fixed for ever.
    /// @param merchants The first accepted merchants; without ADD_MERCHANT the only ones ever.
    /// @return campaign Its id: CampaignIds.derive.
    function createCampaign(CampaignTerms calldata terms, address[] calldata merchants)
        external
        returns (CampaignId campaign);

    /// @notice Pay into the escrow; the caller is the campaign's funder. Credited is what arrives.
    /// @dev Only the funder itself may call: anybody's campaign can name any account as its funder, so an allowance
    /// alone is no consent. Tokens sent directly to the book belong to no campaign; rebasing tokens are not supported.
    /// @param amount Base units of the settlement asset, from the caller's allowance.
    function fund(CampaignId campaign, uint256 amount) external;

    /// @notice Issue one voucher to each holder in order; the caller is the issuer.
    /// @dev Holders with code must accept ERC-1155 tokens.
    /// @param firstNumber Number of the first of them: the first ever is 1, then each follows the last. Naming it makes
    /// a repeated call revert instead of issuing twice, and the ids known beforehand.
    function issue(CampaignId campaign, uint48 firstNumber, address[] calldata holders) external;

    /// @notice Send what is left in the escrow to the funder. Anyone may call, from the end of the window on.
    function reclaim(CampaignId campaign) external;

    /// @notice Cancel a live voucher; the caller is the issuer, the power VOID is declared.
    /// @param reasonHash keccak256 of the reason's document.
    function voidVoucher(VoucherId id, bytes32 reasonHash) external;

    /// @notice Stop issue and redemption; the caller is the issuer, the power PAUSE is declared.
    function pause(CampaignId campaign) external;

    /// @notice End a pause; the caller is the issuer.
    function unpause(CampaignId campaign) external;

    /// @notice Let a further merchant accept the vouchers; the caller is the issuer, ADD_MERCHANT is declared.
    function addMerchant(CampaignId campaign, address merchant) external;

    /// @notice Take a merchant off the list; the caller is the issuer, REMOVE_MERCHANT is declared.
    function removeMerchant(CampaignId campaign, address merchant) external;

    // -------------------------------------------------------------------------------------------------- redemption

    /// @notice Let `relayer` redeem for the caller, a merchant, before `until` (seconds of block time; zero ends it).
    function setRelayer(address relayer, uint40 until) external;

    /// @notice Redeem an order's vouchers and pay its remainder, all or nothing. The caller is the order's merchant or
    /// its relayer.
    /// @param holderSignature The holder's EIP-712 signature over the order (65 bytes r ‖ s ‖ v, or ERC-1271).
    function redeemSigned(RedeemOrder calldata order, bytes calldata holderSignature) external;

    /// @notice As redeemSigned, with an ERC-2612 permit for the remainder. A permit that fails is ignored: somebody may
    /// have used it before; what counts is the allowance.
    function payAndRedeem(
        RedeemOrder calldata order,
        bytes calldata holderSignature,
        RemainderPermit calldata permit
    ) external;

    /// @notice As redeemSigned, called by the holder.
    /// @param merchantSignature The merchant's own EIP-712 signature over the same order.
    function redeem(RedeemOrder calldata order, bytes calldata merchantSignature) external;

    // ------------------------------------------------------------------------------------------------------- views

    /// @notice A campaign's terms and counters.
    function campaignOf(CampaignId campaign) external view returns (Campaign memory);

    /// @notice The state of a voucher. Reverts with VoucherNotFound for an id never issued.
    /// @return owner The holder; of a redeemed or void voucher the last one.
    /// @return moves How often it was transferred: the `sequence` of a RedeemItem.
    /// @return redeemedAt Block time of the redemption, zero before it.
    /// @return voided Whether the issuer cancelled it.
    function voucherOf(VoucherId id)
        external
        view
        returns (address owner, uint32 moves, uint40 redeemedAt, bool voided);

    /// @notice What the escrow holds, in base units of the settlement asset.
    function escrowOf(CampaignId campaign) external view returns (uint256);

    /// @notice How many vouchers were ever issued.
    function issuedEver(CampaignId campaign) external view returns (uint256);

    /// @notice Whether the merchant may accept the campaign's vouchers.
    function isMerchant(CampaignId campaign, address merchant) external view returns (bool);

    /// @notice Whether `relayer` may redeem for `merchant` now.
    function isRelayer(address merchant, address relayer) external view returns (bool);

    /// @notice The powers that the issuer declared, a set of Powers bits. No others exist.
    function powersOf(CampaignId campaign) external view returns (uint16);

    /// @notice The digest that holder and merchant sign.
    function digestOf(RedeemOrder calldata order) external view returns (bytes32);

    /// @notice Whether this order without vouchers was paid.
    function isOrderPaid(address holder, bytes32 digest) external view returns (bool);

    /// @notice The id of a campaign with these rules, issuers and salt.
    function campaignIdOf(bytes32 rulesHash, address evmIssuer, bytes32 solanaIssuer, bytes32 salt)
        external
        pure
        returns (CampaignId);

    /// @notice The id that a redemption on this chain with these facts has.
    function redemptionIdOf(
        VoucherId id,
        address holder,
        address merchant,
        bytes32 orderHash,
        uint128 amountMinor,
        uint64 sequence
    ) external view returns (bytes32);
}
