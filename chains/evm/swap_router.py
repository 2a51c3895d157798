"""Prices of Uniswap v2 routers: the best path over a few hops, and how far it moves the pools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from chains.evm.multicall import Multicall
from chains.rpc.client import JsonRpcClient
from codec.evm import swap_router, tokens
from primitives.account_id import checksum_address
from primitives.errors import FeatureUnavailable, SwapUnavailable

MOST_HOPS = 6
"""Tokens between the two ends that are tried, one or two of them at a time: 37 paths at most."""


@dataclass(frozen=True, slots=True)
class RouterQuote:
    """What a path yields now.

    Attributes:
        path: Tokens from the one that is sold to the one that is bought, 20 bytes each.
        spot_out: What the pools' present price alone would yield, before their fees and before the swap moves them.
    """

    path: tuple[bytes, ...]
    amount_in: int
    amount_out: int
    spot_out: int

    @property
    def price_impact_bps(self) -> int:
        """How much less than at the present price comes out, pool fees included, in hundredths of a percent."""
        if self.spot_out <= 0:
            return 10_000
        return max(0, (self.spot_out - self.amount_out) * 10_000 // self.spot_out)


class EvmSwapRouter:
    """One router of one chain.

    Args:
        router: Its address, 20 bytes.
    """

    def __init__(self, rpc: JsonRpcClient, router: bytes) -> None:
        self.address = router
        self._views = Multicall(rpc)
        self._known: tuple[bytes, bytes] | None = None

    async def wrapped(self) -> bytes:
        """The wrapped native coin that the router deals with, 20 bytes.

        Raises:
            FeatureUnavailable: There is no router at the address.
            NodeUnavailable
        """
        return (await self._parts())[1]

    async def quote(self, sell: bytes, buy: bytes, amount_in: int, hops: Sequence[bytes]) -> RouterQuote:
        """The path that yields most.

        Raises:
            SwapUnavailable: No path of pools leads from one token to the other, or they are too small.
            FeatureUnavailable, NodeUnavailable
        """
        factory, _ = await self._parts()
        between = [hop for hop in dict.fromkeys(hops) if hop not in (sell, buy)][:MOST_HOPS]
        paths = [(sell, *some, buy) for count in (0, 1, 2) for some in permutations(between, count)]
        answers = await self._views.views(
            [(self.address, swap_router.amounts_out_call(amount_in, path)) for path in paths]
        )
        yields = [swap_router.decode_amount_out(answer) or 0 for answer in answers]
        # Of equals the shorter, which costs less gas: `max` keeps the first.
        amount_out, best = max(zip(yields, paths, strict=True), key=lambda one: one[0])
        if amount_out == 0:
            raise SwapUnavailable(
                f"no pools lead from {checksum_address(sell)} to {checksum_address(buy)} for this amount: choose "
                "another asset or a larger amount",
                sell=checksum_address(sell),
                buy=checksum_address(buy),
            )
        return RouterQuote(best, amount_in, amount_out, await self._spot(factory, best, amount_in))

    async def _spot(self, factory: bytes, path: Sequence[bytes], amount_in: int) -> int:
        legs = list(pairwise(path))
        pairs = await self._views.views([(factory, swap_router.pair_call(one, other)) for one, other in legs])
        reserves = await self._views.views(
            [((pair or bytes(32))[12:32], tokens.call("getReserves()")) for pair in pairs]
        )
        spot, scale = amount_in, 1
        for (one, other), answer in zip(legs, reserves, strict=True):
            lower, higher = swap_router.decode_reserves(answer) or (0, 0)
            here, there = (lower, higher) if one < other else (higher, lower)
            spot, scale = spot * there, scale * max(here, 1)
        return spot // scale

    async def _parts(self) -> tuple[bytes, bytes]:
        """Factory and wrapped coin: a router never changes them."""
        if self._known is None:
            asked = [(self.address, tokens.call("factory()")), (self.address, tokens.call("WETH()"))]
            factory, wrapped = await self._views.views(asked)
            if not factory or not wrapped or len(factory) < 32 or len(wrapped) < 32:
                raise FeatureUnavailable(
                    f"there is no swap router at {checksum_address(self.address)}: correct the chain's configuration",
                    feature="swap_router",
                )
            self._known = factory[12:32], wrapped[12:32]
        return self._known
