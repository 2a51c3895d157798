"""A campaign's cast on a fresh local Solana chain for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fakes.solana_cast import Cast, solana_cast


@pytest_asyncio.fixture
async def cast() -> AsyncIterator[Cast]:
    async with solana_cast() as made:
        yield made
