"""Rows of a CSV file as spreadsheets write it, and what is wrong with those that cannot be used.

Source: RFC 4180; `sep=` as Excel writes and reads it in a first line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from primitives.errors import InvalidRows

MOST_TOLD = 200
"""Bad rows that one answer names."""
LONGEST_CELL = 10_000
"""Characters."""
_LONGEST_SHOWN = 60
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEP_LINE = re.compile(r"\"?sep=(.)\"?[ \t]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
# What is left of UTF-16, GBK and the like when they are read as UTF-8.
_OF_ANOTHER_ENCODING = re.compile("[\0\ufffd]")
_LINE_END = re.compile("\r\n|\r|\n")


class Row(NamedTuple):
    """Attributes:
    line: Its first line, as an editor counts them.
    cells: Without the blanks around them.
    """

    line: int
    cells: tuple[str, ...]


class WrongRows:
    """What is wrong with a file, gathered row by row."""

    def __init__(self) -> None:
        self._told: dict[int, dict[str, Any]] = {}
        self._lines: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._lines)

    def add(self, line: int, expected: str, *, column: str | None = None, read: str | None = None) -> None:
        """For people in `reason`, for programs in `cells`.

        Args:
            expected: What should stand there; without `read` the whole of what is to be said.
            column: The heading; None: the row as a whole.
            read: What stands there.
        """
        self._lines.add(line)
        if len(self._lines) > MOST_TOLD and line not in self._told:
            return
        said = expected if read is None else f"read {shown(read)}, expected {expected}"
        reason = said if column is None else f"{column}: {said}"
        told = self._told.setdefault(line, {"row": line, "reason": ""})
        told["reason"] = f"{told['reason']}; {reason}" if told["reason"] else reason
        if column is not None and read is not None:
            told.setdefault("cells", []).append({"column": column, "read": shown(read), "expected": expected})

    def refusal(self, undone: str) -> InvalidRows:
        """The error that names the first 200 rows, and in `bad` how many there are.

        Args:
            undone: What did not happen, as in `nothing was issued`.
        """
        count = len(self._lines)
        rows, them = ("1 row", "it") if count == 1 else (f"{count} rows", "them")
        return InvalidRows(
            f"{rows} cannot be used, and {undone}: mend {them} and send the file again",
            rows=list(self._told.values()),
            bad=count,
        )


def shown(text: str) -> str:
    """A cell as a message shows it: in quotes, bounded."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")


def text_of(content: bytes) -> str:
    """The text of a file: UTF-16 where a byte order mark says so, else UTF-8; what is neither becomes U+FFFD, which
    `rows_of` names by its row."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    return content.decode("utf-8-sig", errors="replace")


def rows_of(text: str, wrong: WrongRows) -> Iterator[Row]:
    """The rows that are not blank. What makes the file unreadable from some line on is added to `wrong`.

    A byte order mark is left out, and a first line `sep=;` names the separator, which otherwise is the comma.
    """
    text = text.removeprefix("\ufeff")
    foreign = _OF_ANOTHER_ENCODING.search(text)
    if foreign is not None:
        line = len(_LINE_END.findall(text, 0, foreign.start())) + 1
        wrong.add(line, "the file is not UTF-8: save it as “CSV UTF-8” (it may be UTF-16 or GBK now)")
        return
    declared = _SEP_LINE.match(text)
    if declared is not None and declared[1] not in _SEPARATORS:
        known = ", ".join(f"{one!r}" for one in _SEPARATORS)
        wrong.add(1, f"one of {known}", column="sep", read=declared[1])
        return
    separator, before = (",", 0) if declared is None else (declared[1], 1)
    body = text if declared is None else text[declared.end() :]
    reader = csv.reader(io.StringIO(body, newline=""), strict=True, delimiter=separator)
    while True:
        line = before + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            wrong.add(line, _unreadable(error, separator))
            return
        if cells is None:
            return
        longest = max(map(len, cells), default=0)
        if longest > LONGEST_CELL:
            wrong.add(line, f"a cell has {longest:,} characters, at most {LONGEST_CELL:,} are read: {_CLOSED}")
            continue
        row = Row(line, tuple(cell.strip() for cell in cells))
        if any(row.cells):
            yield row


def other_separator(cells: Sequence[str]) -> str | None:
    """The name of what separates the columns of a heading that was read as one cell; None: it has one column."""
    if len(cells) != 1:
        return None
    return next((name for sign, name in _SEPARATORS.items() if sign in cells[0]), None)


def other_separator_told(name: str) -> str:
    """What a heading row is told that `other_separator` was found in."""
    return f"the columns are separated by {name}, expected commas: save the file as CSV with commas"


_CLOSED = "is a quotation mark left open in this row?"


def _unreadable(error: csv.Error, separator: str) -> str:
    """In plain words what Python's reader says."""
    said = str(error)
    if "unexpected end of data" in said:
        return "a quotation mark is opened in this row and closed nowhere in the file"
    if "field limit" in said:
        return f"a cell has more than {csv.field_size_limit():,} characters: {_CLOSED}"
    if "expected after" in said:
        return (
            f"after a closing quotation mark the next thing is {separator!r} or the end of the row; "
            "a quotation mark inside a cell is written twice"
        )
    return f"the row cannot be read: {said}"
