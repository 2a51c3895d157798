"""Cursors are opaque, typed and checked."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paging import PageRequest, decode_cursor, encode_cursor
from primitives.errors import InvalidValue


@given(st.text(max_size=40), st.integers(min_value=-(2**53), max_value=2**53))
def test_parts_come_back(text: str, number: int) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert decode_cursor(encode_cursor(text, number), str, int) == (text, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "aaaa",
        encode_cursor("a"),
        encode_cursor(1, "a"),
        base64.urlsafe_b64encode(b'{"a":1}').decode(),
        base64.urlsafe_b64encode(b'["a",true]').decode(),
        "é",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        decode_cursor(text, str, int)


class TestPage:
    def test_a_list_that_goes_on_has_a_cursor_of_its_last_shown_row(self) -> None:
        page = PageRequest(limit=2, cursor=None).page([1, 2, 3], lambda row: row * 10, lambda row: (row,))
        assert page.items == [10, 20]
        assert page.next_cursor is not None
        assert PageRequest(2, page.next_cursor).after(int) == (2,)

    def test_the_last_part_has_none(self) -> None:
        assert PageRequest(limit=2, cursor=None).page([1, 2], lambda row: row, lambda row: (row,)).next_cursor is None

    def test_the_start_has_no_place(self) -> None:
        assert PageRequest(limit=2, cursor=None).after(int) is None
