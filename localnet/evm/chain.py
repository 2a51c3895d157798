"""The EVM chain that survives: mining, journaling, snapshots, restarts.

The order that makes a final block safe: mine block N, journal N with fsync, only then mine N+1. `finalized` is the
head less two (`--slots-in-an-epoch 1`), so whatever is final has been on disk for at least one block. Replaying the
same signed transactions with the same block times gives the same block hashes (measured; Anvil's prevrandao is
derived, its coinbase zero), so a restarted chain is the same chain, not a similar one.

A restart never shows clients an old head: the tail of the journal is replayed in a private Anvil on another port,
dumped, and the public one starts from that dump.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson

from localnet.durable import write_atomically
from localnet.evm.anvil import Anvil, Genesis, end_orphans, find_anvil
from localnet.evm.journal import Journal, JournaledBlock, JournalRecord, Rewind
from localnet.evm.rpc import EvmRpc
from localnet.evm.snapshot import Snapshot, SnapshotStore
from localnet.processes import free_port, require_free_port
from localnet.settings import LocalnetSettings
from primitives.errors import LocalnetError, PortTaken

_log = logging.getLogger("localnet.evm")

_FORMAT = 1
# Blocks after the last transaction that make it final: head less two.
_FINALITY_BLOCKS = 2
_LOOKS_SECONDS = 0.25
_REMEMBERED_HASHES = 1024
# A snapshot is worth taking when the replay it saves would take about half a second.
_SNAPSHOT_BLOCKS = 100
_SNAPSHOT_TRANSACTIONS = 400
_FETCHED_AT_ONCE = 500
_RESTARTS_IN_A_MINUTE = 5


@dataclass(frozen=True, slots=True)
class Head:
    """The newest journaled block; `last_transaction_block` is the newest that was not empty (0 if none was)."""

    number: int
    timestamp: int
    hash: str
    last_transaction_block: int


@dataclass(slots=True)
class _Tail:
    """What has been mined since the last snapshot."""

    blocks: int = 0
    transactions: int = 0


@dataclass(slots=True)
class ChainReport:
    """What an operator should know: restarts of Anvil and rewinds below a final block, oldest first."""

    anvil_restarts: int = 0
    rewinds: list[str] = field(default_factory=list)


class EvmChain:
    """One Anvil, its journal and its clock."""

    def __init__(self, settings: LocalnetSettings, session: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._session = session
        self._folder = settings.data_dir.resolve() / "evm"
        self._public_cache = self._folder / "anvil-cache"
        self._private_cache = self._folder / "anvil-replay"
        self._program = find_anvil(settings.anvil)
        self._snapshots = SnapshotStore(self._folder)
        self._lock = asyncio.Lock()
        self._stopping = False
        self._tail = _Tail()
        self._hashes: dict[int, str] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._starts: list[float] = []
        self.report = ChainReport()
        self._journal: Journal
        self._genesis: Genesis
        self._anvil: Anvil
        self._head: Head

    @property
    def rpc(self) -> EvmRpc:
        return self._anvil.rpc

    @property
    def head(self) -> Head:
        return self._head

    @property
    def anvil_pid(self) -> int:
        return self._anvil.pid

    @property
    def running(self) -> bool:
        """False once the chain stops or its supervisor has given up."""
        return not self._stopping and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        """Bring the chain back to its journaled head and let the clock run.

        Raises:
            PortTaken, MissingPart, DiskFull, LocalnetError: Nothing is left running.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for pid in end_orphans(self._public_cache, self._private_cache):
            _log.info("ended an Anvil left behind by an earlier run: pid %s", pid)
        require_free_port(self._settings.host, self._settings.evm_port)
        self._genesis = self._load_genesis()
        self._journal = Journal(self._folder / "journal.jsonl")
        await self._restore()
        self._tasks.append(asyncio.create_task(self._supervise(), name="anvil supervisor"))
        if self._settings.block_interval.total_seconds() > 0:
            self._tasks.append(asyncio.create_task(self._mine_by_the_clock(), name="evm clock"))

    async def stop(self) -> None:
        """Keep a snapshot for a quick next start and end Anvil."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._lock:
            try:
                if self._anvil.running:
                    await self._sync_journal()
                    if self._tail.blocks:
                        await self._take_snapshot(self._anvil)
            except LocalnetError as error:
                _log.warning("no snapshot at stop, the next start replays the journal: %s", error)
            finally:
                await self._anvil.stop()
                self._journal.close()

    async def failed(self) -> None:
        """Return never, unless a background task of the chain breaks; then raise its error."""
        await asyncio.gather(*self._tasks)

    async def mine(self, blocks: int = 1, *, timestamp: int | None = None) -> Head:
        """Mine blocks now, each journaled before the next.

        Args:
            blocks: How many, at least 1.
            timestamp: Unix seconds of the first; default now. Never below the previous block's time plus one.

        Raises:
            LocalnetError: The node does not answer (it may be restarting).
        """
        async with self._lock:
            for index in range(blocks):
                await self._mine_one(timestamp if index == 0 else None)
            return self._head

    # --- mining ---

    async def _mine_by_the_clock(self) -> None:
        """A block as soon as something waits, and never sooner than an interval after the one before."""
        interval = self._settings.block_interval.total_seconds()
        heartbeat = self._settings.heartbeat.total_seconds()
        pause = min(_LOOKS_SECONDS, interval / 4)
        due = time.monotonic()
        while True:
            await asyncio.sleep(max(due - time.monotonic(), pause))
            async with self._lock:
                try:
                    await self._sync_journal()
                    pool = await self.rpc.call("txpool_status")
                    unfinished = self._head.number - self._head.last_transaction_block < _FINALITY_BLOCKS
                    idle_seconds = time.time() - self._head.timestamp
                    if int(pool["pending"], 16) > 0 or unfinished or idle_seconds >= heartbeat:
                        due = time.monotonic() + interval
                        await self._mine_one(None)
                except LocalnetError as error:
                    # A dead Anvil is the supervisor's business; it takes the lock as soon as we give it up.
                    _log.debug("tick skipped: %s", error)

    async def _mine_one(self, timestamp: int | None) -> None:
        moment = max(self._head.timestamp + 1, int(time.time()) if timestamp is None else timestamp)
        await self.rpc.call("evm_mine", hex(moment))
        await self._sync_journal()
        if self._tail.blocks >= _SNAPSHOT_BLOCKS or self._tail.transactions >= _SNAPSHOT_TRANSACTIONS:
            await self._take_snapshot(self._anvil)

    async def _sync_journal(self) -> None:
        """Journal what the node has and the journal has not, also after a rewind made through the public port."""
        fresh: list[JournaledBlock] = []
        block = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        if block["hash"] == self._head.hash:
            return
        while self._hash_at(int(block["number"], 16)) != block["hash"]:
            number = int(block["number"], 16)
            if number == 0:
                raise LocalnetError(
                    "the EVM node shows another genesis block than the journal", node_hash=block["hash"]
                )
            fresh.append(await self._read_block(block))
            block = await self.rpc.call("eth_getBlockByNumber", hex(number - 1), False)
        ancestor = int(block["number"], 16)
        records: list[JournalRecord] = [*reversed(fresh)]
        if ancestor < self._head.number:
            self._note_rewind(ancestor)
            records.insert(0, Rewind(ancestor))
        self._journal.append(*records)
        rewound = ancestor < self._head.number
        self._follow(records, Head(ancestor, int(block["timestamp"], 16), block["hash"], 0) if rewound else None)
        if rewound:
            await self._take_snapshot(self._anvil)

    async def _read_block(self, block: dict[str, object]) -> JournaledBlock:
        hashes = block["transactions"]
        assert isinstance(hashes, list)
        raw: list[str] = []
        for start in range(0, len(hashes), _FETCHED_AT_ONCE):
            chunk = hashes[start : start + _FETCHED_AT_ONCE]
            raw += await self.rpc.batch([("eth_getRawTransactionByHash", [tx_hash]) for tx_hash in chunk])
        number, timestamp = int(str(block["number"]), 16), int(str(block["timestamp"]), 16)
        return JournaledBlock(number, timestamp, str(block["hash"]), tuple(raw))

    def _hash_at(self, number: int) -> str | None:
        if number > self._head.number:
            return None
        if number not in self._hashes:
            # Only a deep rewind asks for old hashes; they are not kept in memory for it.
            self._hashes = {r.number: r.hash for r in self._current(self._journal.read())} | self._hashes
        return self._hashes.get(number)

    def _follow(self, records: Sequence[JournalRecord], base: Head | None = None) -> None:
        """Move head, hashes and tail along with journaled records."""
        if base is not None:
            last = max(
                (r.number for r in self._current(self._journal.read()) if r.transactions and r.number <= base.number),
                default=0,
            )
            self._head = Head(base.number, base.timestamp, base.hash, last)
        for record in records:
            if isinstance(record, Rewind):
                self._hashes = {n: h for n, h in self._hashes.items() if n <= record.number}
                continue
            busy = record.number if record.transactions else self._head.last_transaction_block
            self._head = Head(record.number, record.timestamp, record.hash, busy)
            self._hashes[record.number] = record.hash
            self._tail.blocks += 1
            self._tail.transactions += len(record.transactions)
        while len(self._hashes) > _REMEMBERED_HASHES:
            del self._hashes[next(iter(self._hashes))]

    def _note_rewind(self, ancestor: int) -> None:
        depth = self._head.number - ancestor
        text = f"the EVM chain went back from block {self._head.number} ({self._head.hash}) to block {ancestor}"
        if depth > _FINALITY_BLOCKS:
            self.report.rewinds.append(f"{text}: below final")
            _log.error("%s: blocks that were final are gone", text)
        else:
            _log.warning("%s", text)

    # --- snapshots and restarts ---

    async def _take_snapshot(self, anvil: Anvil) -> Snapshot:
        dump = await anvil.rpc.call("anvil_dumpState")
        snapshot = self._snapshots.save(
            bytes.fromhex(dump[2:]),
            number=self._head.number,
            timestamp=self._head.timestamp,
            hash=self._head.hash,
            journal_offset=self._journal.end,
            last_transaction_block=self._head.last_transaction_block,
        )
        self._tail = _Tail()
        return snapshot

    async def _restore(self) -> None:
        snapshot, blocks = self._replay_plan()
        if blocks:
            snapshot = await self._replay_in_private(snapshot, blocks)
        elif snapshot is not None:
            self._stand_at(snapshot)
        self._anvil = await self._start_anvil(self._settings.evm_port, self._public_cache, snapshot)
        if snapshot is None:
            await self._stand_at_genesis(self._anvil)
        shown = await self.rpc.call("eth_getBlockByNumber", "latest", False)
        if shown["hash"] != self._head.hash:
            await self._anvil.stop()
            raise LocalnetError(
                f"the EVM node shows block {int(shown['number'], 16)} {shown['hash']} instead of "
                f"{self._head.number} {self._head.hash}",
                node_hash=shown["hash"],
                journal_hash=self._head.hash,
            )

    def _replay_plan(self) -> tuple[Snapshot | None, list[JournaledBlock]]:
        """The snapshot to start from and the blocks to replay on it."""
        snapshot = self._snapshots.latest()
        if snapshot is not None and snapshot.journal_offset <= self._journal.end:
            tail = list(self._journal.read(snapshot.journal_offset))
            if all(not isinstance(record, Rewind) or record.number >= snapshot.number for record in tail):
                return snapshot, self._current(tail)
        self._snapshots.discard()
        return None, self._current(self._journal.read())

    @staticmethod
    def _current(records: Iterable[JournalRecord]) -> list[JournaledBlock]:
        """The blocks that still count, in order."""
        blocks: list[JournaledBlock] = []
        for record in records:
            if isinstance(record, Rewind):
                while blocks and blocks[-1].number > record.number:
                    blocks.pop()
            else:
                blocks.append(record)
        return blocks

    async def _replay_in_private(self, snapshot: Snapshot | None, blocks: list[JournaledBlock]) -> Snapshot:
        started = time.monotonic()
        anvil = await self._start_anvil(free_port(self._settings.host), self._private_cache, snapshot)
        try:
            if snapshot is None:
                await self._stand_at_genesis(anvil)
            else:
                self._stand_at(snapshot)
            for block in blocks:
                for raw in block.transactions:
                    await anvil.rpc.call("eth_sendRawTransaction", raw)
                await anvil.rpc.call("evm_mine", hex(block.timestamp))
            self._follow(blocks)
            shown = await anvil.rpc.call("eth_getBlockByNumber", "latest", False)
            if shown["hash"] != self._head.hash:
                first = await self._first_difference(anvil, blocks)
                raise LocalnetError(
                    f"replaying the journal gives another chain from block {first.number} on; the data folder was made "
                    "by another Anvil or changed by hand: keep it aside and start with an empty one",
                    block=first.number,
                    journal_hash=first.hash,
                )
            kept = await self._take_snapshot(anvil)
        finally:
            await anvil.stop()
        _log.info("replayed %s blocks in %.1f s", len(blocks), time.monotonic() - started)
        return kept

    @staticmethod
    async def _first_difference(anvil: Anvil, blocks: list[JournaledBlock]) -> JournaledBlock:
        for block in blocks:
            shown = await anvil.rpc.call("eth_getBlockByNumber", hex(block.number), False)
            if shown is None or shown["hash"] != block.hash:
                return block
        return blocks[-1]

    async def _start_anvil(self, port: int, cache: Path, snapshot: Snapshot | None) -> Anvil:
        state = snapshot.unpack(self._folder / "state.json") if snapshot is not None else None
        try:
            return await Anvil.start(
                self._program,
                self._session,
                host=self._settings.host,
                port=port,
                genesis=self._genesis,
                cache=cache,
                state=state,
            )
        finally:
            if state is not None:
                state.unlink(missing_ok=True)

    async def _stand_at_genesis(self, anvil: Anvil) -> None:
        block = await anvil.rpc.call("eth_getBlockByNumber", "0x0", False)
        self._head = Head(0, int(block["timestamp"], 16), block["hash"], 0)
        self._hashes = {0: block["hash"]}
        self._tail = _Tail()

    def _stand_at(self, snapshot: Snapshot) -> None:
        self._head = Head(snapshot.number, snapshot.timestamp, snapshot.hash, snapshot.last_transaction_block)
        self._hashes = {snapshot.number: snapshot.hash}
        self._tail = _Tail()

    async def _supervise(self) -> None:
        """Start Anvil again whenever it dies under us."""
        while True:
            code = await self._anvil.wait()
            if self._stopping:
                return
            async with self._lock:
                now = time.monotonic()
                self._starts = [moment for moment in self._starts if now - moment < 60] + [now]
                if len(self._starts) > _RESTARTS_IN_A_MINUTE:
                    raise LocalnetError(
                        f"Anvil ended {len(self._starts)} times within a minute (last code {code})", exit_code=code
                    )
                _log.warning("Anvil ended with code %s: starting it again at block %s", code, self._head.number)
                await self._anvil.stop()
                before = self._head
                await self._restart()
                self.report.anvil_restarts += 1
                if self._head.number < before.number:
                    self._note_rewind(self._head.number)

    async def _restart(self) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                require_free_port(self._settings.host, self._settings.evm_port)
                break
            except PortTaken:
                # The kernel may take a moment to give back a killed process's port.
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
        await self._restore()

    def _load_genesis(self) -> Genesis:
        path = self._folder / "genesis.json"
        try:
            saved = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            genesis = Genesis(self._settings.evm_chain_id, int(time.time()))
            write_atomically(
                path,
                orjson.dumps({"format": _FORMAT, "chain_id": genesis.chain_id, "timestamp": genesis.timestamp}),
            )
            return genesis
        if saved["chain_id"] != self._settings.evm_chain_id:
            raise LocalnetError(
                f"the data folder holds chain {saved['chain_id']}, not {self._settings.evm_chain_id}: choose another "
                "folder or that chain id",
                chain_id=saved["chain_id"],
            )
        return Genesis(saved["chain_id"], saved["timestamp"])
