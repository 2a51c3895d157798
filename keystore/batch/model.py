"""What a batch asks for, and what it is once it has been read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from keystore.policy import Target
from keystore.secret import Secret
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, SigningRefused
from primitives.signing import Curve, KeyId, PublicKey, SigningScheme

MAX_BATCH = 100_000
"""Items in one batch: bounded, because all of them are in memory before the first is signed."""


class SignedItem(NamedTuple):
    """One signed payload of a batch.

    `raw`: the bytes to broadcast (typed data: the 65-byte signature). `identity`: EVM: the 32-byte transaction hash;
    Solana: the 64-byte signature; typed data: the 32-byte digest.
    """

    raw: bytes
    identity: bytes


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A batch that was read whole and may be asked about.

    Attributes:
        hashes: Of each payload, 32 bytes, in order; their Merkle root stands in the audit entry.
        targets: Everything that the signatures would set in motion, judged by key policy.
        value, fee: Totals in the chain's native base units (wei, lamports): what is sent, and the most paid in fees.
        largest_value, largest_fee: Of one item.
        summary: For the audit log and for people.
        sign: Signs items `start` to `stop` with an opened key.
    """

    hashes: Sequence[bytes]
    targets: tuple[Target, ...]
    value: int
    fee: int
    largest_value: int
    largest_fee: int
    summary: str
    sign: Callable[[Secret, int, int, bool], list[SignedItem]]


class Batch(Protocol):
    """Many payloads of one key, one scheme and one chain, made from a template."""

    @property
    def key(self) -> KeyId: ...
    @property
    def chain(self) -> ChainId: ...
    @property
    def act(self) -> str: ...
    @property
    def curve(self) -> Curve: ...
    @property
    def scheme(self) -> SigningScheme: ...

    def prepare(self, public_key: PublicKey) -> PreparedBatch:
        """Read and check every item.

        Raises:
            SigningRefused: An item does not fit the template or the chain; `item` counts from 0.
            InvalidValue: No item, or more than `MAX_BATCH`.
        """
        ...


def require_count(items: Sequence[object]) -> None:
    """Raises InvalidValue."""
    if not 1 <= len(items) <= MAX_BATCH:
        raise InvalidValue(f"a batch has 1 to {MAX_BATCH} items, not {len(items)}", count=len(items))


def refused(rule: str, message: str, item: int | None = None) -> SigningRefused:
    facts = {} if item is None else {"item": item}
    where = "" if item is None else f"item {item}: "
    return SigningRefused(where + message, rule=rule, **facts)
