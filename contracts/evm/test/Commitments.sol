// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {CampaignId, VoucherId} from "src/VoucherTypes.sol";

/// @notice Packed owners and Merkle trees, as an issuer makes them.
library Commitments {
    function packedId(CampaignId campaign, uint32 batch, uint16 offset) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(1) << 48) | (uint64(batch) << 16) | offset);
    }

    function leafId(CampaignId campaign, uint16 drop, uint32 index) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(2) << 48) | (uint64(drop) << 32) | index);
    }

    function ticketId(CampaignId campaign, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(1) << 47) | number);
    }

    function reissueId(CampaignId campaign, uint48 number) internal pure returns (VoucherId) {
        return campaign.voucherAt((uint64(3) << 48) | number);
    }

    function packed(address[] memory owners) internal pure returns (bytes memory blob) {
        blob = new bytes(20 * owners.length);
        for (uint256 i = 0; i < owners.length; ++i) {
            bytes20 owner = bytes20(owners[i]);
            for (uint256 k = 0; k < 20; ++k) {
                blob[20 * i + k] = owner[k];
            }
        }
    }

    /// @dev Written out, not taken from the code that it tests.
    function leaf(CampaignId campaign, uint16 drop, uint32 index, address holder)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(keccak256(abi.encode(campaign, drop, index, holder))));
    }

    /// @dev A tree as large as wished around one leaf: the siblings stand for everybody else.
    function around(bytes32 node, uint256 levels)
        internal
        pure
        returns (bytes32 root, bytes32[] memory proof)
    {
        proof = new bytes32[](levels);
        root = node;
        for (uint256 i = 0; i < levels; ++i) {
            proof[i] = keccak256(abi.encode("sibling", i));
            root = Hashes.commutativeKeccak256(root, proof[i]);
        }
    }

    /// @dev The whole tree of a drop of a power of two holders; `proofs[i]` is leaf i's.
    function tree(CampaignId campaign, uint16 drop, address[] memory holders)
        internal
        pure
        returns (bytes32 root, bytes32[][] memory proofs)
    {
        uint256 levels = 0;
        while (1 << levels < holders.length) ++levels;
        bytes32[] memory nodes = new bytes32[](holders.length);
        proofs = new bytes32[][](holders.length);
        for (uint256 i = 0; i < holders.length; ++i) {
            nodes[i] = leaf(campaign, drop, uint32(i), holders[i]);
            proofs[i] = new bytes32[](levels);
        }
        for (uint256 level = 0; level < levels; ++level) {
            for (uint256 i = 0; i < holders.length; ++i) {
                proofs[i][level] = nodes[(i >> level) ^ 1];
            }
            for (uint256 i = 0; i < holders.length >> (level + 1); ++i) {
                nodes[i] = Hashes.commutativeKeccak256(nodes[2 * i], nodes[2 * i + 1]);
            }
        }
        root = nodes[0];
    }
}
