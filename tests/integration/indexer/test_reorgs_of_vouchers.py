"""Reorganisations while vouchers are issued and redeemed: ledger, engine and chain say the same in the end."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from chains.campaign import CampaignTerms, RedemptionItem
from chains.evm.adapter import EvmAdapter
from chains.evm.voucher_book import EvmVoucherBook
from chains.intent import ContractCall, Intent
from chains.ports import ChainAdapter, VoucherBook
from chains.rpc.client import JsonRpcClient
from codec.evm import erc20
from codec.evm.campaign_id import derive_campaign_id
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import MAX_BASE_UNITS, Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.hashing import keccak256
from primitives.signing import Curve
from primitives.voucher_id import VoucherId
from tests.conformance.evm_contract.anvil_stage import CHAIN, HOLDER, MERCHANT, Stage, sign, stage
from tests.fakes.accounts import KnownKeys
from tests.fakes.signer import MemorySigner
from vouchers.ledger import indexer as ledger
from vouchers.ledger.indexer import Indexer
from vouchers.ledger.model import fact_to_json, kind_of, voucher_after, voucher_of
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

_CAP = 40
_BATCH = 4
_PRICE = 1_000_000
"""Base units of the holder's remainder."""
_PAYOUT = 20_000_000


@dataclass
class _Chains:
    """`chains.ports.Chains` with one chain."""

    one: EvmAdapter
    voucher_book: EvmVoucherBook

    def all(self) -> Sequence[ChainId]:
        return [CHAIN]

    def adapter(self, chain: ChainId) -> ChainAdapter:
        return self.one

    def book(self, chain: ChainId) -> VoucherBook:
        return self.voucher_book


@dataclass
class Traffic:
    """Issues one batch after the other, and redeems whatever the ledger shows as live, final or not."""

    place: Stage
    database: Database
    engine: Engine
    indexer: Indexer
    terms: CampaignTerms
    relayer: AccountId
    batches: int
    tenant: UUID = field(default_factory=uuid4)
    issues: list[UUID] = field(default_factory=list)
    redemptions: dict[VoucherId, UUID] = field(default_factory=dict)
    retries: int = 0

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        await self.indexer.start(self.database)
        handlers = {**self.engine.handlers(), **self.indexer.handlers()}
        worker = Worker(self.database, handlers, poll=timedelta(milliseconds=20))
        running = asyncio.create_task(worker.run())
        try:
            yield
        finally:
            worker.stop()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running, 15)

    async def step(self) -> bool:
        """Ask for what can be asked for; whether everything has ended."""
        async with self.database.transaction() as tx:
            issues = [await self.engine.get(tx, self.tenant, one) for one in self.issues]
        assert not any(payment.status is PaymentStatus.FAILED for payment in issues), issues[-1].failure
        under_way = any(not payment.status.ended for payment in issues)
        if not under_way and len(issues) < self.batches:
            await self._issue(1 + _BATCH * len(issues))
            under_way = True
        for voucher in await self._live():
            if voucher not in self.redemptions:
                await self._redeem(voucher)
        return not await self._retry_failed() and not under_way and len(self.redemptions) == self.batches * _BATCH

    async def _issue(self, first: int) -> None:
        (intent,) = await self.place.book.issue(self.terms, [HOLDER] * _BATCH, first)
        self.issues.append((await self._request(f"issue:{first}", intent)).id)

    async def _redeem(self, voucher: VoucherId) -> None:
        redemption = self.place.redemption(
            self.terms,
            submitter=self.relayer,
            order_hash=keccak256(voucher.raw),
            remainder=Amount(_PRICE, self.place.money),
            items=(RedemptionItem(voucher, 2_000, 0),),
        )
        requests = await self.place.book.consents([self.terms], redemption)
        intent = await self.place.book.redeem([self.terms], redemption, sign(requests))
        self.redemptions[voucher] = (await self._request(f"redeem:{voucher}", intent)).id

    async def _request(self, key: str, intent: Intent) -> Payment:
        async with self.database.transaction() as tx:
            return await self.engine.request(tx, PaymentRequest(self.tenant, key, intent, "traffic"))

    async def _retry_failed(self) -> bool:
        """What failed had no effect: a redemption whose voucher a reorganisation took away for a while, say."""
        waiting = False
        for voucher, payment_id in self.redemptions.items():
            async with self.database.transaction() as tx:
                payment = await self.engine.get(tx, self.tenant, payment_id)
                if payment.status is PaymentStatus.FAILED:
                    self.retries += 1
                    again = await self.engine.retry(tx, self.tenant, payment_id, f"again:{self.retries}")
                    self.redemptions[voucher] = again.id
            waiting = waiting or payment.status is not PaymentStatus.DONE
        return waiting

    async def _live(self) -> list[VoucherId]:
        async with self.database.transaction() as tx:
            rows = await tx.execute(text("SELECT id FROM voucher WHERE status = 'live' ORDER BY id"))
            return [VoucherId.parse(one) for one in rows.scalars()]

    async def run(self, *, seed: int, reorgs: int) -> None:
        """Until everything has ended, with reorganisations of depth 1 to 20 spread over the first half or so."""
        chance = random.Random(seed)
        async with self.working():
            for turn in range(3_000):
                over = await self.step()
                if over and reorgs == 0:
                    return
                await self.place.node.mine(chance.randint(2, 7))
                if reorgs and turn > 2 and chance.random() < 0.5:
                    await self._caught_up()
                    reorgs -= 1
                    await self.place.node.rpc.call("anvil_reorg", await self._depth(chance), [])
                await asyncio.sleep(0.03)
        raise AssertionError(f"it never ended: {len(self.issues)} issues, {len(self.redemptions)} redemptions")

    async def _caught_up(self) -> None:
        """The ledger has read what stands now: what it has not read, no reorganisation takes away from it."""
        head = await self.place.height()
        for _ in range(200):
            async with self.database.transaction() as tx:
                tip = (await tx.execute(text("SELECT max(tip_height) FROM ledger_cursor"))).scalar()
            if tip is not None and tip >= head:
                return
            await asyncio.sleep(0.02)

    async def _depth(self, chance: random.Random) -> int:
        """1 to 20; mostly deep enough to take the newest entry of the ledger away, where that is not deeper."""
        depth = chance.randint(1, 20)
        async with self.database.transaction() as tx:
            newest = (await tx.execute(text("SELECT max(height) FROM ledger_entry"))).scalar() or 0
        needed = await self.place.height() - newest + 1
        return max(depth, needed) if needed <= 20 and chance.random() < 0.7 else depth

    async def settle(self) -> None:
        """Everything final, and read."""
        await self.place.node.mine(70)
        head = await self.place.height()
        async with self.working():
            for _ in range(400):
                async with self.database.transaction() as tx:
                    row = (await tx.execute(text("SELECT tip_height, final_height FROM ledger_cursor"))).one()
                if (row.tip_height, row.final_height) >= (head, head - 64):
                    return
                await asyncio.sleep(0.05)
        raise AssertionError(f"the ledger stands at {row}, the chain at {head}")


@pytest_asyncio.fixture
async def traffic(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Traffic]:
    async with stage(arguments=("--slots-in-an-epoch", "32")) as place:
        rpc = JsonRpcClient(place.node.url, attempts=3, pause_seconds=0.02, timeout_seconds=10)
        adapter = EvmAdapter(CHAIN, rpc, native=Asset(AssetId.native(CHAIN), "ETH", 18))
        signer = MemorySigner()
        keys = {}
        for name in ("issuer", "relayer"):
            key, public = signer.add(Curve.SECP256K1, keccak256(f"the {name} of the reorganisations".encode()))
            keys[adapter.account_of(public)] = key
        issuer, relayer = keys
        for account in (issuer, relayer, HOLDER):
            await place.node.fund(account.address, 10**20)
            await place.node.rpc.call("anvil_impersonateAccount", account.address)
        rules_hash = keccak256(b"rules")
        campaign = derive_campaign_id(rules_hash, issuer.raw, bytes(32), bytes(32))
        terms = await place.terms(id=campaign, issuer=issuer, evm_issuer=issuer.raw, cap=_CAP)
        await place.send_all(await place.book.launch(terms))
        await place.send_all(await place.book.appoint_relayer(MERCHANT, relayer))
        money = AccountId.of(CHAIN, place.money.id.reference)
        approval = erc20.approve_call(place.book.address.raw, MAX_BASE_UNITS)
        await place.send(Intent(HOLDER, ContractCall(money, approval)))
        await place.node.mine(70)

        async def campaigns_on(*_: object) -> Sequence[SimpleNamespace]:
            return [SimpleNamespace(terms=lambda chain: terms)]

        monkeypatch.setattr(ledger, "campaigns_on", campaigns_on)
        chains = _Chains(adapter, place.book)
        engine = Engine(
            database,
            chains,
            KnownKeys(keys),
            signer,
            follow_every=timedelta(seconds=0.05),
            rebroadcast_every=timedelta(seconds=0.2),
            node_pause=timedelta(seconds=0.1),
        )
        indexer = Indexer(chains, pause=timedelta(milliseconds=50))
        yield Traffic(place, database, engine, indexer, terms, relayer, batches=2)
        await rpc.close()


async def _require_equal(traffic: Traffic) -> None:
    """The ledger against a fresh scan, the balances against the ledger, the payments against the chain."""
    place, book = traffic.place, traffic.place.book
    count = traffic.batches * _BATCH
    page = await book.events([traffic.terms], 0, await place.height())
    async with traffic.database.transaction() as tx:
        rows = await tx.execute(
            text(
                """
                SELECT DISTINCT ON (height, transaction_index, event_index, block_hash)
                    height, event_index, block_hash, tx_hash, kind, fact, observation
                FROM ledger_entry
                ORDER BY height, transaction_index, event_index, block_hash, observation DESC
                """
            )
        )
        standing = [
            (row.height, row.event_index, row.block_hash, row.tx_hash, row.kind, row.fact)
            for row in rows
            if row.observation % 2 == 0
        ]
        found = {
            row.id: (row.holder, row.status, row.last_height)
            for row in await tx.execute(text("SELECT id, holder, status, last_height FROM voucher"))
        }
        entries = await tx.execute(
            text("SELECT count(*), count(*) FILTER (WHERE observation % 2 = 1) FROM ledger_entry")
        )
        told, taken_back = entries.one()
    fresh = [
        (
            event.position.height,
            event.position.event_index,
            event.position.block_hash,
            event.tx_hash,
            kind_of(event.fact),
            fact_to_json(event.fact),
        )
        for event in page.events
    ]
    assert standing == fresh
    folded = {}
    for voucher in {voucher_of(event.fact) for event in page.events} - {None}:
        state = voucher_after(CHAIN, [event for event in page.events if voucher_of(event.fact) == voucher])
        assert state is not None
        folded[str(voucher)] = (str(state.holder), state.status.value, state.last_height)
    assert found == folded
    kinds = Counter(row[4] for row in standing)
    assert (kinds["issued"], kinds["redeemed"], kinds["paid"]) == (count, count, count)
    assert taken_back > 0, f"no reorganisation touched the {told} entries"

    assert await place.balance(MERCHANT) == count * (_PRICE + _PAYOUT)
    assert (await book.escrow(traffic.terms)).base_units == traffic.terms.full_funding - count * _PAYOUT
    states = await book.vouchers([VoucherId.parse(one) for one in found])
    assert all(state is not None and state.redeemed_at is not None for state in states)

    async with traffic.database.transaction() as tx:
        payments = [
            await traffic.engine.get(tx, traffic.tenant, one)
            for one in (*traffic.issues, *traffic.redemptions.values())
        ]
        final = await tx.execute(text("SELECT tx_hash FROM payment_attempt WHERE status = 'final' AND ok"))
        assert sorted(final.scalars()) == sorted({row[3] for row in standing if row[4] in ("issued", "redeemed")})
    assert {payment.status for payment in payments} == {PaymentStatus.DONE}
    for payment in payments:
        receipt = await place.node.rpc.call("eth_getTransactionReceipt", payment.tx_hash)
        assert receipt is not None
        assert int(receipt["blockNumber"], 16) == payment.height


async def test_vouchers_survive_reorganisations(traffic: Traffic) -> None:
    """Eight vouchers and ten reorganisations: the smoke of the soak below."""
    await traffic.run(seed=3, reorgs=10)
    await traffic.settle()
    await _require_equal(traffic)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(4))
async def test_many_vouchers_survive_many_reorganisations(traffic: Traffic, seed: int) -> None:
    """Forty vouchers and sixty reorganisations of depth 1 to 20."""
    traffic.batches = _CAP // _BATCH
    await traffic.run(seed=seed, reorgs=60)
    await traffic.settle()
    await _require_equal(traffic)
