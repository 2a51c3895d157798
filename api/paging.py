"""Lists by cursor: `{"items": [...], "next_cursor": null}`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar

import orjson
from fastapi import Depends, Query
from pydantic import Field

from api.schemas.base import ResponseBody
from primitives.errors import InvalidValue

T = TypeVar("T")
Row = TypeVar("Row")

MAX_LIMIT = 200


class Page(ResponseBody, Generic[T]):
    """Part of a list."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="Send it as `cursor` for the next part; null at the end")

    @classmethod
    def whole(cls, items: Sequence[T]) -> Self:
        """A list that is short by nature."""
        return cls(items=list(items), next_cursor=None)


def encode_cursor(*parts: str | int) -> str:
    """Opaque text of the last row's sort key."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def decode_cursor(text: str, *types: type) -> tuple[Any, ...]:
    """The parts again. Raises InvalidValue when the text is not a cursor of this list."""
    try:
        parts = orjson.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except ValueError as error:
        raise InvalidValue("this is not a cursor of this list") from error
    fits = isinstance(parts, list) and len(parts) == len(types)
    if not fits or any(type(part) is not wanted for part, wanted in zip(parts, types, strict=True)):
        raise InvalidValue("this is not a cursor of this list")
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What part of a list the caller wants; services read `limit + 1` rows to see whether more follow."""

    limit: int
    cursor: str | None

    def after(self, *types: type) -> tuple[Any, ...] | None:
        """The sort key behind which to read; None at the start. Raises InvalidValue."""
        return None if self.cursor is None else decode_cursor(self.cursor, *types)

    def page(
        self, rows: Sequence[Row], render: Callable[[Row], T], key: Callable[[Row], tuple[str | int, ...]]
    ) -> Page[T]:
        """The answer for `limit + 1` read rows; `key` gives a row's sort key."""
        shown = rows[: self.limit]
        more = len(rows) > self.limit
        return Page[T](
            items=[render(row) for row in shown], next_cursor=encode_cursor(*key(shown[-1])) if more else None
        )


def _page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most")] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`next_cursor` of the part before")] = None,
) -> PageRequest:
    return PageRequest(limit, cursor)


Paging = Annotated[PageRequest, Depends(_page_request)]
"""Parameter of a list route."""
