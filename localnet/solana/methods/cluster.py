"""Methods about the node and its clock."""

from __future__ import annotations

from typing import Any

from solders.hash import Hash

from localnet.solana.bank import SLOTS_PER_EPOCH, genesis_text, last_valid_height
from localnet.solana.errors import invalid_params
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Params, parse_address
from primitives.base58 import decode_base58
from primitives.errors import InvalidValue

_MAX_FEE_ACCOUNTS = 128


async def get_health(node: SolanaNode, params: Params) -> str:
    return "ok"


async def get_version(node: SolanaNode, params: Params) -> dict[str, Any]:
    return {"solana-core": "3.0.0", "feature-set": 0}


async def get_genesis_hash(node: SolanaNode, params: Params) -> str:
    return genesis_text(node.bank.genesis_hash)


async def get_identity(node: SolanaNode, params: Params) -> dict[str, str]:
    return {"identity": str(node.identity)}


async def get_slot(node: SolanaNode, params: Params) -> int:
    options = params.options(0)
    slot = node.bank.slot_at(options.commitment())
    options.require_slot(slot)
    return slot


async def get_epoch_info(node: SolanaNode, params: Params) -> dict[str, int]:
    slot = await get_slot(node, params)
    return {
        "absoluteSlot": slot,
        "blockHeight": slot,
        "epoch": slot // SLOTS_PER_EPOCH,
        "slotIndex": slot % SLOTS_PER_EPOCH,
        "slotsInEpoch": SLOTS_PER_EPOCH,
        "transactionCount": node.bank.transaction_count,
    }


async def get_epoch_schedule(node: SolanaNode, params: Params) -> dict[str, Any]:
    return {
        "slotsPerEpoch": SLOTS_PER_EPOCH,
        "leaderScheduleSlotOffset": SLOTS_PER_EPOCH,
        "warmup": False,
        "firstNormalEpoch": 0,
        "firstNormalSlot": 0,
    }


async def get_transaction_count(node: SolanaNode, params: Params) -> int:
    return node.bank.transaction_count


async def get_latest_blockhash(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(0)
    commitment = options.commitment()
    options.require_slot(node.bank.slot_at(commitment))
    slot = node.bank.blockhashes.newest_at(min(node.bank.slot_at(commitment), node.bank.slot - 1))
    value = {"blockhash": str(node.bank.blockhashes.of_slot(slot)), "lastValidBlockHeight": last_valid_height(slot)}
    return with_context(node, commitment, value)


async def is_blockhash_valid(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    try:
        blockhash = Hash(decode_base58(params.text(0, "blockhash"), length=32))
    except InvalidValue as error:
        raise invalid_params(f"Invalid param: {error.message}") from error
    return with_context(node, options.commitment(), node.bank.blockhashes.slot_of(blockhash) is not None)


async def get_recent_prioritization_fees(node: SolanaNode, params: Params) -> list[dict[str, int]]:
    accounts = [] if params.get(0) is None else params.items(0, "accounts", limit=_MAX_FEE_ACCOUNTS)
    rows = node.priority_fees.recent([parse_address(item) for item in accounts])
    return [{"slot": slot, "prioritizationFee": bid} for slot, bid in rows]


METHODS: dict[str, RpcMethod] = {
    "getHealth": get_health,
    "getVersion": get_version,
    "getGenesisHash": get_genesis_hash,
    "getIdentity": get_identity,
    "getSlot": get_slot,
    # Every slot here has a block, so height and slot are one number.
    "getBlockHeight": get_slot,
    "getEpochInfo": get_epoch_info,
    "getEpochSchedule": get_epoch_schedule,
    "getTransactionCount": get_transaction_count,
    "getLatestBlockhash": get_latest_blockhash,
    "isBlockhashValid": is_blockhash_valid,
    "getRecentPrioritizationFees": get_recent_prioritization_fees,
}
