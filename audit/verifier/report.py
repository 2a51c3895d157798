"""What a checked bundle says, fact by fact, and the one way in which it fails."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement in plain words; `basis` is `proven`, or `attested by ed25519:<64 hex digits>`."""

    name: str
    basis: str
    statement: str


@dataclass(frozen=True, slots=True)
class Report:
    """An accepted bundle: `digest` is the SHA-256 that the bundle names itself by, `claim` what it says."""

    digest: str
    claim: dict[str, Any]
    facts: tuple[Fact, ...]

    def to_json(self) -> dict[str, Any]:
        return {"accepted": True, **asdict(self)}


class Rejected(Exception):
    """The bundle does not show what it claims: the first check that failed, what was expected and what was found."""

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check, self.reason = check, reason


def require(condition: bool, check: str, reason: str) -> None:
    """Raises Rejected unless the condition holds."""
    if not condition:
        raise Rejected(check, reason)
