"""What the local Solana chain remembers: transactions, accounts, slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from solders.account import Account
from solders.pubkey import Pubkey


@dataclass(frozen=True, slots=True)
class TransactionRecord:
    """One executed transaction, with everything that `getTransaction` must show and LiteSVM forgets.

    `wire` are the signed bytes, `meta` is Agave's `TransactionStatusMeta` as JSON, `accounts` are the keys of the
    message followed by the loaded ones, `error` is Agave's transaction error as JSON or None.
    """

    signature: str
    slot: int
    index: int
    block_time: int
    wire: bytes
    accounts: tuple[str, ...]
    meta: dict[str, Any]

    @property
    def error(self) -> Any:
        return self.meta["err"]

    @property
    def logs(self) -> list[str]:
        logs: list[str] = self.meta["logMessages"]
        return logs


@dataclass(slots=True)
class SlotBatch:
    """What one slot did: it becomes durable in one commit or not at all. A None account was removed."""

    slot: int
    block_time: int
    transactions: list[TransactionRecord] = field(default_factory=list)
    accounts: dict[Pubkey, Account | None] = field(default_factory=dict)
