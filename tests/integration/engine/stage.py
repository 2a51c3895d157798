"""An engine at work on a real database and a real Anvil that mines when told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from chains.evm.adapter import EvmAdapter
from chains.intent import Intent, Transfer
from chains.ports import ChainAdapter, VoucherBook
from chains.rpc.client import JsonRpcClient
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import UnknownChain
from primitives.signing import Curve
from tests.fakes.accounts import KnownKeys
from tests.fakes.anvil import FIRST_KEY, Anvil
from tests.fakes.signer import MemorySigner
from wallets.engine.care import Patience
from wallets.engine.model import Payment, PaymentRequest, Signs
from wallets.engine.service import Engine

CHAIN = ChainId.evm(31337)
ETHER = Asset(AssetId.native(CHAIN), "ETH", 18)
T = TypeVar("T")


class OneChain:
    """`chains.ports.Chains` with a single adapter."""

    def __init__(self, adapter: ChainAdapter) -> None:
        self._adapter = adapter

    def all(self) -> Sequence[ChainId]:
        return [self._adapter.chain_id]

    def adapter(self, chain: ChainId) -> ChainAdapter:
        if chain != self._adapter.chain_id:
            raise UnknownChain(f"{chain} is not configured", chain=str(chain))
        return self._adapter

    def book(self, chain: ChainId) -> VoucherBook:
        raise UnknownChain(f"{chain} has no voucher book here", chain=str(chain))


def evm_adapter(url: str) -> EvmAdapter:
    return EvmAdapter(CHAIN, JsonRpcClient(url, attempts=2, pause_seconds=0.02, timeout_seconds=5), native=ETHER)


def make_engine(
    database: Database,
    adapter: ChainAdapter,
    *,
    patience: Patience | None = None,
    rewindable: frozenset[ChainId] = frozenset(),
    most_in_flight: int = 10_000,
    follow_every: timedelta = timedelta(seconds=0.05),
) -> tuple[Engine, MemorySigner, AccountId]:
    """An engine with quick pauses; its one account is Anvil's first."""
    signer = MemorySigner()
    key, public = signer.add(Curve.SECP256K1, FIRST_KEY)
    sender = adapter.account_of(public)
    engine = Engine(
        database,
        OneChain(adapter),
        KnownKeys({sender: key}),
        signer,
        follow_every=follow_every,
        rebroadcast_every=timedelta(seconds=0.2),
        node_pause=timedelta(seconds=0.1),
        patience=patience,
        rewindable=rewindable,
        most_in_flight=most_in_flight,
    )
    return engine, signer, sender


@dataclass
class Bench:
    """One engine, its worker, and the node it works with."""

    database: Database
    node: Anvil
    adapter: ChainAdapter
    engine: Engine
    signer: MemorySigner
    sender: AccountId
    tenant: UUID = field(default_factory=uuid4)
    recipient: AccountId = field(default_factory=lambda: AccountId.from_raw(CHAIN, b"\x22" * 20))

    async def pay(
        self,
        key: str,
        wei: int = 1000,
        *,
        asset: Asset = ETHER,
        signs: Signs = "service",
        on_end: str | None = None,
        recipient: AccountId | None = None,
    ) -> Payment:
        intent = Intent(self.sender, Transfer(Amount(wei, asset), recipient or self.recipient))
        request = PaymentRequest(self.tenant, key, intent, "transfer", signs=signs, on_end=on_end, reference={"k": key})
        async with self.database.transaction() as tx:
            return await self.engine.request(tx, request)

    async def read(self, payment: Payment) -> Payment:
        async with self.database.transaction() as tx:
            return await self.engine.get(tx, self.tenant, payment.id)

    async def received(self) -> int:
        return (await self.adapter.balance(self.recipient, ETHER)).base_units

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker runs meanwhile."""
        worker = Worker(self.database, self.engine.handlers(), poll=timedelta(milliseconds=50))
        running = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running, 15)

    async def until(self, look: Callable[[], Awaitable[T | None]], *, mining: bool = True, rounds: int = 400) -> T:
        """Mine and look again until there is an answer."""
        for _ in range(rounds):
            answer = await look()
            if answer:
                return answer
            if mining:
                await self.node.mine()
            await asyncio.sleep(0.05)
        raise AssertionError("it never happened")

    async def ended(self, payment: Payment) -> Payment:
        async def look() -> Payment | None:
            now = await self.read(payment)
            return now if now.status.ended else None

        return await self.until(look)
