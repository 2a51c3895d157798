"""One role per process: the API, or a worker; database and nodes are given by the settings."""

from __future__ import annotations

import asyncio
import signal

from api.cli.serving import serving
from api.composition import compose
from api.settings import Settings
from primitives.errors import MissingPart


def _require_parts(settings: Settings) -> None:
    if settings.database_url is None:
        raise MissingPart("this role needs DATABASE_URL; `quanbao up` brings its own database", mend="DATABASE_URL")
    if settings.localnet_url is None and settings.evm_rpc_url is None:
        raise MissingPart(
            "this role needs nodes: set QUANBAO_EVM_RPC_URL and QUANBAO_SOLANA_RPC_URL, or QUANBAO_LOCALNET_URL",
            mend="QUANBAO_LOCALNET_URL",
        )


def _stop_event() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_api(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    settings.require_safe_address()
    _require_parts(settings)
    stop = _stop_event()
    async with compose(settings) as application, serving(application, settings):
        await stop.wait()


async def run_worker(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM."""
    _require_parts(settings)
    stop = _stop_event()
    async with compose(settings) as application, application.working():
        await application.provision()
        await stop.wait()
