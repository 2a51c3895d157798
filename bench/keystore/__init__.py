"""Keystore: deriving and signing many, beside the raw limit of the C libraries and beside peers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.keystore.derivation import evm_addresses, solana_addresses
from bench.keystore.node_peer import NodePeer
from bench.keystore.signing import eip712, eip1559, solana_transfers
from bench.keystore.stage import Stage
from bench.keystore.two_processes import two_processes
from bench.keystore.unlocking import unlocking
from bench.measure import Report


def run(*, smoke: bool) -> list[Report]:
    """Every report names its floors and what was reached; medians of interleaved rounds."""
    rounds, seconds = (1, 0.02) if smoke else (5, 0.25)
    with (
        tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder,
        Stage(Path(folder)) as stage,
        NodePeer.start() as node,
    ):
        return [
            evm_addresses(rounds, seconds, node),
            *eip1559(rounds, seconds, stage, node, pool=200 if smoke else 40_000),
            eip712(rounds, seconds, stage, node, pool=200 if smoke else 20_000),
            solana_addresses(rounds, seconds),
            solana_transfers(rounds, seconds, stage, node, pool=200 if smoke else 60_000),
            two_processes(1 if smoke else 7, 200 if smoke else 12_000),
            unlocking(stage, 200 if smoke else 10_000, rounds=1 if smoke else 5),
        ]
