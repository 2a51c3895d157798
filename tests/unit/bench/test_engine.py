"""The engine's benchmark counts what it says it counts."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest

from bench.engine import through_api_and_raw


@pytest.mark.long
def test_every_payment_reaches_the_node_and_the_record() -> None:
    """Six payments through the API, in a batch and one by one: all of them are final; the node alone takes its own."""
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        # PostgreSQL runs as another user where the tests run as root.
        Path(folder).chmod(0o711)
        final, raw = asyncio.run(through_api_and_raw(Path(folder), batch=4, singles=2))
    assert final == 6
    assert raw > 0
