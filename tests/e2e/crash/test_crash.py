"""kill -9 of every part at every persisted step and at random moments: nothing is paid or issued twice."""

from __future__ import annotations

import random

import pytest

from tests.e2e.crash.conftest import MakeInstallation
from tests.e2e.crash.fault_points import ASIDE, LAUNCHING, MENDING, RUNNING, TRANSFERRING, named_in_code
from tests.e2e.crash.installation import Installation
from tests.e2e.crash.journey import AtFaultPoint, AtMoment, Blow, Journey, random_moments
from tests.e2e.crash.once import require_once, unsettled
from tests.e2e.running import run_async, until

pytestmark = [pytest.mark.timeout(2400), pytest.mark.xdist_group("crash")]

MOMENTS_PER_JOURNEY = 5
JOURNEYS = 10
SHUFFLES = 3
PASSINGS = 6
"""As many payments as the story makes with an active campaign: three on each chain."""


def travel(installation: Installation, *blows: Blow, until_all_struck: bool = True) -> Journey:
    """Play the demo under the blows; then nothing may have happened twice, and nothing may be left running."""
    journey = Journey(installation, blows)
    journey.play(until_all_struck=until_all_struck)
    until("everything under way has ended", lambda: run_async(unsettled(installation)), lambda jobs: not jobs)
    until("every part is back", installation.ready)
    run_async(require_once(installation, installation.story().finished))
    assert installation.stop() == 0, installation.told()
    assert installation.left_behind() == []
    print(f"{len(journey.struck)} blows in {journey.runs} runs: {', '.join(journey.struck)}")  # noqa: T201
    return journey


def test_every_fault_point_has_its_case() -> None:
    assert named_in_code() == {*ASIDE, *LAUNCHING, *MENDING, *RUNNING, *TRANSFERRING}


@pytest.mark.long
def test_the_story_survives_blows(fresh: Installation, copy_of: MakeInstallation) -> None:
    """A short journey for every change; the long ones are marked soak."""
    travel(
        copy_of(fresh),
        AtFaultPoint("campaign.step_requested"),
        AtMoment("database", 8),
        AtFaultPoint("order.payment_stored"),
    )


@pytest.mark.soak
@pytest.mark.parametrize("name", LAUNCHING)
def test_fault_point_of_the_launch(fresh: Installation, copy_of: MakeInstallation, name: str) -> None:
    journey = travel(copy_of(fresh), *[AtFaultPoint(name)] * PASSINGS, until_all_struck=False)
    assert journey.struck, f"{name} was never passed"


@pytest.mark.soak
@pytest.mark.parametrize("name", RUNNING)
def test_fault_point_of_the_story(launched: Installation, copy_of: MakeInstallation, name: str) -> None:
    journey = travel(copy_of(launched), *[AtFaultPoint(name)] * PASSINGS, until_all_struck=False)
    assert journey.struck, f"{name} was never passed"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SHUFFLES))
def test_every_fault_point_one_after_the_other(fresh: Installation, copy_of: MakeInstallation, seed: int) -> None:
    """In an order that the seed gives, so that points follow each other that no single case brings together."""
    names = list(LAUNCHING + RUNNING)
    random.Random(seed).shuffle(names)
    travel(copy_of(fresh), *[AtFaultPoint(name) for name in names])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(JOURNEYS))
def test_random_moments(launched: Installation, copy_of: MakeInstallation, seed: int) -> None:
    travel(copy_of(launched), *random_moments(seed, MOMENTS_PER_JOURNEY))
