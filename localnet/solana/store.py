"""The local Solana chain on disk: one SQLite file, one commit per slot that did something.

WAL with synchronous=FULL: a commit that returned survives kill -9 and power loss. A slot's transactions and the
accounts they left behind are one commit, and `confirmed` is said only after it.

A row of `slots` is written for slots with transactions and as a high-water mark every few seconds, ahead of the
clock, so that a restart never uses a slot number twice.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from solders.account import Account
from solders.pubkey import Pubkey
from solders.signature import Signature

from localnet.durable import sqlite_errors
from localnet.solana.records import SlotBatch, TransactionRecord
from primitives.errors import DataFolderNewer

_FORMAT = 2
_SCHEMA = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE slots (slot INTEGER PRIMARY KEY, block_time INTEGER NOT NULL);
CREATE TABLE transactions (
    slot INTEGER NOT NULL,
    position INTEGER NOT NULL,
    signature BLOB NOT NULL UNIQUE,
    wire BLOB NOT NULL,
    accounts BLOB NOT NULL,
    meta BLOB NOT NULL,
    PRIMARY KEY (slot, position)
);
CREATE TABLE account_transactions (
    address BLOB NOT NULL,
    slot INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (address, slot, position)
) WITHOUT ROWID;
CREATE TABLE accounts (
    address BLOB PRIMARY KEY,
    lamports TEXT NOT NULL,
    owner BLOB NOT NULL,
    executable INTEGER NOT NULL,
    rent_epoch TEXT NOT NULL,
    data BLOB NOT NULL
);
"""
# Format 2 remembers the slots at which another fork won.
_SKIPPED = "CREATE TABLE skipped_slots (slot INTEGER PRIMARY KEY);"
_TRANSACTION_COLUMNS = (
    "t.signature, t.slot, t.position, s.block_time, t.wire, t.accounts, t.meta"
    " FROM transactions t JOIN slots s ON s.slot = t.slot"
)


class SolanaStore:
    """The database; writing and reading use a connection each, so that a commit may run in another thread."""

    def __init__(self, path: Path) -> None:
        """Open or create the file.

        Raises:
            DataFolderNewer: A newer version wrote it.
            DiskFull, LocalnetError: It cannot be opened.
        """
        self._path = path
        with sqlite_errors(self._path):
            self._writer = self._connect()
            (version,) = self._writer.execute("PRAGMA user_version").fetchone()
            if version > _FORMAT:
                self._writer.close()
                raise DataFolderNewer(
                    f"{path} has format {version}, this program knows {_FORMAT}: use the newer program",
                    format=version,
                    known=_FORMAT,
                )
            if version == 0:
                self._create()
            elif version == 1:
                self._writer.executescript(f"BEGIN; {_SKIPPED} PRAGMA user_version = {_FORMAT}; COMMIT;")
            self._reader = self._connect()

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    # --- writing ---

    def commit(self, batch: SlotBatch) -> None:
        """Make one slot durable.

        Raises:
            DiskFull, LocalnetError: Nothing of the slot is kept.
        """
        with sqlite_errors(self._path), self._writer as db:
            db.execute("INSERT OR REPLACE INTO slots VALUES (?, ?)", (batch.slot, batch.block_time))
            db.executemany(
                "INSERT INTO transactions VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        record.slot,
                        record.index,
                        bytes(Signature.from_string(record.signature)),
                        record.wire,
                        orjson.dumps(record.accounts),
                        orjson.dumps(record.meta),
                    )
                    for record in batch.transactions
                ],
            )
            db.executemany(
                "INSERT INTO account_transactions VALUES (?, ?, ?)",
                [
                    (bytes(Pubkey.from_string(address)), record.slot, record.index)
                    for record in batch.transactions
                    for address in set(record.accounts)
                ],
            )
            _write_accounts(db, batch.accounts)

    def rewind(self, kept: int, open_slot: int, accounts: Mapping[Pubkey, Account | None]) -> None:
        """Forget every slot after `kept` in one commit: they count as skipped, and `accounts` are as before them.

        Raises:
            DiskFull, LocalnetError: Nothing is forgotten.
        """
        with sqlite_errors(self._path), self._writer as db:
            db.execute("DELETE FROM transactions WHERE slot > ?", (kept,))
            db.execute("DELETE FROM account_transactions WHERE slot > ?", (kept,))
            db.executemany(
                "INSERT OR IGNORE INTO skipped_slots VALUES (?)", [(slot,) for slot in range(kept + 1, open_slot + 1)]
            )
            _write_accounts(db, accounts)

    def reserve_slots(self, below: int, *, slot: int, block_time: int) -> None:
        """Promise that every slot used until the next call is below `below`; mark the time of the present slot."""
        with sqlite_errors(self._path), self._writer as db:
            db.execute("INSERT OR IGNORE INTO slots VALUES (?, ?)", (slot, block_time))
            db.execute("INSERT OR REPLACE INTO settings VALUES ('next_slot', ?)", (str(below).encode(),))

    # --- reading ---

    @property
    def genesis_hash(self) -> bytes:
        """32 random bytes made with the file."""
        return self._setting("genesis_hash")

    @property
    def next_slot(self) -> int:
        """The first slot that was certainly never used."""
        return int(self._setting("next_slot"))

    def accounts(self) -> Iterator[tuple[Pubkey, Account]]:
        rows = self._reader.execute("SELECT address, lamports, owner, executable, rent_epoch, data FROM accounts")
        for address, lamports, owner, executable, rent_epoch, data in rows:
            account = Account(int(lamports), data, Pubkey(owner), bool(executable), int(rent_epoch))
            yield Pubkey(address), account

    def has_signature(self, signature: str) -> bool:
        key = bytes(Signature.from_string(signature))
        return self._reader.execute("SELECT 1 FROM transactions WHERE signature = ?", (key,)).fetchone() is not None

    def signatures_since(self, slot: int) -> list[tuple[str, int]]:
        """(signature, slot) of every transaction from that slot on, in order."""
        rows = self._reader.execute(
            "SELECT signature, slot FROM transactions WHERE slot >= ? ORDER BY slot, position", (slot,)
        )
        return [(str(Signature(signature)), found) for signature, found in rows]

    def transaction(self, signature: str) -> TransactionRecord | None:
        key = bytes(Signature.from_string(signature))
        row = self._reader.execute(f"SELECT {_TRANSACTION_COLUMNS} WHERE t.signature = ?", (key,)).fetchone()
        return _record(row) if row else None

    def transactions_in(self, slot: int) -> list[TransactionRecord]:
        rows = self._reader.execute(f"SELECT {_TRANSACTION_COLUMNS} WHERE t.slot = ? ORDER BY t.position", (slot,))
        return [_record(row) for row in rows]

    def signatures_for(
        self, address: Pubkey, *, until_slot: int, before: str | None, until: str | None, limit: int
    ) -> list[TransactionRecord]:
        """Transactions that name `address`, newest first, in slots ≤ `until_slot`, between two known signatures."""
        upper, lower = self._position(before) or (until_slot + 1, 0), self._position(until) or (-1, -1)
        rows = self._reader.execute(
            f"SELECT {_TRANSACTION_COLUMNS} JOIN account_transactions a ON t.slot = a.slot AND t.position = a.position"
            " WHERE a.address = ? AND a.slot <= ? AND (a.slot, a.position) < (?, ?) AND (a.slot, a.position) > (?, ?)"
            " ORDER BY a.slot DESC, a.position DESC LIMIT ?",
            (bytes(address), until_slot, *upper, *lower, limit),
        )
        return [_record(row) for row in rows]

    def slot_mark_before(self, slot: int) -> tuple[int, int] | None:
        """The nearest recorded (slot, unix seconds) at or before `slot`."""
        row = self._reader.execute(
            "SELECT slot, block_time FROM slots WHERE slot <= ? ORDER BY slot DESC LIMIT 1", (slot,)
        ).fetchone()
        return (row[0], row[1]) if row else None

    def is_skipped(self, slot: int) -> bool:
        return self._reader.execute("SELECT 1 FROM skipped_slots WHERE slot = ?", (slot,)).fetchone() is not None

    def skipped_slots(self, first: int, last: int | None = None) -> list[int]:
        """Slots without a block, from `first` to `last`."""
        rows = self._reader.execute(
            "SELECT slot FROM skipped_slots WHERE slot >= ? AND slot <= ? ORDER BY slot",
            (first, 2**62 if last is None else last),
        )
        return [slot for (slot,) in rows]

    def transaction_count(self) -> int:
        (count,) = self._reader.execute("SELECT COUNT(*) FROM transactions").fetchone()
        return int(count)

    # --- inside ---

    def _position(self, signature: str | None) -> tuple[int, int] | None:
        if signature is None:
            return None
        key = bytes(Signature.from_string(signature))
        row = self._reader.execute("SELECT slot, position FROM transactions WHERE signature = ?", (key,)).fetchone()
        return (row[0], row[1]) if row else None

    def _setting(self, name: str) -> bytes:
        (value,) = self._reader.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return bytes(value)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def _create(self) -> None:
        with self._writer as db:
            db.executescript(f"BEGIN; {_SCHEMA} {_SKIPPED} PRAGMA user_version = {_FORMAT}; COMMIT;")
            settings = [("genesis_hash", secrets.token_bytes(32)), ("next_slot", b"1")]
            db.executemany("INSERT INTO settings VALUES (?, ?)", settings)


def _record(row: tuple[Any, ...]) -> TransactionRecord:
    signature, slot, index, block_time, wire, accounts, meta = row
    return TransactionRecord(
        signature=str(Signature(signature)),
        slot=slot,
        index=index,
        block_time=block_time,
        wire=wire,
        accounts=tuple(orjson.loads(accounts)),
        meta=orjson.loads(meta),
    )


def _write_accounts(db: sqlite3.Connection, accounts: Mapping[Pubkey, Account | None]) -> None:
    db.executemany(
        "DELETE FROM accounts WHERE address = ?",
        [(bytes(address),) for address, account in accounts.items() if account is None],
    )
    db.executemany(
        "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
        [
            (
                bytes(address),
                str(account.lamports),
                bytes(account.owner),
                account.executable,
                str(account.rent_epoch),
                account.data,
            )
            for address, account in accounts.items()
            if account is not None
        ],
    )
