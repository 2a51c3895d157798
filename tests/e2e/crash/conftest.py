"""Stopped installations to copy, so that each journey need not play the story from its beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.crash.installation import Installation
from tests.e2e.running import temporary_place, until

MakeInstallation = Callable[[Installation], Installation]


@pytest.fixture
def copy_of() -> Iterator[MakeInstallation]:
    """Makes copies that this test may harm."""
    with ExitStack() as stack:

        def make(original: Installation) -> Installation:
            copy = original.copied_to(stack.enter_context(temporary_place()))
            stack.callback(copy.remove)
            return copy

        yield make


@pytest.fixture(scope="session")
def fresh() -> Iterator[Installation]:
    """Started once and stopped: contracts and sample people are there, the story has not begun."""
    with temporary_place() as place:
        installation = Installation(place)
        try:
            installation.start()
            assert installation.stop() == 0, installation.told()
            yield installation
        finally:
            installation.remove()


@pytest.fixture(scope="session")
def launched(fresh: Installation) -> Iterator[Installation]:
    """The story has come to an active campaign on both chains, and was interrupted there."""
    with temporary_place() as place:
        installation = fresh.copied_to(place)
        try:
            installation.start()
            installation.spawn_demo()

            def is_launched() -> bool:
                assert installation.demo is not None
                assert installation.demo.poll() is None, installation.told()
                return "On Local EVM" in installation.demo_output.read_text()

            until("the campaign is launched", is_launched, seconds=180)
            installation.end_demo()
            assert installation.stop() == 0, installation.told()
            yield installation
        finally:
            installation.remove()
