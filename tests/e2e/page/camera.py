"""A browser whose camera sees what a test shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import segno
from playwright.sync_api import Browser

from tests.e2e.page.browser import FLAGS

_WIDTH, _HEIGHT = 640, 480
_WHITE, _BLACK, _GREY = 235, 16, 110


def show(text: str | None, film: Path) -> None:
    """Hold a QR code of this text before the camera; None: nothing but a grey wall.

    The file is a film of one picture, YUV4MPEG2 with 4:2:0 chroma. The browser opens it whenever the camera starts.
    """
    luma = [bytearray([_GREY]) * _WIDTH for _ in range(_HEIGHT)]
    if text is not None:
        modules = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
        size = (_HEIGHT - 40) // len(modules)
        left, top = ((side - size * len(modules)) // 2 for side in (_WIDTH, _HEIGHT))
        for row, line in enumerate(modules):
            drawn = b"".join(bytes([_BLACK if dark else _WHITE]) * size for dark in line)
            for step in range(size):
                luma[top + row * size + step][left : left + len(drawn)] = drawn
    chroma = bytes([128]) * (_WIDTH * _HEIGHT // 2)
    head = f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n".encode()
    film.write_bytes(head + b"".join(luma) + chroma)


@contextmanager
def seeing(browser: Browser, film: Path, *, allowed: bool = True) -> Iterator[Browser]:
    """Another browser beside this one, whose camera sees the film; `allowed`: or whose owner says no."""
    executable = shutil.which("chromium")
    assert executable is not None
    answer = "--use-fake-ui-for-media-stream" + ("" if allowed else "=deny")
    flags = [*FLAGS, answer, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    other = browser.browser_type.launch(executable_path=executable, args=flags)
    try:
        yield other
    finally:
        other.close()
