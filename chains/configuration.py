"""The operator's file of chains and nodes (TOML).

    [[chain]]
    id = "eip155:137"                       # CAIP-2; name, coin, finality and fee rules come from registry.toml
    nodes = ["https://…", "file:/run/secrets/polygon-node"]   # in order of preference; `file:` holds a URL
    quorum = 2                              # how many must agree on what is recorded; default: more than half
    calls_per_second = 25                   # of each node; default: no limit
    private = false                         # nodes inside our own network
    voucher_book = true                     # or an address; default: false
    older_books = ["0x…"]                   # books whose campaigns still live; default: none
    wrapped_coin = "0x…"                    # the native coin as an ERC-20 token; default: registry.toml
    swap_router = "0x…"                     # with the interface of Uniswap v2; default: registry.toml

A secret URL is best kept in a file of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chains.registry import ChainEndpoint
from primitives.account_id import parse_evm_address
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue

_NODES = {"id", "nodes", "quorum", "calls_per_second", "private"}
_KEYS = frozenset(_NODES | {"voucher_book", "older_books", "wrapped_coin", "swap_router"})


def read_chains(path: Path, *, book: bytes) -> Sequence[ChainEndpoint]:
    """The chains of a file.

    Args:
        book: Address of the voucher book where the file only says that there is one, 20 bytes.

    Raises:
        InvalidValue: `field` names the place; no URL is quoted.
    """
    try:
        document = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue(f"{path} cannot be read as TOML: {error}", field=str(path)) from error
    entries = document.get("chain", [])
    if set(document) - {"chain"} or not isinstance(entries, list) or not entries:
        raise InvalidValue(f"{path} must hold [[chain]] tables and nothing else", field="chain")
    endpoints = [_endpoint(entry, f"chain[{place}]", book) for place, entry in enumerate(entries)]
    if len({endpoint.chain for endpoint in endpoints}) != len(endpoints):
        raise InvalidValue(f"{path} names a chain twice: list its nodes in one table", field="chain")
    return endpoints


def _endpoint(entry: Mapping[str, Any], place: str, book: bytes) -> ChainEndpoint:
    unknown = set(entry) - _KEYS
    if unknown:
        raise _wrong(f"{place}.{min(unknown)}", f"is unknown; known are {', '.join(sorted(_KEYS))}")
    try:
        chain = ChainId.parse(str(entry.get("id", "")))
    except InvalidValue as error:
        raise _wrong(f"{place}.id", "must be a CAIP-2 chain id such as eip155:137") from error
    nodes = entry.get("nodes")
    if not isinstance(nodes, list) or not nodes:
        raise _wrong(f"{place}.nodes", "must list at least one URL")
    urls = [_url(node, f"{place}.nodes[{index}]") for index, node in enumerate(nodes)]
    quorum, rate, private = entry.get("quorum"), entry.get("calls_per_second"), entry.get("private", False)
    if quorum is not None and (type(quorum) is not int or not 1 <= quorum <= len(urls)):
        raise _wrong(f"{place}.quorum", f"must be a number from 1 to {len(urls)}, the number of nodes")
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, int | float) or rate <= 0):
        raise _wrong(f"{place}.calls_per_second", "must be above zero")
    if not isinstance(private, bool):
        raise _wrong(f"{place}.private", "must be true or false")
    newest = _book(entry.get("voucher_book", False), chain, f"{place}.voucher_book", book)
    return ChainEndpoint(
        chain.family,
        urls[0],
        chain=chain,
        book=newest,
        older_books=_older_books(entry.get("older_books", []), chain, f"{place}.older_books", newest),
        others=tuple(urls[1:]),
        private=private,
        quorum=quorum,
        calls_per_second=rate,
        wrapped_coin=_contract(entry.get("wrapped_coin"), chain, f"{place}.wrapped_coin"),
        swap_router=_contract(entry.get("swap_router"), chain, f"{place}.swap_router"),
    )


def _contract(value: Any, chain: ChainId, place: str) -> bytes | None:
    if value is None:
        return None
    if chain.family != "eip155":
        raise _wrong(place, "is for EVM chains only")
    try:
        return parse_evm_address(str(value))
    except InvalidValue as error:
        raise _wrong(place, "must be an EVM address") from error


def _url(node: Any, place: str) -> str:
    if not isinstance(node, str):
        raise _wrong(place, "must be a URL")
    if node.startswith("file:"):
        try:
            url = Path(node.removeprefix("file:")).read_text().strip()
        except OSError as error:
            raise _wrong(place, "names a file that cannot be read") from error
    else:
        url = node
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _wrong(place, "must be an http or https URL")
    return url


def _book(value: Any, chain: ChainId, place: str, book: bytes) -> bytes | None:
    if value is False or chain.family != "eip155":
        return None
    if value is True:
        return book
    try:
        return parse_evm_address(str(value))
    except InvalidValue as error:
        raise _wrong(place, "must be true, false or an EVM address") from error


def _older_books(value: Any, chain: ChainId, place: str, newest: bytes | None) -> tuple[bytes, ...]:
    if not isinstance(value, list):
        raise _wrong(place, "must be a list of EVM addresses")
    if value and newest is None:
        raise _wrong(place, "needs a voucher_book beside it, which takes new campaigns")
    books = []
    for index, each in enumerate(value):
        book = _book(str(each), chain, f"{place}[{index}]", b"")
        if book is None or book == newest or book in books:
            raise _wrong(f"{place}[{index}]", "is named twice")
        books.append(book)
    return tuple(books)


def _wrong(field: str, what: str) -> InvalidValue:
    return InvalidValue(f"{field} {what}", field=field)
