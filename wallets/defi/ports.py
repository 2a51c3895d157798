"""What swaps need from others."""

from __future__ import annotations

from typing import Protocol

from chains.registry import ChainInfo
from primitives.chain_id import ChainId
from wallets.assets.service import ConnectedChains


class SwapChains(ConnectedChains, Protocol):
    """The configured chains with their routers; `chains.registry.ConfiguredChains` conforms."""

    def info(self, chain: ChainId) -> ChainInfo: ...
