"""The journal of mined blocks: what must be replayed to have the same chain again.

One JSON line per block, `{"n": number, "t": timestamp, "h": hash, "x": [raw transactions in order]}`, or
`{"rewind": n}` when blocks above n were dropped (a reorganisation made on purpose in a test). A line counts only
with its newline: a torn last line is the block that a crash kept from being journaled, and such a block was
never final, because the next block is mined only after this one is on disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from localnet.durable import disk_errors, sync_folder
from primitives.errors import LocalnetError


@dataclass(frozen=True, slots=True)
class JournaledBlock:
    """One block: height, unix seconds, 0x block hash, 0x signed transactions in block order."""

    number: int
    timestamp: int
    hash: str
    transactions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rewind:
    """Blocks above `number` are no longer part of the chain."""

    number: int


JournalRecord = JournaledBlock | Rewind


class Journal:
    """Append-only file; every append is on disk before it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        sync_folder(path.parent)
        self._end = self._cut_torn_tail()

    @property
    def end(self) -> int:
        """Byte offset after the last whole record."""
        return self._end

    def append(self, *records: JournalRecord) -> None:
        """Add records in order and wait until they are on disk.

        Raises:
            DiskFull: No record counts as written.
        """
        data = b"".join(_encode(record) for record in records)
        with disk_errors(self._path):
            written = 0
            try:
                while written < len(data):
                    written += os.pwrite(self._file, data[written:], self._end + written)
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, self._end)
                raise
        self._end += len(data)

    def read(self, start: int = 0) -> Iterator[JournalRecord]:
        """Records from byte offset `start`.

        Raises:
            LocalnetError: A whole line that is not a record; the file was changed from outside.
        """
        with self._path.open("rb") as file:
            file.seek(start)
            offset = start
            for line in file:
                if offset >= self._end:
                    return
                yield self._decode(line, offset)
                offset += len(line)

    def close(self) -> None:
        os.close(self._file)

    def _cut_torn_tail(self) -> int:
        end = os.fstat(self._file).st_size
        position = end
        while position > 0:
            size = min(65536, position)
            chunk = os.pread(self._file, size, position - size)
            newline = chunk.rfind(b"\n")
            if newline >= 0:
                position = position - size + newline + 1
                break
            position -= size
        if position != end:
            os.ftruncate(self._file, position)
            os.fsync(self._file)
        return position

    def _decode(self, line: bytes, offset: int) -> JournalRecord:
        try:
            record = orjson.loads(line)
            if "rewind" in record:
                return Rewind(int(record["rewind"]))
            return JournaledBlock(int(record["n"]), int(record["t"]), str(record["h"]), tuple(record["x"]))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise LocalnetError(
                f"{self._path} is damaged at byte {offset}: restore it or start with an empty data folder",
                path=str(self._path),
                offset=offset,
            ) from error


def _encode(record: JournalRecord) -> bytes:
    if isinstance(record, Rewind):
        return orjson.dumps({"rewind": record.number}, option=orjson.OPT_APPEND_NEWLINE)
    return orjson.dumps(
        {"n": record.number, "t": record.timestamp, "h": record.hash, "x": record.transactions},
        option=orjson.OPT_APPEND_NEWLINE,
    )
