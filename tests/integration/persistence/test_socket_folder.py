"""A stranger who foretells the name of the socket's folder does not get to answer as our database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from persistence.embedded import EmbeddedPostgres, Identity
from primitives.errors import OperationError


def _open(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)


def _link(place: Path) -> None:
    elsewhere = place.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    place.symlink_to(elsewhere)


@pytest.mark.parametrize("made_before", [_open, _link])
def test_a_folder_that_is_not_ours_alone_is_refused(tmp_path: Path, made_before: Callable[[Path], None]) -> None:
    made_before(tmp_path / "socket")
    server = EmbeddedPostgres(tmp_path)
    with pytest.raises(OperationError, match="closed to others"):
        server._prepare(Identity(None, None), tmp_path / "programs")
    assert not (tmp_path / "data").exists()
