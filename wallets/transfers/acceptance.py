"""Nothing with a warning is signed unless its payer has accepted it by name."""

from __future__ import annotations

from collections.abc import Sequence

from chains.ports import Notice
from primitives.errors import WarningNotAccepted


def require_accepted(notices: Sequence[Notice], accepted: frozenset[str]) -> None:
    """Raises WarningNotAccepted, which names every code and its meaning, unless each one is accepted."""
    open_ones = [notice for notice in notices if notice.code not in accepted]
    if open_ones:
        raise WarningNotAccepted(
            "; ".join(notice.message for notice in open_ones),
            warnings=[notice.code for notice in open_ones],
        )
