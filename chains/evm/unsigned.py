"""Unsigned transactions with a bid: made from a call, or from the signed bytes of an earlier attempt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chains.ports import Bid
from codec.evm.transaction import (
    AccessListTransaction,
    EvmTransaction,
    FeeMarketTransaction,
    LegacyTransaction,
    decode_signed,
    decode_unsigned,
    encode_signed,
    encode_unsigned,
    transaction_hash,
)
from primitives.chain_id import ChainId

_PLAIN = 21_000


def encode_bid(
    chain: ChainId, *, nonce: int, price: int, priority: int | None, gas: int, call: tuple[bytes, int, bytes]
) -> bytes:
    """Type 2 (EIP-1559), or a legacy transaction (EIP-155) where there is no priority fee.

    Args:
        call: Recipient (20 bytes), value in wei, call data.
    """
    to, value, data = call
    if priority is None:
        return encode_unsigned(LegacyTransaction(chain.evm_number, nonce, price, gas, to, value, data))
    return encode_unsigned(
        FeeMarketTransaction(
            chain_id=chain.evm_number,
            nonce=nonce,
            max_priority_fee_per_gas=min(priority, price),
            max_fee_per_gas=price,
            gas_limit=gas,
            to=to,
            value=value,
            data=data,
        )
    )


def rebid(raw: bytes, bid: Bid) -> tuple[bytes, int, int]:
    """The same call, nonce and gas limit at another bid: unsigned bytes, nonce, gas limit.

    Raises:
        InvalidValue: The bytes are no signed transaction.
    """
    transaction = decode_signed(raw).transaction
    again: EvmTransaction
    if isinstance(transaction, LegacyTransaction | AccessListTransaction):
        again = replace(transaction, gas_price=bid.price)
    else:
        tip = bid.price if bid.priority_fee is None else min(bid.priority_fee, bid.price)
        again = replace(transaction, max_fee_per_gas=bid.price, max_priority_fee_per_gas=tip)
    return encode_unsigned(again), again.nonce, again.gas_limit


def encode_void(chain: ChainId, sender: bytes, nonce: int, bid: Bid) -> tuple[bytes, int]:
    """Zero wei from the sender (20 bytes) to itself: unsigned bytes, gas limit."""
    unsigned = encode_bid(
        chain, nonce=nonce, price=bid.price, priority=bid.priority_fee, gas=_PLAIN, call=(sender, 0, b"")
    )
    return unsigned, _PLAIN


def signed_bytes(shown: Mapping[str, Any]) -> bytes:
    """The signed bytes of a transaction as a node shows it; empty unless they hash to its hash (other types)."""
    try:
        call = (bytes.fromhex(shown["to"][2:]), int(shown["value"], 16), bytes.fromhex(shown["input"][2:]))
        dynamic = shown.get("type") == "0x2"
        unsigned = encode_bid(
            ChainId.evm(int(shown["chainId"], 16)),
            nonce=int(shown["nonce"], 16),
            price=int(shown["maxFeePerGas" if dynamic else "gasPrice"], 16),
            priority=int(shown["maxPriorityFeePerGas"], 16) if dynamic else None,
            gas=int(shown["gas"], 16),
            call=call,
        )
        parity = int(shown["yParity"], 16) if shown.get("yParity") else (int(shown["v"], 16) + 1) % 2
        signature = b"".join(int(shown[part], 16).to_bytes(32, "big") for part in ("r", "s")) + bytes([parity])
        raw = encode_signed(decode_unsigned(unsigned), signature)
    except (KeyError, TypeError, ValueError):
        return b""
    return raw if "0x" + transaction_hash(raw).hex() == shown["hash"] else b""
