"""`python -m localnet`: run the local network until SIGTERM or SIGINT.

The last line on standard error is JSON when it cannot start or must stop: `{"error": {"code", "message", "facts"}}`.
Exit codes: 0 stopped as asked, 1 a typed error.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import orjson

from localnet.network import LocalNetwork
from localnet.settings import LocalnetSettings
from primitives.errors import QuanbaoError

_PARENT_CHECK_SECONDS = 0.25


def main() -> int:
    """Run until told to stop; the process's exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return asyncio.run(_serve(parse_arguments(sys.argv[1:])))
    except QuanbaoError as error:
        facts = {name: str(value) for name, value in error.facts.items()}
        body = {"error": {"code": error.code, "message": error.message, "facts": facts}}
        sys.stderr.write(orjson.dumps(body).decode() + "\n")
        return 1


def parse_arguments(arguments: list[str]) -> LocalnetSettings:
    """Read the command line.

    Raises:
        InvalidValue: A setting is out of range.
    """
    parser = argparse.ArgumentParser(prog="localnet", description="Local EVM and Solana chains with test money.")
    parser.add_argument("command", nargs="?", choices=["serve"], default="serve")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--evm-port", type=int, default=8545)
    parser.add_argument("--solana-port", type=int, default=8899, help="HTTP; WebSocket also on the next port")
    parser.add_argument("--control-port", type=int, default=8555)
    parser.add_argument("--evm-chain-id", type=int, default=31337)
    parser.add_argument("--block-seconds", type=float, default=1.0, help="0: blocks only by POST /mine")
    parser.add_argument("--heartbeat-seconds", type=float, default=30.0, help="one block at least so often when idle")
    parser.add_argument("--slot-seconds", type=float, default=0.4, help="0: slots only by POST /mine")
    parser.add_argument("--finality-slots", type=int, default=3)
    parser.add_argument("--anvil", type=Path, default=None)
    parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this starting process is gone")
    parser.add_argument("--exchange", action="store_true", help="put Uniswap v2 with pools of test money on the chain")
    given = parser.parse_args(arguments)
    return LocalnetSettings(
        data_dir=given.data_dir.resolve(),
        host=given.host,
        evm_port=given.evm_port,
        solana_port=given.solana_port,
        control_port=given.control_port,
        evm_chain_id=given.evm_chain_id,
        block_interval=timedelta(seconds=given.block_seconds),
        heartbeat=timedelta(seconds=given.heartbeat_seconds),
        slot_interval=timedelta(seconds=given.slot_seconds),
        finality_slots=given.finality_slots,
        anvil=given.anvil,
        with_parent=given.with_parent,
        exchange=given.exchange,
    )


async def _serve(settings: LocalnetSettings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watching = asyncio.create_task(_stop_without_parent(stop, settings.with_parent)) if settings.with_parent else None
    try:
        return await _run(LocalNetwork(settings), stop)
    finally:
        if watching is not None:
            watching.cancel()


async def _stop_without_parent(stop: asyncio.Event, parent: int) -> None:
    # A process whose parent died gets another one, perhaps before it could ask who that was: so it is told.
    while True:
        if os.getppid() != parent:
            stop.set()
            return
        await asyncio.sleep(_PARENT_CHECK_SECONDS)


async def _run(network: LocalNetwork, stop: asyncio.Event) -> int:
    starting = asyncio.ensure_future(network.start())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    if stop.is_set():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await network.stop()
        return 0
    await starting
    broken = asyncio.ensure_future(network.failed())
    await asyncio.wait([broken, stopping], return_when=asyncio.FIRST_COMPLETED)
    ended = broken.done()
    if not ended:
        broken.cancel()
    await network.stop()
    if ended:
        broken.result()
    return 0


if __name__ == "__main__":
    sys.exit(main())
