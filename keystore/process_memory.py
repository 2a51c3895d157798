"""Keeps key material out of core dumps and away from debuggers, as far as the operating system allows."""

from __future__ import annotations

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4
"""Source: prctl(2)."""


def forbid_core_dumps() -> bool:
    """No core file for this process and what it starts; on Linux also no attaching by others of the same user.

    Returns:
        Whether everything that this system knows of was set.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
