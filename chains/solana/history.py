"""What happened to one account: its transactions, newest first, with what each took and gave."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chains.solana.errors import reason_of
from chains.solana.node import SignatureEntry, SolanaNode
from codec.solana.message import decode_message, decode_transaction
from codec.solana.programs import TOKEN_PROGRAMS
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue, NodeUnavailable

_MOST_TOKEN_ACCOUNTS = 100
"""Of one owner, whose histories are read beside its own: payments into them do not name the owner."""


@dataclass(frozen=True, slots=True)
class AccountActivity:
    """One transaction as one account saw it.

    Attributes:
        height: Slot.
        block_time: Unix seconds; None where the node has forgotten it.
        ok: False: the fee was paid and nothing else happened; `reason` says why.
        fee: Lamports that this account paid; 0 when somebody else did.
        changes: Base units gained or lost by asset, the fee not counted; nothing that stayed the same.
        others: Of a change, the one other owner whose balance moved the other way; of what was made for the account,
            who paid for it. An asset that several others lost or gained is not named.
    """

    tx_hash: str
    height: int
    block_time: int | None
    ok: bool
    reason: str | None
    fee: int
    changes: Mapping[AssetId, int]
    others: Mapping[AssetId, AccountId] = field(default_factory=dict)


async def account_history(
    node: SolanaNode, account: AccountId, *, before: str | None = None, limit: int = 25
) -> list[AccountActivity]:
    """The newest confirmed transactions that touch the account or one of its token accounts.

    Args:
        before: Only what is older than this transaction.

    Raises:
        InvalidValue: A limit outside 1 to 1,000.
        NodeUnavailable
    """
    if not 1 <= limit <= 1_000:
        raise InvalidValue(f"a page has 1 to 1,000 transactions, not {limit}")
    addresses = [account.raw, *await _token_accounts(node, account)]
    newest: dict[str, SignatureEntry] = {}
    for entry in await node.newest(addresses, before=before, limit=limit):
        newest[entry.signature] = entry
    page = sorted(newest.values(), key=lambda entry: entry.slot, reverse=True)[:limit]
    documents = await node.transactions([entry.signature for entry in page])
    found = []
    for entry, document in zip(page, documents, strict=True):
        if document is None:
            raise NodeUnavailable(f"the node has not stored transaction {entry.signature} yet: ask again")
        found.append(_activity(account, entry, document))
    return found


async def _token_accounts(node: SolanaNode, account: AccountId) -> list[bytes]:
    options = {"encoding": "base64", "commitment": "confirmed", "dataSlice": {"offset": 0, "length": 0}}
    answers = await node.read_all(
        [
            ("getTokenAccountsByOwner", (account.address, {"programId": encode_base58(program)}, options))
            for program in sorted(TOKEN_PROGRAMS)
        ]
    )
    found = [decode_base58(row["pubkey"], length=32) for answer in answers for row in answer["value"]]
    return sorted(found)[:_MOST_TOKEN_ACCOUNTS]


def _activity(account: AccountId, entry: SignatureEntry, document: Mapping[str, Any]) -> AccountActivity:
    meta = document["meta"]
    loaded = meta.get("loadedAddresses") or {"writable": [], "readonly": []}
    error = meta["err"]
    reason = None
    try:
        _, message = decode_transaction(base64.b64decode(document["transaction"][0]))
        decoded = decode_message(message)
        keys = [encode_base58(key) for key in decoded.account_keys] + [*loaded["writable"], *loaded["readonly"]]
        if error is not None:
            reason = reason_of(error, () if decoded.lookups else decoded.instructions)
    except InvalidValue:
        # A version that we cannot read: its effects on tokens still stand in the metadata.
        keys = []
        reason = None if error is None else reason_of(error, ())
    changes: Counter[AssetId] = Counter()
    all_changes: dict[AssetId, Counter[str]] = {}
    fee = 0
    if keys:
        moved = all_changes.setdefault(AssetId.native(account.chain), Counter())
        for place, key in enumerate(keys):
            moved[key] = int(meta["postBalances"][place]) - int(meta["preBalances"][place])
        moved[keys[0]] += int(meta["fee"])
    if account.address in keys:
        place = keys.index(account.address)
        fee = int(meta["fee"]) if place == 0 else 0
        native = int(meta["postBalances"][place]) - int(meta["preBalances"][place]) + fee
        changes[AssetId.native(account.chain)] = native
    for sign, rows in ((1, meta["postTokenBalances"]), (-1, meta["preTokenBalances"])):
        for row in rows or ():
            asset = AssetId.fungible(account.chain, row["mint"])
            all_changes.setdefault(asset, Counter())[row["owner"]] += sign * int(row["uiTokenAmount"]["amount"])
            if row["owner"] == account.address:
                changes[asset] += sign * int(row["uiTokenAmount"]["amount"])
    return AccountActivity(
        tx_hash=entry.signature,
        height=int(document["slot"]),
        block_time=document.get("blockTime"),
        ok=error is None,
        reason=reason,
        fee=fee,
        changes={asset: units for asset, units in changes.items() if units},
        others={
            asset: AccountId.of(account.chain, other)
            for asset, units in changes.items()
            if units and (other := _other(all_changes[asset], units, keys)) is not None and other != account.address
        },
    )


def _other(moved: Mapping[str, int], units: int, keys: Sequence[str]) -> str | None:
    """Who lost what the account gained, or gained what it lost."""
    opposite = [owner for owner, change in moved.items() if change * units < 0]
    if len(opposite) == 1:
        return opposite[0]
    return keys[0] if not opposite and units > 0 and keys else None
