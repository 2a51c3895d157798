"""Methods about accounts of any kind."""

from __future__ import annotations

from typing import Any

from localnet.solana.encoding import encode_account
from localnet.solana.filters import checked_filters, matches
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Params, parse_address

_MAX_ACCOUNTS = 100


async def get_balance(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    commitment = options.commitment()
    options.require_slot(node.bank.slot_at(commitment))
    account = node.bank.account(params.address(0), commitment)
    return with_context(node, commitment, account.lamports if account else 0)


async def get_account_info(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    commitment = options.commitment()
    options.require_slot(node.bank.slot_at(commitment))
    address = params.address(0)
    account = node.bank.account(address, commitment)
    value = encode_account(node.bank, address, account, options, default="binary") if account else None
    return with_context(node, commitment, value)


async def get_multiple_accounts(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    commitment = options.commitment()
    options.require_slot(node.bank.slot_at(commitment))
    addresses = [parse_address(item) for item in params.items(0, "accounts", limit=_MAX_ACCOUNTS)]
    accounts = [(address, node.bank.account(address, commitment)) for address in addresses]
    value = [encode_account(node.bank, key, account, options) if account else None for key, account in accounts]
    return with_context(node, commitment, value)


async def get_program_accounts(node: SolanaNode, params: Params) -> Any:
    options = params.options(1)
    commitment = options.commitment()
    filters = checked_filters(options)
    found = [
        {"pubkey": str(address), "account": encode_account(node.bank, address, account, options, default="binary")}
        for address, account in node.bank.program_accounts(params.address(0), commitment)
        if all(matches(account, rule) for rule in filters)
    ]
    return with_context(node, commitment, found) if options.flag("withContext") else found


async def get_minimum_balance_for_rent_exemption(node: SolanaNode, params: Params) -> int:
    return node.bank.minimum_balance(params.integer(0, "data length"))


METHODS: dict[str, RpcMethod] = {
    "getBalance": get_balance,
    "getAccountInfo": get_account_info,
    "getMultipleAccounts": get_multiple_accounts,
    "getProgramAccounts": get_program_accounts,
    "getMinimumBalanceForRentExemption": get_minimum_balance_for_rent_exemption,
}
