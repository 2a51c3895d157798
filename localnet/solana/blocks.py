"""Blocks as `getBlock` and `blockSubscribe` show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localnet.solana.bank import Bank
from localnet.solana.encoding import encode_transaction, transaction_accounts
from localnet.solana.errors import invalid_params
from localnet.solana.params import Options
from localnet.solana.records import TransactionRecord


def block_json(
    bank: Bank, slot: int, records: Sequence[TransactionRecord], options: Options, *, rewards: bool
) -> dict[str, Any]:
    """`UiConfirmedBlock` in the wanted `transactionDetails` and `encoding`.

    Raises:
        RpcError: An unknown detail or encoding, or a version that the client did not ask for.
    """
    parent = bank.parent_of(slot)
    body: dict[str, Any] = {
        "previousBlockhash": str(bank.blockhashes.of_slot(parent)),
        "blockhash": str(bank.blockhashes.of_slot(slot)),
        "parentSlot": parent,
        "blockTime": bank.block_time(slot),
        "blockHeight": slot,
    }
    detail = options.get("transactionDetails", "full")
    if detail == "full":
        body["transactions"] = [encode_transaction(record, options) for record in records]
    elif detail == "accounts":
        body["transactions"] = [_accounts_only(record) for record in records]
    elif detail == "signatures":
        body["signatures"] = [record.signature for record in records]
    elif detail != "none":
        raise invalid_params(f"Invalid params: unknown transactionDetails {detail!r}")
    if rewards:
        body["rewards"] = []
    return body


def _accounts_only(record: TransactionRecord) -> dict[str, Any]:
    signatures = [record.signature]
    return {"transaction": {"signatures": signatures, "accountKeys": transaction_accounts(record)}, "meta": record.meta}
