"""Schemas of chains and of the local faucet."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from api.schemas.amounts import AssetText, BaseUnitsText
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.transfers import AccountText
from chains.ports import Heads
from chains.registry import ChainInfo
from primitives.asset import Asset


class AssetRead(ResponseBody):
    """A coin or token worth showing."""

    asset: AssetText = Field(description="CAIP-19", examples=["eip155:31337/slip44:60"])
    symbol: str = Field(examples=["ETH"])
    decimals: int = Field(examples=[18])

    @classmethod
    def of(cls, asset: Asset) -> Self:
        return cls(asset=str(asset.id), symbol=asset.symbol, decimals=asset.decimals)


class HeadsRead(ResponseBody):
    """Heights (block number or slot) per finality."""

    included: int
    safe: int
    finalized: int

    @classmethod
    def of(cls, heads: Heads) -> Self:
        return cls(included=heads.included, safe=heads.safe, finalized=heads.finalized)


class ChainRead(ResponseBody):
    """A configured chain."""

    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    name: str = Field(examples=["Local EVM chain (no value)"])
    family: str = Field(examples=["eip155"])
    local: bool = Field(description="A test network on this machine, with a faucet")
    healthy: bool = Field(description="Whether its node answers now")
    heads: HeadsRead | None = Field(description="Null while the node does not answer")
    required_finality: str = Field(description="When a payment counts as done", examples=["finalized"])
    derivation: str = Field(description="Default path of an account", examples=["m/44'/60'/0'/0/{index}"])
    assets: list[AssetRead] = Field(description="The native coin first")

    @classmethod
    def of(cls, info: ChainInfo, heads: Heads | None) -> Self:
        return cls(
            chain=str(info.chain),
            name=info.name,
            family=info.chain.family,
            local=info.local,
            healthy=heads is not None,
            heads=None if heads is None else HeadsRead.of(heads),
            required_finality=info.required_finality.name.lower(),
            derivation=info.derivation,
            assets=[AssetRead.of(asset) for asset in info.assets],
        )


class FaucetRequest(RequestBody):
    """Test money that is wanted."""

    account: AccountText = Field(
        description="Address on this chain, or CAIP-10", examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"]
    )
    asset: AssetText = Field(
        description="CAIP-19: the native coin or a test money", examples=["eip155:31337/slip44:60"]
    )
    base_units: BaseUnitsText = Field(description="Integer base units", examples=["1000000000000000000"])


class FaucetGift(ResponseBody):
    """What the faucet has sent."""

    tx_hash: str = Field(description="Included (Solana: confirmed)")
