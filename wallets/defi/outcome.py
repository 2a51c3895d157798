"""What came out of a swap, from its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.evm.token_moves import moves_of
from codec.evm import swap_router, tokens
from wallets.defi.model import SwapKind, Terms


def received(terms: Terms, receipt: Mapping[str, Any]) -> int:
    """In base units of the bought asset, from the logs; a wrapped coin gives one for one.

    A native coin leaves no log at its recipient: the router gives on what it unwraps, so that log is counted.
    """
    if terms.kind is not SwapKind.SWAP:
        return terms.expected.base_units
    bought = terms.expected.asset.id
    logs = receipt["logs"]
    if bought.is_native:
        assert terms.wrapped is not None
        assert terms.router is not None
        wanted = [swap_router.WITHDRAWAL, tokens.address_topic(terms.router.raw)]
        return sum(
            tokens.decode_word(bytes.fromhex(log["data"][2:])) or 0
            for log in logs
            if log["topics"][:2] == wanted and log["address"].lower() == terms.wrapped.address.lower()
        )
    me = terms.account.raw
    moves = [move for move in moves_of(terms.account.chain, logs) if move.asset == bought]
    return sum(move.base_units * ((move.recipient == me) - (move.sender == me)) for move in moves)
