// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC721A} from "erc721a/contracts/ERC721A.sol";

/// @notice The same with ERC721A, which is cheap where one holder takes many in a row.
contract PlainErc721A is ERC721A {
    constructor() ERC721A("Plain", "PLAIN") {}

    function mintOne(address holder, uint256 count) external {
        _mint(holder, count);
    }

    function mintMany(address[] calldata holders) external {
        for (uint256 i = 0; i < holders.length; ++i) {
            _mint(holders[i], 1);
        }
    }

    function burn(uint256 id) external {
        _burn(id, true);
    }
}
