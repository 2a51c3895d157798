"""One process per data folder."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from primitives.errors import DataFolderBusy


class DataFolderLock:
    """An advisory lock that the operating system releases when its process ends, however it ends."""

    def __init__(self, data_dir: Path, *, patience_seconds: float = 0.0) -> None:
        self._path = data_dir / "localnet.pid"
        self._patience_seconds = patience_seconds
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Take the lock and write this process's id beside it.

        Raises:
            DataFolderBusy: Another process holds it; `pid`.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self._patience_seconds
        while not _try_lock(descriptor):
            if time.monotonic() < deadline:
                time.sleep(0.05)
                continue
            holder = os.read(descriptor, 32).decode(errors="replace").strip()
            os.close(descriptor)
            raise DataFolderBusy(
                f"the data folder {self._path.parent} is used by pid {holder or 'unknown'}: stop that local network "
                "or choose another folder",
                pid=int(holder) if holder.isdigit() else None,
                path=str(self._path.parent),
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
