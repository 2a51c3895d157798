"""The name of a redemption, the same on every chain and for every party that reckons it."""

from __future__ import annotations

from codec.evm.abi import encode
from primitives.account_id import AccountId
from primitives.hashing import keccak256
from primitives.voucher_id import VoucherId


def redemption_id(
    voucher: VoucherId,
    holder: AccountId,
    merchant: AccountId,
    order_hash: bytes,
    amount_minor: int,
    sequence: int,
) -> bytes:
    """keccak256(abi.encode(voucherId, keccak256(holder), keccak256(merchant), orderHash, amountMinor, sequence)).

    Args:
        holder, merchant: Enter as keccak256 of their CAIP-10 text.
        order_hash: keccak256 of the canonical order document, 32 bytes.
        amount_minor: Discount in minor units of the rule document's currency, 128 bits.
        sequence: The voucher's `moves` (EVM one-shot) or `sequence` (stored value); 0 on Solana.

    Returns:
        32 bytes.

    Raises:
        InvalidValue: A value does not fit its type.
    """
    return keccak256(
        encode(
            ["uint256", "bytes32", "bytes32", "bytes32", "uint128", "uint64"],
            [
                voucher.token_id,
                keccak256(str(holder).encode()),
                keccak256(str(merchant).encode()),
                order_hash,
                amount_minor,
                sequence,
            ],
        )
    )
