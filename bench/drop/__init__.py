"""A campaign as one drop: from the list of holders to a proof, through the API, with what it costs on chain."""

from __future__ import annotations

import asyncio
import resource
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.drop.shop import DropShop, drop_shop
from bench.measure import Case, Report, compare
from bench.reference.merkle import reference_levels, reference_proof
from codec.drop_tree import BLOCK, build_upper, leaf_proof
from primitives.account_id import AccountId, checksum_address
from primitives.voucher_id import CampaignId

LEAVES = 1_000_000
SMOKE_LEAVES = 1_000
_PART = 10_000
_TOLD_EVERY = 10
"""Parts of the list between two lines of progress."""
_PROOFS = 500
_CLAIMS = 3
_CAMPAIGN = CampaignId(bytes(range(24)))


def _peak_mib() -> float:
    """Of this process so far. Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024


def _trees(leaves: int) -> list[Report]:
    """Leaves a second, and proofs a second, beside the tree that keeps everything."""
    holders = secrets.token_bytes(20 * leaves)
    addresses = [checksum_address(holders[at : at + 20]) for at in range(0, len(holders), 20)]
    levels = reference_levels(_CAMPAIGN.raw, 0, addresses)
    upper = build_upper(_CAMPAIGN, 0, 20, holders)
    if upper.root != levels[-1][0]:
        raise AssertionError("the two trees differ")

    def ours(count: int) -> None:
        for _ in range(-(-count // leaves)):
            build_upper(_CAMPAIGN, 0, 20, holders)

    def plain(count: int) -> None:
        for _ in range(-(-count // leaves)):
            reference_levels(_CAMPAIGN.raw, 0, addresses)

    def our_proofs(count: int) -> None:
        for _ in range(count):
            index = secrets.randbelow(leaves)
            first = index // BLOCK * BLOCK
            leaf_proof(_CAMPAIGN, 0, 20, holders[first * 20 : (first + BLOCK) * 20], index, upper)

    def plain_proofs(count: int) -> None:
        for _ in range(count):
            reference_proof(levels, secrets.randbelow(leaves))

    rounds = 3
    kept = len(upper.nodes)
    whole = sum(32 * len(level) for level in levels)
    return [
        compare(
            f"drop: a tree of {leaves:,} leaves",
            "leaves",
            [
                Case("eth-abi, eth-utils, every level (reference)", plain, reference=True, least=leaves),
                Case("ours", ours, least=leaves),
            ],
            rounds=rounds,
            seconds=0.05,
            clock=time.process_time,
            remarks=(f"nodes kept: {kept:,} bytes, {whole:,} in the reference",),
        ),
        compare(
            f"drop: proofs out of {leaves:,} leaves, in memory",
            "proofs",
            [
                Case("looked up in every level (reference)", plain_proofs, reference=True),
                Case("ours, the lowest eight levels computed again", our_proofs),
            ],
            rounds=rounds,
            seconds=0.05,
            clock=time.process_time,
        ),
    ]


async def _through_the_api(folder: Path, leaves: int) -> tuple[str, ...]:
    async with drop_shop(folder, leaves) as shop:
        return await _whole_life(shop, leaves)


async def _whole_life(shop: DropShop, leaves: int) -> tuple[str, ...]:
    before, proofs = _peak_mib(), min(_PROOFS, leaves // 20)
    raw = secrets.token_bytes(20 * leaves)

    def holder(index: int) -> AccountId:
        return AccountId.from_raw(shop.chain, raw[20 * index : 20 * index + 20])

    height = await shop.height()
    started = time.perf_counter()
    campaign = await shop.campaign(leaves)
    launched = time.perf_counter()
    launch_gas, transactions = await shop.gas_since(height)
    _tell(f"launched after {launched - started:.0f} s")
    drop = f"/campaigns/{campaign}/drops/{shop.chain}/0"
    await shop.ask("POST", f"/campaigns/{campaign}/drops", {"chain": str(shop.chain)})
    for first in range(0, leaves, _PART):
        part = [str(holder(index)) for index in range(first, min(first + _PART, leaves))]
        await shop.ask("POST", f"{drop}/holders", {"first": first, "holders": part})
        if first // _PART % _TOLD_EVERY == _TOLD_EVERY - 1:
            _tell(f"{first + len(part):,} of {leaves:,} holders listed after {time.perf_counter() - launched:.0f} s")
    listed = time.perf_counter()
    _tell(f"listed after {listed - launched:.0f} s")
    await shop.ask("POST", f"{drop}/commit")
    built = time.perf_counter()
    _tell(f"tree built after {built - listed:.0f} s")
    found = await shop.until(drop, lambda seen: seen["status"] in ("committed", "failed"))
    committed = time.perf_counter()
    if found["status"] != "committed":
        raise AssertionError(found)
    peak = _peak_mib()
    watched = await shop.ask("GET", f"/campaigns/{campaign}/watch")
    _tell(f"committed and final after {committed - built:.0f} s; {proofs} proofs")
    commit_hash = next(act["tx_hash"] for act in watched["acts"] if act["kind"] == "drop")

    took, floor = [], []
    for place in range(proofs):
        # The least that a request costs here and now: one stored document, read and sent.
        begun = time.perf_counter()
        await shop.client.get(f"/api/v1/campaigns/{campaign}/rules")
        floor.append(1_000 * (time.perf_counter() - begun))
        index = secrets.randbelow(leaves)
        query = f"index={index}" if place % 2 else f"holder={holder(index)}"
        begun = time.perf_counter()
        page = await shop.ask("GET", f"{drop}/proof?{query}")
        took.append(1_000 * (time.perf_counter() - begun))
        if page["items"][0]["holder"] != str(holder(index)):
            raise AssertionError("a proof of somebody else's leaf")
    _tell(f"proofs served; {_CLAIMS} claims")
    claimed = [await _claim(shop, campaign, holder(secrets.randbelow(leaves))) for _ in range(_CLAIMS)]
    cut = statistics.quantiles(took, n=20)[18]
    return (
        f"{leaves:,} vouchers through the API: launch {launched - started:.1f} s, list in {-(-leaves // _PART)} parts "
        f"{listed - launched:.1f} s, tree and index {built - listed:.1f} s, then final {committed - built:.1f} s",
        f"gas: launch and funding {launch_gas:,} in {transactions} transactions, "
        f"commit {await shop.gas(commit_hash):,}, claims {', '.join(f'{gas:,}' for gas in claimed)}",
        f"peak memory of the whole application {peak:.0f} MiB, {before:.0f} MiB before there was a list",
        f"{proofs} proofs through the API, half by holder: p50 {statistics.median(took):.1f} ms, p95 {cut:.1f} ms; "
        f"a request for the rule document beside each: p50 {statistics.median(floor):.1f} ms",
    )


def _tell(what: str) -> None:
    sys.stderr.write(f"drop: {what}\n")


async def _claim(shop: DropShop, campaign: str, holder: AccountId) -> int:
    """Gas of one claim, through the API."""
    claim = await shop.ask("POST", "/claims/drops", {"campaign": campaign, "account": str(holder)})
    done = await shop.until(f"/claims/mine/{claim['id']}", lambda seen: seen["status"] != "requested")
    if done["status"] != "issued":
        raise AssertionError(done)
    return await shop.gas(await shop.hash_of_claim(claim["id"]))


def run(*, smoke: bool) -> list[Report]:
    """The tree beside a plain one, and the life of one drop."""
    leaves = SMOKE_LEAVES if smoke else LEAVES
    # First: what it needs of memory shall not hide behind the reference's.
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        Path(folder).chmod(0o711)
        told = asyncio.run(_through_the_api(Path(folder), leaves))
    for line in told:
        _tell(line)
    tree, proofs = _trees(SMOKE_LEAVES if smoke else 50_000)
    return [tree, Report(proofs.title, proofs.unit, proofs.results, told)]
