"""Writing files so that a crash at any moment leaves the old or the new content, never a mixture."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primitives.errors import DiskFull, LocalnetError


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn "no space left" into `DiskFull`, which names the folder."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"no room left to write {path}: free some space and start again", path=str(path)) from error
        raise


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours: `DiskFull` for a full disk, else `LocalnetError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise DiskFull(f"no room left to write {path}: free some space and start again", path=str(path)) from error
        raise LocalnetError(f"{path}: {error}", path=str(path)) from error
    except sqlite3.DatabaseError as error:
        raise LocalnetError(f"{path} is damaged: {error}", path=str(path)) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace the file at `path`; the content is on disk before the name points at it.

    Raises:
        DiskFull: Nothing was changed.
    """
    temporary = path.with_name(f".{path.name}.new")
    with disk_errors(path):
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
