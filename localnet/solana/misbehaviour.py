"""Making the node misbehave on purpose, so that tests see what clients do: transactions lost, late or out of order.

Only what arrives by `sendTransaction` is concerned. It passes preflight and is answered with its signature, as on a
cluster whose leader never gets the packet. What is lost or held here is gone when the process ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from localnet.solana.bank import Bank
from localnet.solana.records import SlotBatch, TransactionRecord
from localnet.solana.transaction import DecodedTransaction


@dataclass(slots=True)
class Orders:
    """What to do with the next transactions.

    Attributes:
        drop: So many are lost; a later sending of the same bytes is another one.
        delay: So many, after those, are held back.
        delay_slots: For so many slots; then they are carried out if their blockhash is still good.
        reverse: What falls due in one slot is carried out in the opposite order.
    """

    drop: int = 0
    delay: int = 0
    delay_slots: int = 1
    reverse: bool = False


class Misbehaviour:
    """Stands between `sendTransaction` and the bank; a listener of the bank."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self.orders = Orders()
        self.dropped = 0
        self._held: list[tuple[int, DecodedTransaction]] = []
        bank.listen(self)

    @property
    def held(self) -> int:
        """How many transactions wait for their slot."""
        return len(self._held)

    @property
    def is_active(self) -> bool:
        """Whether the next transaction will not be carried out at once."""
        return self.orders.drop > 0 or self.orders.delay > 0

    def take(self, transaction: DecodedTransaction) -> None:
        """Lose or hold one transaction that a well-behaved node would carry out now."""
        if self.orders.drop:
            self.orders.drop -= 1
            self.dropped += 1
        else:
            self.orders.delay -= 1
            self._held.append((self._bank.slot + self.orders.delay_slots, transaction))

    # --- events of the bank ---

    def executed(self, record: TransactionRecord, accounts: object) -> None:
        """Nothing."""

    def slot_opened(self, slot: int, root: int) -> None:
        due = [transaction for when, transaction in self._held if when <= slot]
        if not due:
            return
        self._held = [(when, transaction) for when, transaction in self._held if when > slot]
        for transaction in reversed(due) if self.orders.reverse else due:
            if self._bank.refusal(transaction) is None:
                self._bank.execute(transaction)

    def confirmed(self, batch: SlotBatch) -> None:
        """Nothing."""

    def finalized(self, batch: SlotBatch) -> None:
        """Nothing."""
