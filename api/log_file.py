"""The log on disk: a full disk costs lines, never the request that wanted to write one."""

from __future__ import annotations

import io
import os
from pathlib import Path


class LogFile(io.TextIOBase):
    """Appends whole lines, each with one call of the system.

    What cannot be written is counted in `lost`, and told as soon as there is room. What must not be lost (the
    keystore's audit log) is in the database, not here.

    Args:
        path: Made with mode 0600 if absent.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.lost = 0
        self._torn = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        """One or more whole lines. Raises nothing."""
        told = f'{{"event": "log_lines_lost", "level": "error", "count": {self.lost}}}\n' if self.lost else ""
        line = (told + text).encode(errors="replace")
        try:
            written = os.write(self._descriptor, b"\n" * self._torn + line)
        except OSError:
            self.lost += 1
            return len(text)
        # The last room of a disk takes part of a line; the next one must not be glued to it.
        self._torn = written < len(line)
        self.lost = self.lost + 1 if self._torn else 0
        return len(text)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
