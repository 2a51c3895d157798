"""One process and two, signing EIP-1559 batches: how far the work scales with the machine's cores."""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from uuid import UUID

from bench.keystore.floors import Floor, with_floors
from bench.keystore.stage import CONTRACT, EVM, TRANSFER
from bench.measure import Report, Result
from codec.evm.transaction_template import FeeMarketTemplate
from keystore.batch.evm import EvmBatch, EvmItem
from keystore.derivation import public_key_of
from keystore.secret import Secret
from primitives.signing import Curve, KeyId

_KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
_ONE, _TWO = "one process", "two processes"


def two_processes(rounds: int, count: int) -> Report:
    """Each process signs the same number; both begin at a word on their standard input."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", f"from bench.keystore.two_processes import work; work({count})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    rates: dict[str, list[float]] = {_ONE: [], _TWO: []}
    try:
        for worker in workers:
            _answer(worker)
        for _ in range(rounds):
            for name in random.sample([_ONE, _TWO], 2):
                used = workers[: 1 if name == _ONE else 2]
                started = time.perf_counter()
                for worker in used:
                    _tell(worker)
                for worker in used:
                    _answer(worker)
                rates[name].append(len(used) * count / (time.perf_counter() - started))
    finally:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait(10)
    base = statistics.median(rates[_ONE])
    results = tuple(
        Result(name, statistics.median(rates[name]), max(rates[name]), statistics.median(rates[name]) / base, at == 0)
        for at, name in enumerate(rates)
    )
    return with_floors(Report("EVM: EIP-1559 batch, processes", "transactions", results), [Floor(_TWO, _ONE, 1.7)])


def _tell(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()


def _answer(worker: subprocess.Popen[str]) -> None:
    assert worker.stdout is not None
    if worker.stdout.readline().strip() != "ready":
        raise RuntimeError("a signing process ended early")


def work(count: int) -> None:
    """What each process does: make the batch, say so, and sign it at every word."""
    template = FeeMarketTemplate(EVM.evm_number, 10**9, 2 * 10**9, 100_000)
    items = [EvmItem(nonce, CONTRACT, 0, TRANSFER + bytes(64)) for nonce in range(count)]
    batch = EvmBatch(KeyId(UUID(int=1)), EVM, "airdrop", template, CONTRACT, TRANSFER, items)
    public_key = public_key_of(Secret(_KEY), Curve.SECP256K1)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        batch.prepare(public_key).sign(Secret(_KEY), 0, count, False)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
