"""Methods about blocks and past transactions."""

from __future__ import annotations

from typing import Any

from localnet.solana.blocks import block_json
from localnet.solana.encoding import encode_transaction, memo_of
from localnet.solana.errors import BLOCK_NOT_AVAILABLE, SLOT_SKIPPED, RpcError, invalid_params
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Options, Params, parse_signature
from localnet.solana.records import TransactionRecord

_FIRST_SLOT = 0
_MAX_BLOCKS = 500_000
_MAX_SIGNATURES = 1000
_MAX_STATUSES = 256
# Without `searchTransactionHistory` only Agave's status cache answers: the last 300 slots (MAX_CACHE_ENTRIES).
_STATUS_CACHE_SLOTS = 300


async def get_block_time(node: SolanaNode, params: Params) -> int:
    slot = params.integer(0, "slot")
    if slot > node.bank.confirmed_slot:
        raise RpcError(BLOCK_NOT_AVAILABLE, f"Block not available for slot {slot}")
    _require_block(node, slot)
    return node.bank.block_time(slot)


async def get_blocks(node: SolanaNode, params: Params) -> list[int]:
    start = params.integer(0, "start slot")
    second = params.get(1)
    options = params.options(1) if isinstance(second, dict) else params.options(2)
    newest = node.bank.slot_at(options.durable_commitment())
    end = newest if isinstance(second, dict) or second is None else min(params.integer(1, "end slot"), newest)
    if end - start > _MAX_BLOCKS:
        raise invalid_params(f"Slot range too large; max {_MAX_BLOCKS}")
    return _with_blocks(node, start, end)


async def get_blocks_with_limit(node: SolanaNode, params: Params) -> list[int]:
    start, limit = params.integer(0, "start slot"), params.integer(1, "limit")
    newest = node.bank.slot_at(params.options(2).durable_commitment())
    if limit > _MAX_BLOCKS:
        raise invalid_params(f"Limit too large; max {_MAX_BLOCKS}")
    return _with_blocks(node, start, newest)[:limit]


async def get_block(node: SolanaNode, params: Params) -> dict[str, Any]:
    slot = params.integer(0, "slot")
    options = params.options(1)
    if slot > node.bank.slot_at(options.durable_commitment()):
        raise RpcError(BLOCK_NOT_AVAILABLE, f"Block not available for slot {slot}")
    _require_block(node, slot)
    records = [] if options.get("transactionDetails") == "none" else node.bank.store.transactions_in(slot)
    return block_json(node.bank, slot, records, options, rewards=bool(options.get("rewards", True)))


async def get_first_available_block(node: SolanaNode, params: Params) -> int:
    return _FIRST_SLOT


async def get_transaction(node: SolanaNode, params: Params) -> dict[str, Any] | None:
    second = params.get(1)
    options = Options({"encoding": second}) if isinstance(second, str) else params.options(1)
    record = node.bank.record(parse_signature(params.get(0)), options.durable_commitment())
    if record is None:
        return None
    return {
        "slot": record.slot,
        "blockTime": record.block_time,
        "transactionIndex": record.index,
        **encode_transaction(record, options),
    }


async def get_signature_statuses(node: SolanaNode, params: Params) -> dict[str, Any]:
    signatures = [parse_signature(item) for item in params.items(0, "signatures", limit=_MAX_STATUSES)]
    whole_history = params.options(1).flag("searchTransactionHistory")
    statuses = []
    for signature in signatures:
        record = node.bank.record(signature)
        if record is not None and not whole_history and record.slot < node.bank.slot - _STATUS_CACHE_SLOTS:
            record = None
        statuses.append(_status(node, record) if record else None)
    return with_context(node, "processed", statuses)


async def get_signatures_for_address(node: SolanaNode, params: Params) -> list[dict[str, Any]]:
    address, options = params.address(0), params.options(1)
    commitment = options.durable_commitment()
    limit = options.integer("limit") or _MAX_SIGNATURES
    if limit > _MAX_SIGNATURES:
        raise invalid_params(f"Invalid limit; max {_MAX_SIGNATURES}")
    before, until = options.get("before"), options.get("until")
    rows = node.bank.store.signatures_for(
        address,
        until_slot=node.bank.slot_at(commitment),
        before=parse_signature(before) if before else None,
        until=parse_signature(until) if until else None,
        limit=limit,
    )
    return [
        {
            "signature": row.signature,
            "slot": row.slot,
            "err": row.error,
            "memo": memo_of(row),
            "blockTime": row.block_time,
            "confirmationStatus": _level(node, row.slot),
        }
        for row in rows
    ]


def _require_block(node: SolanaNode, slot: int) -> None:
    if node.bank.is_skipped(slot):
        text = f"Slot {slot} was skipped, or missing due to ledger jump to recent snapshot"
        raise RpcError(SLOT_SKIPPED, text)


def _with_blocks(node: SolanaNode, first: int, last: int) -> list[int]:
    skipped = set(node.bank.store.skipped_slots(first, last))
    return [slot for slot in range(first, last + 1) if slot not in skipped]


def _status(node: SolanaNode, record: TransactionRecord) -> dict[str, Any]:
    level = _level(node, record.slot)
    return {
        "slot": record.slot,
        "confirmations": None if level == "finalized" else node.bank.slot - record.slot,
        "err": record.error,
        "status": {"Ok": None} if record.error is None else {"Err": record.error},
        "confirmationStatus": level,
    }


def _level(node: SolanaNode, slot: int) -> str:
    if slot <= node.bank.finalized_slot:
        return "finalized"
    return "confirmed" if slot <= node.bank.confirmed_slot else "processed"


METHODS: dict[str, RpcMethod] = {
    "getBlockTime": get_block_time,
    "getBlocks": get_blocks,
    "getBlocksWithLimit": get_blocks_with_limit,
    "getBlock": get_block,
    "getFirstAvailableBlock": get_first_available_block,
    "minimumLedgerSlot": get_first_available_block,
    "getTransaction": get_transaction,
    "getSignatureStatuses": get_signature_statuses,
    "getSignaturesForAddress": get_signatures_for_address,
}
