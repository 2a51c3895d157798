"""Who takes what.

Worker 1 takes the kinds for one worker, two and three; worker 2 those for two and three; worker 3 those for three. So
all of them run from the beginning, and turns with one, two and three workers can follow each other in any order.
"""

from __future__ import annotations

WAIT_SECONDS = 0.05
MOST = 3


def kinds_of(number: int) -> list[int]:
    """For how many workers the kinds are that this one takes."""
    return list(range(number, MOST + 1))
