// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC3009} from "src/IERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC1155Holder} from "@openzeppelin/contracts/token/ERC1155/utils/ERC1155Holder.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice A contract account that says yes to one digest until it changes its mind.
contract ContractAccount is IERC1271, ERC1155Holder {
    bytes32 private _agreed;

    function agree(bytes32 digest) external {
        _agreed = digest;
    }

    function call(address target, bytes calldata data) external {
        (bool ok, bytes memory answer) = target.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == _agreed ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice An account that calls back into a target when it receives an ERC-1155 token.
contract ReentrantReceiver is ERC1155Holder {
    address private _target;
    bytes private _call;
    bytes public answer;

    function arm(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    function onERC1155Received(address, address, uint256, uint256, bytes memory)
        public
        override
        returns (bytes4)
    {
        if (_target != address(0)) (, answer) = _target.call(_call);
        return this.onERC1155Received.selector;
    }
}

/// @notice A token that takes one percent of every transfer.
contract FeeToken is ERC20("Fee", "FEE") {
    constructor(address owner) {
        _mint(owner, 1_000_000_000);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from == address(0)) return super._update(from, to, value);
        super._update(from, address(1), value / 100);
        super._update(from, to, value - value / 100);
    }
}

/// @notice A token that answers nothing to transfers, as old ones do, and has no permit.
contract SilentToken {
    mapping(address owner => uint256) public balanceOf;
    mapping(address owner => mapping(address spender => uint256)) public allowance;

    constructor(address owner) {
        balanceOf[owner] = 1_000_000_000;
    }

    function approve(address spender, uint256 value) external {
        allowance[msg.sender][spender] = value;
    }

    function transfer(address to, uint256 value) external {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
    }

    function transferFrom(address from, address to, uint256 value) external {
        allowance[from][msg.sender] -= value;
        balanceOf[from] -= value;
        balanceOf[to] += value;
    }
}

/// @notice A token that calls into a target in the middle of a transfer.
contract ReentrantToken is ERC20("Reentrant", "RE") {
    address private _target;
    bytes private _call;
    bytes public answer;

    constructor(address owner) {
        _mint(owner, 1_000_000_000);
    }

    function arm(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (_target != address(0)) (, answer) = _target.call(_call);
    }
}

/// @notice A token with the half of ERC-3009 that the book uses.
contract AuthorizedMoney is ERC20("Authorized", "AUTH"), EIP712("Authorized", "1"), IERC3009 {
    bytes32 private constant TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    mapping(address from => mapping(bytes32 nonce => bool)) private _used;
    bool private _lying;

    constructor(address owner) {
        _mint(owner, 1_000_000_000);
    }

    /// @dev From now on it says that it moved, and moves nothing.
    function lie() external {
        _lying = true;
    }

    function digestOf(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(abi.encode(TYPEHASH, from, to, value, validAfter, validBefore, nonce))
        );
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        require(msg.sender == to, "caller must be the payee");
        require(!_used[from][nonce], "authorization is used");
        bytes32 digest = digestOf(from, to, value, validAfter, validBefore, nonce);
        require(ecrecover(digest, v, r, s) == from, "invalid signature");
        _used[from][nonce] = true;
        if (!_lying) _transfer(from, to, value);
    }
}
