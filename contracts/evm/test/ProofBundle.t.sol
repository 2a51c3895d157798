// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Memory} from "@openzeppelin/contracts/utils/Memory.sol";
import {RLP} from "@openzeppelin/contracts/utils/RLP.sol";
import {TrieProof} from "@openzeppelin/contracts/utils/cryptography/TrieProof.sol";
import {Test} from "forge-std/Test.sol";
import {IBookEvents} from "src/IBookEvents.sol";

/// @notice Reverts where a proof does not hold, in a call of its own.
contract TrieReader {
    function read(bytes32 root, bytes calldata key, bytes[] calldata proof)
        external
        pure
        returns (bytes memory)
    {
        return TrieProof.traverse(root, key, proof);
    }
}

/// @notice The EVM part of proof bundles (docs/proof-bundle.md), checked by OpenZeppelin's TrieProof: a second verifier
/// that shares no code with the first.
contract ProofBundleTest is Test {
    using RLP for bytes;
    using RLP for Memory.Slice;

    struct Header {
        bytes32 hash;
        bytes32 stateRoot;
        bytes32 transactionsRoot;
        bytes32 receiptsRoot;
    }

    TrieReader private _reader;
    string private _bundles;

    function setUp() public {
        _reader = new TrieReader();
        _bundles = vm.readFile(vm.envOr("PROOF_BUNDLES", string("../../tests/vectors/evm-proofs.json")));
    }

    function test_Bundles_provenByTrieProof() public view {
        uint256 checked = 0;
        for (; vm.keyExistsJson(_bundles, _at(checked, "")); ++checked) {
            (Header memory block_, Header memory head) = _headers(checked);
            _checkTransaction(checked, block_);
            _checkReceipt(checked, block_);
            _checkState(checked, head);
        }
        assertGe(checked, 3);
    }

    function test_Bundles_rejectEveryChangedNode() public {
        (Header memory block_,) = _headers(0);
        bytes[] memory proof = vm.parseJsonBytesArray(_bundles, _at(0, ".receipt_proof"));
        bytes memory key = RLP.encode(vm.parseJsonUint(_bundles, _at(0, ".transaction_index")));
        for (uint256 node = 0; node < proof.length; ++node) {
            for (uint256 place = 0; place < proof[node].length; place += 37) {
                proof[node][place] ^= 0x01;
                vm.expectRevert();
                _reader.read(block_.receiptsRoot, key, proof);
                proof[node][place] ^= 0x01;
            }
        }
    }

    /// @dev Each header is the parent of the next; the first is the redemption's, the last the head.
    function _headers(uint256 bundle) private view returns (Header memory first, Header memory last) {
        bytes[] memory raw = vm.parseJsonBytesArray(_bundles, _at(bundle, ".headers"));
        for (uint256 i = 0; i < raw.length; ++i) {
            Memory.Slice[] memory fields = raw[i].decodeList();
            if (i > 0) assertEq(fields[0].readBytes32(), last.hash);
            last = Header(
                keccak256(raw[i]), fields[3].readBytes32(), fields[4].readBytes32(), fields[5].readBytes32()
            );
            if (i == 0) first = last;
        }
        assertEq(first.hash, vm.parseJsonBytes32(_bundles, _at(bundle, ".block_hash")));
    }

    function _checkTransaction(uint256 bundle, Header memory block_) private view {
        bytes memory value = _read(bundle, block_.transactionsRoot, ".transaction_proof");
        assertEq(keccak256(value), vm.parseJsonBytes32(_bundles, _at(bundle, ".transaction")));
    }

    function _checkReceipt(uint256 bundle, Header memory block_) private view {
        bytes memory value = _read(bundle, block_.receiptsRoot, ".receipt_proof");
        Memory.Slice[] memory receipt = _withoutType(value).decodeList();
        assertEq(receipt[0].readUint256(), 1);
        Memory.Slice[] memory log =
            receipt[3].readList()[vm.parseJsonUint(_bundles, _at(bundle, ".log_index"))].readList();
        Memory.Slice[] memory topics = log[1].readList();
        assertEq(log[0].readAddress(), vm.parseJsonAddress(_bundles, _at(bundle, ".book")));
        assertEq(topics[0].readBytes32(), IBookEvents.VoucherRedeemed.selector);
        assertEq(topics[1].readBytes32(), vm.parseJsonBytes32(_bundles, _at(bundle, ".voucher")));
    }

    /// @dev What the book's storage holds of the voucher at the head, by account and storage proof.
    function _checkState(uint256 bundle, Header memory head) private view {
        address book = vm.parseJsonAddress(_bundles, _at(bundle, ".book"));
        bytes[] memory proof = vm.parseJsonBytesArray(_bundles, _at(bundle, ".account_proof"));
        Memory.Slice[] memory account = _reader.read(
                head.stateRoot, abi.encodePacked(keccak256(abi.encodePacked(book))), proof
            ).decodeList();
        assertEq(account[3].readBytes32(), vm.parseJsonBytes32(_bundles, _at(bundle, ".code_hash")));
        bytes32 slot = vm.parseJsonBytes32(_bundles, _at(bundle, ".storage_key"));
        proof = vm.parseJsonBytesArray(_bundles, _at(bundle, ".storage_proof"));
        bytes memory word = _reader.read(
            account[2].readBytes32(), abi.encodePacked(keccak256(abi.encodePacked(slot))), proof
        );
        assertEq(word.decodeUint256(), vm.parseJsonUint(_bundles, _at(bundle, ".storage_value")));
    }

    function _read(uint256 bundle, bytes32 root, string memory name) private view returns (bytes memory) {
        bytes memory key = RLP.encode(vm.parseJsonUint(_bundles, _at(bundle, ".transaction_index")));
        return _reader.read(root, key, vm.parseJsonBytesArray(_bundles, _at(bundle, name)));
    }

    /// @dev EIP-2718: one byte before the RLP, unless it is a list itself.
    function _withoutType(bytes memory value) private pure returns (bytes memory body) {
        if (uint8(value[0]) >= 0xc0) return value;
        body = new bytes(value.length - 1);
        for (uint256 i = 0; i < body.length; ++i) {
            body[i] = value[i + 1];
        }
    }

    function _at(uint256 bundle, string memory rest) private pure returns (string memory) {
        return string.concat(".bundles[", vm.toString(bundle), "]", rest);
    }
}
