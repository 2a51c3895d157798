"""What an account holds of tokens on Solana, in all of its token accounts."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass

from chains.solana.adapter import SolanaAdapter
from chains.solana.node import Account
from chains.solana.token_transfer import token_account
from codec.solana.programs import TOKEN_2022, TOKEN_PROGRAMS
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.base58 import encode_base58
from primitives.errors import UnknownAsset


@dataclass(frozen=True, slots=True)
class TokenHolding:
    """All that one owner has of one mint. `extended`: a mint of Token-2022."""

    amount: Amount
    extended: bool


async def token_holdings(adapter: SolanaAdapter, account: AccountId) -> list[TokenHolding]:
    """By mint, zeros left out; what does not parse as a token account, or has no mint, is left out.

    Raises:
        NodeUnavailable
    """
    options = {"encoding": "base64", "commitment": "confirmed"}
    answers = await adapter.node.read_all(
        [
            ("getTokenAccountsByOwner", (account.address, {"programId": encode_base58(program)}, options))
            for program in sorted(TOKEN_PROGRAMS)
        ]
    )
    sums: Counter[tuple[bytes, bytes]] = Counter()
    for program, answer in zip(sorted(TOKEN_PROGRAMS), answers, strict=True):
        for row in answer["value"]:
            data = base64.b64decode(row["account"]["data"][0])
            held = token_account(Account(int(row["account"]["lamports"]), program, data))
            if held is not None and held.owner == account.raw:
                sums[program, held.mint] += held.amount
    found = []
    for (program, mint), units in sorted(sums.items()):
        if not units:
            continue
        try:
            asset = await adapter.asset(AssetId.fungible(account.chain, encode_base58(mint)))
        except UnknownAsset:
            continue
        found.append(TokenHolding(Amount(units, asset), program == TOKEN_2022))
    return found
