"""Secrets under their names never reach a log line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from api.logs import REDACTED, configure_logging, redact


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """A configured logger that writes here; the process's own configuration comes back afterwards."""
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    before = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logging()
    yield out
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


SECRET_NAMES = (
    *("password", "passphrase", "bip39_passphrase", "mnemonic", "seed", "entropy", "private_key", "client_secret"),
    *("token", "csrf", "Authorization", "cookie", "api_key", "apikey"),
)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_secret_names_are_redacted_at_any_depth(name: str) -> None:
    shown = redact({"a": [{"b": {name: "hunter2"}}], name: "hunter2"})
    assert "hunter2" not in str(shown)
    assert shown[name] == REDACTED


def test_other_names_stay() -> None:
    assert redact({"payment": "p", "token_id": 7, "rows": (1, 2)}) == {"payment": "p", "token_id": 7, "rows": [1, 2]}


def test_bottomless_values_end() -> None:
    loop: dict[str, object] = {}
    loop["self"] = loop
    assert REDACTED in str(redact(loop))


def test_a_line_is_json_with_the_request_id(stream: io.StringIO) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger().info("paid", passphrase="hunter2", payment="p1")
    structlog.contextvars.clear_contextvars()
    line = json.loads(stream.getvalue())
    assert line["event"] == "paid"
    assert (line["request_id"], line["payment"], line["passphrase"]) == ("r1", "p1", REDACTED)


def test_a_trace_shows_no_local_variables(stream: io.StringIO) -> None:
    secret = "hunter" + "2"

    def fail(passphrase: str) -> None:
        raise RuntimeError("it broke")

    try:
        fail(secret)
    except RuntimeError as error:
        structlog.get_logger().error("crashed", exc_info=error)
    assert "it broke" in stream.getvalue()
    assert secret not in stream.getvalue()


def test_library_lines_are_json_too(stream: io.StringIO) -> None:
    logging.getLogger("some.library").warning("careful: %s", "now")
    assert json.loads(stream.getvalue())["event"] == "careful: now"
