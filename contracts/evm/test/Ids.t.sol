// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Test} from "forge-std/Test.sol";
import {Caip10} from "src/Caip10.sol";
import {CampaignIds} from "src/CampaignIds.sol";
import {IVoucherBook} from "src/IVoucherBook.sol";
import {VoucherBook} from "src/VoucherBook.sol";
import {CampaignId, RedeemItem, RedeemOrder, VoucherId} from "src/VoucherTypes.sol";

contract Caip10Probe is Caip10 {
    function hashOf(address account) external view returns (bytes32) {
        return _accountHash(_accountPrefix(), account);
    }
}

/// @notice tests/vectors/ids.json, which Python checks too.
contract IdsTest is Test {
    string private _vectors;

    function setUp() public {
        _vectors = vm.readFile("../../tests/vectors/ids.json");
    }

    function test_CampaignIds_matchVectors() public {
        IVoucherBook book = IVoucherBook(address(new VoucherBook()));
        uint256 checked = 0;
        for (; _has("campaign_ids", checked); ++checked) {
            string memory at = _at("campaign_ids", checked);
            CampaignId id = book.campaignIdOf(
                vm.parseJsonBytes32(_vectors, string.concat(at, ".rules_hash")),
                vm.parseJsonAddress(_vectors, string.concat(at, ".evm_issuer")),
                vm.parseJsonBytes32(_vectors, string.concat(at, ".solana_issuer")),
                vm.parseJsonBytes32(_vectors, string.concat(at, ".salt"))
            );
            assertEq(
                abi.encodePacked(CampaignId.unwrap(id)),
                vm.parseJsonBytes(_vectors, string.concat(at, ".campaign_id"))
            );
        }
        assertEq(checked, 4);
    }

    function test_VoucherIds_matchVectors() public view {
        uint256 checked = 0;
        for (; _has("voucher_ids", checked); ++checked) {
            string memory at = _at("voucher_ids", checked);
            CampaignId campaign =
                CampaignId.wrap(bytes24(vm.parseJsonBytes(_vectors, string.concat(at, ".campaign_id"))));
            uint64 serial = uint64(
                (vm.parseJsonUint(_vectors, string.concat(at, ".lane")) << 56)
                    | (vm.parseJsonUint(_vectors, string.concat(at, ".serial_class")) << 48)
                    | vm.parseJsonUint(_vectors, string.concat(at, ".number"))
            );
            VoucherId id = campaign.voucherAt(serial);
            assertEq(
                bytes32(VoucherId.unwrap(id)), vm.parseJsonBytes32(_vectors, string.concat(at, ".voucher_id"))
            );
            assertEq(id.serial(), serial);
            assertEq(CampaignId.unwrap(id.campaignId()), CampaignId.unwrap(campaign));
        }
        assertEq(checked, 6);
    }

    function test_RedemptionIds_matchVectors() public {
        uint256 onThisFamily = 0;
        uint256 checked = 0;
        for (; _has("redemption_ids", checked); ++checked) {
            string memory at = _at("redemption_ids", checked);
            string memory holder = vm.parseJsonString(_vectors, string.concat(at, ".holder"));
            string memory merchant = vm.parseJsonString(_vectors, string.concat(at, ".merchant"));
            VoucherId id =
                VoucherId.wrap(uint256(vm.parseJsonBytes32(_vectors, string.concat(at, ".voucher_id"))));
            bytes32 orderHash = vm.parseJsonBytes32(_vectors, string.concat(at, ".order_hash"));
            uint128 amount = uint128(vm.parseJsonUint(_vectors, string.concat(at, ".amount_minor")));
            uint64 sequence = uint64(vm.parseJsonUint(_vectors, string.concat(at, ".sequence")));
            bytes32 expected = vm.parseJsonBytes32(_vectors, string.concat(at, ".redemption_id"));
            assertEq(
                CampaignIds.redemption(
                    id, keccak256(bytes(holder)), keccak256(bytes(merchant)), orderHash, amount, sequence
                ),
                expected
            );
            string[] memory parts = vm.split(holder, ":");
            if (keccak256(bytes(parts[0])) == keccak256("eip155")) {
                vm.chainId(vm.parseUint(parts[1]));
                assertEq(
                    IVoucherBook(address(new VoucherBook()))
                        .redemptionIdOf(
                            id,
                            vm.parseAddress(parts[2]),
                            vm.parseAddress(vm.split(merchant, ":")[2]),
                            orderHash,
                            amount,
                            sequence
                        ),
                    expected
                );
                ++onThisFamily;
            }
        }
        assertEq(checked, 4);
        assertEq(onThisFamily, 3);
    }

    /// @dev The code is put at the vector's address on the vector's chain, so the cached domain must be given up.
    function test_OrderDigests_matchVectors() public {
        IVoucherBook book = IVoucherBook(address(new VoucherBook()));
        uint256 checked = 0;
        for (; _has("redeem_orders", checked); ++checked) {
            string memory at = _at("redeem_orders", checked);
            address where = vm.parseJsonAddress(_vectors, string.concat(at, ".book"));
            vm.etch(where, address(book).code);
            vm.chainId(vm.parseJsonUint(_vectors, string.concat(at, ".chain_id")));
            assertEq(
                IVoucherBook(where).digestOf(_order(at)),
                vm.parseJsonBytes32(_vectors, string.concat(at, ".digest"))
            );
        }
        assertEq(checked, 3);
    }

    function testFuzz_AccountHash_isOfChecksummedText(address account, uint64 chainId) public {
        chainId = uint64(bound(chainId, 1, type(uint64).max - 1));
        Caip10Probe before = new Caip10Probe();
        vm.chainId(chainId);
        bytes32 expected = keccak256(
            bytes(
                string.concat("eip155:", Strings.toString(chainId), ":", Strings.toChecksumHexString(account))
            )
        );
        assertEq(new Caip10Probe().hashOf(account), expected);
        assertEq(before.hashOf(account), expected, "a fork changed the chain id");
    }

    function _order(string memory at) private view returns (RedeemOrder memory order) {
        string memory fields = string.concat(at, ".order");
        order.holder = vm.parseJsonAddress(_vectors, string.concat(fields, ".holder"));
        order.merchant = vm.parseJsonAddress(_vectors, string.concat(fields, ".merchant"));
        order.orderHash = vm.parseJsonBytes32(_vectors, string.concat(fields, ".order_hash"));
        order.validBefore = uint64(vm.parseJsonUint(_vectors, string.concat(fields, ".valid_before")));
        order.remainderAsset = vm.parseJsonAddress(_vectors, string.concat(fields, ".remainder_asset"));
        order.remainderAmount = vm.parseJsonUint(_vectors, string.concat(fields, ".remainder_amount"));
        bytes32[] memory ids = vm.parseJsonBytes32Array(_vectors, string.concat(at, ".voucher_ids"));
        uint256[] memory amounts = vm.parseJsonUintArray(_vectors, string.concat(at, ".amounts_minor"));
        uint256[] memory sequences = vm.parseJsonUintArray(_vectors, string.concat(at, ".sequences"));
        order.items = new RedeemItem[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            order.items[i] =
                RedeemItem(VoucherId.wrap(uint256(ids[i])), uint128(amounts[i]), uint64(sequences[i]));
        }
    }

    function _has(string memory list, uint256 index) private view returns (bool) {
        return vm.keyExistsJson(_vectors, _at(list, index));
    }

    function _at(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(".", list, "[", Strings.toString(index), "]");
    }
}
