"""Derivation of a campaign's id, the same on every chain."""

from __future__ import annotations

from codec.evm.abi import encode
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId

_TAG = keccak256(b"quanbao.campaign.v1")


def derive_campaign_id(rules_hash: bytes, evm_issuer: bytes, solana_issuer: bytes, salt: bytes) -> CampaignId:
    """First 24 bytes of keccak256(abi.encode(tag, rulesHash, evmIssuer, solanaIssuer, salt)).

    Args:
        rules_hash: keccak256 of the canonical rule document, 32 bytes.
        evm_issuer: 20 bytes; zeros when the campaign is not on EVM.
        solana_issuer: Public key, 32 bytes; zeros when the campaign is not on Solana.
        salt: 32 bytes.

    Raises:
        InvalidValue: A length is wrong.
    """
    for name, value, length in (
        ("rules_hash", rules_hash, 32),
        ("evm_issuer", evm_issuer, 20),
        ("solana_issuer", solana_issuer, 32),
        ("salt", salt, 32),
    ):
        if len(value) != length:
            raise InvalidValue(f"{name} has {length} bytes, not {len(value)}")
    preimage = encode(
        ["bytes32", "bytes32", "address", "bytes32", "bytes32"], [_TAG, rules_hash, evm_issuer, solana_issuer, salt]
    )
    return CampaignId(keccak256(preimage)[:24])
