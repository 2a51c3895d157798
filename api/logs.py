"""JSON logs on stderr, one request id through all of them, with secrets left out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog

from api.log_file import LogFile

_SECRET_NAME = re.compile(
    r"pass(word|phrase|wd)|mnemonic|seed|secret|token|authorization|cookie|private|entropy|api_?key|csrf|credential",
    re.IGNORECASE,
)
_SAFE_NAMES = frozenset({"token_id", "token_type", "token_standard"})
REDACTED = "[redacted]"


def redact(value: Any, depth: int = 0) -> Any:
    """The value with everything under a secret-sounding name replaced, at any depth."""
    if depth > 8:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            name: REDACTED
            if isinstance(name, str) and name not in _SAFE_NAMES and _SECRET_NAME.search(name)
            else redact(inner, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set):
        return [redact(item, depth + 1) for item in value]
    return value


def _redactor(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    shown: MutableMapping[str, Any] = redact(event)
    return shown


def configure_logging(*, level: int = logging.INFO, stream: TextIO | LogFile | None = None) -> None:
    """Send our logs and those of libraries through one JSON renderer. Call once per process.

    Args:
        stream: Where to; standard error unless given.
    """
    output = cast(TextIO, stream or sys.stderr)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redactor,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # One write per line, also where threads write at once.
        logger_factory=structlog.WriteLoggerFactory(output),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redactor,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    # Library chatter at INFO repeats our own access log, or names addresses of nodes with their keys.
    for name in (
        "httpx",
        "httpcore",
        "uvicorn.access",
        "uvicorn.error",
        "web3",
        "asyncio",
        "alembic.runtime.migration",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)
