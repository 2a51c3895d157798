"""Methods about accounts of any kind."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from solders.account import Account

from localnet.solana.encoding import encode_account
from localnet.solana.errors import invalid_params
from localnet.solana.node import RpcMethod, SolanaNode, with_context
from localnet.solana.params import Params, decode_base58_bytes, parse_address
from localnet.solana.tokens import TokenAccount

_MAX_ACCOUNTS = 100
_MAX_FILTERS = 4


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
    account = node.bank.account(params.address(0), commitment)
    value = encode_account(node.bank, account, options, default="binary") if account else None
    return with_context(node, commitment, value)


async def get_multiple_accounts(node: SolanaNode, params: Params) -> dict[str, Any]:
    options = params.options(1)
    commitment = options.commitment()
    options.require_slot(node.bank.slot_at(commitment))
    addresses = [parse_address(item) for item in params.items(0, "accounts", limit=_MAX_ACCOUNTS)]
    accounts = [node.bank.account(address, commitment) for address in addresses]
    value = [encode_account(node.bank, account, options) if account else None for account in accounts]
    return with_context(node, commitment, value)


async def get_program_accounts(node: SolanaNode, params: Params) -> Any:
    options = params.options(1)
    commitment = options.commitment()
    filters = options.get("filters", [])
    if not isinstance(filters, list) or len(filters) > _MAX_FILTERS:
        raise invalid_params(f"Too many filters provided; max {_MAX_FILTERS}")
    found = [
        {"pubkey": str(address), "account": encode_account(node.bank, account, options, default="binary")}
        for address, account in node.bank.program_accounts(params.address(0), commitment)
        if all(_matches(account, rule) for rule in filters)
    ]
    return with_context(node, commitment, found) if options.flag("withContext") else found


async def get_minimum_balance_for_rent_exemption(node: SolanaNode, params: Params) -> int:
    return node.bank.minimum_balance(params.integer(0, "data length"))


def _matches(account: Account, rule: Any) -> bool:
    if isinstance(rule, str):
        rule = {rule: None}
    if not isinstance(rule, dict):
        raise invalid_params("Invalid params: a filter must be an object")
    if "dataSize" in rule:
        return bool(len(account.data) == rule["dataSize"])
    if "tokenAccountState" in rule:
        return TokenAccount.read(account) is not None
    compare = rule.get("memcmp")
    if not isinstance(compare, dict) or not isinstance(compare.get("offset"), int):
        raise invalid_params("Invalid params: a filter must be dataSize, memcmp or tokenAccountState")
    wanted, offset = compare.get("bytes"), compare["offset"]
    try:
        if isinstance(wanted, list):
            raw = bytes(wanted)
        elif compare.get("encoding") == "base64":
            raw = b64decode(str(wanted))
        else:
            raw = decode_base58_bytes(str(wanted))
    except (ValueError, TypeError) as error:
        raise invalid_params(f"Invalid params: memcmp bytes: {error}") from error
    return account.data[offset : offset + len(raw)] == raw


METHODS: dict[str, RpcMethod] = {
    "getBalance": get_balance,
    "getAccountInfo": get_account_info,
    "getMultipleAccounts": get_multiple_accounts,
    "getProgramAccounts": get_program_accounts,
    "getMinimumBalanceForRentExemption": get_minimum_balance_for_rent_exemption,
}
