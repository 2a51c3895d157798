"""Reading a catalogue from a spreadsheet's CSV: every bad row is named, and one spoils the import."""

from __future__ import annotations

import re

from codec.spreadsheet import Row, WrongRows, other_separator, other_separator_told, rows_of, shown
from people.catalogue.sql import CatalogueItem
from primitives.currency import Money, currency_decimals
from primitives.errors import InvalidValue

MAX_ROWS = 10_000
COLUMNS = ("sku", "name", "category", "currency", "price")
_OPTIONAL = frozenset({"category"})
_SKU = re.compile(r"[\w.\-/]{1,80}")
_PRICE = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,3}))?")
_MOST_MINOR = 2**43 - 1
_MAX_TEXT = 120
_UNDONE = "nothing was imported"
_TEXT = f"1 to {_MAX_TEXT} printable characters"
_HEADINGS = f"the columns {', '.join(COLUMNS)} in the first row (category may be left out)"


def read_rows(text: str) -> list[CatalogueItem]:
    """Items of a CSV with a header line; the columns may stand in any order.

    Raises:
        InvalidRows: `rows` names each bad row by its line, with the reason. Nothing is to be imported.
    """
    wrong = WrongRows()
    rows = rows_of(text, wrong)
    first = next(rows, None)
    if first is None:
        if not wrong:
            wrong.add(1, f"the file is empty: it needs {_HEADINGS}")
        raise wrong.refusal(_UNDONE)
    header = _header(first, wrong)
    if wrong:
        raise wrong.refusal(_UNDONE)
    items: dict[str, CatalogueItem] = {}
    lines: dict[str, int] = {}
    count, last = 0, first.line
    for row in rows:
        count, last = count + 1, row.line
        if count > MAX_ROWS:
            wrong.add(row.line, f"a file has at most {MAX_ROWS:,} rows: import it in parts")
            break
        item = _item(header, row, wrong)
        if item is None:
            continue
        if item.sku in items:
            told = f"each sku once: it stands in row {lines[item.sku]} already"
            wrong.add(row.line, told, column="sku", read=item.sku)
            continue
        items[item.sku], lines[item.sku] = item, row.line
    if not wrong and not items:
        wrong.add(last, "the file has headings and no rows below them")
    if wrong:
        raise wrong.refusal(_UNDONE)
    return list(items.values())


def _header(row: Row, wrong: WrongRows) -> list[str]:
    header = [name.lower() for name in row.cells]
    separator = other_separator(row.cells)
    if separator is not None:
        wrong.add(row.line, other_separator_told(separator))
        return header
    missing = [name for name in COLUMNS if name not in header and name not in _OPTIONAL]
    unknown = [name for name in row.cells if name.lower() not in COLUMNS]
    twice = sorted({name for name in header if header.count(name) > 1 and name in COLUMNS})
    if not set(header) & set(COLUMNS):
        wrong.add(row.line, _HEADINGS, column="headings", read=", ".join(row.cells))
        return header
    for name in unknown:
        wrong.add(row.line, f"one of {', '.join(COLUMNS)}", column="headings", read=name)
    for name in twice:
        wrong.add(row.line, f"headings: the column {name} stands there twice")
    for name in missing:
        wrong.add(row.line, f"headings: the column {name} is missing")
    return header


def _item(header: list[str], row: Row, wrong: WrongRows) -> CatalogueItem | None:
    """What a row says; None, and told in `wrong`, when any of its cells cannot be used."""
    if len(row.cells) != len(header):
        read, expected = f"{len(row.cells)} cells", f"{len(header)}, as many as the first row has"
        if len(row.cells) > len(header):
            expected += "; a cell with a comma in it stands in quotation marks"
        wrong.add(row.line, f"the row has {read}, expected {expected}")
        return None
    cells = dict(zip(header, row.cells, strict=True))
    sku, name, category = cells["sku"], cells["name"], cells.get("category") or None
    bad = WrongCells(row.line, wrong)
    if not _SKU.fullmatch(sku):
        bad.add("sku", sku, "1 to 80 letters, digits, dots, dashes, slashes and underscores")
    for column, value in (("name", name), ("category", category or "-")):
        if not 1 <= len(value) <= _MAX_TEXT or not value.isprintable():
            bad.add(column, value, _TEXT)
    currency, price = cells["currency"].upper(), 0
    try:
        Money(0, currency)
    except InvalidValue:
        bad.add("currency", cells["currency"], "an ISO 4217 code like CNY")
    else:
        try:
            price = price_minor(cells["price"], currency)
        except InvalidValue as error:
            bad.add("price", cells["price"], str(error.facts["expected"]))
    return None if bad.found else CatalogueItem(sku, name, category, currency, price)


class WrongCells:
    """What is wrong with one row."""

    def __init__(self, line: int, wrong: WrongRows) -> None:
        self._line, self._wrong, self.found = line, wrong, False

    def add(self, column: str, read: str, expected: str) -> None:
        self.found = True
        self._wrong.add(self._line, expected, column=column, read=read)


def price_minor(text: str, currency: str) -> int:
    """A price as people write it (`12.50`), in minor units. Raises InvalidValue: no number, or too many decimals;
    `expected` says what a price is."""
    match = _PRICE.fullmatch(text)
    places = currency_decimals(currency)
    if match is None or len(match[2] or "") > places:
        whole = f"a number like 12, for {currency} has no decimals"
        expected = whole if places == 0 else f"a number like 12.50 with at most {places} decimals"
        raise InvalidValue(f"price: read {shown(text)}, expected {expected}", expected=expected)
    minor = int(match[1] + (match[2] or "").ljust(places, "0"))
    if minor > _MOST_MINOR:
        expected = f"at most {Money(_MOST_MINOR, currency)}"
        raise InvalidValue(f"price: read {shown(text)}, expected {expected}", expected=expected)
    return minor
