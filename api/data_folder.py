"""The data folder: its version, and the one process that may use it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primitives.errors import DataFolderBusy, DataFolderNewer, DiskFull, OperationError

FORMAT = 1
"""Raised when an older version could no longer read what this one writes outside the database."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Use the folder alone until the block ends; the system frees it even after kill -9.

    Raises:
        DataFolderBusy: Another process holds it; `pid`.
        DataFolderNewer: A newer version wrote it; nothing was changed.
        DiskFull, OperationError: It cannot be written, or its format file is damaged.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise _unwritable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip()
            raise DataFolderBusy(
                f"another quanbao (pid {pid}) uses {folder}: stop it, or choose another folder with --data-dir", pid=pid
            ) from None
        try:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            _check_format(folder / "format.json")
        except OSError as error:
            raise _unwritable(folder, error) from error
        yield


def _check_format(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        try:
            found = int(json.loads(path.read_text())["format"])
        except (ValueError, KeyError, TypeError) as error:
            raise OperationError(
                f"{path} is damaged, so that nobody can tell which version wrote the folder: put the file back from a "
                f'backup, or, if this very version wrote it, write {{"format": {FORMAT}}} into it',
                file=str(path),
            ) from error
        if found > FORMAT:
            raise DataFolderNewer(
                f"{path.parent} was written by a newer version (format {found}, this one knows {FORMAT}): "
                "run the newer version",
                found=found,
                known=FORMAT,
            )
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({"format": FORMAT}))
    temporary.replace(path)


def _unwritable(folder: Path, error: OSError) -> OperationError:
    if error.errno == errno.ENOSPC:
        return DiskFull(
            f"the disk of {folder} is full: free room and start again; nothing was changed", folder=str(folder)
        )
    return OperationError(
        f"{folder} cannot be used: {error.strerror}; choose another with --data-dir", folder=str(folder)
    )
