"""CSV files as spreadsheets and people write them, odd ones included."""

from __future__ import annotations

import pytest

from codec.spreadsheet import LONGEST_CELL, MOST_TOLD, WrongRows, rows_of, shown, text_of
from primitives.errors import InvalidRows


def _read(text: str) -> tuple[list[tuple[int, tuple[str, ...]]], list[tuple[object, object]]]:
    """The rows, and what is told of those that cannot be read."""
    wrong = WrongRows()
    rows = [(row.line, row.cells) for row in rows_of(text, wrong)]
    return rows, [(one["row"], one["reason"]) for one in wrong.refusal("nothing was done").rows]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\ufeffa,b\n", [(1, ("a", "b"))]),
        ("a,b\r\nc,d", [(1, ("a", "b")), (2, ("c", "d"))]),
        ("a\rb\r", [(1, ("a",)), (2, ("b",))]),
        ("\n\n a , b \n,,\n  \nc,\n", [(3, ("a", "b")), (6, ("c", ""))]),
        ('a,"two\nlines"\nb,c\n', [(1, ("a", "two\nlines")), (3, ("b", "c"))]),
        ('a,"he said ""no"""\n', [(1, ("a", 'he said "no"'))]),
        ("sep=;\r\na;1,5\r\n", [(2, ("a", "1,5"))]),
        ("\ufeffSEP=\t\na\tb\n", [(2, ("a", "b"))]),
        ('"sep=,"\na,b\n', [(2, ("a", "b"))]),
    ],
)
def test_what_is_read(text: str, rows: list[tuple[int, tuple[str, ...]]]) -> None:
    assert _read(text) == (rows, [])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a,b\nc,\0d\0\n", 2, "UTF-8"),
        ("a,b\r\n\ufffd\ufffd,1\r\n", 2, "UTF-8"),
        ('a\n"b\nc\nd\n', 2, "quotation mark is opened"),
        ('a\n"b"c,d\n', 2, "after a closing quotation mark"),
        ("sep=x\na\n", 1, "sep: read 'x', expected one of"),
        ("a\n" + "b" * (LONGEST_CELL + 1) + "\n", 2, "10,001 characters"),
        ("a\n" + "b" * 1_000_000 + "\n", 2, "characters"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_row_in_plain_words(text: str, line: int, words: str) -> None:
    _, ((row, reason),) = _read(text)
    assert (row, words in str(reason)) == (line, True), reason


def test_a_bad_row_is_told_by_column_with_what_was_read_and_what_is_expected() -> None:
    wrong = WrongRows()
    wrong.add(7, "a whole number", column="count", read="two")
    wrong.add(7, "an account", column="account", read="Li")
    wrong.add(8, "the row is torn")
    refusal = wrong.refusal("nothing was issued")
    assert isinstance(refusal, InvalidRows)
    assert refusal.rows == [
        {
            "row": 7,
            "reason": "count: read 'two', expected a whole number; account: read 'Li', expected an account",
            "cells": [
                {"column": "count", "read": "'two'", "expected": "a whole number"},
                {"column": "account", "read": "'Li'", "expected": "an account"},
            ],
        },
        {"row": 8, "reason": "the row is torn"},
    ]
    assert refusal.message == "2 rows cannot be used, and nothing was issued: mend them and send the file again"


def test_an_answer_is_bounded_whatever_the_file() -> None:
    wrong = WrongRows()
    for line in range(5_000):
        wrong.add(line, "less", column="name", read="x" * 100_000)
    refusal = wrong.refusal("nothing was done")
    assert (len(refusal.rows), refusal.bad) == (MOST_TOLD, 5_000)
    assert len(str(refusal.rows)) < 100_000
    assert len(shown("x" * 100_000)) <= 62


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("茶,1".encode(), "茶,1"),
        ("茶,1".encode("utf-8-sig"), "茶,1"),
        ("茶,1".encode("utf-16"), "茶,1"),
        (b"\xfe\xff" + "茶,1".encode("utf-16-be"), "茶,1"),
    ],
)
def test_a_file_in_a_known_encoding_is_read(content: bytes, text: str) -> None:
    assert text_of(content) == text


def test_a_file_in_another_encoding_is_told_so() -> None:
    rows, told = _read(text_of("sku,name\nt,龙井茶\n".encode("gbk")))
    assert (rows, told[0][0]) == ([], 2)
    assert "GBK" in str(told[0][1])
