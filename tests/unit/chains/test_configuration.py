"""The operator's file of chains."""

from __future__ import annotations

from pathlib import Path

import pytest

from chains.configuration import read_chains
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue

BOOK = bytes(19) + b"\x07"


def _read(folder: Path, text: str) -> list:
    path = folder / "chains.toml"
    path.write_text(text)
    return list(read_chains(path, book=BOOK))


def test_a_chain_with_all_it_can_say(tmp_path: Path) -> None:
    secret = tmp_path / "node"
    secret.write_text("https://node.example/s3cret\n")
    (found,) = _read(
        tmp_path,
        f"""[[chain]]
        id = "eip155:137"
        nodes = ["https://one.example", "file:{secret}", "http://bor:8545"]
        quorum = 1
        calls_per_second = 12.5
        private = true
        voucher_book = true
        older_books = ["0x{"09" * 20}"]""",
    )
    assert found.chain == ChainId.evm(137)
    assert (found.url, *found.others) == ("https://one.example", "https://node.example/s3cret", "http://bor:8545")
    assert (found.quorum, found.calls_per_second, found.private, found.book) == (1, 12.5, True, BOOK)
    assert found.older_books == (b"\x09" * 20,)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('id = "polygon"', "chain[0].id"),
        ("nodes = []", "chain[0].nodes"),
        ('nodes = ["ftp://s3cret.example"]', "chain[0].nodes[0]"),
        ('nodes = ["file:/nowhere"]', "chain[0].nodes[0]"),
        ("quorum = 2", "chain[0].quorum"),
        ("calls_per_second = 0", "chain[0].calls_per_second"),
        ('private = "yes"', "chain[0].private"),
        ('voucher_book = "0x12"', "chain[0].voucher_book"),
        ('older_books = ["0x12"]', "chain[0].older_books"),
        ('older_books = "0x12"', "chain[0].older_books"),
        ('voucher_book = true\nolder_books = ["0x12"]', "chain[0].older_books[0]"),
        (f'voucher_book = true\nolder_books = ["0x{BOOK.hex()}"]', "chain[0].older_books[0]"),
        ("node = 1", "chain[0].node"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, line: str, field: str) -> None:
    lines = {"id": 'id = "eip155:1"', "nodes": 'nodes = ["https://node.example"]'}
    lines[line.split(" ", maxsplit=1)[0]] = line
    with pytest.raises(InvalidValue) as caught:
        _read(tmp_path, "[[chain]]\n" + "\n".join(lines.values()))
    assert caught.value.field == field
    assert "s3cret" not in str(caught.value)


def test_a_chain_named_twice_is_refused(tmp_path: Path) -> None:
    table = '[[chain]]\nid = "eip155:1"\nnodes = ["https://node.example"]\n'
    with pytest.raises(InvalidValue, match="twice"):
        _read(tmp_path, table * 2)
