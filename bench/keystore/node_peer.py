"""JavaScript peers in one Node process: ethers, viem, web3.js. Left out, and said so, where Node or they are absent."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.measure import Case

_SCRIPT = Path(__file__).with_name("peer.mjs")


class NodePeer:
    """Does `n` operations of a named case when it is told to."""

    def __init__(self, process: subprocess.Popen[str] | None, names: dict[str, str], missing: str) -> None:
        self._process = process
        self._names = names
        self.missing = missing

    @classmethod
    def start(cls) -> Self:
        node = shutil.which("node")
        if node is None:
            return cls(None, {}, "Node is not installed: ethers, viem and web3.js are left out")
        process = subprocess.Popen([node, str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        first = process.stdout.readline()
        if not first:
            process.wait(10)
            return cls(None, {}, "ethers, viem and web3.js are not installed: run npm ci")
        return cls(process, json.loads(first), "")

    def cases(self, kind: str) -> list[Case]:
        """Those of one kind (`eip1559`, `eip712`, `evm_address`, `solana_transfer`)."""

        def case(name: str, title: str) -> Case:
            return Case(title, lambda count: self._work(name, count))

        return [case(name, title) for name, title in self._names.items() if name.startswith(kind)]

    def remarks(self) -> tuple[str, ...]:
        return (self.missing,) if self.missing else ()

    def _work(self, name: str, count: int) -> None:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([name, count]) + "\n")
        process.stdin.flush()
        if process.stdout.readline().strip() != "done":
            raise RuntimeError(f"the Node peer failed at {name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)
