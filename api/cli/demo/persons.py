"""Sessions of the sample people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from api.cli.client import ApiClient
from api.cli.demo.people import AUDITOR, CASHIER, HOLDER, MERCHANT, SamplePerson
from api.cli.demo.state import DemoState


@dataclass(frozen=True, slots=True)
class Sessions:
    """One logged-in client for each role."""

    holder: ApiClient
    merchant: ApiClient
    cashier: ApiClient
    auditor: ApiClient


@asynccontextmanager
async def open_sessions(base: str, state: DemoState) -> AsyncIterator[Sessions]:
    """Log the sample people in. Raises ApiRefused."""
    async with AsyncExitStack() as stack:

        async def login(sample: SamplePerson) -> ApiClient:
            async with ApiClient(base) as nobody:
                body = {"email": sample.email, "password": state.password, "device": "demo"}
                opened = await nobody.post("/auth/login", body)
            return await stack.enter_async_context(ApiClient(base, token=opened["token"]))

        yield Sessions(*[await login(sample) for sample in (HOLDER, MERCHANT, CASHIER, AUDITOR)])
