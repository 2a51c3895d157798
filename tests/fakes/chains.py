"""Chains whose balances come from a dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from chains.ports import ChainAdapter, VoucherBook
from codec.evm.transaction import address_of_public_key
from primitives.account_id import AccountId, checksum_address
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, UnknownAsset, UnknownChain
from primitives.position import Finality
from primitives.signing import PublicKey


class BalanceAdapter:
    """Conforms to the part of `chains.ports.ChainAdapter` that knows accounts, assets and balances."""

    def __init__(self, chain: ChainId, assets: Sequence[Asset] = ()) -> None:
        self.chain_id = chain
        symbol, decimals = ("ETH", 18) if chain.family == "eip155" else ("SOL", 9)
        self.native = Asset(AssetId.native(chain), symbol, decimals)
        self.balances: dict[tuple[AccountId, AssetId], int] = {}
        self.down = False
        self._assets = {asset.id: asset for asset in assets}

    def account_of(self, public_key: PublicKey) -> AccountId:
        if self.chain_id.family == "eip155":
            return AccountId(self.chain_id, checksum_address(address_of_public_key(public_key.raw)))
        return AccountId(self.chain_id, encode_base58(public_key.raw))

    async def asset(self, asset_id: AssetId) -> Asset:
        if asset_id not in self._assets:
            raise UnknownAsset(f"{asset_id} is not known")
        return self._assets[asset_id]

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        if self.down:
            raise NodeUnavailable("the node does not answer")
        return Amount(self.balances.get((account, asset.id), 0), asset)


class BalanceChains:
    """Conforms to `chains.ports.Chains` over `BalanceAdapter`s; it has no voucher books."""

    def __init__(self, *adapters: BalanceAdapter) -> None:
        self._adapters = {adapter.chain_id: adapter for adapter in adapters}

    def all(self) -> Sequence[ChainId]:
        return list(self._adapters)

    def adapter(self, chain: ChainId) -> ChainAdapter:
        if chain not in self._adapters:
            raise UnknownChain(f"{chain} is not configured", chain=str(chain))
        return cast(ChainAdapter, self._adapters[chain])

    def book(self, chain: ChainId) -> VoucherBook:
        raise UnknownChain(f"{chain} has no voucher book here")
