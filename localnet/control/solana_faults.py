"""`POST /solana/misbehave`, `/solana/expire`, `/solana/rewind`: what can go wrong on a cluster, on request."""

from __future__ import annotations

from typing import Any, get_args

from localnet.solana.chain import Again, SolanaChain
from localnet.solana.misbehaviour import Orders
from primitives.errors import InvalidValue

_MAX_COUNT = 1_000_000


class SolanaFaults:
    """Reads the requests' bodies and passes them to the chain."""

    def __init__(self, chain: SolanaChain) -> None:
        self._chain = chain

    async def misbehave(self, body: dict[str, Any]) -> dict[str, Any]:
        """Replace the standing orders; an empty body ends all misbehaviour but what is held already.

        Raises:
            InvalidValue: A field that is not known, or a number out of range.
        """
        unknown = set(body) - {"drop", "delay", "delay_slots", "reverse"}
        if unknown:
            raise InvalidValue(f"not known here: {', '.join(sorted(unknown))}", field=min(unknown))
        reverse = body.get("reverse", False)
        if not isinstance(reverse, bool):
            raise InvalidValue("reverse must be true or false", field="reverse")
        self._chain.misbehaviour.orders = Orders(
            _count(body, "drop", 0), _count(body, "delay", 0), _count(body, "delay_slots", 1), reverse
        )
        return {"dropped": self._chain.misbehaviour.dropped, "held": self._chain.misbehaviour.held}

    async def expire(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make every blockhash that a client holds too old."""
        return {"height": await self._chain.expire()}

    async def rewind(self, body: dict[str, Any]) -> dict[str, Any]:
        """Let another fork win over the newest confirmed `slots`; `again`: none, same or reverse order.

        Raises:
            InvalidValue: So many slots are not unfinalised, or `again` is something else.
        """
        again: Any = body.get("again", "none")
        if again not in get_args(Again):
            raise InvalidValue(f"again must be one of {', '.join(get_args(Again))}", field="again")
        dropped, landed = await self._chain.rewind(_count(body, "slots", 1), again=again)
        return {"height": self._chain.bank.slot, "dropped": dropped, "landed": landed}


def _count(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_COUNT:
        raise InvalidValue(f"{name} must lie in 0..{_MAX_COUNT}", field=name)
    return value
