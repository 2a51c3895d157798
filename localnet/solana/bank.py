"""The chain itself: one LiteSVM, its slots, and what became of every transaction.

Life of a transaction here: executed at once in the open slot (`processed`); when the slot closes, its transactions
and the accounts they changed go to disk in one commit, and only then is the slot `confirmed`; `finality_slots` later
it is `finalized`. A crash can therefore take back `processed`, never `confirmed`.

LiteSVM's own checks of blockhash, signature and duplicates are off; this module makes them, because LiteSVM accepts
only its newest blockhash, forgets old signatures, and does not protect durable nonces.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from solders.account import Account
from solders.clock import Clock
from solders.hash import Hash
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction_metadata import SimulatedTransactionInfo, TransactionMetadata

from localnet.solana.blockhashes import MAX_PROCESSING_AGE, BlockhashWindow
from localnet.solana.nonce import next_nonce, nonce_account_of, nonce_authority, stored_nonce, with_nonce
from localnet.solana.outcome import Balances, split_outcome, status_meta
from localnet.solana.records import SlotBatch, TransactionRecord
from localnet.solana.store import SolanaStore
from localnet.solana.tokens import mint_decimals
from localnet.solana.transaction import DecodedTransaction, decode_transaction
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue, LocalnetError

SLOTS_PER_EPOCH = 432_000
_LOG_BYTES = 10_000
# How far the promise in the store runs ahead: an idle chain writes once per this many slots (10 s), and a crash
# skips at most as many.
_RESERVED_SLOTS = 25
_TIME_TOLERANCE_SECONDS = 2
_REMEMBERED_SLOTS = MAX_PROCESSING_AGE + 2
_SYSVAR_OWNER = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")
_UPGRADEABLE_LOADER = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")


class BankListener(Protocol):
    """Told about every step, in order; must not block."""

    def executed(self, record: TransactionRecord, accounts: dict[Pubkey, Account | None]) -> None:
        """A transaction is `processed`."""

    def slot_opened(self, slot: int, root: int) -> None:
        """A new slot is open; `root` is the newest finalized one."""

    def confirmed(self, batch: SlotBatch) -> None:
        """A closed slot is on disk, if it did anything."""

    def finalized(self, batch: SlotBatch) -> None:
        """A closed slot is final."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a transaction would do: error as Agave's JSON, what the run left, the accounts after it."""

    error: Any
    meta: TransactionMetadata | None
    accounts: dict[Pubkey, Account]


class Bank:
    """Owner of the machine. Used from one event loop only."""

    def __init__(
        self, store: SolanaStore, *, finality_slots: int, now: Callable[[], int] = lambda: int(time.time())
    ) -> None:
        self._store = store
        self._finality_slots = finality_slots
        self._now = now
        self._svm = (
            LiteSVM()
            .with_blockhash_check(False)
            .with_sigverify(False)
            .with_transaction_history(0)
            .with_log_bytes_limit(_LOG_BYTES)
        )
        self.genesis_hash = store.genesis_hash
        self.blockhashes = BlockhashWindow(self.genesis_hash)
        self._listeners: list[BankListener] = []
        self._undo: dict[Pubkey, list[tuple[int, Account | None]]] = {}
        self._waiting: deque[SlotBatch] = deque()
        self._committing: dict[str, TransactionRecord] = {}
        # Signature → slot of what landed while a blockhash that is still good was the newest, oldest first.
        self._recent: dict[str, int] = {}
        self._transaction_count = store.transaction_count()
        self._load_accounts()
        first = store.next_slot
        self._reserved = self._first_slot = first
        self.blockhashes.skip(store.skipped_slots(first - MAX_PROCESSING_AGE - 1))
        self._recent.update(store.signatures_since(first - MAX_PROCESSING_AGE - 1))
        mark = store.slot_mark_before(first)
        self._open = SlotBatch(first, max(self._now(), mark[1] if mark else 0))
        self._mark = mark or (first, self._open.block_time)
        self._confirmed_slot = first - 1
        self._advance_turn = asyncio.Lock()
        self.broken = False
        self._enter_open_slot()

    # --- where the chain stands ---

    @property
    def slot(self) -> int:
        """The open slot: the `processed` level."""
        return self._open.slot

    @property
    def confirmed_slot(self) -> int:
        return self._confirmed_slot

    @property
    def finalized_slot(self) -> int:
        return max(0, min(self._confirmed_slot, self.slot - self._finality_slots))

    @property
    def newest_blockhash(self) -> Hash:
        """Of the newest closed slot that has a block."""
        return self.blockhashes.of_slot(self.blockhashes.newest_at(self.slot - 1))

    @property
    def transaction_count(self) -> int:
        return self._transaction_count

    @property
    def store(self) -> SolanaStore:
        return self._store

    def slot_at(self, commitment: str) -> int:
        """The newest slot of a commitment level."""
        if commitment == "finalized":
            return self.finalized_slot
        return self.confirmed_slot if commitment == "confirmed" else self.slot

    def is_skipped(self, slot: int) -> bool:
        """Whether another fork won at that slot, so that it has no block."""
        return slot <= self._confirmed_slot and self._store.is_skipped(slot)

    def parent_of(self, slot: int) -> int:
        """The nearest earlier slot that has a block."""
        parent = slot - 1
        while parent > 0 and self._store.is_skipped(parent):
            parent -= 1
        return max(0, parent)

    def block_time(self, slot: int) -> int:
        """Unix seconds of a slot: exact where it did something, else interpolated from the mark before it."""
        if slot >= self._open.slot:
            return self._open.block_time
        mark = self._store.slot_mark_before(slot)
        if mark is None:
            return self._open.block_time
        return min(self._open.block_time, _later(mark, slot))

    def minimum_balance(self, data_bytes: int) -> int:
        """Lamports that make an account of so many data bytes rent-exempt."""
        return self._svm.minimum_balance_for_rent_exemption(data_bytes)

    # --- accounts ---

    def account(self, address: Pubkey, commitment: str = "processed") -> Account | None:
        """The account as of the newest slot of a commitment level."""
        slot = self.slot_at(commitment)
        for changed_slot, before in self._undo.get(address, ()):
            if changed_slot > slot:
                return before
        return self._live_account(address)

    def program_accounts(self, program: Pubkey, commitment: str = "processed") -> list[tuple[Pubkey, Account]]:
        """Every account that a program owns, ordered by address."""
        found = {address: account for address, account in self._svm.get_program_accounts(program) if account.lamports}
        for address in self._undo:
            account = self.account(address, commitment)
            if account is not None and account.owner == program:
                found[address] = account
            else:
                found.pop(address, None)
        return sorted(found.items(), key=lambda item: bytes(item[0]))

    def put_account(self, address: Pubkey, account: Account) -> None:
        """Place an account that a chain has from its beginning; not a transaction, so only for genesis."""
        self._open.accounts[address] = account
        self._svm.set_account(address, account)

    # --- transactions ---

    def decode(self, wire: bytes) -> DecodedTransaction:
        """Read signed bytes.

        Raises:
            TransactionRejected: Too long, or not a transaction.
        """
        return decode_transaction(wire, self._live_account)

    def refusal(self, transaction: DecodedTransaction) -> str | None:
        """Why the chain would not even run this transaction: Agave's error name, or None.

        Signatures are the caller's to check once (they are the costly part).
        """
        if self._has_landed(transaction):
            return "AlreadyProcessed"
        if not self.blockhash_is_good(transaction):
            return "BlockhashNotFound"
        return None

    def _has_landed(self, transaction: DecodedTransaction) -> bool:
        if transaction.signature in self._recent:
            return True
        # One with a recent blockhash can only have landed since that blockhash; one by a nonce at any time.
        by_nonce = self.blockhashes.slot_of(transaction.blockhash) is None
        return by_nonce and self._store.has_signature(transaction.signature)

    def blockhash_is_good(self, transaction: DecodedTransaction) -> bool:
        """Whether its blockhash is recent, or is the durable nonce that its first instruction uses up."""
        return self.blockhashes.slot_of(transaction.blockhash) is not None or self._uses_valid_nonce(transaction)

    def execute(
        self, transaction: DecodedTransaction, *, only_if_it_succeeds: bool = False
    ) -> TransactionRecord | Simulation:
        """Run a transaction that `refusal` let pass, in the open slot.

        Args:
            only_if_it_succeeds: Take a failed run back altogether: the preflight and the execution in one, since
                nothing can come between them here.

        Returns:
            Its record, also if it failed and paid its fee; or what refused it, in which case nothing changed.
        """
        self._require_whole()
        keys = transaction.keys
        before = [self._live_account(key) for key in keys]
        by_nonce = self.blockhashes.slot_of(transaction.blockhash) is None
        outcome = self._svm.send_transaction(transaction.transaction)
        error, meta = split_outcome(outcome)
        # Nothing but what the message asks to write can have changed.
        after = [
            self._live_account(key) if writable else old
            for key, writable, old in zip(keys, transaction.writable, before, strict=True)
        ]
        if error is not None:
            if only_if_it_succeeds:
                self._put_back(keys, before, after)
                return Simulation(error, meta, {})
            payer_before, payer_after = before[0], after[0]
            if (payer_before.lamports if payer_before else 0) <= (payer_after.lamports if payer_after else 0):
                return Simulation(error, meta, {})
        touched = [
            index
            for index, (old, new) in enumerate(zip(before, after, strict=True))
            if new is not old and new != old and (new is None or new.owner != _SYSVAR_OWNER)
        ]
        used_up = nonce_account_of(transaction) if by_nonce and error is not None else None
        if used_up is not None and (index := keys.index(used_up)) not in touched:
            touched.append(index)
        for index in touched:
            after[index] = self._renewed_nonce(transaction, keys[index], before[index], after[index], used_up)
            self._undo.setdefault(keys[index], []).append((self.slot, before[index]))
        record = TransactionRecord(
            signature=transaction.signature,
            slot=self.slot,
            index=len(self._open.transactions),
            block_time=self._open.block_time,
            wire=transaction.wire,
            accounts=tuple(str(key) for key in keys),
            meta=status_meta(transaction, error, meta, before=before, after=after, decimals_of=self._decimals),
        )
        changed = {keys[index]: after[index] for index in touched}
        self._open.transactions.append(record)
        self._open.accounts.update(changed)
        self._committing[record.signature] = record
        self._recent[record.signature] = record.slot
        self._transaction_count += 1
        for listener in self._listeners:
            listener.executed(record, changed)
        return record

    def simulate(self, transaction: DecodedTransaction) -> Simulation:
        """Run a transaction and keep nothing of it."""
        outcome = self._svm.simulate_transaction(transaction.transaction)
        if isinstance(outcome, SimulatedTransactionInfo):
            return Simulation(None, outcome.meta(), dict(outcome.post_accounts()))
        error, meta = split_outcome(outcome)
        return Simulation(error, meta, {})

    def recent_record(self, signature: str) -> TransactionRecord | None:
        """A transaction that is executed but not yet on disk."""
        return self._committing.get(signature)

    def record(self, signature: str, commitment: str = "processed") -> TransactionRecord | None:
        """A transaction at a commitment level or above."""
        record = self._committing.get(signature) or self._store.transaction(signature)
        return record if record is not None and record.slot <= self.slot_at(commitment) else None

    # --- time ---

    def listen(self, listener: BankListener) -> None:
        self._listeners.append(listener)

    async def advance(self, *, block_time: int | None = None) -> None:
        """Close the open slot, open the next, make the closed one durable, then call it confirmed.

        Args:
            block_time: Unix seconds of the new slot; default now, never before the slot before it.

        Raises:
            DiskFull, LocalnetError: The closed slot could not be written; the chain must stop.
        """
        async with self._advance_turn:
            self._require_whole()
            closed = self._open
            moment = self._now() if block_time is None else block_time
            self._open = SlotBatch(closed.slot + 1, max(moment, closed.block_time))
            try:
                self._enter_open_slot()
                if closed.transactions or closed.accounts or self._off_the_beat(closed):
                    await asyncio.to_thread(self._store.commit, closed)
                    self._mark = (closed.slot, closed.block_time)
            except BaseException:
                # What the machine holds is now ahead of the disk for good; a later slot must not hide the gap.
                self.broken = True
                raise
            self._confirmed_slot = closed.slot
            for record in closed.transactions:
                del self._committing[record.signature]
            self._waiting.append(closed)
            for listener in self._listeners:
                listener.confirmed(closed)
            self._finalize()
            for listener in self._listeners:
                listener.slot_opened(self.slot, self.finalized_slot)

    async def rewind(self, slots: int) -> list[TransactionRecord]:
        """Let another fork win: the open slot and the newest `slots` confirmed ones never were.

        Their numbers count as skipped and their blockhashes are void; what they changed is as it was before.

        Returns:
            The transactions that were taken back, in their order.

        Raises:
            InvalidValue: A slot among them is final, or from before the start of this process.
            DiskFull, LocalnetError: Nothing was taken back.
        """
        async with self._advance_turn:
            self._require_whole()
            kept = self._confirmed_slot - slots
            if slots < 0 or kept < max(self.finalized_slot, self._first_slot - 1):
                most = self._confirmed_slot - max(self.finalized_slot, self._first_slot - 1)
                raise InvalidValue(f"{slots} slots cannot be rewound: at most {most} are not final", field="slots")
            dropped = [batch for batch in self._waiting if batch.slot > kept]
            lost = [record for batch in [*dropped, self._open] for record in batch.transactions]
            restored: dict[Pubkey, Account | None] = {}
            for address, changes in self._undo.items():
                after = [before for slot, before in changes if slot > kept]
                if after:
                    restored[address] = after[0]
            skipped = range(kept + 1, self.slot + 1)
            await asyncio.to_thread(self._store.rewind, kept, self.slot, restored)
            for address, account in restored.items():
                self._svm.set_account(address, account or Account(0, b"", Pubkey.default()))
                earlier = [change for change in self._undo[address] if change[0] <= kept]
                if earlier:
                    self._undo[address] = earlier
                else:
                    del self._undo[address]
            self._waiting = deque(batch for batch in self._waiting if batch.slot <= kept)
            for record in lost:
                self._committing.pop(record.signature, None)
                del self._recent[record.signature]
            self._transaction_count -= len(lost)
            self.blockhashes.skip(skipped)
            self._confirmed_slot = kept
            self._open = SlotBatch(self.slot + 1, max(self._now(), self._open.block_time))
            self._enter_open_slot()
            for listener in self._listeners:
                listener.slot_opened(self.slot, self.finalized_slot)
            return lost

    async def close(self) -> None:
        """Make the open slot durable and remember exactly where the chain stands."""
        await self.advance()
        self._store.reserve_slots(self.slot, slot=self.slot - 1, block_time=self._open.block_time)

    # --- inside ---

    def _off_the_beat(self, closed: SlotBatch) -> bool:
        """Whether the time of an empty slot would be wrong if it were worked out from the last mark."""
        return abs(_later(self._mark, closed.slot) - closed.block_time) >= _TIME_TOLERANCE_SECONDS

    def _require_whole(self) -> None:
        if self.broken:
            raise LocalnetError("the local Solana chain lost a slot and must be started again")

    def _finalize(self) -> None:
        final = self.finalized_slot
        while self._waiting and self._waiting[0].slot <= final:
            batch = self._waiting.popleft()
            for address in batch.accounts:
                kept = [change for change in self._undo.get(address, ()) if change[0] > final]
                if kept:
                    self._undo[address] = kept
                else:
                    self._undo.pop(address, None)
            for listener in self._listeners:
                listener.finalized(batch)

    def _enter_open_slot(self) -> None:
        slot, block_time = self._open.slot, self._open.block_time
        if slot >= self._reserved:
            self._reserved = slot + _RESERVED_SLOTS
            self._store.reserve_slots(self._reserved, slot=slot - 1, block_time=block_time)
            self._mark = (slot - 1, block_time)
        self.blockhashes.advance(slot)
        while self._recent and (oldest := next(iter(self._recent))) and self._recent[oldest] < slot - _REMEMBERED_SLOTS:
            del self._recent[oldest]
        self._svm.expire_blockhash()
        epoch = slot // SLOTS_PER_EPOCH
        self._svm.set_clock(Clock(slot, block_time, epoch, epoch + 1, block_time))
        # The open slot is included, so that a lookup table can be made with the slot that getSlot just answered.
        self._svm.set_slot_hashes([(slot, self.blockhashes.of_slot(slot)), *self.blockhashes.hashes()])

    def _uses_valid_nonce(self, transaction: DecodedTransaction) -> bool:
        address = nonce_account_of(transaction)
        account = self._live_account(address) if address is not None else None
        nonce = stored_nonce(account)
        if account is None or nonce is None or nonce != transaction.blockhash:
            return False
        return transaction.is_signer(nonce_authority(account))

    def _put_back(self, keys: Sequence[Pubkey], before: Balances, after: Balances) -> None:
        for key, old, new in zip(keys, before, after, strict=True):
            if new is not old and new != old:
                self._svm.set_account(key, old or Account(0, b"", Pubkey.default()))

    def _renewed_nonce(
        self,
        transaction: DecodedTransaction,
        key: Pubkey,
        old: Account | None,
        new: Account | None,
        used_up: Pubkey | None,
    ) -> Account | None:
        """A nonce account that was advanced or made gets a value that never was; any other account stays.

        A transaction that failed after its nonce was accepted uses the nonce up all the same (Agave,
        `rollback_accounts`).
        """
        nonce = stored_nonce(new)
        if new is None or nonce is None or (nonce == stored_nonce(old) and key != used_up):
            return new
        seed = transaction.wire[1:65] + bytes(key)
        renewed = with_nonce(new, next_nonce(self.newest_blockhash, seed))
        self._svm.set_account(key, renewed)
        return renewed

    def _decimals(self, mint: Pubkey) -> int | None:
        return mint_decimals(self._live_account(mint))

    def _live_account(self, address: Pubkey) -> Account | None:
        account = self._svm.get_account(address)
        # LiteSVM keeps emptied accounts; on Solana an account without lamports does not exist.
        return account if account is not None and account.lamports > 0 else None

    def _load_accounts(self) -> None:
        programs: list[tuple[Pubkey, Account]] = []
        for address, account in self._store.accounts():
            # A program must come after the program data account that it points to.
            if account.executable and account.owner == _UPGRADEABLE_LOADER:
                programs.append((address, account))
            else:
                self._svm.set_account(address, account)
        for address, account in programs:
            self._svm.set_account(address, account)


def _later(mark: tuple[int, int], slot: int) -> int:
    """Unix seconds of `slot` at Solana's 400 ms a slot since the marked (slot, unix seconds)."""
    marked_slot, marked_time = mark
    return marked_time + (slot - marked_slot) * 2 // 5


def genesis_text(genesis_hash: bytes) -> str:
    """The genesis hash as base58 text; its first 32 characters name the chain in CAIP-2."""
    return encode_base58(genesis_hash)


def last_valid_height(blockhash_slot: int) -> int:
    """The last block height at which a blockhash of that slot is still good (here height = slot)."""
    return blockhash_slot + MAX_PROCESSING_AGE
