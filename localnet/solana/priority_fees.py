"""What recent transactions bid for the accounts that they wrote.

Source: Agave, `runtime/src/prioritization_fee.rs` and its cache: of each recent block the lowest bid, and the lowest
bid among the transactions that wrote each account; asked for accounts, the highest of these.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from localnet.solana.fees import unit_price
from localnet.solana.records import SlotBatch, TransactionRecord

RECENT_SLOTS = 150


@dataclass(slots=True)
class _SlotBids:
    slot: int
    lowest: int | None = None
    of_account: dict[str, int] = field(default_factory=dict)


class PriorityFees:
    """A listener of the bank; bids in micro-lamports per compute unit."""

    def __init__(self, slot: int) -> None:
        self._open = _SlotBids(slot)
        self._closed: deque[_SlotBids] = deque(maxlen=RECENT_SLOTS)

    def recent(self, accounts: Sequence[Pubkey]) -> list[tuple[int, int]]:
        """(slot, bid) of the closed recent slots, oldest first; 0 where nobody had to bid."""
        names = [str(account) for account in accounts]
        return [
            (bids.slot, max([bids.lowest or 0, *(bids.of_account.get(name, 0) for name in names)]))
            for bids in self._closed
        ]

    # --- events of the bank ---

    def executed(self, record: TransactionRecord, accounts: object) -> None:
        message = VersionedTransaction.from_bytes(record.wire).message
        bid, bids, header = unit_price(message), self._open, message.header
        bids.lowest = bid if bids.lowest is None else min(bids.lowest, bid)
        signed, static = header.num_required_signatures, len(message.account_keys)
        loaded_writable = len(record.meta["loadedAddresses"]["writable"])
        for index, name in enumerate(record.accounts):
            writable = (
                index < signed - header.num_readonly_signed_accounts
                or signed <= index < static - header.num_readonly_unsigned_accounts
                or static <= index < static + loaded_writable
            )
            if writable:
                bids.of_account[name] = min(bid, bids.of_account.get(name, bid))

    def slot_opened(self, slot: int, root: int) -> None:
        self._closed.append(self._open)
        self._open = _SlotBids(slot)

    def confirmed(self, batch: SlotBatch) -> None:
        """Nothing."""

    def finalized(self, batch: SlotBatch) -> None:
        """Nothing."""
