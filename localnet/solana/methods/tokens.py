"""Methods about token accounts and mints."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from solders.pubkey import Pubkey

from localnet.solana.encoding import encode_account
from localnet.solana.errors import invalid_params
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Params, parse_address
from localnet.solana.tokens import (
    TOKEN_2022_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_PROGRAMS,
    Mint,
    TokenAccount,
    mint_decimals,
    ui_amount,
)

_LARGEST = 20


async def get_token_accounts_by_owner(node: SolanaNode, params: Params) -> dict[str, Any]:
    return _token_accounts(node, params, "owner")


async def get_token_accounts_by_delegate(node: SolanaNode, params: Params) -> dict[str, Any]:
    return _token_accounts(node, params, "delegate")


async def get_token_account_balance(node: SolanaNode, params: Params) -> dict[str, Any]:
    commitment = params.options(1).commitment()
    account = node.bank.account(params.address(0), commitment)
    if account is None:
        raise invalid_params("Invalid param: could not find account")
    token = TokenAccount.read(account)
    if token is None:
        raise invalid_params("Invalid param: not a Token account")
    decimals = mint_decimals(node.bank.account(token.mint, commitment))
    if decimals is None:
        raise invalid_params("Invalid param: could not find mint")
    return with_context(node, commitment, ui_amount(token.amount, decimals))


async def get_token_supply(node: SolanaNode, params: Params) -> dict[str, Any]:
    commitment = params.options(1).commitment()
    mint = _mint(node, params.address(0), commitment)
    return with_context(node, commitment, ui_amount(mint.supply, mint.decimals))


async def get_token_largest_accounts(node: SolanaNode, params: Params) -> dict[str, Any]:
    commitment = params.options(1).commitment()
    address = params.address(0)
    mint = _mint(node, address, commitment)
    amounts = [
        (token.amount, str(holder))
        for program in TOKEN_PROGRAMS
        for holder, account in node.bank.program_accounts(program, commitment)
        if (token := TokenAccount.read(account)) is not None and token.mint == address
    ]
    amounts.sort(key=lambda item: (-item[0], item[1]))
    value = [{"address": holder, **ui_amount(amount, mint.decimals)} for amount, holder in amounts[:_LARGEST]]
    return with_context(node, commitment, value)


def _mint(node: SolanaNode, address: Pubkey, commitment: str, missing: str = "account") -> Mint:
    account = node.bank.account(address, commitment)
    if account is None:
        raise invalid_params(f"Invalid param: could not find {missing}")
    mint = Mint.read(account)
    if mint is None:
        raise invalid_params("Invalid param: not a Token mint")
    return mint


def _token_accounts(node: SolanaNode, params: Params, role: str) -> dict[str, Any]:
    party, rule, options = params.address(0), params.options(1), params.options(2)
    commitment = options.commitment()
    programs: Collection[Pubkey] = (TOKEN_PROGRAM, TOKEN_2022_PROGRAM)
    mint = None
    if rule.get("mint") is not None:
        mint = parse_address(rule.get("mint"))
        account = node.bank.account(mint, commitment)
        _mint(node, mint, commitment, "mint")
        assert account is not None
        programs = (account.owner,)
    elif rule.get("programId") is not None:
        program = parse_address(rule.get("programId"))
        if program not in TOKEN_PROGRAMS:
            raise invalid_params("Invalid param: unrecognized Token program id")
        programs = (program,)
    else:
        raise invalid_params("Invalid params: expected a mint or a programId")
    found = []
    for program in programs:
        for address, account in node.bank.program_accounts(program, commitment):
            token = TokenAccount.read(account)
            if token is None or getattr(token, role) != party or (mint is not None and token.mint != mint):
                continue
            found.append(
                {
                    "pubkey": str(address),
                    "account": encode_account(node.bank, address, account, options, default="binary"),
                }
            )
    return with_context(node, commitment, found)


METHODS: dict[str, RpcMethod] = {
    "getTokenAccountsByOwner": get_token_accounts_by_owner,
    "getTokenAccountsByDelegate": get_token_accounts_by_delegate,
    "getTokenAccountBalance": get_token_account_balance,
    "getTokenSupply": get_token_supply,
    "getTokenLargestAccounts": get_token_largest_accounts,
}
