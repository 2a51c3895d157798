"""The running Solana chain: store, bank, clock, server, and its test money."""

from __future__ import annotations

import asyncio
import contextlib
import time
from hashlib import sha256
from typing import Literal

from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from localnet.processes import require_free_port
from localnet.settings import LocalnetSettings
from localnet.solana.bank import Bank
from localnet.solana.blockhashes import MAX_PROCESSING_AGE
from localnet.solana.misbehaviour import Misbehaviour
from localnet.solana.node import SolanaNode
from localnet.solana.priority_fees import PriorityFees
from localnet.solana.records import TransactionRecord
from localnet.solana.server import RpcServer
from localnet.solana.store import SolanaStore
from localnet.solana.tokens import NATIVE_MINT, TOKEN_PROGRAM, native_mint_data

# Half a billion SOL, as the localnet's whole supply; public key material, worth nothing.
_FAUCET_LAMPORTS = 500_000_000 * 10**9


def public_test_keypair(name: str) -> Keypair:
    """A keypair that everybody can compute: only for test money on local chains.

    Its 32-byte seed is sha256("quanbao.localnet." ‖ name).
    """
    return Keypair.from_seed(sha256(f"quanbao.localnet.{name}".encode()).digest())


Again = Literal["none", "same", "reverse"]


class SolanaChain:
    """One LiteSVM behind JSON-RPC, with a clock."""

    def __init__(self, settings: LocalnetSettings) -> None:
        self._settings = settings
        self._clock: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self.faucet = public_test_keypair("faucet")
        self.bank: Bank
        self.misbehaviour: Misbehaviour
        self.server: RpcServer
        self._store: SolanaStore

    async def start(self) -> None:
        """Load the chain from disk and open both ports.

        Raises:
            PortTaken, DataFolderNewer, DiskFull, LocalnetError: Nothing is left running.
        """
        require_free_port(self._settings.host, self._settings.solana_port)
        require_free_port(self._settings.host, self._settings.solana_websocket_port)
        folder = self._settings.data_dir / "solana"
        folder.mkdir(parents=True, exist_ok=True)
        self._store = SolanaStore(folder / "chain.sqlite")
        self.bank = Bank(self._store, finality_slots=self._settings.finality_slots)
        if self.bank.account(self.faucet.pubkey()) is None:
            self.bank.put_account(self.faucet.pubkey(), Account(_FAUCET_LAMPORTS, b"", Pubkey.default()))
        if self.bank.account(NATIVE_MINT) is None:
            rent = self.bank.minimum_balance(len(native_mint_data()))
            self.bank.put_account(NATIVE_MINT, Account(rent, native_mint_data(), TOKEN_PROGRAM))
        identity = public_test_keypair("node").pubkey()
        self.misbehaviour = Misbehaviour(self.bank)
        fees = PriorityFees(self.bank.slot)
        self.bank.listen(fees)
        node = SolanaNode(self.bank, identity, self.faucet, _FAUCET_LAMPORTS, self.misbehaviour, fees)
        self.server = RpcServer(node)
        # So that an answer at `finalized` is there from the first request on.
        for _ in range(self._settings.finality_slots):
            await self.bank.advance()
        if self._settings.slot_interval.total_seconds() > 0:
            self._clock = asyncio.create_task(self._tick(), name="solana clock")
        await self.server.start(self._settings.host, self._settings.solana_port, self._settings.solana_websocket_port)

    async def stop(self) -> None:
        if self._clock is not None:
            # Not cancelled: a commit under way must end before the next one begins.
            self._stopping.set()
            await asyncio.gather(self._clock, return_exceptions=True)
        await self.server.stop()
        if not self.bank.broken:
            await self.bank.close()
        self._store.close()

    async def failed(self) -> None:
        """Return never, unless the clock breaks (a slot could not be written); then raise its error."""
        if self._clock is not None:
            await asyncio.shield(self._clock)
        await asyncio.Event().wait()

    async def mine(self, slots: int = 1, *, timestamp: int | None = None) -> int:
        """Close so many slots now; the slot that is open afterwards."""
        for index in range(slots):
            await self.bank.advance(block_time=timestamp if index == 0 else None)
        return self.bank.slot

    async def expire(self) -> int:
        """Close so many slots that no blockhash of before is good any more; the slot that is open afterwards."""
        return await self.mine(MAX_PROCESSING_AGE + 1)

    async def rewind(self, slots: int, *, again: Again) -> tuple[list[str], list[str]]:
        """Let another fork win, in which the transactions of the lost one land again, in which order, or not at all.

        Returns:
            Signatures that were taken back, and those that landed again.

        Raises:
            InvalidValue: So many slots are not unfinalised.
        """
        lost = await self.bank.rewind(slots)
        landed = []
        for record in [] if again == "none" else reversed(lost) if again == "reverse" else lost:
            transaction = self.bank.decode(record.wire)
            if self.bank.refusal(transaction) is None:
                outcome = self.bank.execute(transaction)
                if isinstance(outcome, TransactionRecord):
                    landed.append(outcome.signature)
        return [record.signature for record in lost], landed

    async def _tick(self) -> None:
        interval = self._settings.slot_interval.total_seconds()
        next_tick = time.monotonic() + interval
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), max(0.0, next_tick - time.monotonic()))
            next_tick = max(next_tick + interval, time.monotonic())
            await self.bank.advance()
