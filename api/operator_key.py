"""The operator's key file: 32 random bytes that unlock the service wallets."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def ensure_operator_key(path: Path) -> bool:
    """Make the file with fresh entropy of the operating system if it is absent. Returns True when it was made.

    The folder gets mode 0700 and the file 0600; both are written through before we go on, because losing this file
    after wallets depend on it would lose them.
    """
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, secrets.token_hex(32).encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
