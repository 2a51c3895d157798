"""How many heights to read at a time."""

from __future__ import annotations

FIRST_SPAN = 20
"""Small, because nobody knows yet how much there is; it doubles soon enough."""
LARGEST_SPAN = 50_000
FACTS_WANTED = 5_000
"""On one page: enough to write in bulk, few enough to hold in memory twice."""


def next_span(span: int, facts: int, pieces: int) -> int:
    """The span of the next page.

    Args:
        span: Of the page just read, in heights.
        facts: On it.
        pieces: Into how many ranges the node made us cut it: a node that refuses long ranges sets the limit.
    """
    if pieces > 1:
        return max(1, span // pieces)
    if facts > FACTS_WANTED:
        return max(1, span * FACTS_WANTED // facts)
    return min(LARGEST_SPAN, span * 2) if facts < FACTS_WANTED // 2 else span
