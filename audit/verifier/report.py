"""What a checked bundle says, fact by fact, and the one way in which it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement and what carries it.

    Attributes:
        name: Stable name of the fact.
        basis: `proven`, or `attested by ed25519:<64 hex digits>`.
        statement: In plain words, with the values.
    """

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
        return {
            "accepted": True,
            "digest": self.digest,
            "claim": self.claim,
            "facts": [{"name": f.name, "basis": f.basis, "statement": f.statement} for f in self.facts],
        }


class Rejected(Exception):
    """The bundle does not show what it claims.

    Attributes:
        check: Name of the first check that failed.
        reason: What was expected and what was found.
    """

    def __init__(self, check: str, reason: str) -> None:
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason


def require(condition: bool, check: str, reason: str) -> None:
    """Raises Rejected unless the condition holds."""
    if not condition:
        raise Rejected(check, reason)
