"""Whether an account can pay one more payment beside those that are already in flight."""

from __future__ import annotations

from dataclasses import dataclass

from chains.intent import Intent, Transfer
from chains.ports import ChainAdapter
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.errors import InsufficientFunds
from wallets.engine import sql
from wallets.engine.model import Spending

_LOOKS = 3


@dataclass(frozen=True, slots=True)
class Funds:
    """Balances, and a height that they are at least as new as."""

    height: int
    native: Amount
    token: Amount | None


async def read_funds(adapter: ChainAdapter, intent: Intent) -> Funds:
    """The height is asked first: an effect above it may already be in the balances, one at or below it surely is."""
    height = (await adapter.heads()).included
    native = await adapter.balance(intent.sender, adapter.native)
    token = _token(intent)
    return Funds(height, native, None if token is None else await adapter.balance(intent.sender, token))


async def require_funds(
    tx: Transaction, adapter: ChainAdapter, intent: Intent, spending: Spending, funds: Funds
) -> None:
    """Under the lane's lock: raise InsufficientFunds unless the account covers this and everything in flight.

    The stored positions lag behind the chain, so that a payment may count twice: as spent in the balance and as
    reserved. Only when that would refuse, the chain itself is asked what is still outstanding.
    """
    native, token = await sql.reserved(tx, intent.sender, spending.asset, seen_height=funds.height)
    shortage = _shortage(spending, funds, native, token)
    for _ in range(_LOOKS):
        if shortage is None:
            return
        before = (await adapter.heads()).included
        native, token = await _really_outstanding(tx, adapter, intent.sender, spending)
        shortage = _shortage(spending, await read_funds(adapter, intent), native, token)
        if before == (await adapter.heads()).included:
            break
    if shortage is not None:
        raise shortage


async def _really_outstanding(
    tx: Transaction, adapter: ChainAdapter, account: AccountId, spending: Spending
) -> tuple[int, int]:
    native = token = 0
    for tx_hash, held in await sql.outstanding(tx, account):
        if await adapter.receipt(tx_hash) is None:
            native += held.native
            token += held.amount if held.asset == spending.asset else 0
    return native, token


def _shortage(spending: Spending, funds: Funds, native: int, token: int) -> InsufficientFunds | None:
    if funds.token is not None and funds.token.base_units < spending.amount + token:
        return _error(funds.token, spending.amount, token)
    if funds.native.base_units < spending.native + native:
        return _error(funds.native, spending.native, native)
    return None


def _error(balance: Amount, needed: int, reserved: int) -> InsufficientFunds:
    available = Amount(max(0, balance.base_units - reserved), balance.asset)
    return InsufficientFunds(
        f"{Amount(needed, balance.asset)} needed, {available} available beside payments in flight: "
        "top the account up, send less, or wait for them",
        needed=needed,
        available=available.base_units,
        reserved=reserved,
        asset=str(balance.asset.id),
    )


def _token(intent: Intent) -> Asset | None:
    match intent.action:
        case Transfer(amount, _) if not amount.asset.id.is_native:
            return amount.asset
        case _:
            return None
