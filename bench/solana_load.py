"""Sending signed Solana transactions as fast as a node takes them, and what its process spends on it."""

from __future__ import annotations

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

_OPTIONS = {"encoding": "base64", "preflightCommitment": "processed"}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Load:
    """One turn: seconds in all, seconds of each request, processor seconds of the node."""

    count: int
    seconds: float
    latencies: tuple[float, ...]
    node_seconds: float

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1_000


def body_of(wire: bytes) -> bytes:
    """The `sendTransaction` call, with preflight."""
    params = [b64encode(wire).decode(), _OPTIONS]
    return orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "sendTransaction", "params": params})


async def send_all(url: str, wires: Sequence[bytes], *, connections: int, pid: int) -> Load:
    """Send every transaction over so many connections; each must be accepted.

    Raises:
        RuntimeError: The node refused one.
    """
    waiting = [body_of(wire) for wire in reversed(wires)]
    latencies: list[float] = []

    async def one(session: aiohttp.ClientSession) -> None:
        while waiting:
            body = waiting.pop()
            started = time.perf_counter()
            async with session.post(url, data=body, headers={"content-type": "application/json"}) as response:
                answer = orjson.loads(await response.read())
            latencies.append(time.perf_counter() - started)
            if "result" not in answer:
                raise RuntimeError(f"the node refused a transaction: {answer}")

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        spent, started = processor_seconds(pid), time.perf_counter()
        await asyncio.gather(*(one(session) for _ in range(connections)))
        seconds = time.perf_counter() - started
    return Load(len(wires), seconds, tuple(latencies), processor_seconds(pid) - spent)


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far, all its threads. Source: proc(5), fields 14 and 15 of stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def pin_to_one_core(pid: int) -> None:
    """Keep a process with all its threads on the last core."""
    core = {max(os.sched_getaffinity(0))}
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), core)
