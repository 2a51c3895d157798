"""The odd tokens' committed code is what their source compiles to."""

from __future__ import annotations

import json

import pytest

from tests.dapps import build_contracts


def test_the_artifacts_are_of_this_source() -> None:
    assert json.loads(build_contracts.ARTIFACTS.read_text())["source"] == build_contracts.source_hash()


@pytest.mark.soak
def test_the_artifacts_are_what_the_compiler_makes() -> None:
    assert json.loads(build_contracts.ARTIFACTS.read_text()) == build_contracts.compiled()
