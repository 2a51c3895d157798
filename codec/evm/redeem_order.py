"""The order that holder and merchant both consent to, as EIP-712 typed data."""

from __future__ import annotations

import json
from typing import Any

from codec.evm.abi import encode
from codec.evm.book.structs import RedeemItem, RedeemOrder
from primitives.account_id import checksum_address
from primitives.hashing import keccak256

DOMAIN_NAME = "Quanbao VoucherBook"
DOMAIN_VERSION = "1"

DOMAIN_FIELDS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)
ITEM_FIELDS = (("voucherId", "uint256"), ("amountMinor", "uint128"), ("sequence", "uint64"))
ORDER_FIELDS = (
    ("holder", "address"),
    ("merchant", "address"),
    ("orderHash", "bytes32"),
    ("validBefore", "uint64"),
    ("remainderAsset", "address"),
    ("remainderAmount", "uint256"),
    ("items", "RedeemItem[]"),
)


def _type_text(name: str, fields: tuple[tuple[str, str], ...]) -> str:
    return f"{name}({','.join(f'{kind} {field}' for field, kind in fields)})"


_DOMAIN_TYPEHASH = keccak256(_type_text("EIP712Domain", DOMAIN_FIELDS).encode())
_ITEM_TYPE = _type_text("RedeemItem", ITEM_FIELDS)
ITEM_TYPEHASH = keccak256(_ITEM_TYPE.encode())
ORDER_TYPEHASH = keccak256((_type_text("RedeemOrder", ORDER_FIELDS) + _ITEM_TYPE).encode())


def domain_separator(name: str, version: str, chain_id: int, contract: bytes) -> bytes:
    """hashStruct of an EIP712Domain with name, version, chainId and verifyingContract (20 bytes).

    Source: EIP-712, "Definition of domainSeparator".
    """
    return keccak256(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [_DOMAIN_TYPEHASH, keccak256(name.encode()), keccak256(version.encode()), chain_id, contract],
        )
    )


def typed_data_digest(separator: bytes, struct_hash: bytes) -> bytes:
    """keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(message)), 32 bytes. Source: EIP-712, EIP-191 version 1."""
    return keccak256(b"\x19\x01" + separator + struct_hash)


def order_struct_hash(order: RedeemOrder) -> bytes:
    """hashStruct(order), 32 bytes.

    Raises:
        InvalidValue: A value does not fit its type.
    """
    items = b"".join(
        keccak256(
            encode(
                ["bytes32", "uint256", "uint128", "uint64"],
                [ITEM_TYPEHASH, item.voucher.token_id, item.amount_minor, item.sequence],
            )
        )
        for item in order.items
    )
    return keccak256(
        encode(
            ["bytes32", "address", "address", "bytes32", "uint64", "address", "uint256", "bytes32"],
            [ORDER_TYPEHASH, *order.abi_values()[:6], keccak256(items)],
        )
    )


def digest(order: RedeemOrder, chain_id: int, book_address: bytes) -> bytes:
    """What holder and merchant sign, 32 bytes; the book's `digestOf`."""
    separator = domain_separator(DOMAIN_NAME, DOMAIN_VERSION, chain_id, book_address)
    return typed_data_digest(separator, order_struct_hash(order))


def typed_data(order: RedeemOrder, chain_id: int, book_address: bytes) -> dict[str, Any]:
    """The whole EIP-712 document for `eth_signTypedData_v4`; integers that may pass 2^53-1 are decimal strings."""
    return {
        "types": {
            "EIP712Domain": fields(DOMAIN_FIELDS),
            "RedeemOrder": fields(ORDER_FIELDS),
            "RedeemItem": fields(ITEM_FIELDS),
        },
        "primaryType": "RedeemOrder",
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": chain_id,
            "verifyingContract": checksum_address(book_address),
        },
        "message": {
            "holder": checksum_address(order.holder),
            "merchant": checksum_address(order.merchant),
            "orderHash": "0x" + order.order_hash.hex(),
            "validBefore": str(order.valid_before),
            "remainderAsset": checksum_address(order.remainder_asset),
            "remainderAmount": str(order.remainder_amount),
            "items": [
                {
                    "voucherId": str(item.voucher.token_id),
                    "amountMinor": str(item.amount_minor),
                    "sequence": str(item.sequence),
                }
                for item in order.items
            ],
        },
    }


def typed_data_json(order: RedeemOrder, chain_id: int, book_address: bytes) -> bytes:
    """`typed_data` as UTF-8 JSON: the payload of `SigningScheme.EVM_TYPED_DATA`."""
    return json.dumps(typed_data(order, chain_id, book_address), separators=(",", ":")).encode()


def fields(names: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    """A struct type in the form that typed-data documents list it."""
    return [{"name": name, "type": kind} for name, kind in names]


__all__ = [
    "DOMAIN_NAME",
    "DOMAIN_VERSION",
    "RedeemItem",
    "RedeemOrder",
    "digest",
    "domain_separator",
    "order_struct_hash",
    "typed_data",
    "typed_data_digest",
    "typed_data_json",
]
