"""What digests are taken of is the same text as ever, whichever library writes it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from primitives.canonical_json import canonical_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4))
@example({"\x7f": '\x00\x1f"\\/\b\t\n\f\r\x7f'})
@example({"b": 2**64, "a": -(2**63) - 1})
@example({"z": "券", "a": "\u2028", "Z": ""})
def test_it_is_what_the_standard_library_writes(document: dict[str, Any]) -> None:
    expected = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    assert canonical_json(document) == expected
