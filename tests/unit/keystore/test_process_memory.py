"""A process that holds keys leaves no core file and cannot be attached to."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import ctypes, os, resource
from keystore.process_memory import forbid_core_dumps
assert forbid_core_dumps()
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0
os.abort()
"""


def test_no_core_is_written() -> None:
    """In a process of its own, which then crashes: -6 is SIGABRT, and the kernel says that no core was dumped."""
    done = subprocess.Popen([sys.executable, "-c", _PROGRAM], stderr=subprocess.PIPE)
    assert done.stderr is not None
    with done.stderr:
        assert b"AssertionError" not in done.stderr.read()
    assert done.wait(60) == -6
