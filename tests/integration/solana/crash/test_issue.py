"""kill -9 of worker and chain at every step of an issue: every serial exists once, in the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
import structlog

from chains.events import Divergence, VoucherIssued
from chains.rpc.client import JsonRpcClient
from codec.solana.campaign_mint import campaign_mint_address
from codec.solana.token import Mint
from localnet.processes import free_port
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import TEST_MONIES
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.signing import KeyPurpose
from tests.integration.solana.crash.cast import FAULT_POINTS, MERCHANT, Merchant
from vouchers.campaigns.model import Campaign, CampaignStatus, IssuanceStatus

log = structlog.get_logger()
ROOT = Path(__file__).parents[4]
_PATIENCE_SECONDS = 60.0


class Victims:
    """Asks `victims` for processes and kills them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.node_url = f"http://127.0.0.1:{self.port}"
        self._maker = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.solana.crash.victims"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._children: set[int] = set()
        self.node: int | None = None

    async def ask(self, line: str) -> str:
        def exchange() -> str:
            assert self._maker.stdin is not None
            assert self._maker.stdout is not None
            self._maker.stdin.write(line + "\n")
            self._maker.stdin.flush()
            return self._maker.stdout.readline().strip()

        return await asyncio.to_thread(exchange)

    async def start_node(self) -> None:
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        self.node = int(await self.ask(f"node {self.folder} {self.port}"))
        self._children.add(self.node)
        for _ in range(600):
            if ready.exists():
                return
            assert await self.ended(self.node, 0.05) is None, "the local chain did not start"
        raise AssertionError("the local chain did not get ready")

    async def start_worker(self, database_url: str, merchant: Merchant, fault_point: str | None) -> int:
        words = [database_url, self.node_url, str(merchant.chain), merchant.money.id.reference]
        if fault_point is not None:
            words.append(fault_point)
        pid = int(await self.ask(f"worker {' '.join(words)}"))
        self._children.add(pid)
        return pid

    async def ended(self, pid: int, seconds: float) -> int | None:
        answer = await self.ask(f"wait {pid} {seconds}")
        if answer == "running":
            return None
        self._children.discard(pid)
        return int(answer)

    async def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert await self.ended(pid, 30) == -signal.SIGKILL

    def close(self) -> None:
        for pid in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._maker.kill()
        self._maker.wait()


@contextlib.asynccontextmanager
async def merchant_of(database: Database, victims: Victims) -> AsyncIterator[Merchant]:
    await victims.start_node()
    rpc = JsonRpcClient(victims.node_url)
    chain = ChainId.solana(await rpc.call("getGenesisHash"))
    await rpc.close()
    merchant = Merchant(database, chain, victims.node_url, str(SolanaFaucet.mint_address(TEST_MONIES[0])))
    try:
        yield merchant
    finally:
        await merchant.rpc.close()


async def launched(merchant: Merchant, cap: int) -> Campaign:
    """Active, by a worker of this process that nobody kills."""
    drafted = await merchant.campaigns.draft(
        MERCHANT, merchant.terms(cap), created_by=MERCHANT, idempotency_key="campaign"
    )
    await merchant.campaigns.launch(MERCHANT, drafted.id)
    worker = merchant.worker(timedelta(seconds=20))
    running = asyncio.create_task(worker.run())
    try:
        for _ in range(1_200):
            campaign = await merchant.campaigns.get(MERCHANT, drafted.id)
            if campaign.status is CampaignStatus.ACTIVE:
                return campaign
            assert campaign.status is not CampaignStatus.FAILED, campaign.lanes
            await asyncio.sleep(0.05)
        raise AssertionError("the campaign was never launched")
    finally:
        worker.stop()
        await running


async def issue_under_fire(
    database: Database,
    database_url: str,
    victims: Victims,
    vouchers: int,
    *,
    node_every: int,
    seed: int,
    in_order: bool = False,
) -> Counter[str]:
    """Issue while each worker dies at a step of the issue, and the chain with every so many of them. The steps come in
    turns and in no order, so that most transactions see one or two deaths, some of them several; or `in_order`, so that
    the next worker always still has its step before it."""
    deaths: Counter[str] = Counter()
    moments = random.Random(seed)
    async with merchant_of(database, victims) as merchant:
        campaign = await launched(merchant, vouchers)
        holders = [merchant.holder(number) for number in range(vouchers)]
        asked = await merchant.campaigns.issue(
            MERCHANT, campaign.id, holders, created_by=MERCHANT, idempotency_key="issue"
        )

        async def done() -> bool:
            now = await merchant.campaigns.issuance(MERCHANT, asked.id)
            assert now.status is not IssuanceStatus.FAILED, now.failure
            return now.status is IssuanceStatus.DONE

        points = cycle(FAULT_POINTS) if in_order else _for_ever(FAULT_POINTS, moments)
        lives = 0
        while not await done():
            lives += 1
            point = next(points)
            worker = await victims.start_worker(database_url, merchant, point)
            if lives % node_every == 0:
                await asyncio.sleep(moments.uniform(0.0, 0.5))
                assert victims.node is not None
                await victims.kill(victims.node)
                deaths["node"] += 1
                await victims.start_node()
            waited = 0.0
            while (code := await victims.ended(worker, 0.25)) is None:
                waited += 0.25
                # A worker that passes the point never again would wait for ever: then the issue is done.
                if await done():
                    await victims.kill(worker)
                    break
                assert waited < _PATIENCE_SECONDS, f"no worker passed {point}"
            if code is not None:
                assert code == -signal.SIGKILL
                deaths[point] += 1
                log.info("victim", point=point, life=lives)
        await require_each_once(merchant, campaign, vouchers)
    return deaths


def _for_ever(points: tuple[str, ...], order: random.Random) -> Iterator[str]:
    while True:
        yield from order.sample(points, len(points))


async def require_each_once(merchant: Merchant, campaign: Campaign, vouchers: int) -> None:
    """The chain itself: as many units as serials, each serial once, in the order of the holders, no divergence."""
    terms = campaign.terms(merchant.chain)
    head = (await merchant.adapter.heads()).included
    facts = [event.fact for event in (await merchant.book.events([terms], 0, head)).events]
    assert not [fact for fact in facts if isinstance(fact, Divergence)]
    issued = [fact for fact in facts if isinstance(fact, VoucherIssued)]
    assert [fact.voucher.serial.number for fact in issued] == list(range(1, vouchers + 1))
    assert [fact.holder for fact in issued] == [merchant.holder(number) for number in range(vouchers)]
    found = await merchant.adapter.node.account(campaign_mint_address(terms.solana_issuer, terms.id))
    assert found is not None
    assert Mint.parse(found.data).supply == vouchers
    spent = await merchant.adapter.balance(merchant.account(KeyPurpose.ISSUER), merchant.adapter.native)
    assert spent.base_units > 0


@pytest.fixture
def victims(tmp_path: Path) -> Iterator[Victims]:
    made = Victims(tmp_path)
    yield made
    made.close()


async def test_each_step_of_a_small_issue(database: Database, database_url: str, victims: Victims) -> None:
    """14 vouchers in two transactions: a worker dies at each step up to the broadcast and at later ones, the chain
    with every third."""
    deaths = await issue_under_fire(database, database_url, victims, 14, node_every=3, seed=1, in_order=True)
    # What comes after the broadcast may be over before a worker looks: a payment can be final at first sight.
    sure = FAULT_POINTS[: FAULT_POINTS.index("payment.broadcast") + 1]
    assert min(deaths[point] for point in sure) >= 1, deaths
    assert deaths["node"] >= 1


@pytest.mark.soak
@pytest.mark.timeout(3_600)
async def test_every_step_of_500_vouchers(database: Database, database_url: str, victims: Victims) -> None:
    """72 transactions; each step of one kills its worker several times, and the chain dies beside them."""
    deaths = await issue_under_fire(database, database_url, victims, 500, node_every=2, seed=2)
    assert min(deaths[point] for point in FAULT_POINTS) >= 3, deaths
    assert deaths["node"] >= 12, deaths
