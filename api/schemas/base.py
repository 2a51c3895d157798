"""The two bases of all schemas, and texts that are safe to store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, StringConstraints, model_validator


def _holds_nul(value: Any, depth: int = 0) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if depth > 32:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return any(_holds_nul(key, depth + 1) or _holds_nul(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return any(_holds_nul(item, depth + 1) for item in value)
    return False


class RequestBody(BaseModel):
    """What a client sends: unknown fields are refused, and so is U+0000, which PostgreSQL cannot store."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        if _holds_nul(value):
            raise ValueError("text must not contain U+0000")
        return value


class FileBody(RequestBody):
    """A file as text in `csv`. What reads it refuses U+0000 itself, as it says in which row it stands; all else is
    refused as everywhere."""

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, value: Any) -> Any:
        beside = value
        if isinstance(value, dict) and isinstance(value.get("csv"), str):
            beside = {name: one for name, one in value.items() if name != "csv"}
        if _holds_nul(beside):
            raise ValueError("text must not contain U+0000")
        return value


class ResponseBody(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable text on one line")
    return text


Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_printable)
]
"""One line of printable text, 1 to 120 characters: names and labels."""


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str, when_used="json")]
"""RFC 3339 in UTC, written with Z."""
