"""What a checked bundle says, fact by fact."""

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
