// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";

/// @notice The same with ERC-1155 ids of supply one.
contract PlainErc1155 is ERC1155 {
    constructor() ERC1155("") {}

    function mintOne(address holder, uint256 id) external {
        _mint(holder, id, 1, "");
    }

    function mintMany(address[] calldata holders, uint256 first) external {
        for (uint256 i = 0; i < holders.length; ++i) {
            _mint(holders[i], first + i, 1, "");
        }
    }

    function burn(uint256 id) external {
        _burn(msg.sender, id, 1);
    }
}
