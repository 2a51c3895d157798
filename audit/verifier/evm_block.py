"""Headers, transactions and receipts of an EVM chain, read from their consensus bytes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from . import rlp
from .crypto import keccak256, recover_address
from .report import Rejected, require

MAX_HEADERS = 1024

# EIP-2718 type: fields with signature, place of chain id (None: legacy), of `to`, of the calldata.
_LAYOUTS: dict[int, tuple[int, int | None, int, int]] = {
    0: (9, None, 3, 5),
    1: (11, 0, 4, 6),  # EIP-2930
    2: (12, 0, 5, 7),  # EIP-1559
    4: (13, 0, 5, 7),  # EIP-7702
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a proof needs of a block's header; hashes and roots have 32 bytes, `time` is in Unix seconds."""

    hash: bytes
    parent: bytes
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    number: int
    time: int


@dataclass(frozen=True, slots=True)
class SignedCall:
    """A transaction: who signed it, on which chain, whom it calls with what."""

    hash: bytes
    chain_number: int
    sender: bytes
    to: bytes
    calldata: bytes


@dataclass(frozen=True, slots=True)
class Log:
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


def read_headers(raw: Sequence[bytes]) -> list[Header]:
    """Headers from the redemption's block upwards, each one the parent of the next."""
    headers = [_header(item) for item in raw]
    for parent, child in itertools.pairwise(headers):
        linked = child.parent == parent.hash and child.number == parent.number + 1
        require(linked, "headers", f"header {child.number} is not the child of header {parent.number}")
    return headers


def _header(raw: bytes) -> Header:
    check, items = "headers", rlp.decode_list("headers", raw)
    # 15 fields before London; later forks append.
    require(15 <= len(items) <= 32, check, f"a header has {len(items)} fields")
    parent, state, transactions, receipts = (rlp.as_bytes(check, items[place], 32) for place in (0, 3, 4, 5))
    number, time = rlp.as_int(check, items[8]), rlp.as_int(check, items[11])
    return Header(keccak256(raw), parent, state, transactions, receipts, number, time)


def read_transaction(raw: bytes) -> SignedCall:
    """Decode a signed transaction of type 0 (with EIP-155), 1, 2 or 4 and recover its sender."""
    check = "transaction"
    kind, body = _untyped(raw)
    if kind not in _LAYOUTS:
        raise Rejected(check, f"transactions of type {kind} are not known here")
    count, chain_at, to_at, data_at = _LAYOUTS[kind]
    items = rlp.decode_list(check, body)
    require(len(items) == count, check, f"{len(items)} fields, not {count}")
    v = rlp.as_int(check, items[-3])
    if chain_at is None:
        require(v >= 35, check, "a legacy transaction without a chain id (EIP-155)")
        chain_number, parity = divmod(v - 35, 2)
        unsigned = rlp.encode([*items[:6], rlp.encode_int(chain_number), b"", b""])
    else:
        chain_number, parity = rlp.as_int(check, items[chain_at]), v
        unsigned = bytes([kind]) + rlp.encode(items[:-3])
    r, s = rlp.as_int(check, items[-2]), rlp.as_int(check, items[-1])
    sender = recover_address(check, keccak256(unsigned), r, s, parity)
    to = rlp.as_bytes(check, items[to_at], 20)
    return SignedCall(keccak256(raw), chain_number, sender, to, rlp.as_bytes(check, items[data_at]))


def read_receipt(raw: bytes) -> tuple[Log, ...]:
    """The logs of a receipt that says success."""
    check, items = "receipt", rlp.decode_list("receipt", _untyped(raw)[1])
    require(len(items) == 4, check, f"{len(items)} fields, not 4")
    require(rlp.as_int(check, items[0]) == 1, check, "the transaction was reverted")
    return tuple(_log(check, rlp.as_list(check, item)) for item in rlp.as_list(check, items[3]))


def _untyped(raw: bytes) -> tuple[int, bytes]:
    """The EIP-2718 type, 0 for none, and the RLP behind it."""
    return (raw[0], raw[1:]) if raw and raw[0] < 0x80 else (0, raw)


def _log(check: str, items: list[rlp.Item]) -> Log:
    require(len(items) == 3, check, "a log has not 3 fields")
    topics = tuple(rlp.as_bytes(check, topic, 32) for topic in rlp.as_list(check, items[1]))
    return Log(rlp.as_bytes(check, items[0], 20), topics, rlp.as_bytes(check, items[2]))
