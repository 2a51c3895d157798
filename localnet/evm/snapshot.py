"""Snapshots of the chain, so that a start replays only the blocks journaled since.

Measured on Anvil 1.7.1: mining 5,000 empty blocks one by one takes 17 s (the cost of a block grows with the
height), loading a snapshot of 3,000 blocks takes 0.06 s, and blocks mined after the load have the same hashes and
receipts as without it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import orjson

from localnet.durable import write_atomically


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A dump of the node taken when `number`/`hash` was its head and the journal ended at `journal_offset`."""

    number: int
    timestamp: int
    hash: str
    journal_offset: int
    last_transaction_block: int
    path: Path

    def unpack(self, target: Path) -> Path:
        """Write the dump as the plain JSON that `anvil --load-state` reads."""
        target.write_bytes(gzip.decompress(self.path.read_bytes()))
        return target


class SnapshotStore:
    """At most one snapshot counts: the one that the manifest names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._manifest = folder / "snapshot.json"

    def latest(self) -> Snapshot | None:
        try:
            manifest = orjson.loads(self._manifest.read_bytes())
        except FileNotFoundError:
            return None
        snapshot = Snapshot(
            number=manifest["number"],
            timestamp=manifest["timestamp"],
            hash=manifest["hash"],
            journal_offset=manifest["journal_offset"],
            last_transaction_block=manifest["last_transaction_block"],
            path=self._folder / manifest["file"],
        )
        return snapshot if snapshot.path.exists() else None

    def save(
        self,
        dump: bytes,
        *,
        number: int,
        timestamp: int,
        hash: str,
        journal_offset: int,
        last_transaction_block: int,
    ) -> Snapshot:
        """Keep a gzipped dump as the latest snapshot.

        Raises:
            DiskFull: The previous snapshot still counts.
        """
        path = self._folder / f"snapshot-{number}-{hash[2:10]}.json.gz"
        write_atomically(path, dump)
        manifest = {
            "number": number,
            "timestamp": timestamp,
            "hash": hash,
            "journal_offset": journal_offset,
            "last_transaction_block": last_transaction_block,
            "file": path.name,
        }
        write_atomically(self._manifest, orjson.dumps(manifest))
        for old in self._folder.glob("snapshot-*.json.gz"):
            if old != path:
                old.unlink(missing_ok=True)
        return Snapshot(number, timestamp, hash, journal_offset, last_transaction_block, path)

    def discard(self) -> None:
        self._manifest.unlink(missing_ok=True)
