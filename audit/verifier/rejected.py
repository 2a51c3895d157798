"""The one way in which a bundle fails."""

from __future__ import annotations


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
