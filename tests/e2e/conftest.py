"""One running installation for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.played import Played, played_demo
from tests.e2e.running import RunningUp, own_installation


@pytest.fixture(scope="session")
def running_up() -> Iterator[RunningUp]:
    """`quanbao up`, shared by tests that only use it; people and organisations are made anew by each test."""
    with own_installation() as up:
        up.start()
        yield up
        assert up.stop() == 0, up.output()[-3000:]


@pytest.fixture(scope="session")
def played() -> Iterator[Played]:
    """The demo was played once; first it is read back from the chains, then everything is stopped and searched."""
    with played_demo() as played:
        yield played
