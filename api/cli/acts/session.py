"""Whom the command line speaks for: a session token in a file of the caller's own."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import orjson

from primitives.errors import NotAuthenticated


def session_file() -> Path:
    """Beneath the XDG configuration folder, mode 0600."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "quanbao" / "session.json"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """Where the API is, who is logged in, and for which organisation they act."""

    base: str
    token: str
    organisation: str | None = None
    authority: str | None = None

    def __repr__(self) -> str:
        return f"StoredSession({self.base!r})"

    @classmethod
    def load(cls) -> Self:
        """Raises NotAuthenticated."""
        try:
            return cls(**orjson.loads(session_file().read_bytes()))
        except FileNotFoundError:
            raise NotAuthenticated("nobody is logged in here: run `quanbao login`") from None

    def save(self) -> None:
        path = session_file()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(asdict(self)))
        temporary.replace(path)
