"""Both chains, their faucet and the control port, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from localnet.control.faucet import Faucet
from localnet.control.gifts import GiftBook
from localnet.control.server import ControlServer
from localnet.control.solana_faults import SolanaFaults
from localnet.durable import write_atomically
from localnet.evm.chain import EvmChain
from localnet.evm.exchange import open_exchange, opened_exchange
from localnet.evm.faucet import FAUCET_ADDRESS, EvmFaucet
from localnet.lock import DataFolderLock
from localnet.processes import require_free_port
from localnet.settings import LocalnetSettings
from localnet.solana.bank import genesis_text
from localnet.solana.chain import SolanaChain
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import DECIMALS, TEST_MONIES
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import DataFolderNewer

_FORMAT = 1
_STATUS_FILE = "localnet.json"
# How long a predecessor whose parent died may take to notice, write its state and go.
_PREDECESSOR_SECONDS = 15.0


class LocalNetwork:
    """One data folder, one lock, four ports."""

    def __init__(self, settings: LocalnetSettings) -> None:
        self._settings = settings
        self._lock = DataFolderLock(
            settings.data_dir, patience_seconds=_PREDECESSOR_SECONDS if settings.with_parent else 0.0
        )
        self._status_file = settings.data_dir / _STATUS_FILE
        self._opened: list[Any] = []

    async def start(self) -> None:
        """Start everything; the status file appears when all of it answers.

        Raises:
            DataFolderBusy, DataFolderNewer, PortTaken, MissingPart, DiskFull, LocalnetError: Nothing is left running.
        """
        try:
            await self._start()
        except BaseException:
            # The cause matters, not what went wrong while cleaning up after it.
            with contextlib.suppress(Exception):
                await self.stop()
            raise

    async def stop(self) -> None:
        """Stop in the reverse order; state is on disk afterwards. What fails to stop keeps nothing else running."""
        failures: list[Exception] = []
        while self._opened:
            try:
                await self._opened.pop()()
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    async def failed(self) -> None:
        """Return never; raise what broke one of the chains."""
        tasks = [asyncio.ensure_future(chain.failed()) for chain in (self.evm, self.solana)]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()

    async def status(self) -> dict[str, Any]:
        """What a client needs to know: urls, chain ids, assets, heights."""
        settings, evm_head = self._settings, self.evm.head
        return {
            "format": _FORMAT,
            "pid": os.getpid(),
            "data_dir": str(settings.data_dir),
            "control_url": settings.control_url,
            "chains": [
                {
                    "chain": str(self.evm_chain_id),
                    "family": "eip155",
                    "rpc_url": settings.evm_url,
                    "height": evm_head.number,
                    "finalized_height": max(0, evm_head.number - 2),
                    "node": "anvil",
                    "faucet": str(AccountId.from_raw(self.evm_chain_id, FAUCET_ADDRESS)),
                    "node_pid": self.evm.anvil_pid,
                    **self._exchange,
                    "node_restarts": self.evm.report.anvil_restarts,
                    "rewinds": self.evm.report.rewinds,
                    "assets": self._assets(
                        self.evm_chain_id, "ETH", 18, {m.symbol: self.evm_faucet.money_address(m) for m in TEST_MONIES}
                    ),
                },
                {
                    "chain": str(self.solana_chain_id),
                    "family": "solana",
                    "rpc_url": settings.solana_url,
                    "websocket_url": settings.solana_websocket_url,
                    "genesis_hash": genesis_text(self.solana.bank.genesis_hash),
                    "height": self.solana.bank.slot,
                    "finalized_height": self.solana.bank.finalized_slot,
                    "node": "litesvm",
                    "faucet": str(AccountId.from_raw(self.solana_chain_id, bytes(self.solana.faucet.pubkey()))),
                    "assets": self._assets(
                        self.solana_chain_id,
                        "SOL",
                        9,
                        {m.symbol: str(self.solana_faucet.mint_address(m)) for m in TEST_MONIES},
                    ),
                },
            ],
        }

    async def mine(self, family: str, blocks: int, timestamp: int | None) -> int:
        """Make blocks or slots now; the height afterwards."""
        if family == "solana":
            return await self.solana.mine(blocks, timestamp=timestamp)
        return (await self.evm.mine(blocks, timestamp=timestamp)).number

    # --- inside ---

    async def _start(self) -> None:
        settings = self._settings
        await asyncio.to_thread(self._lock.__enter__)
        self._opened.append(self._unlock)
        self._require_known_format()
        self._status_file.unlink(missing_ok=True)
        # The EVM port is looked at later, once our own orphan no longer holds it.
        for port in (settings.control_port, settings.solana_port, settings.solana_websocket_port):
            require_free_port(settings.host, port)
        session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=16)
        )
        self._opened.append(session.close)
        self.evm = EvmChain(settings, session)
        await self.evm.start()
        self._opened.append(self.evm.stop)
        self.solana = SolanaChain(settings)
        await self.solana.start()
        self._opened.append(self.solana.stop)
        self.evm_chain_id = ChainId.evm(settings.evm_chain_id)
        self.solana_chain_id = ChainId.solana(genesis_text(self.solana.bank.genesis_hash))
        self.evm_faucet = EvmFaucet(
            self.evm, chain_id=settings.evm_chain_id, mines_by_hand=not settings.block_interval.total_seconds()
        )
        self.solana_faucet = SolanaFaucet(self.solana, mines_by_hand=not settings.slot_interval.total_seconds())
        await asyncio.gather(self.evm_faucet.deploy_money(), self.solana_faucet.make_mints())
        if settings.exchange:
            await open_exchange(self.evm, self.evm_faucet)
        self._exchange = await opened_exchange(self.evm)
        book = GiftBook(settings.data_dir / "gifts.sqlite")
        self._opened.append(_closer(book))
        faucet = Faucet(self.evm_faucet, self.evm_chain_id, self.solana_faucet, self.solana_chain_id, book)
        control = ControlServer(faucet, self.status, self.mine, SolanaFaults(self.solana))
        self._opened.append(control.stop)
        await control.start(settings.host, settings.control_port)
        write_atomically(self._status_file, orjson.dumps(await self.status(), option=orjson.OPT_INDENT_2))

    async def _unlock(self) -> None:
        self._status_file.unlink(missing_ok=True)
        self._lock.__exit__()

    def _require_known_format(self) -> None:
        path: Path = self._settings.data_dir / "format"
        try:
            found = int(path.read_text())
        except FileNotFoundError:
            write_atomically(path, str(_FORMAT).encode())
            return
        if found > _FORMAT:
            raise DataFolderNewer(
                f"{self._settings.data_dir} has format {found}, this program knows {_FORMAT}: use the newer program",
                format=found,
                known=_FORMAT,
            )

    @staticmethod
    def _assets(chain: ChainId, native: str, decimals: int, tokens: dict[str, str]) -> list[dict[str, Any]]:
        assets: list[dict[str, Any]] = [
            {
                "asset": str(AssetId.native(chain)),
                "symbol": native,
                "name": f"Local {native} (no value)",
                "decimals": decimals,
            }
        ]
        for money in TEST_MONIES:
            assets.append(
                {
                    "asset": str(AssetId.fungible(chain, tokens[money.symbol])),
                    "symbol": money.symbol,
                    "name": money.name,
                    "decimals": DECIMALS,
                }
            )
        return assets


def _closer(book: GiftBook) -> Any:
    async def close() -> None:
        book.close()

    return close
