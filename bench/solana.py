"""Solana on the local chain: redemptions with payout and transfers, in process and through RPC, beside bare LiteSVM."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import tempfile
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from solders.account import Account
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from bench.measure import Report, Result
from bench.solana_campaign import BenchCampaign
from bench.solana_load import Load, pin_to_one_core, send_all
from localnet.processes import free_port
from localnet.settings import LocalnetSettings
from localnet.solana.bank import genesis_text
from localnet.solana.chain import SolanaChain
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import DECIMALS, TEST_MONIES
from localnet.testing import Localnet, localnet
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId

_CONNECTIONS = 8
_HOLDERS = 8
_SOL = 10**9
_CHUNK = 900
_TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class _Rates:
    """Operations per second, a figure for each round."""

    of: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, count: int, seconds: float) -> None:
        # The kernel counts processor time in ticks of 10 ms: a short run may have used none.
        self.of.setdefault(name, []).append(count / max(seconds, _TICK))


def run(*, smoke: bool) -> list[Report]:
    """Measure transactions and a large issue."""
    return asyncio.run(_run(smoke=smoke))


async def _run(*, smoke: bool) -> list[Report]:
    rounds, count, holders = (1, 20, 90) if smoke else (5, 240, 10_000)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quanbao-bench-")))
        inside = await _Inside.open(folder / "inside", stack)
        served = await _Served.open(folder / "served", stack)
        rates, loads = _Rates(), []
        for _ in range(rounds):
            loads += await _one_round(inside, served, rates, count)
        return [
            _transactions("Solana redemptions with payout (four signatures)", "redemption", rates, loads),
            _transactions("Solana transfers of SOL", "transfer", rates, []),
            await _issue(served, holders),
        ]


async def _one_round(inside: _Inside, served: _Served, rates: _Rates, count: int) -> list[Load]:
    loads: list[Load] = []
    for kind in ("redemption", "transfer"):
        own, remote = await inside.prepare(kind, count), await served.prepare(kind, count)

        async def bare(own: Sequence[bytes] = own, kind: str = kind) -> None:
            rates.add(f"{kind}: bare LiteSVM, signatures checked", len(own), inside.bare(own))

        async def in_process(own: Sequence[bytes] = own, kind: str = kind) -> None:
            rates.add(f"{kind}: in process, with preflight and commit", len(own), await inside.execute(own))

        async def through_rpc(remote: Sequence[bytes] = remote, kind: str = kind) -> None:
            load = await send_all(served.url, remote, connections=_CONNECTIONS, pid=served.pid)
            rates.add(f"{kind}: through RPC on one core, with preflight", load.count, load.seconds)
            rates.add(f"{kind}: through RPC, per processor second of the node", load.count, load.node_seconds)
            if kind == "redemption":
                loads.append(load)

        turns: list[Callable[[], Awaitable[None]]] = [bare, in_process, through_rpc]
        # Bare first or not, it works on a copy; the order of the others is free.
        inside.copy_state()
        for turn in random.sample(turns, len(turns)):
            await turn()
    return loads


class _Inside:
    """The chain in this process, called without HTTP, and a bare LiteSVM with the same accounts."""

    def __init__(self, chain: SolanaChain, campaign: BenchCampaign, holders: list[AccountId]) -> None:
        self._chain = chain
        self._campaign = campaign
        self._holders = holders
        self._svm = LiteSVM()

    @classmethod
    async def open(cls, folder: Path, stack: AsyncExitStack) -> _Inside:
        settings = LocalnetSettings(folder, solana_port=free_port(), slot_interval=timedelta(0), finality_slots=2)
        chain = SolanaChain(settings)
        await chain.start()
        stack.push_async_callback(chain.stop)
        faucet = SolanaFaucet(chain, mines_by_hand=True)
        await faucet.make_mints()
        chain_id = ChainId.solana(genesis_text(chain.bank.genesis_hash))
        money = TEST_MONIES[0]
        cny = Asset(AssetId.fungible(chain_id, str(faucet.mint_address(money))), money.symbol, DECIMALS)
        campaign = BenchCampaign(settings.solana_url, chain_id, cny, cap=1_000_000)
        stack.push_async_callback(campaign.close)

        async def give(account: AccountId, lamports: int, units: int) -> None:
            await faucet.give_native(Pubkey(account.raw), lamports)
            if units:
                await faucet.give_money(money, Pubkey(account.raw), units)
            await chain.mine()

        holders = await _fund(campaign, give)
        await chain.mine()
        return cls(chain, campaign, holders)

    async def prepare(self, kind: str, count: int) -> list[bytes]:
        await self._chain.mine()
        wires = await _prepare(self._campaign, self._holders, kind, count)
        await self._chain.mine()
        return wires

    def copy_state(self) -> None:
        """Load every account of the chain into a fresh machine."""
        self._svm = LiteSVM().with_blockhash_check(False).with_transaction_history(0)
        for address, account in self._chain.bank.store.accounts():
            self._svm.set_account(address, Account(account.lamports, account.data, account.owner, account.executable))

    def bare(self, wires: Sequence[bytes]) -> float:
        """Seconds."""
        transactions = [VersionedTransaction.from_bytes(wire) for wire in wires]
        started = time.perf_counter()
        outcomes = [self._svm.send_transaction(transaction) for transaction in transactions]
        seconds = time.perf_counter() - started
        failed = next((one for one in outcomes if isinstance(one, FailedTransactionMetadata)), None)
        if failed is not None:
            raise RuntimeError(f"the bare machine refused a transaction: {failed.to_json()}")
        return seconds

    async def execute(self, wires: Sequence[bytes]) -> float:
        """Seconds, the commit of the slot included."""
        calls = [[b64encode(wire).decode(), {"encoding": "base64"}] for wire in wires]
        started = time.perf_counter()
        for params in calls:
            await self._chain.server.call("sendTransaction", params)
        await self._chain.mine()
        return time.perf_counter() - started


class _Served:
    """The chain as a process of its own on one core."""

    def __init__(self, network: Localnet, campaign: BenchCampaign, holders: list[AccountId]) -> None:
        self.url = network.solana_url
        self.pid = network.pid
        self.campaign = campaign
        self._holders = holders

    @classmethod
    async def open(cls, folder: Path, stack: AsyncExitStack) -> _Served:
        network = await stack.enter_async_context(localnet(folder, block_seconds=0, slot_seconds=0.4))
        chain = ChainId.parse(network.solana_chain)
        cny = Asset(AssetId.parse(network.asset("solana", "tCNY")), "tCNY", DECIMALS)
        campaign = BenchCampaign(network.solana_url, chain, cny, cap=1_000_000)
        stack.push_async_callback(campaign.close)

        async def give(account: AccountId, lamports: int, units: int) -> None:
            await network.give(account.address, "native", lamports, family="solana")
            if units:
                await network.give(account.address, "tCNY", units, family="solana")

        holders = await _fund(campaign, give)
        pin_to_one_core(network.pid)
        return cls(network, campaign, holders)

    async def prepare(self, kind: str, count: int) -> list[bytes]:
        return await _prepare(self.campaign, self._holders, kind, count)


async def _fund(campaign: BenchCampaign, give: Callable[[AccountId, int, int], Awaitable[None]]) -> list[AccountId]:
    await give(campaign.issuer, 1_000 * _SOL, 0)
    await give(campaign.merchant, 100 * _SOL, 10**14)
    await give(campaign.relayer, 1_000 * _SOL, 0)
    holders = [campaign.new_account() for _ in range(_HOLDERS)]
    for holder in holders:
        await give(holder, _SOL, 10**12)
    await campaign.open()
    return holders


async def _prepare(campaign: BenchCampaign, holders: Sequence[AccountId], kind: str, count: int) -> list[bytes]:
    if kind == "transfer":
        return await campaign.transfers(count)
    owners = [holders[number % len(holders)] for number in range(count)]
    return await campaign.redemptions(owners, await campaign.issue(owners))


def _transactions(title: str, kind: str, rates: _Rates, loads: Sequence[Load]) -> Report:
    names = [name for name in rates.of if name.startswith(kind)]
    reference = next(name for name in names if "bare" in name)
    base = statistics.median(rates.of[reference])
    results = tuple(
        Result(
            name.partition(": ")[2],
            statistics.median(rates.of[name]),
            max(rates.of[name]),
            statistics.median(rates.of[name]) / base,
            name == reference,
        )
        for name in sorted(names, key=lambda name: name != reference)
    )
    remarks = [f"{_CONNECTIONS} connections; the node is pinned to one core, the sender shares the machine"]
    if loads:
        p50, p95 = (statistics.median(load.percentile(share) for load in loads) for share in (0.5, 0.95))
        remarks.append(f"redemption through RPC: p50 {p50:.1f} ms, p95 {p95:.1f} ms at {_CONNECTIONS} at a time")
    return Report(title, kind + "s", results, tuple(remarks))


async def _issue(served: _Served, count: int) -> Report:
    """One voucher to each of `count` new holders, and what it cost the issuer."""
    campaign = served.campaign
    holders = [campaign.new_account() for _ in range(count)]
    before = await _lamports(campaign)
    seconds, transactions = 0.0, 0
    for start in range(0, count, _CHUNK):
        wires = await campaign.issue_wires(holders[start : start + _CHUNK])
        load = await send_all(served.url, wires, connections=_CONNECTIONS, pid=served.pid)
        seconds += load.seconds
        transactions += load.count
    cost = before - await _lamports(campaign)
    fees = transactions * 5_000
    rate = count / seconds
    result = Result("vouchers issued through RPC, a new account each", rate, rate, 1.0, True)
    remarks = (
        f"{count:,} vouchers to {count:,} holders: {transactions:,} transactions in {seconds:.1f} s",
        f"cost {cost:,} lamports ({cost / _SOL:.4f} SOL): {fees:,} fees, {cost - fees:,} rent, which returns",
        f"{cost / count:,.0f} lamports a voucher, {fees / count:,.0f} of them fees",
    )
    return Report("Solana issue", "vouchers", (result,), remarks)


async def _lamports(campaign: BenchCampaign) -> int:
    options = {"commitment": "processed"}
    return int((await campaign.rpc.call("getBalance", campaign.issuer.address, options))["value"])
