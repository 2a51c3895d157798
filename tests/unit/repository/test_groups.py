"""Tests that share an installation run on one worker: otherwise each worker would start it again."""

from __future__ import annotations

import os

import pytest

from tests import conftest


@pytest.mark.xdist_group("test_groups")
def test_groups_reach_the_scheduler(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@test_groups")
    assert conftest.pytest_collection_modifyitems.pytest_impl["tryfirst"]  # type: ignore[attr-defined]
