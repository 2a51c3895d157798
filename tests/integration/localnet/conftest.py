"""One network shared by the tests that only ask, and fresh ones for those that break things."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from localnet.testing import Localnet, start_localnet


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Localnet]:
    """A running network with fast clocks."""
    folder: Path = tmp_path_factory.mktemp("localnet")
    running = asyncio.run(start_localnet(folder, block_seconds=0.2, slot_seconds=0.1))
    try:
        yield running
    finally:
        assert asyncio.run(running.stop()) == 0
