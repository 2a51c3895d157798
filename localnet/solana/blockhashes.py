"""Blockhashes of a chain whose slots are mostly empty.

The blockhash of a slot depends only on the genesis hash and the slot number, so nothing need be stored for an empty
slot and a restart knows every earlier hash. Nobody mines here, so nobody gains by knowing the next one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import sha256

from solders.hash import Hash

# A blockhash serves for 150 blocks after its own: 151 hashes are good at any time
# (Agave, MAX_PROCESSING_AGE in solana-clock).
MAX_PROCESSING_AGE = 150


class BlockhashWindow:
    """The recent blockhashes, newest last."""

    def __init__(self, genesis_hash: bytes) -> None:
        self._genesis_hash = genesis_hash
        self._slots: OrderedDict[Hash, int] = OrderedDict()
        self._skipped: set[int] = set()

    def of_slot(self, slot: int) -> Hash:
        """32 bytes: sha256("quanbao.localnet.blockhash" ‖ genesis hash ‖ slot as 8 bytes little-endian)."""
        return Hash(sha256(b"quanbao.localnet.blockhash" + self._genesis_hash + slot.to_bytes(8, "little")).digest())

    def skip(self, slots: Iterable[int]) -> None:
        """Void the blockhashes of these slots: another fork won."""
        for slot in slots:
            self._skipped.add(slot)
            self._slots.pop(self.of_slot(slot), None)

    def newest_at(self, slot: int) -> int:
        """The newest slot up to `slot` whose blockhash serves."""
        while slot in self._skipped:
            slot -= 1
        return slot

    def advance(self, open_slot: int) -> None:
        """Make the hashes of the 151 slots before `open_slot` the valid ones."""
        oldest = max(0, open_slot - 1 - MAX_PROCESSING_AGE)
        newest = next(reversed(self._slots.values())) if self._slots else oldest - 1
        for slot in range(max(oldest, newest + 1), open_slot):
            if slot not in self._skipped:
                self._slots[self.of_slot(slot)] = slot
        while self._slots and next(iter(self._slots.values())) < oldest:
            self._slots.popitem(last=False)
        self._skipped = {slot for slot in self._skipped if slot >= oldest}

    def slot_of(self, blockhash: Hash) -> int | None:
        """The slot of a hash that is still valid, else None."""
        return self._slots.get(blockhash)

    def hashes(self) -> list[tuple[int, Hash]]:
        """(slot, hash), newest first, as the SlotHashes sysvar wants them."""
        return [(slot, blockhash) for blockhash, slot in reversed(self._slots.items())]
