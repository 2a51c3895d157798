"""ERC-2612 permits: an ERC-20 allowance given by a signature."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from codec.evm.abi import encode
from codec.evm.redeem_order import DOMAIN_FIELDS, domain_separator, fields, typed_data_digest
from primitives.account_id import checksum_address
from primitives.hashing import keccak256

PERMIT_FIELDS = (
    ("owner", "address"),
    ("spender", "address"),
    ("value", "uint256"),
    ("nonce", "uint256"),
    ("deadline", "uint256"),
)
PERMIT_TYPEHASH = keccak256(b"Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")


@dataclass(frozen=True, slots=True)
class PermitDomain:
    """The token's EIP-712 domain: its name, its version ("1" unless it says otherwise), chain and address."""

    name: str
    version: str
    chain_id: int
    token: bytes


@dataclass(frozen=True, slots=True)
class Permit:
    """`owner` lets `spender` take `value` base units; both 20 bytes.

    Attributes:
        nonce: The owner's `nonces` at the token.
        deadline: Unix seconds; the token refuses after it.
    """

    owner: bytes
    spender: bytes
    value: int
    nonce: int
    deadline: int


def permit_digest(permit: Permit, domain: PermitDomain) -> bytes:
    """What the owner signs, 32 bytes.

    Source: ERC-2612, "Specification".
    """
    struct_hash = keccak256(
        encode(
            ["bytes32", "address", "address", "uint256", "uint256", "uint256"],
            [PERMIT_TYPEHASH, permit.owner, permit.spender, permit.value, permit.nonce, permit.deadline],
        )
    )
    separator = domain_separator(domain.name, domain.version, domain.chain_id, domain.token)
    return typed_data_digest(separator, struct_hash)


def permit_typed_data(permit: Permit, domain: PermitDomain) -> dict[str, Any]:
    """The whole EIP-712 document for `eth_signTypedData_v4`; integers that may pass 2^53-1 are decimal strings."""
    return {
        "types": {"EIP712Domain": fields(DOMAIN_FIELDS), "Permit": fields(PERMIT_FIELDS)},
        "primaryType": "Permit",
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": checksum_address(domain.token),
        },
        "message": {
            "owner": checksum_address(permit.owner),
            "spender": checksum_address(permit.spender),
            "value": str(permit.value),
            "nonce": str(permit.nonce),
            "deadline": str(permit.deadline),
        },
    }


def permit_typed_data_json(permit: Permit, domain: PermitDomain) -> bytes:
    """`permit_typed_data` as UTF-8 JSON: the payload of `SigningScheme.EVM_TYPED_DATA`."""
    return json.dumps(permit_typed_data(permit, domain), separators=(",", ":")).encode()
