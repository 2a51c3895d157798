"""Whether an account can pay more payments beside those that are already in flight."""

from __future__ import annotations

from collections.abc import Mapping

from chains.intent import Intent, Transfer
from chains.ports import AccountState, ChainAdapter
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.errors import InsufficientFunds
from wallets.engine.attempts.sql import hashes_of
from wallets.engine.model import Spending
from wallets.engine.reservations import sql as reservations

_LOOKS = 3


def assets_of(adapter: ChainAdapter, intents: list[Intent]) -> list[Asset]:
    """The native coin, and every token that one of the intents moves."""
    tokens = {
        intent.action.amount.asset.id: intent.action.amount.asset
        for intent in intents
        if isinstance(intent.action, Transfer) and not intent.action.amount.asset.id.is_native
    }
    return [adapter.native, *tokens.values()]


class Purse:
    """What an account has left, while payments are taken out of it one after the other, under the lane's lock.

    The stored positions lag behind the chain, so that a payment may count twice: as spent in the balance and as
    reserved. Only when that would refuse, the chain itself is asked what is still outstanding.
    """

    def __init__(
        self,
        adapter: ChainAdapter,
        account: AccountId,
        assets: list[Asset],
        state: AccountState,
        held: Mapping[AssetId, int] | None = None,
    ) -> None:
        """`held`: what payments in flight hold, if the caller has just read it; else call `open`."""
        self._adapter = adapter
        self._account = account
        self._assets = assets
        self._state = state
        self._held: Mapping[AssetId, int] = held or {}
        self._taken: dict[AssetId, int] = {}
        self._exact = False

    async def open(self, tx: Transaction) -> None:
        """Read what payments in flight hold."""
        self._held = await reservations.held(
            tx, self._account, [asset.id for asset in self._assets], seen_height=self._state.height
        )

    async def take(self, tx: Transaction, spending: Spending) -> None:
        """Raises InsufficientFunds, with both figures, unless everything is covered; then it counts as taken."""
        shortage = self._shortage(spending)
        if shortage is not None and not self._exact:
            await self._look_closely(tx)
            shortage = self._shortage(spending)
        if shortage is not None:
            raise shortage
        for asset, amount in _parts(self._adapter.native, spending):
            self._taken[asset] = self._taken.get(asset, 0) + amount

    async def _look_closely(self, tx: Transaction) -> None:
        for _ in range(_LOOKS):
            before = (await self._adapter.heads()).included
            hashes = await hashes_of(tx, self._account)
            landed = {payment for payment, tx_hash in hashes if await self._adapter.receipt(tx_hash) is not None}
            held: dict[AssetId, int] = {}
            for payment, one in await reservations.outstanding(tx, self._account):
                if payment not in landed:
                    held[one.asset] = held.get(one.asset, 0) + one.amount
            self._held = held
            self._state = await self._adapter.state(self._account, self._assets)
            if before == (await self._adapter.heads()).included:
                break
        self._exact = True

    def _shortage(self, spending: Spending) -> InsufficientFunds | None:
        for asset, amount in reversed(_parts(self._adapter.native, spending)):
            balance = self._state.balances[asset]
            reserved = self._held.get(asset, 0) + self._taken.get(asset, 0)
            if balance.base_units < amount + reserved:
                return _error(balance, amount, reserved)
        return None


def _parts(native: Asset, spending: Spending) -> list[tuple[AssetId, int]]:
    parts = [(native.id, spending.native)]
    if spending.asset is not None:
        parts.append((spending.asset, spending.amount))
    return parts


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
