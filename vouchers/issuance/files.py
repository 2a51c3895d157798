"""Holders from a file: `account[,count]` a row. A file is good as a whole or nothing is done with it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codec.spreadsheet import Row, WrongRows, other_separator, other_separator_told, rows_of
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import InvalidAddress, InvalidValue

MAX_COUNT = 100
"""Vouchers for one row."""
_HEADINGS = {"account", "holder", "address"}
_ACCOUNT = "an account with its chain, like eip155:1:0x… or solana:…:…"
_COUNT = f"a whole number from 1 to {MAX_COUNT}"
_DIGITS = re.compile(r"[0-9]{1,9}")
_UNDONE = "nothing was issued"


def read_holders(text: str, *, limit: int) -> Sequence[AccountId]:
    """The holders of a CSV file (a heading row is known by its first field), one entry per voucher.

    Raises:
        InvalidRows: `rows` has the number of each bad row, counted as an editor counts lines, and the reason.
    """
    wrong = WrongRows()
    holders: list[AccountId] = []
    first_lines: dict[AccountId, int] = {}
    chain: ChainId | None = None
    last = 1
    for place, row in enumerate(rows_of(text, wrong)):
        last = row.line
        if place == 0 and _is_heading(row, wrong):
            continue
        account, count = _account(row, wrong, headed=place == 0), _count(row, wrong)
        if account is None or count is None:
            continue
        chain = chain or account.chain
        if account.chain != chain:
            told = f"an account on {chain}, as in the rows before: put other chains into files of their own"
            wrong.add(row.line, told, column="account", read=str(account))
        elif account in first_lines:
            told = f"each account once: it stands in row {first_lines[account]} already, give it a count there"
            wrong.add(row.line, told, column="account", read=str(account))
        else:
            first_lines[account] = row.line
            holders.extend([account] * count)
    if not wrong and not holders:
        wrong.add(1, f"no account is in the file: a row has {_ACCOUNT}, and a count if it is not 1")
    if not wrong and len(holders) > limit:
        wrong.add(last, f"{len(holders)} vouchers: at most {limit} are issued by one file; use a drop for more")
    if wrong:
        raise wrong.refusal(_UNDONE)
    return holders


def _is_heading(row: Row, wrong: WrongRows) -> bool:
    """Whether it is the first row of headings, wrong ones included."""
    names = [name.lower() for name in row.cells]
    separator = other_separator(row.cells)
    if separator is not None and names[0].startswith(tuple(_HEADINGS)):
        wrong.add(row.line, other_separator_told(separator))
        return True
    if names[0] not in _HEADINGS:
        return False
    if len(names) > 1 and names[1] != "count":
        wrong.add(row.line, "count", column="heading of the second column", read=row.cells[1])
    if any(names[2:]):
        wrong.add(row.line, "account and count, and no more columns", column="headings", read=", ".join(row.cells))
    return True


def _account(row: Row, wrong: WrongRows, *, headed: bool) -> AccountId | None:
    text = row.cells[0]
    separator = other_separator(row.cells)
    try:
        return AccountId.parse(text)
    except InvalidAddress as error:
        canonical = error.facts.get("expected")
        expected = _ACCOUNT if canonical is None else f"the address as it is written with its checksum: {canonical}"
        if "checksum" in error.message:
            expected = "an address whose capitals fit: they are a checksum, and say that a character is wrong"
    except InvalidValue:
        expected = _ACCOUNT
        if headed and ":" not in text and not text.startswith("0x"):
            expected += ", or the headings account and count"
    if separator is not None:
        expected = f"an account, a comma and a count: the columns are separated by {separator}"
    wrong.add(row.line, expected, column="account", read=text)
    return None


def _count(row: Row, wrong: WrongRows) -> int | None:
    if any(row.cells[2:]):
        wrong.add(row.line, "an account, and a count if it is not 1", column="columns", read=", ".join(row.cells))
        return None
    text = row.cells[1] if len(row.cells) > 1 and row.cells[1] else "1"
    count = int(text) if _DIGITS.fullmatch(text) else 0
    if not 1 <= count <= MAX_COUNT:
        wrong.add(row.line, _COUNT, column="count", read=text)
        return None
    return count
