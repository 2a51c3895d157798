"""What the demo remembers between starts, so that it goes on after a crash instead of beginning again."""

from __future__ import annotations

import os
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

import orjson


@dataclass(frozen=True, slots=True)
class DemoState:
    """Sample people's credentials, and the run that is under way.

    The credentials are random and open nothing but sample people of this installation; the file has mode 0600 and lies
    with the keys, not with the data.

    Attributes:
        run: Part of every idempotency key of the current run.
        finished: How many runs came to their end.
        notes: Readings of the current run that cannot be taken again later, such as balances before a payment.
    """

    password: str
    passphrase: str
    run: str
    finished: int = 0
    notes: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"DemoState(run={self.run!r}, finished={self.finished})"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file, or make it with fresh credentials."""
        if path.exists():
            return cls(**orjson.loads(path.read_bytes()))
        state = cls(password=secrets.token_urlsafe(18), passphrase=secrets.token_urlsafe(18), run=secrets.token_hex(6))
        state.save(path)
        return state

    def noted(self, path: Path, name: str, value: str) -> Self:
        """The state with a reading, written down; the first reading of a run stays."""
        if name in self.notes:
            return self
        more = replace(self, notes={**self.notes, name: value})
        more.save(path)
        return more

    def ended(self, path: Path) -> Self:
        """The state for the next run, written down."""
        following = replace(self, run=secrets.token_hex(6), finished=self.finished + 1, notes={})
        following.save(path)
        return following

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(asdict(self)))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
