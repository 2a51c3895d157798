"""Waiting for a condition, with a bound."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T]], *, seconds: float = 20.0) -> T:
    """The first truthy answer of `condition`."""
    async with asyncio.timeout(seconds):
        while True:
            answer = await condition()
            if answer:
                return answer
            await asyncio.sleep(0.02)
