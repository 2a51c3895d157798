"""The filters of getProgramAccounts and programSubscribe."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from solders.account import Account

from localnet.solana.errors import invalid_params
from localnet.solana.params import Options, decode_base58_bytes
from localnet.solana.tokens import TokenAccount

_MAX_FILTERS = 4


def checked_filters(options: Options) -> list[Any]:
    """The `filters` of a request. Raises RpcError when they are no list or too many."""
    filters = options.get("filters", [])
    if not isinstance(filters, list) or len(filters) > _MAX_FILTERS:
        raise invalid_params(f"Too many filters provided; max {_MAX_FILTERS}")
    return filters


def matches(account: Account, rule: Any) -> bool:
    """Whether an account passes one entry of `filters`."""
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
