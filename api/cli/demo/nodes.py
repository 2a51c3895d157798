"""The chains as the demo reads them: directly, beside the API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.faucet import LocalFaucet
from api.local_endpoints import local_endpoints
from chains.registry import ConfiguredChains


@asynccontextmanager
async def connect_local(localnet_url: str) -> AsyncIterator[ConfiguredChains]:
    """Adapters of the local testnets. Raises NodeUnavailable."""
    faucet = LocalFaucet(localnet_url)
    try:
        chains = await ConfiguredChains.connect(local_endpoints(await faucet.status()))
    finally:
        await faucet.close()
    try:
        yield chains
    finally:
        await chains.close()
