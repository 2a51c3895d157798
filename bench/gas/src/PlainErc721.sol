// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @notice The least that a shop needs to hand out vouchers as ordinary ERC-721 tokens.
contract PlainErc721 is ERC721 {
    constructor() ERC721("Plain", "PLAIN") {}

    function mintOne(address holder, uint256 id) external {
        _safeMint(holder, id);
    }

    function mintMany(address[] calldata holders, uint256 first) external {
        for (uint256 i = 0; i < holders.length; ++i) {
            _safeMint(holders[i], first + i);
        }
    }

    function burn(uint256 id) external {
        _update(address(0), id, msg.sender);
    }
}
