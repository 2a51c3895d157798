"""Schemas of the health routes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from api.schemas.base import ResponseBody


class Health(ResponseBody):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(ResponseBody):
    """Whether each part answers."""

    status: Literal["ready", "not_ready"]
    parts: dict[str, str] = Field(
        description="`ok`, or the code of what is wrong", examples=[{"database": "ok", "eip155:31337": "ok"}]
    )
