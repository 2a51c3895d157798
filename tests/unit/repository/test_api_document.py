"""docs/api.md lists every error code with its status, as the code has them."""

from __future__ import annotations

import re
from pathlib import Path

from api.errors import error_classes, status_of
from primitives.errors import QuanbaoError

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
_MARKED = re.compile(r"<!-- errors:begin [^>]*-->\n(.*)<!-- errors:end -->", re.DOTALL)


def table() -> str:
    """The table that belongs between the marks."""
    # Other modules of this test run may have loaded refinements of their own; callers see their documented base.
    ours = {error for error in error_classes() if error.__module__ == QuanbaoError.__module__}
    branches = {error for error in ours if any(child in ours for child in error.__subclasses__())}
    rows = [
        f"| `{error.code}` | {status_of(error)} | {'yes' if error.retryable else 'no'} | {_meaning(error)} |"
        for error in sorted(ours - branches, key=lambda error: error.code)
    ]
    return "\n".join(["| code | status | retryable | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _meaning(error: type[QuanbaoError]) -> str:
    assert error.__doc__, f"{error.__name__} has no docstring"
    return " ".join(error.__doc__.split())


def test_every_error_is_documented_as_it_is() -> None:
    """After a change: copy `table()` between the marks."""
    found = _MARKED.search(DOCUMENT.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == table()


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in error_classes() if error.__module__ == QuanbaoError.__module__]
    assert len(set(codes)) == len(codes)
