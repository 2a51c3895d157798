// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {CampaignId, VoucherId} from "./VoucherTypes.sol";

/// @notice How vouchers come to be. The issuer issues and promises; anyone may claim for the holder that was promised one.
/// @dev None of these calls the holders, so that no account can stop a whole chunk.
interface IBookIssue {
    /// @notice Issue one voucher to each holder in order; the caller is the issuer.
    /// @param firstNumber Number of the first of them: the first ever is 1, then each follows the last. Naming it makes
    /// a repeated call revert instead of issuing twice, and the ids known beforehand.
    function issue(CampaignId campaign, uint48 firstNumber, address[] calldata holders) external;

    /// @notice Issue a batch whose owners lie side by side in one blob: the cheapest way to many holders.
    /// @param batch Its number, chosen by the issuer and used once. The n-th voucher's serial is lane ‖ 1 ‖ batch ‖ n,
    /// from zero.
    /// @param owners 20 bytes each, at most 1,228 of them.
    function issuePacked(CampaignId campaign, uint32 batch, bytes calldata owners) external;

    /// @notice Promise a voucher to every leaf of a Merkle tree; the caller is the issuer. All of them count as issued.
    /// @param drop Its number, chosen by the issuer and used once. Leaf n's serial is lane ‖ 2 ‖ drop ‖ n, from zero.
    /// @param root Of the tree over keccak256(keccak256(abi.encode(campaign, drop, n, holder))), sorted pairs. Its first
    /// 28 bytes are kept.
    /// @param count Leaves; n is below it.
    function commitDrop(CampaignId campaign, uint16 drop, bytes32 root, uint32 count) external;

    /// @notice Claim a ticket's voucher for its holder.
    /// @param id Serial lane ‖ 0 ‖ number from 2^47: the ticket chooses it, and a used one refuses.
    /// @param validBefore First second in which the ticket no longer counts.
    /// @param signature The ticket signer's EIP-712 signature over
    /// ClaimTicket(uint256 voucherId,address holder,uint64 validBefore) (65 bytes, or ERC-1271).
    function claim(VoucherId id, address holder, uint64 validBefore, bytes calldata signature) external;

    /// @notice Claim a drop's leaf for its holder.
    /// @param proof Sibling hashes from the leaf to the root.
    function claimFromDrop(VoucherId id, address holder, bytes32[] calldata proof) external;
}
