"""Crash points for tests: with QUANBAO_FAULT_POINT=name or name:n the process kills itself at the n-th passing."""

from __future__ import annotations

import os
import signal

_passings: dict[str, int] = {}


def fault_point(name: str) -> None:
    """Stand right after a persisted step; does nothing unless the environment names this point.

    The process ends by SIGKILL, as a power cut would end it: no cleanup, no flush.
    """
    wanted = os.environ.get("QUANBAO_FAULT_POINT")
    if not wanted:
        return
    target, _, nth = wanted.partition(":")
    if target != name:
        return
    _passings[name] = _passings.get(name, 0) + 1
    if _passings[name] == int(nth or "1"):
        os.kill(os.getpid(), signal.SIGKILL)
