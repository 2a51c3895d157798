"""The Solana chain in process: what is durable when, and what a crash takes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from localnet.solana.bank import Bank
from localnet.solana.records import SlotBatch, TransactionRecord
from localnet.solana.store import SolanaStore
from localnet.solana.transaction import DecodedTransaction
from primitives.errors import DataFolderNewer, LocalnetError, TransactionRejected

FUNDS = 10**12
NOW = 1_800_000_000


class Chain:
    """A bank over a file, which can be dropped as a crash does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.payer = Keypair()
        self.open()
        self.bank.put_account(self.payer.pubkey(), Account(FUNDS, b"", Pubkey.default()))

    def open(self) -> None:
        self.store = SolanaStore(self.path)
        self.bank = Bank(self.store, finality_slots=5, now=lambda: NOW)

    def crash(self) -> None:
        """Lose everything that is not on disk, and start again."""
        self.store.close()
        self.open()

    def gift(self, to: Pubkey, lamports: int, blockhash: Hash | None = None) -> DecodedTransaction:
        instruction = transfer(TransferParams(from_pubkey=self.payer.pubkey(), to_pubkey=to, lamports=lamports))
        return self.sign([instruction], blockhash)

    def sign(self, instructions: list[Instruction], blockhash: Hash | None = None) -> DecodedTransaction:
        recent = blockhash or self.bank.blockhashes.of_slot(self.bank.slot - 1)
        message = Message.new_with_blockhash(instructions, self.payer.pubkey(), recent)
        return self.bank.decode(bytes(VersionedTransaction(message, [self.payer])))

    def run(self, transaction: DecodedTransaction) -> TransactionRecord:
        assert self.bank.refusal(transaction) is None
        record = self.bank.execute(transaction)
        assert isinstance(record, TransactionRecord)
        return record


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    made = Chain(tmp_path / "chain.sqlite")
    try:
        yield made
    finally:
        made.store.close()


async def test_a_crash_takes_back_processed_and_never_confirmed(chain: Chain) -> None:
    """What was committed with its slot is there with balances; the open slot's work never happened."""
    kept, lost = Keypair().pubkey(), Keypair().pubkey()
    await chain.bank.advance()
    confirmed = chain.run(chain.gift(kept, 5_000_000))
    await chain.bank.advance()
    processed = chain.run(chain.gift(lost, 6_000_000))
    paid = chain.bank.account(chain.payer.pubkey(), "confirmed")
    chain.crash()
    assert chain.bank.record(confirmed.signature, "confirmed") == confirmed
    assert chain.bank.record(processed.signature) is None
    account = chain.bank.account(kept)
    assert account is not None
    assert account.lamports == 5_000_000
    assert chain.bank.account(lost) is None
    assert chain.bank.account(chain.payer.pubkey()) == paid


async def test_a_slot_number_is_never_used_twice(chain: Chain) -> None:
    """Also after crashes in empty slots, of which nothing is stored."""
    highest = 0
    for slots in (1, 30, 3, 26):
        for _ in range(slots):
            await chain.bank.advance()
        highest = chain.bank.slot
        chain.crash()
        assert highest < chain.bank.slot <= highest + 26


async def test_a_clean_stop_skips_no_slot_and_keeps_blockhashes(chain: Chain) -> None:
    """The next slot after a stop is the next slot; a blockhash from before still serves."""
    await chain.bank.advance()
    blockhash = chain.bank.blockhashes.of_slot(chain.bank.slot - 1)
    before = chain.bank.slot
    await chain.bank.close()
    chain.crash()
    assert chain.bank.slot == before + 1
    chain.run(chain.gift(Keypair().pubkey(), 5_000_000, blockhash))


async def test_a_signature_is_refused_for_ever(chain: Chain) -> None:
    """In the same slot, in a later one, after a crash, and long after its blockhash."""
    transaction = chain.gift(Keypair().pubkey(), 5_000_000)
    chain.run(transaction)
    assert chain.bank.refusal(transaction) == "AlreadyProcessed"
    await chain.bank.advance()
    assert chain.bank.refusal(transaction) == "AlreadyProcessed"
    chain.crash()
    assert chain.bank.refusal(transaction) == "AlreadyProcessed"
    for _ in range(200):
        await chain.bank.advance()
    assert chain.bank.refusal(transaction) == "AlreadyProcessed"


async def test_a_slot_that_cannot_be_written_stops_the_chain(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is never called confirmed, and no later slot hides the gap."""

    def full(batch: SlotBatch) -> None:
        raise LocalnetError("no room")

    record = chain.run(chain.gift(Keypair().pubkey(), 5_000_000))
    monkeypatch.setattr(chain.store, "commit", full)
    with pytest.raises(LocalnetError, match="no room"):
        await chain.bank.advance()
    monkeypatch.undo()
    assert chain.bank.broken
    assert chain.bank.record(record.signature, "confirmed") is None
    with pytest.raises(LocalnetError, match="lost a slot"):
        await chain.bank.advance()
    with pytest.raises(LocalnetError, match="lost a slot"):
        chain.bank.execute(chain.gift(Keypair().pubkey(), 5_000_000))


async def test_reads_at_a_level_show_the_state_of_that_level(chain: Chain) -> None:
    """Changes in several open slots are undone in the right order for older levels."""
    receiver = Keypair().pubkey()
    amounts = []
    for index in range(8):
        chain.run(chain.gift(receiver, 5_000_000 + index))
        await chain.bank.advance()
        shown = [chain.bank.account(receiver, level) for level in ("finalized", "confirmed", "processed")]
        amounts.append([account.lamports if account else 0 for account in shown])
    sums = [0] + [sum(5_000_000 + i for i in range(n + 1)) for n in range(8)]
    # Closing slot n makes it confirmed; n - 4 is then the newest final one.
    assert amounts == [[sums[max(0, n - 3)], sums[n + 1], sums[n + 1]] for n in range(8)]


async def test_an_emptied_account_is_gone_after_a_restart(chain: Chain) -> None:
    """Closing an account removes its row."""
    other = Keypair()
    chain.run(chain.gift(other.pubkey(), 5_000_000))
    await chain.bank.advance()
    drain = transfer(TransferParams(from_pubkey=other.pubkey(), to_pubkey=chain.payer.pubkey(), lamports=5_000_000))
    recent = chain.bank.blockhashes.of_slot(chain.bank.slot - 1)
    message = Message.new_with_blockhash([drain], chain.payer.pubkey(), recent)
    chain.run(chain.bank.decode(bytes(VersionedTransaction(message, [chain.payer, other]))))
    assert chain.bank.account(other.pubkey()) is None
    await chain.bank.advance()
    chain.crash()
    assert chain.bank.account(other.pubkey()) is None


async def test_slot_times_stay_true_over_empty_slots(chain: Chain) -> None:
    """Worked out at 400 ms a slot, and exact where time jumped."""
    await chain.bank.advance(block_time=NOW + 1000)
    jumped = chain.bank.slot
    for _ in range(5):
        await chain.bank.advance(block_time=NOW + 1000)
    assert chain.bank.block_time(jumped) == NOW + 1000
    await chain.bank.advance(block_time=NOW)
    assert chain.bank.block_time(chain.bank.slot) == NOW + 1000


@pytest.mark.parametrize("wire", [b"", b"\x00", bytes(100), b"\x01" + bytes(64)])
def test_nonsense_is_rejected(chain: Chain, wire: bytes) -> None:
    with pytest.raises(TransactionRejected):
        chain.bank.decode(wire)


def test_trailing_bytes_are_rejected(chain: Chain) -> None:
    """One transaction has one encoding."""
    wire = chain.gift(Keypair().pubkey(), 5_000_000).wire
    with pytest.raises(TransactionRejected, match="trailing"):
        chain.bank.decode(wire + b"\0")


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    store = SolanaStore(tmp_path / "chain.sqlite")
    store._writer.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(DataFolderNewer):
        SolanaStore(tmp_path / "chain.sqlite")


def test_a_file_of_the_first_format_is_brought_up_and_keeps_its_chain(tmp_path: Path) -> None:
    store = SolanaStore(tmp_path / "chain.sqlite")
    genesis = store.genesis_hash
    store._writer.executescript("DROP TABLE skipped_slots; PRAGMA user_version = 1;")
    store.close()
    again = SolanaStore(tmp_path / "chain.sqlite")
    assert (again.genesis_hash, again.is_skipped(1), again.skipped_slots(0)) == (genesis, False, [])
    again.close()


async def test_a_preflight_that_fails_leaves_nothing_behind(chain: Chain) -> None:
    """The run is taken back whole: no fee, no record, and the same bytes may be tried again."""
    paid = chain.bank.account(chain.payer.pubkey())
    overdraft = chain.gift(Keypair().pubkey(), 2 * FUNDS)
    refused = chain.bank.execute(overdraft, only_if_it_succeeds=True)
    assert not isinstance(refused, TransactionRecord)
    assert refused.error == {"InstructionError": [0, {"Custom": 1}]}
    assert chain.bank.account(chain.payer.pubkey()) == paid
    assert chain.bank.refusal(overdraft) is None
    assert chain.bank.record(overdraft.signature) is None
