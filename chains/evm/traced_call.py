"""The movements in a trace of one call: value sent along, and logs of tokens.

Source: go-ethereum "Built-in tracers", callTracer with `withLog`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.evm.token_moves import Move, moves_of
from primitives.asset import AssetId
from primitives.chain_id import ChainId

_SENDS_VALUE = ("CALL", "CREATE", "CREATE2", "SELFDESTRUCT")
"""A delegated call shows its caller's value once more, and sends nothing."""


def moves_of_frame(chain: ChainId, frame: Mapping[str, Any]) -> list[Move]:
    """Of a frame and those below it; what a failed frame did is undone."""
    if frame.get("error"):
        return []
    found: list[Move] = []
    value = int(str(frame.get("value") or "0x0"), 16)
    if value and frame.get("type") in _SENDS_VALUE and frame.get("to"):
        sender, to = (bytes.fromhex(frame[end][2:]) for end in ("from", "to"))
        found.append(Move(AssetId.native(chain), sender, to, value))
    found += moves_of(chain, frame.get("logs") or ())
    for inner in frame.get("calls") or ():
        found += moves_of_frame(chain, inner)
    return found
