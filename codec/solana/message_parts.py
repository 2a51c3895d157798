"""The parts of a decoded Solana message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from primitives.errors import InvalidValue

Version = Literal["legacy", "v0", "v1"]


@dataclass(frozen=True, slots=True)
class CompiledInstruction:
    """An instruction by indexes into the message's account keys (then the keys that lookups load)."""

    program_index: int
    account_indexes: tuple[int, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class TableLookup:
    """Accounts that a version 0 message loads from the on-chain table `table` (32 bytes), by index."""

    table: bytes
    writable_indexes: tuple[int, ...]
    readonly_indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MessageConfig:
    """What a version 1 message asks for; None leaves the cluster's default (SIMD-0385 "TransactionConfigMask").

    Attributes:
        priority_fee: In all, lamports.
        compute_unit_limit: Units.
        loaded_accounts_limit, heap_size: Bytes.
    """

    priority_fee: int | None = None
    compute_unit_limit: int | None = None
    loaded_accounts_limit: int | None = None
    heap_size: int | None = None

    def __post_init__(self) -> None:
        for value, bits in zip(self.values(), (64, 32, 32, 32), strict=True):
            if value is not None and not 0 <= value < 2**bits:
                raise InvalidValue(f"{value} in the message's configuration does not fit {bits} bits")

    def values(self) -> tuple[int | None, ...]:
        """In the order of the mask's bits; the first takes two of them and 8 bytes, the others one and 4."""
        return (self.priority_fee, self.compute_unit_limit, self.loaded_accounts_limit, self.heap_size)
