// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @notice Unlock accepts its initialisation only from a proxy's constructor.
contract ConstructedProxy is ERC1967Proxy {
    constructor(address implementation, bytes memory start) ERC1967Proxy(implementation, start) {}
}
