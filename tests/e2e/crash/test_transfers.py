"""A holder's own transfer, killed at each persisted step and asked for again with the same key: paid once."""

from __future__ import annotations

import contextlib
import signal

import httpx
import pytest

from tests.e2e.crash.conftest import MakeInstallation
from tests.e2e.crash.fault_points import TRANSFERRING
from tests.e2e.crash.installation import Installation
from tests.e2e.running import FAMILIES, Payer, good, until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2400), pytest.mark.xdist_group("crash")]

STEPS = (
    *TRANSFERRING,
    "payment.requested",
    "payment.signed",
    "payment.handed_over",
    "payment.broadcast",
    "payment.included",
    "payment.ended",
)
UNITS = 250_000


@pytest.mark.parametrize("family", FAMILIES)
def test_a_transfer_is_paid_once(fresh: Installation, copy_of: MakeInstallation, family: str) -> None:
    installation = copy_of(fresh)
    installation.start()
    payer = Payer(installation, family)
    before = payer.held(payer.token)
    assert installation.stop() == 0
    for done, step in enumerate(STEPS, start=1):
        installation.spawn_with(step)
        until("every part answers", installation.ready, seconds=120)
        payer.person.unlock()
        body, key = payer.transfer(value="", base_units=str(UNITS)), f"crash-{step}"
        with contextlib.suppress(httpx.HTTPError):
            assert payer.person.post("/transfers", body, key=key).is_success
        assert installation.wait(seconds=120) == -signal.SIGKILL, f"{step} was never passed"
        installation.spawn_with(None)
        until("every part answers again", installation.ready, seconds=120)
        payer.person.unlock()
        first = good(payer.person.post("/transfers", body, key=key))
        again = good(payer.person.post("/transfers", body, key=key))
        for shown in (first, again):
            assert payer.ended(shown["id"], seconds=120)["status"] == "done"
        assert payer.held(payer.token) == before - done * UNITS, f"after {step}"
        assert again["id"] == first["id"]
        assert installation.stop() == 0, installation.told()
    assert installation.left_behind() == []
