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
    """Headers from the redemption's block upwards, each one the parent of the next.

    Raises:
        Rejected: A header is malformed or the chain is broken.
    """
    headers = [_header(item) for item in raw]
    for parent, child in itertools.pairwise(headers):
        linked = child.parent == parent.hash and child.number == parent.number + 1
        require(linked, "headers", f"header {child.number} is not the child of header {parent.number}")
    return headers


def _header(raw: bytes) -> Header:
    check = "headers"
    items = rlp.decode_list(check, raw)
    # 15 fields before London; later forks append.
    require(15 <= len(items) <= 32, check, f"a header has {len(items)} fields")
    return Header(
        hash=keccak256(raw),
        parent=rlp.as_bytes(check, items[0], 32),
        transactions_root=rlp.as_bytes(check, items[4], 32),
        receipts_root=rlp.as_bytes(check, items[5], 32),
        number=rlp.as_int(check, items[8]),
        time=rlp.as_int(check, items[11]),
    )


def read_transaction(raw: bytes) -> SignedCall:
    """Decode a signed transaction of type 0 (with EIP-155), 1, 2 or 4 and recover its sender.

    Raises:
        Rejected: Another type, malformed, or no key fits the signature.
    """
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
    """The logs of a successful receipt.

    Raises:
        Rejected: Malformed, or the transaction was reverted.
    """
    check = "receipt"
    items = rlp.decode_list(check, _untyped(raw)[1])
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
