// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC721Holder} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Holder.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";

/// What every token here keeps. Whoever makes one holds everything.
abstract contract Ledger {
    string public name;
    uint8 public decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    constructor(string memory name_, uint8 decimals_, uint256 supply) {
        name = name_;
        decimals = decimals_;
        totalSupply = supply;
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function _move(address from, address to, uint256 value) internal virtual {
        require(balanceOf[from] >= value, "too little");
        unchecked {
            balanceOf[from] -= value;
            balanceOf[to] += value;
        }
        emit Transfer(from, to, value);
    }

    function _approve(address spender, uint256 value) internal virtual {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function _spend(address from, uint256 value) internal {
        uint256 left = allowance[from][msg.sender];
        require(left >= value, "not allowed");
        if (left != type(uint256).max) allowance[from][msg.sender] = left - value;
    }
}

/// As the standard has it, with any number of decimals.
contract PlainToken is Ledger {
    string public symbol;

    constructor(string memory symbol_, uint8 decimals_, uint256 supply) Ledger(symbol_, decimals_, supply) {
        symbol = symbol_;
    }

    function transfer(address to, uint256 value) external virtual returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external virtual returns (bool) {
        _spend(from, value);
        _move(from, to, value);
        return true;
    }

    function approve(address spender, uint256 value) external virtual returns (bool) {
        _approve(spender, value);
        return true;
    }
}

/// Returns nothing, and changes an allowance only by way of zero.
contract SilentToken is Ledger {
    string public symbol = "SILENT";

    constructor(uint256 supply) Ledger("Silent", 6, supply) {}

    function transfer(address to, uint256 value) external {
        _move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        _spend(from, value);
        _move(from, to, value);
    }

    function approve(address spender, uint256 value) external {
        require(value == 0 || allowance[msg.sender][spender] == 0, "by way of zero");
        _approve(spender, value);
    }
}

/// Keeps one percent of every transfer.
contract FeeToken is PlainToken {
    constructor(uint256 supply) PlainToken("FEE", 18, supply) {}

    function _move(address from, address to, uint256 value) internal override {
        uint256 fee = value / 100;
        super._move(from, to, value - fee);
        super._move(from, address(0xdead), fee);
    }
}

/// Keeps one percent as well, and says in its logs that everything arrived.
contract LyingToken is PlainToken {
    constructor(uint256 supply) PlainToken("LIAR", 18, supply) {}

    function _move(address from, address to, uint256 value) internal override {
        super._move(from, to, value);
        balanceOf[to] -= value / 100;
    }
}

/// Answers false where others revert, and moves nothing.
contract FalseToken is Ledger {
    string public symbol = "FALSE";

    constructor(uint256 supply) Ledger("False", 18, supply) {}

    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return false;
    }

    function approve(address, uint256) external pure returns (bool) {
        return false;
    }
}

/// Refuses zero everywhere.
contract NoZeroToken is PlainToken {
    constructor(uint256 supply) PlainToken("NOZERO", 18, supply) {}

    function _move(address from, address to, uint256 value) internal override {
        require(value != 0, "zero");
        super._move(from, to, value);
    }

    function _approve(address spender, uint256 value) internal override {
        require(value != 0, "zero");
        super._approve(spender, value);
    }
}

/// Its symbol is 32 bytes, as before the standard was final.
contract OldToken is Ledger {
    bytes32 public symbol = "OLD";

    constructor(uint256 supply) Ledger("Old", 18, supply) {}

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value);
        return true;
    }
}

contract Collectible is ERC721 {
    constructor(uint256 first) ERC721("Cats", "CAT") {
        _mint(msg.sender, first);
    }
}

contract Collectibles is ERC1155 {
    constructor(uint256 id, uint256 amount) ERC1155("") {
        _mint(msg.sender, id, amount, "");
    }
}

/// A contract that takes collectibles and coins.
contract Keeper is ERC721Holder, ERC1155Holder {
    receive() external payable {}
}

/// A contract that takes coins and knows nothing of collectibles.
contract Deaf {
    receive() external payable {}
}

/// Fails in every way there is.
contract Thrower {
    error OutOfTea(uint256 cups);

    function text() external pure {
        revert("no tea today");
    }

    function panic(uint256 zero) external pure returns (uint256) {
        return 1 / zero;
    }

    function custom() external pure {
        revert OutOfTea(2);
    }

    function standard(address who) external pure {
        revert ERC721IncorrectOwner(who, 7, address(0));
    }

    error ERC721IncorrectOwner(address sender, uint256 tokenId, address owner);
}

/// Permit2's allowances: the part of its interface that wallets read and end.
contract AllowanceRegister {
    struct Allowed {
        uint160 amount;
        uint48 expiration;
        uint48 nonce;
    }

    mapping(address => mapping(address => mapping(address => Allowed))) public allowance;

    event Approval(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration);

    function approve(address token, address spender, uint160 amount, uint48 expiration) external {
        Allowed storage allowed = allowance[msg.sender][token][spender];
        allowed.amount = amount;
        allowed.expiration = expiration;
        emit Approval(msg.sender, token, spender, amount, expiration);
    }
}
