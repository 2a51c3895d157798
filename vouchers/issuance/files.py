"""Holders from a file: `account[,count]` a row. A file is good as a whole or nothing is done with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from primitives.account_id import AccountId
from primitives.errors import InvalidRows, QuanbaoError

MAX_COUNT = 100
"""Vouchers for one row."""
_MOST_TOLD = 200
_HEADINGS = {"account", "holder", "address"}


def read_holders(text: str, *, limit: int) -> Sequence[AccountId]:
    """The holders of a CSV file (RFC 4180; a heading row is known by its first field), one entry per voucher.

    Raises:
        InvalidRows: `rows` has the number of each bad row, counted as an editor counts lines, and the reason.
    """
    holders: list[AccountId] = []
    wrong: list[dict[str, object]] = []
    chain = None

    def bad(row: int, reason: str) -> None:
        if len(wrong) < _MOST_TOLD:
            wrong.append({"row": row, "reason": reason})

    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for index, fields in enumerate(reader):
            row = reader.line_num
            fields = [field.strip() for field in fields]
            if not any(fields) or (index == 0 and fields[0].lower() in _HEADINGS):
                continue
            if len(fields) > 2:
                bad(row, f"{len(fields)} fields: a row has an account, and a count if it is not 1")
                continue
            try:
                account = AccountId.parse(fields[0])
            except QuanbaoError as error:
                bad(row, error.message)
                continue
            count = fields[1] if len(fields) == 2 and fields[1] else "1"
            if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= MAX_COUNT):
                bad(row, f"the count is a whole number from 1 to {MAX_COUNT}")
                continue
            if chain is not None and account.chain != chain:
                bad(row, f"the file is for {chain}: put other chains into files of their own")
                continue
            chain = account.chain
            holders.extend([account] * int(count))
    except csv.Error as error:
        bad(reader.line_num, f"the row cannot be read: {error}")
    if not wrong and not holders:
        bad(1, "no account is in the file")
    if not wrong and len(holders) > limit:
        bad(reader.line_num, f"{len(holders)} vouchers: at most {limit} are issued by one file; use a drop for more")
    if wrong:
        raise InvalidRows(f"{len(wrong)} rows cannot be used; nothing was issued", rows=wrong)
    return holders
