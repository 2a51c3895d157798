"""What `up` does about a part that dies beside it, and what is left when it is asked to end."""

from __future__ import annotations

import os
import signal

import pytest

from tests.e2e.crash.conftest import MakeInstallation
from tests.e2e.crash.installation import Installation
from tests.e2e.running import good, until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.xdist_group("crash")]


def test_a_part_that_dies_is_started_again_beside_the_running_app(
    fresh: Installation, copy_of: MakeInstallation
) -> None:
    """The app's process stays, and so does what people stored; the end leaves no process behind."""
    installation = copy_of(fresh)
    installation.start()
    app, person = installation.pid, installation.newcomer("kept")
    for victim in ("database", "anvil", "localnet"):
        before = installation.victim(victim)
        assert before is not None
        os.kill(before, signal.SIGKILL)

        def is_back(name: str = victim, old: int = before) -> bool:
            return installation.victim(name) not in (None, old) and installation.ready()

        until(f"{victim} is started again", is_back, seconds=120)
        assert (installation.pid, installation.ended()) == (app, False)
        assert good(person.get("/auth/me"))["person"]["email"] == person.email
    assert installation.stop() == 0, installation.told()
    assert installation.left_behind() == []


@pytest.mark.soak
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_end_in_the_middle_of_the_start_leaves_nothing_running(
    fresh: Installation, copy_of: MakeInstallation, how: signal.Signals
) -> None:
    installation = copy_of(fresh)
    installation.spawn()
    until("the testnets are being started", lambda: "[2/5]" in installation.output(), seconds=120)
    os.kill(installation.pid, how)
    code = installation.wait(seconds=120)
    assert code in (0, 130, 143), installation.told()
    assert installation.left_behind() == []
    installation.start()
    assert installation.stop() == 0
