"""What a portfolio needs from others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from chains.ports import Chains
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from wallets.accounts.addresses import WatchedPortfolio
from wallets.accounts.model import Account
from wallets.assets.service import MarkedHolding
from wallets.portfolio.model import Right


class OwnAccounts(Protocol):
    """`wallets.accounts` conforms."""

    async def list(self, tenant_id: UUID) -> Sequence[Account]: ...


class WatchedAddresses(Protocol):
    """`wallets.accounts.addresses` conforms."""

    async def holdings(self, tenant_id: UUID) -> WatchedPortfolio: ...


class FoundTokens(Protocol):
    """`wallets.assets` conforms."""

    async def holdings(self, tenant_id: UUID, account: AccountId) -> tuple[Sequence[MarkedHolding], bool]: ...


class KnownAssets(Chains, Protocol):
    """`chains.registry.ConfiguredChains` conforms."""

    def known_assets(self, chain: ChainId) -> Sequence[Asset]: ...


class Rights(Protocol):
    """Vouchers and points; `vouchers.rights` conforms."""

    async def held_by(self, tenant_id: UUID) -> Sequence[Right]: ...

    async def stand_for_vouchers(self, tenant_id: UUID, assets: Collection[AssetId]) -> frozenset[AssetId]:
        """Those of the tokens that are vouchers on the chain, and so are listed as vouchers."""
        ...
