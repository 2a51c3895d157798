"""The pace of the cycle collector."""

from __future__ import annotations

import gc

_YOUNG = 100_000
_OLDER = 20


def collect_seldom() -> None:
    """For processes that read large answers: a page of logs makes tens of thousands of objects, of which none is part
    of a cycle, and at the usual pace (every 700) looking for cycles took a third of the indexer's time.

    Call it once everything that lives as long as the process has been made: that is not looked at again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
