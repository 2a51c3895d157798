"""Reading a catalogue from a spreadsheet's CSV: every bad row is named, and one spoils the import."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

from people.catalogue.sql import CatalogueItem
from primitives.currency import Money, currency_decimals
from primitives.errors import InvalidRows, InvalidValue

MAX_ROWS = 10_000
MOST_TOLD = 200
"""Bad rows that one answer names."""
COLUMNS = ("sku", "name", "category", "currency", "price")
_OPTIONAL = frozenset({"category"})
_SKU = re.compile(r"[\w.\-/]{1,80}")
_PRICE = re.compile(r"(0|[1-9][0-9]{0,12})(?:\.([0-9]{1,3}))?")
_MAX_TEXT = 120


def read_rows(text: str) -> list[CatalogueItem]:
    """Items of a CSV with a header line; the columns may stand in any order.

    Raises:
        InvalidRows: `rows` names each bad row by its line, with the reason. Nothing is to be imported.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in reader.fieldnames or ()]
    except csv.Error as error:
        raise _refused([(1, f"the file cannot be read: {error}")]) from error
    missing = [name for name in COLUMNS if name not in header and name not in _OPTIONAL]
    unknown = sorted(set(header) - set(COLUMNS))
    if missing or unknown or len(set(header)) != len(header):
        told = f"the first line must name the columns {', '.join(COLUMNS)} (category may be left out)"
        raise _refused([(1, told)])
    reader.fieldnames = header
    items: dict[str, CatalogueItem] = {}
    bad: list[tuple[int, str]] = []
    count = 0
    try:
        for row in reader:
            count += 1
            if count > MAX_ROWS:
                raise _refused([(reader.line_num, f"a file has at most {MAX_ROWS} rows")])
            try:
                item = _item(row)
                if item.sku in items:
                    raise InvalidValue(f"the sku {item.sku} stands in the file twice")
            except InvalidValue as error:
                bad.append((reader.line_num, error.message))
                continue
            items[item.sku] = item
    except csv.Error as error:
        bad.append((reader.line_num, f"the line cannot be read: {error}"))
    if bad:
        raise _refused(bad)
    if not items:
        raise _refused([(1, "the file has no rows")])
    return list(items.values())


def _item(row: Mapping[str | None, str | list[str] | None]) -> CatalogueItem:
    if None in row or any(value is None for value in row.values()):
        raise InvalidValue("the row has more or fewer cells than the first line")
    cells = {str(name): str(value).strip() for name, value in row.items()}
    sku, name, category = cells["sku"], cells["name"], cells.get("category") or None
    if not _SKU.fullmatch(sku):
        raise InvalidValue(f"sku {sku[:40]!r}: 1 to 80 letters, digits, dots, dashes, slashes and underscores")
    for what, value in (("name", name), ("category", category or "-")):
        if not 1 <= len(value) <= _MAX_TEXT or not value.isprintable():
            raise InvalidValue(f"{what}: 1 to {_MAX_TEXT} printable characters")
    currency = cells["currency"].upper()
    Money(0, currency)
    return CatalogueItem(sku, name, category, currency, price_minor(cells["price"], currency))


def price_minor(text: str, currency: str) -> int:
    """A price as people write it (`12.50`), in minor units. Raises InvalidValue: no number, or too many decimals."""
    match = _PRICE.fullmatch(text)
    places = currency_decimals(currency)
    if match is None or len(match[2] or "") > places:
        raise InvalidValue(f"price {text[:30]!r}: write a number like 12.50 with at most {places} decimals")
    minor = int(match[1] + (match[2] or "").ljust(places, "0"))
    if minor >= 2**43:
        raise InvalidValue(f"price {text[:30]!r}: too large")
    return minor


def _refused(rows: list[tuple[int, str]]) -> InvalidRows:
    return InvalidRows(
        f"{len(rows)} rows cannot be imported, and nothing was: mend them and send the file again",
        rows=[{"row": line, "reason": reason} for line, reason in rows[:MOST_TOLD]],
        bad=len(rows),
    )
