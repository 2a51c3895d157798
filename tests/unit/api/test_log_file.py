"""Logs are written whole, closed to others, and a full disk costs lines but never a request."""

from __future__ import annotations

import json
import logging
import stat
from pathlib import Path

import pytest
import structlog

from api.log_file import LogFile
from api.logs import configure_logging

FULL = Path("/dev/full")
"""Linux: every write ends with "no space left on device"."""


class TestLogFile:
    def test_lines_are_appended_and_closed_to_others(self, tmp_path: Path) -> None:
        path = tmp_path / "app.log"
        path.write_text("before\n")
        with LogFile(path) as log:
            log.write("one\n")
            log.write("two\n")
        assert path.read_text() == "before\none\ntwo\n"
        with LogFile(tmp_path / "new.log"):
            assert stat.S_IMODE((tmp_path / "new.log").stat().st_mode) == 0o600

    def test_a_full_disk_raises_nothing(self) -> None:
        with LogFile(FULL) as log:
            log.write("one\n")
            log.write("two\n")
            assert log.lost == 2

    def test_what_was_lost_is_told_when_there_is_room_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "app.log"
        with LogFile(path) as log:
            with monkeypatch.context() as patch:
                patch.setattr("api.log_file.os.write", _no_room)
                log.write("one\n")
            log.write("two\n")
            log.write("three\n")
        told, *rest = path.read_text().splitlines()
        assert json.loads(told) == {"event": "log_lines_lost", "level": "error", "count": 1}
        assert rest == ["two", "three"]

    def test_both_kinds_of_loggers_survive(self) -> None:
        before = logging.getLogger().handlers[:], logging.getLogger().level
        try:
            with LogFile(FULL) as log:
                configure_logging(stream=log)
                structlog.get_logger().error("ours")
                logging.getLogger("theirs").error("theirs")
                assert log.lost == 2
        finally:
            logging.getLogger().handlers[:], level = before
            logging.getLogger().setLevel(level)
            structlog.reset_defaults()


def _no_room(*_: object) -> int:
    raise OSError(28, "No space left on device")
