"""LiteSVM's results in Agave's JSON shapes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import orjson
from solders.account import Account
from solders.pubkey import Pubkey
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata

from localnet.solana.tokens import TokenAccount, mint_decimals, ui_amount
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
    fee: int,
    before: Balances,
    after: Balances,
    mints: dict[Pubkey, Account | None],
) -> dict[str, Any]:
    """`TransactionStatusMeta`; `before` and `after` follow the order of `transaction.keys`."""
    return {
        "err": error,
        "status": {"Ok": None} if error is None else {"Err": error},
        "fee": fee,
        "preBalances": [account.lamports if account else 0 for account in before],
        "postBalances": [account.lamports if account else 0 for account in after],
        "preTokenBalances": _token_balances(before, mints),
        "postTokenBalances": _token_balances(after, mints),
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


def _token_balances(accounts: Balances, mints: dict[Pubkey, Account | None]) -> list[dict[str, Any]]:
    balances = []
    for index, account in enumerate(accounts):
        token = TokenAccount.read(account)
        if token is None or account is None:
            continue
        decimals = mint_decimals(mints.get(token.mint))
        if decimals is None:
            continue
        balances.append(
            {
                "accountIndex": index,
                "mint": str(token.mint),
                "owner": str(token.owner),
                "programId": str(account.owner),
                "uiTokenAmount": ui_amount(token.amount, decimals),
            }
        )
    return balances
