"""LiteSVM's results in Agave's JSON shapes."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import orjson
from solders.account import Account
from solders.pubkey import Pubkey
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata

from localnet.solana.tokens import token_holding, ui_amount
from localnet.solana.transaction import DecodedTransaction
from primitives.base58 import encode_base58

Balances = list[Account | None]


def split_outcome(
    outcome: TransactionMetadata | FailedTransactionMetadata,
) -> tuple[Any, TransactionMetadata]:
    """(transaction error as Agave's JSON or None, what the run left)."""
    if isinstance(outcome, FailedTransactionMetadata):
        return orjson.loads(outcome.to_json())["err"], outcome.meta()
    return None, outcome


def inner_instructions(meta: TransactionMetadata) -> list[dict[str, Any]]:
    """`innerInstructions`: only the instructions that called others."""
    return [
        {
            "index": index,
            "instructions": [
                {
                    "programIdIndex": call.instruction().program_id_index,
                    "accounts": list(call.instruction().accounts),
                    "data": encode_base58(bytes(call.instruction().data)),
                    "stackHeight": call.stack_height(),
                }
                for call in calls
            ],
        }
        for index, calls in enumerate(meta.inner_instructions())
        if calls
    ]


def return_data(meta: TransactionMetadata) -> dict[str, Any] | None:
    data = meta.return_data()
    if not data.data:
        return None
    return {"programId": str(data.program_id), "data": [b64encode(bytes(data.data)).decode(), "base64"]}


def status_meta(
    transaction: DecodedTransaction,
    error: Any,
    meta: TransactionMetadata,
    *,
    before: Balances,
    after: Balances,
    decimals_of: Callable[[Pubkey], int | None],
) -> dict[str, Any]:
    """`TransactionStatusMeta`; `before` and `after` follow the order of `transaction.keys`, and hold the same object
    where nothing changed."""
    tokens_before, tokens_after = _token_balances(before, after, decimals_of)
    return {
        "err": error,
        "status": {"Ok": None} if error is None else {"Err": error},
        "fee": meta.fee(),
        "preBalances": [account.lamports if account else 0 for account in before],
        "postBalances": [account.lamports if account else 0 for account in after],
        "preTokenBalances": tokens_before,
        "postTokenBalances": tokens_after,
        "innerInstructions": inner_instructions(meta),
        "logMessages": meta.logs(),
        "rewards": [],
        "loadedAddresses": {
            "writable": [str(key) for key in transaction.loaded_writable],
            "readonly": [str(key) for key in transaction.loaded_readonly],
        },
        "computeUnitsConsumed": meta.compute_units_consumed(),
        **({"returnData": data} if (data := return_data(meta)) else {}),
    }


def _token_balances(
    before: Balances, after: Balances, decimals_of: Callable[[Pubkey], int | None]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    decimals: dict[Pubkey, int | None] = {}

    def shown(index: int, account: Account | None) -> dict[str, Any] | None:
        held = token_holding(account)
        if held is None:
            return None
        if held.mint not in decimals:
            decimals[held.mint] = decimals_of(held.mint)
        places = decimals[held.mint]
        if places is None:
            return None
        return {
            "accountIndex": index,
            "mint": str(held.mint),
            "owner": str(held.owner),
            "programId": str(held.program),
            "uiTokenAmount": ui_amount(held.amount, places),
        }

    first: list[dict[str, Any]] = []
    second: list[dict[str, Any]] = []
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        balance = shown(index, old)
        if balance is not None:
            first.append(balance)
        if new is not old:
            balance = shown(index, new)
        if balance is not None:
            second.append(balance)
    return first, second
