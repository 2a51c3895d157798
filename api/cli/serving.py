"""The HTTP server inside our own event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import uvicorn

from api.bounded_http import BoundedHttp
from api.settings import Settings
from primitives.errors import OperationError

if TYPE_CHECKING:
    from api.composition import Application


@asynccontextmanager
async def serving(application: Application, settings: Settings) -> AsyncIterator[None]:
    """Listen while the block runs; open requests get three seconds at the end."""
    config = uvicorn.Config(
        application.asgi,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
        http=BoundedHttp,
        ws="none",
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_certificate if settings.tls else None,
        ssl_keyfile=settings.tls_key if settings.tls else None,
    )
    server = uvicorn.Server(config)
    # The signals belong to the caller, which ends everything in order.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                task.result()
                raise OperationError(f"the API could not listen on port {settings.port}")
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await task
