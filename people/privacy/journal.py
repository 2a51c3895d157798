"""The erasure journal: who was erased, kept outside the database, so that a restored backup erases them again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import orjson

from primitives.errors import OperationError


@dataclass(frozen=True, slots=True)
class Erased:
    """One line: the person's id, which says nothing by itself, and when."""

    person_id: UUID
    at: datetime


class ErasureJournal:
    """Append-only lines of JSON, each written through before the erasure goes on.

    Args:
        path: Beside the erasure keys; mode 0600.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Erased) -> None:
        """Returns when the line is on disk."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = orjson.dumps({"person": str(entry.person_id), "at": entry.at.isoformat()}) + b"\n"
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            # A line that a crash cut off must not swallow this one.
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            os.write(descriptor, b"\n" * torn + line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def read(self) -> Sequence[Erased]:
        """Every entry, oldest first. A line that a crash cut off was not acted on and is left out.

        Raises:
            OperationError: A whole line cannot be read: somebody would come back who was erased.
        """
        try:
            lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return ()
        found = []
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                read = orjson.loads(line)
                found.append(Erased(UUID(read["person"]), datetime.fromisoformat(read["at"])))
            except (ValueError, KeyError, TypeError) as error:
                if not line.endswith(b"}"):
                    continue
                raise OperationError(
                    f"line {number} of {self._path} cannot be read: put the journal back from its copy",
                    file=str(self._path),
                ) from error
        return found
