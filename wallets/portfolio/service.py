"""Reads what a person holds everywhere and reckons its worth."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from chains.solana.adapter import SolanaAdapter
from chains.solana.holdings import token_holdings
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.currency import Money
from primitives.errors import NodeUnavailable
from wallets.accounts.model import Account
from wallets.assets.service import MarkedHolding
from wallets.portfolio.model import MOST_MINOR, Holding, HoldingKind, NoWorth, Portfolio, Total
from wallets.portfolio.ports import FoundTokens, KnownAssets, OwnAccounts, Rights, WatchedAddresses
from wallets.portfolio.pricing import Pricing

_READERS = 8
"""Accounts that are read at a time."""


class PortfolioService:
    """Nothing here changes anything but how far histories were read.

    Args:
        watched: Addresses whose keys are elsewhere; None: they are not shown.
    """

    def __init__(
        self,
        chains: KnownAssets,
        accounts: OwnAccounts,
        tokens: FoundTokens,
        rights: Rights,
        pricing: Pricing,
        *,
        watched: WatchedAddresses | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._chains = chains
        self._accounts = accounts
        self._tokens = tokens
        self._rights = rights
        self._pricing = pricing
        self._watched = watched
        self._clock = clock or SystemClock()

    async def of(self, tenant_id: UUID, currency: str, *, wallet_id: UUID | None = None) -> Portfolio:
        """All that a person holds now, or the accounts of one wallet do.

        A chain that cannot be read and a price that is missing make the total partial and are named; they refuse
        nothing.

        Raises:
            InvalidValue: No ISO 4217 code.
        """
        zero = Money(0, currency)
        accounts = [one for one in await self._accounts.list(tenant_id) if wallet_id in (None, one.wallet_id)]
        gate = asyncio.Semaphore(_READERS)
        configured = set(self._chains.all())
        unavailable = {one.chain for one in accounts if one.chain not in configured}
        reading: set[ChainId] = set()

        async def read(account: Account) -> Sequence[Holding]:
            async with gate:
                try:
                    found, complete = await self._held_in(tenant_id, account)
                except NodeUnavailable:
                    unavailable.add(account.chain)
                    return ()
            if not complete:
                reading.add(account.chain)
            return found

        readable = [one for one in accounts if one.chain in configured]
        found = [one for part in await asyncio.gather(*map(read, readable)) for one in part]
        holdings = [one for one in found if one.account is not None and one.account.chain not in unavailable]
        holdings = await self._without_vouchers(tenant_id, holdings)
        holdings = await self._pricing.priced(holdings, currency)
        own = {account.account: account.label for account in accounts}
        rights = [
            Holding(
                kind=right.kind,
                account=right.account,
                label="" if right.account is None else own[right.account],
                amount=None,
                name=right.title,
                no_worth=NoWorth.NOT_MONEY,
                right=right,
            )
            for right in await self._rights.held_by(tenant_id)
            if (right.account is None and wallet_id is None) or right.account in own
        ]
        watched, unasked = await self._watched_by(tenant_id, wallet_id, frozenset(own), currency)
        return Portfolio(
            holdings=(*holdings, *rights),
            total=_total(holdings, zero, whole=not unavailable and not reading),
            in_shop=_in_shop(rights),
            unavailable=tuple(sorted(unavailable, key=str)),
            reading=tuple(sorted(reading - unavailable, key=str)),
            read_at=self._clock.now(),
            watched=tuple(watched),
            watched_total=_total(watched, zero, whole=not unasked),
            watched_unavailable=unasked,
        )

    async def _watched_by(
        self, tenant_id: UUID, wallet_id: UUID | None, own: Collection[AccountId], currency: str
    ) -> tuple[Sequence[Holding], tuple[str, ...]]:
        """Of watched addresses that are not the person's own accounts as well, each once."""
        if self._watched is None:
            return (), ()
        read = await self._watched.holdings(tenant_id)
        found: dict[tuple[AccountId, AssetId], Holding] = {}
        for one in read.holdings:
            account, asset = AccountId(one.amount.asset.id.chain, one.address.address), one.amount.asset
            if account not in own and wallet_id in (None, one.address.wallet_id):
                found.setdefault((account, asset.id), Holding(_kind(asset), account, one.address.label, one.amount))
        return await self._pricing.priced(list(found.values()), currency), read.unavailable

    async def _held_in(self, tenant_id: UUID, account: Account) -> tuple[list[Holding], bool]:
        """Coins and tokens of one account, and whether all of its history is read."""
        adapter = self._chains.adapter(account.chain)
        native = await adapter.balance(account.account, adapter.native)
        found = [Holding(HoldingKind.NATIVE, account.account, account.label, native, native.asset.symbol)]
        if isinstance(adapter, SolanaAdapter):
            known = {asset.id for asset in self._chains.known_assets(account.chain)}
            for held in await token_holdings(adapter, account.account):
                kind = HoldingKind.TOKEN_2022 if held.extended else HoldingKind.SPL
                marks = () if held.amount.asset.id in known else ("unknown",)
                found.append(
                    Holding(kind, account.account, account.label, held.amount, held.amount.asset.symbol, marks)
                )
            return found, True
        tokens, complete = await self._tokens.holdings(tenant_id, account.account)
        return [*found, *(_token(account, one) for one in tokens)], complete

    async def _without_vouchers(self, tenant_id: UUID, holdings: Sequence[Holding]) -> list[Holding]:
        tokens = [one.amount.asset.id for one in holdings if one.amount is not None]
        vouchers = await self._rights.stand_for_vouchers(tenant_id, tokens)
        return [one for one in holdings if one.amount is None or one.amount.asset.id not in vouchers]


def _kind(asset: Asset) -> HoldingKind:
    if asset.id.is_native:
        return HoldingKind.NATIVE
    return HoldingKind.ERC20 if asset.id.chain.family == "eip155" else HoldingKind.SPL


def _token(account: Account, found: MarkedHolding) -> Holding:
    held = found.holding
    asset = Asset(held.asset, held.symbol or held.asset.reference[:10], held.decimals)
    return Holding(
        kind=HoldingKind(held.kind.value),
        account=account.account,
        label=account.label,
        amount=Amount(held.base_units, asset),
        name=held.name,
        marks=tuple(mark.value for mark in found.marks),
        hidden=found.hidden,
    )


def _total(holdings: Sequence[Holding], zero: Money, *, whole: bool) -> Total:
    worths = [one.worth for one in holdings if one.worth is not None]
    missing = {
        one.amount.asset.symbol
        for one in holdings
        if one.no_worth is not None and one.no_worth.missing and one.amount is not None and one.amount.base_units
    }
    return Total(
        money=replace(zero, minor=min(MOST_MINOR, sum(worth.money.minor for worth in worths))),
        complete=whole and not missing,
        missing=tuple(sorted(missing)),
        sources=tuple(sorted({worth.source for worth in worths})),
        priced_at=min((worth.priced_at for worth in worths), default=None),
    )


def _in_shop(rights: Sequence[Holding]) -> tuple[Money, ...]:
    sums: Counter[str] = Counter()
    for one in rights:
        if one.right is not None and one.right.in_shop is not None:
            sums[one.right.in_shop.currency] += one.right.in_shop.minor
    return tuple(Money(min(minor, MOST_MINOR), currency) for currency, minor in sorted(sums.items()))
