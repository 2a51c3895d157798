"""The faucet's memory: which idempotency key led to which transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from localnet.durable import sqlite_errors
from primitives.errors import IdempotencyConflict

_SCHEMA = """
CREATE TABLE IF NOT EXISTS gifts (
    idempotency_key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    raw TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class RememberedGift:
    """Transaction id and signed bytes of a gift (bytes empty where the chain keeps them itself)."""

    transaction_id: str
    raw: str


class GiftBook:
    """One row per idempotency key, on disk before its transaction is sent."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with sqlite_errors(path):
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(_SCHEMA)

    def close(self) -> None:
        self._database.close()

    def find(self, key: str, request: str) -> RememberedGift | None:
        """The gift made under `key`.

        Raises:
            IdempotencyConflict: The key was used for another request.
        """
        row = self._database.execute(
            "SELECT request, transaction_id, raw FROM gifts WHERE idempotency_key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        if row[0] != request:
            raise IdempotencyConflict(f"the idempotency key {key!r} was used for another gift", key=key)
        return RememberedGift(row[1], row[2])

    def remember(self, key: str, request: str, gift: RememberedGift) -> None:
        """Bind `key` to a gift, on disk.

        Raises:
            DiskFull, LocalnetError: It is not bound.
        """
        row = (key, request, gift.transaction_id, gift.raw)
        with sqlite_errors(self._path):
            self._database.execute("INSERT OR REPLACE INTO gifts VALUES (?, ?, ?, ?)", row)
