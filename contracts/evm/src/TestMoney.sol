// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Money without value for local test networks
/// @notice ERC-20 with ERC-2612 permits and six decimals. One account, fixed at deployment, makes as much as it likes.
contract TestMoney is ERC20Permit {
    address private immutable _minter;

    /// @notice Somebody other than the minter tried to make money.
    error NotMinter(address caller, address minter);

    /// @param name_ Token name; should say that it has no value.
    /// @param symbol_ Token symbol.
    /// @param minter_ The only account that may call mint.
    constructor(string memory name_, string memory symbol_, address minter_)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
    {
        _minter = minter_;
    }

    /// @notice Make `amount` base units for `to`.
    function mint(address to, uint256 amount) external {
        if (msg.sender != _minter) revert NotMinter(msg.sender, _minter);
        _mint(to, amount);
    }

    /// @notice The account that may call mint.
    function minter() external view returns (address) {
        return _minter;
    }

    /// @notice Six, as in the usual dollar tokens.
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
