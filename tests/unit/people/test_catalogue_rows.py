"""A catalogue's CSV: rows as people write them, and every bad row by its line."""

from __future__ import annotations

import pytest

from codec.spreadsheet import MOST_TOLD
from people.catalogue.rows import MAX_ROWS, price_minor, read_rows
from primitives.errors import InvalidRows, InvalidValue

GOOD = "\ufeffsku,name,category,currency,price\r\ntea-001,龙井 250g,茶,CNY,128.00\r\ncup,Cup,,jpy,1200\r\n"


def refused(text):
    with pytest.raises(InvalidRows) as caught:
        read_rows(text)
    return [(one["row"], one["reason"]) for one in caught.value.rows]


def test_a_file_from_a_spreadsheet():
    tea, cup = read_rows(GOOD)
    assert (tea.sku, tea.name, tea.category, tea.currency, tea.unit_price_minor) == (
        "tea-001",
        "龙井 250g",
        "茶",
        "CNY",
        12_800,
    )
    assert (cup.category, cup.currency, cup.unit_price_minor) == (None, "JPY", 1_200)


def test_columns_in_another_order_and_without_category():
    (item,) = read_rows("price,currency,name,sku\n1.5,CNY,Tea,t\n")
    assert (item.sku, item.unit_price_minor, item.category) == ("t", 150, None)


def test_every_bad_row_is_named_by_its_line():
    rows = [
        "sku,name,category,currency,price",
        "ok,Tea,茶,CNY,1",
        "bad sku!,Tea,茶,CNY,1",
        "a,,茶,CNY,1",
        "b,Tea,茶,yuan,1",
        "c,Tea,茶,CNY,1.234",
        "d,Tea,茶,CNY,-1",
        "ok,Tea,茶,CNY,2",
        "e,Tea,茶,CNY",
    ]
    told = refused("\n".join(rows) + "\n")
    assert [row for row, _ in told] == [3, 4, 5, 6, 7, 8, 9]
    assert dict(told)[8] == "sku: read 'ok', expected each sku once: it stands in row 2 already"
    assert dict(told)[5] == "currency: read 'yuan', expected an ISO 4217 code like CNY"
    assert dict(told)[6] == "price: read '1.234', expected a number like 12.50 with at most 2 decimals"
    assert dict(told)[9] == "the row has 4 cells, expected 5, as many as the first row has"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("sku;name;currency;price\na;A;CNY;1\n", "separated by semicolons"),
        ("sku\tname\tcurrency\tprice\na\tA\tCNY\t1\n", "separated by tabs"),
        ("tea-001,Tea,CNY,1\n", "headings: read 'tea-001, Tea, CNY, 1', expected the columns sku, name"),
        ("sku,nmae,currency,price\na,A,CNY,1\n", "headings: read 'nmae', expected one of sku, name"),
        ("sku,sku,name,currency,price\na,a,A,CNY,1\n", "headings: the column sku stands there twice"),
        ("sku,name,currency\na,A,CNY\n", "headings: the column price is missing"),
        ("sku,name,currency,price\n\n,,,\n", "the file has headings and no rows below them"),
        ("sku,name,currency,price\na,Tea, green,CNY,1\n", "quotation marks"),
        ('sku,name,currency,price\na,"two\nlines",CNY,1\n', "name: read 'two\\nlines', expected 1 to 120 printable"),
        ("sku,name,currency,price\na,A,JPY,1.5\n", "expected a number like 12, for JPY has no decimals"),
        ("sku,name,currency,price\na,A,CNY,9999999999999\n", "expected at most 87960930222.07 CNY"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(text, words):
    assert words in refused(text)[0][1]


def test_a_file_of_excel_with_its_own_separator_and_rows_of_nothing():
    (item,) = read_rows("\ufeffsep=;\r\nSKU;Name;Currency;Price\r\nt;Tea, green;CNY;1.50\r\n;;;\r\n;;;\r\n")
    assert (item.name, item.unit_price_minor) == ("Tea, green", 150)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sku,name\n",
        "sku,name,category,currency,price\n",
        "sku,sku,name,currency,price\na,a,A,CNY,1\n",
        "sku,name,currency,price,colour\na,A,CNY,1,red\n",
        'sku,name,currency,price\na,"A,CNY,1\n',
    ],
)
def test_a_file_that_is_no_catalogue(text):
    assert refused(text)


def test_a_file_that_is_too_long_and_one_that_is_all_wrong():
    head = "sku,name,currency,price\n"
    assert "at most" in refused(head + "".join(f"s{n},A,CNY,1\n" for n in range(MAX_ROWS + 1)))[0][1]
    with pytest.raises(InvalidRows) as caught:
        read_rows(head + "a b,,,\n" * 500)
    assert (len(caught.value.rows), caught.value.bad) == (MOST_TOLD, 500)


@pytest.mark.parametrize(
    ("text", "currency", "minor"), [("0", "CNY", 0), ("12.5", "CNY", 1_250), ("1.234", "KWD", 1_234)]
)
def test_prices(text, currency, minor):
    assert price_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("1.5", "JPY"), ("1,5", "CNY"), ("01", "CNY"), ("9" * 13, "CNY"), ("", "CNY")]
)
def test_prices_that_are_none(text, currency):
    with pytest.raises(InvalidValue):
        price_minor(text, currency)
