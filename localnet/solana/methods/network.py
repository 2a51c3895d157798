"""Methods about a network of validators. This chain has one node that makes every slot, and no stake."""

from __future__ import annotations

from typing import Any

from solders.pubkey import Pubkey

from localnet.solana.bank import SLOTS_PER_EPOCH
from localnet.solana.errors import NO_SNAPSHOT, RpcError, invalid_params
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Params

_MAX_LEADERS = 5_000
_MAX_SAMPLES = 720
_SAMPLE_SECONDS = 60
_SLOTS_PER_SAMPLE = 150
_LARGEST = 20


async def get_cluster_nodes(node: SolanaNode, params: Params) -> list[dict[str, Any]]:
    ports = ("gossip", "tpu", "tpuQuic", "tvu", "tpuVote", "serveRepair", "rpc", "pubsub")
    return [
        {
            "pubkey": str(node.identity),
            **dict.fromkeys(ports),
            "version": "3.0.0",
            "featureSet": 0,
            "shredVersion": 0,
        }
    ]


async def get_supply(node: SolanaNode, params: Params) -> dict[str, Any]:
    commitment = params.options(0).commitment()
    held = node.bank.account(node.faucet.pubkey(), commitment)
    faucet, total = held.lamports if held else 0, node.total_lamports
    value = {
        "total": total,
        "circulating": total - faucet,
        "nonCirculating": faucet,
        "nonCirculatingAccounts": [str(node.faucet.pubkey())],
    }
    return with_context(node, commitment, value)


async def get_largest_accounts(node: SolanaNode, params: Params) -> dict[str, Any]:
    commitment = params.options(0).commitment()
    found = [
        (account.lamports, str(address))
        for address, account in node.bank.program_accounts(Pubkey.default(), commitment)
    ]
    found.sort(key=lambda item: (-item[0], item[1]))
    value = [{"address": address, "lamports": lamports} for lamports, address in found[:_LARGEST]]
    return with_context(node, commitment, value)


async def get_recent_performance_samples(node: SolanaNode, params: Params) -> list[dict[str, int]]:
    limit = params.optional_integer(0, "limit")
    if limit is not None and limit > _MAX_SAMPLES:
        raise invalid_params(f"Invalid limit; max {_MAX_SAMPLES}")
    count = node.bank.transaction_count
    sample = {
        "slot": node.bank.confirmed_slot,
        "numTransactions": count,
        "numNonVoteTransactions": count,
        "numSlots": _SLOTS_PER_SAMPLE,
        "samplePeriodSecs": _SAMPLE_SECONDS,
    }
    return [sample][: limit if limit is not None else 1]


async def get_inflation_governor(node: SolanaNode, params: Params) -> dict[str, float]:
    return {"initial": 0.0, "terminal": 0.0, "taper": 0.0, "foundation": 0.0, "foundationTerm": 0.0}


async def get_inflation_rate(node: SolanaNode, params: Params) -> dict[str, Any]:
    epoch = node.bank.finalized_slot // SLOTS_PER_EPOCH
    return {"total": 0.0, "validator": 0.0, "foundation": 0.0, "epoch": epoch}


async def get_inflation_reward(node: SolanaNode, params: Params) -> list[None]:
    return [None for _ in params.items(0, "addresses", limit=_MAX_LEADERS)]


async def get_slot_leader(node: SolanaNode, params: Params) -> str:
    return str(node.identity)


async def get_slot_leaders(node: SolanaNode, params: Params) -> list[str]:
    params.integer(0, "start slot")
    limit = params.integer(1, "limit")
    if limit > _MAX_LEADERS:
        raise invalid_params(f"Invalid limit; max {_MAX_LEADERS}")
    return [str(node.identity)] * limit


async def get_leader_schedule(node: SolanaNode, params: Params) -> dict[str, list[int]] | None:
    first = params.get(0)
    slot = node.bank.slot if first is None or isinstance(first, dict) else params.integer(0, "slot")
    if slot // SLOTS_PER_EPOCH > node.bank.slot // SLOTS_PER_EPOCH + 1:
        return None
    return {str(node.identity): list(range(SLOTS_PER_EPOCH))}


async def get_vote_accounts(node: SolanaNode, params: Params) -> dict[str, list[Any]]:
    return {"current": [], "delinquent": []}


async def get_stake_minimum_delegation(node: SolanaNode, params: Params) -> dict[str, Any]:
    return with_context(node, params.options(0).commitment(), 1)


async def get_block_commitment(node: SolanaNode, params: Params) -> dict[str, Any]:
    params.integer(0, "slot")
    return {"commitment": None, "totalStake": 0}


async def get_block_production(node: SolanaNode, params: Params) -> dict[str, Any]:
    slot = node.bank.confirmed_slot
    first = slot // SLOTS_PER_EPOCH * SLOTS_PER_EPOCH
    made = slot - first + 1
    value = {"byIdentity": {str(node.identity): [made, made]}, "range": {"firstSlot": first, "lastSlot": slot}}
    return with_context(node, "confirmed", value)


async def get_highest_snapshot_slot(node: SolanaNode, params: Params) -> Any:
    raise RpcError(NO_SNAPSHOT, "No snapshot")


async def get_newest_slot(node: SolanaNode, params: Params) -> int:
    return node.bank.slot


METHODS: dict[str, RpcMethod] = {
    "getClusterNodes": get_cluster_nodes,
    "getSupply": get_supply,
    "getLargestAccounts": get_largest_accounts,
    "getRecentPerformanceSamples": get_recent_performance_samples,
    "getInflationGovernor": get_inflation_governor,
    "getInflationRate": get_inflation_rate,
    "getInflationReward": get_inflation_reward,
    "getSlotLeader": get_slot_leader,
    "getSlotLeaders": get_slot_leaders,
    "getLeaderSchedule": get_leader_schedule,
    "getVoteAccounts": get_vote_accounts,
    "getStakeMinimumDelegation": get_stake_minimum_delegation,
    "getBlockCommitment": get_block_commitment,
    "getBlockProduction": get_block_production,
    "getHighestSnapshotSlot": get_highest_snapshot_slot,
    "getMaxRetransmitSlot": get_newest_slot,
    "getMaxShredInsertSlot": get_newest_slot,
}
