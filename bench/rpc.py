"""Failover: from the first call of a client whose first endpoint is dead or bad to the answer of the next."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from bench.measure import Report, Result
from chains.rpc.client import JsonRpcClient
from chains.rpc.endpoint import EndpointSettings
from primitives.errors import NodeUnavailable
from tests.fakes.anvil import free_port, running_anvil
from tests.fakes.faulty_proxy import Fault, faulty_proxy

_ROUNDS = 20
_FAULTS = (Fault.DROP, Fault.LATE_DROP, Fault.HANG, Fault.TOO_MANY, Fault.HTML, Fault.BROKEN, Fault.MISSING)


def run(*, smoke: bool) -> list[Report]:
    """Every fault, beside an exchange with a healthy endpoint."""
    return [failover(2 if smoke else _ROUNDS)]


def failover(rounds: int) -> Report:
    """Milliseconds by fault."""
    return asyncio.run(_run(rounds))


async def _run(rounds: int) -> Report:
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(running_anvil(block_time=None))
        bad = await stack.enter_async_context(faulty_proxy(node.url))
        times: dict[str, list[float]] = {"healthy endpoint (reference)": [], "nobody listens": []}
        times |= {f"first endpoint: {fault.value}": [] for fault in _FAULTS}
        times["first endpoint dies between two calls"] = []
        # Interleaved, each with a client that knows nothing of its endpoints yet.
        for _ in range(rounds):
            times["healthy endpoint (reference)"].append(await _timed([node.url]))
            times["nobody listens"].append(await _timed([f"http://127.0.0.1:{free_port()}", node.url]))
            for fault in _FAULTS:
                bad.always(fault)
                times[f"first endpoint: {fault.value}"].append(await _timed([bad.url, node.url]))
            times["first endpoint dies between two calls"].append(await _dying(node.url))
    return _report(times)


async def _timed(urls: list[str]) -> float:
    """Seconds from the call to its answer."""
    client = JsonRpcClient([EndpointSettings(url) for url in urls])
    try:
        return await _seconds(lambda: client.call("eth_blockNumber"))
    finally:
        await client.close()


async def _dying(healthy: str) -> float:
    """With a connection that stands when the endpoint's process goes away."""
    async with faulty_proxy(healthy) as first:
        client = JsonRpcClient([EndpointSettings(first.url), EndpointSettings(healthy)])
        await client.call("eth_blockNumber")
    try:
        return await _seconds(lambda: client.call("eth_blockNumber"))
    finally:
        await client.close()


async def _seconds(call: Callable[[], Awaitable[str]]) -> float:
    started = time.perf_counter()
    try:
        await call()
    except NodeUnavailable as error:
        raise AssertionError("the healthy endpoint was not asked") from error
    return time.perf_counter() - started


def _report(times: dict[str, list[float]]) -> Report:
    base, *_ = (statistics.median(found) for found in times.values())
    results = tuple(
        Result(name, 1 / statistics.median(found), 1 / min(found), base / statistics.median(found), index == 0)
        for index, (name, found) in enumerate(times.items())
    )
    remarks = tuple(
        f"{name}: answer after {statistics.median(found) * 1000:.1f} ms (median), {max(found) * 1000:.1f} ms at worst"
        for name, found in times.items()
    )
    return Report("Failover between endpoints", "answers", results, remarks)
