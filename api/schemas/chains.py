"""Schemas of chains and of the local faucet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from api.schemas.amounts import AssetText, BaseUnitsText
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.transfers import AccountText
from chains.ports import Heads
from chains.registry import ChainInfo
from chains.rpc.endpoint import Endpoint
from chains.rpc.health import MethodHealth
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


class MethodHealthRead(ResponseBody):
    """How one JSON-RPC method of one node has answered lately, as this process has seen it."""

    method: str = Field(description="`*`: the node as a whole", examples=["eth_getLogs"])
    failures: int = Field(description="In a row; 0: the last answer was good")
    milliseconds: int | None = Field(description="Smoothed time of an answer; null before the first")
    paused_milliseconds: int = Field(description="How much longer others are asked instead; 0: it is asked")
    reason: str | None = Field(description="Of the last failure", examples=["HTTP 429"])

    @classmethod
    def of(cls, method: str, health: MethodHealth) -> Self:
        return cls(
            method=method,
            failures=health.failures,
            milliseconds=None if health.seconds is None else round(health.seconds * 1000),
            paused_milliseconds=round(health.paused_until * 1000),
            reason=health.reason,
        )


class NodeRead(ResponseBody):
    """One node of a chain."""

    place: str | None = Field(description="Scheme, host and port; for operators only", examples=["http://bor:8545"])
    healthy: bool = Field(description="It serves the right chain and no method of it is in a pause")
    serves: str | None = Field(description="The chain that it serves, when that is the wrong one")
    methods: list[MethodHealthRead]

    @classmethod
    def of(cls, endpoint: Endpoint, *, show_place: bool) -> Self:
        methods = [MethodHealthRead.of(method, health) for method, health in sorted(endpoint.health.report().items())]
        return cls(
            place=endpoint.place if show_place else None,
            healthy=endpoint.serves is None and not any(method.paused_milliseconds for method in methods),
            serves=endpoint.serves,
            methods=methods,
        )


class ChainRead(ResponseBody):
    """A configured chain."""

    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    name: str = Field(examples=["Local EVM chain (no value)"])
    family: str = Field(examples=["eip155"])
    local: bool = Field(description="A test network on this machine, with a faucet")
    healthy: bool = Field(description="Whether its node answers now")
    heads: HeadsRead | None = Field(description="Null while the node does not answer")
    required_finality: str = Field(description="When a payment counts as done", examples=["finalized"])
    finality_rule: str = Field(
        description="The same in words", examples=["the node calls its block finalized: about two epochs, 13 minutes"]
    )
    nodes: list[NodeRead] = Field(description="In the order in which they are preferred")
    derivation: str = Field(description="Default path of an account", examples=["m/44'/60'/0'/0/{index}"])
    assets: list[AssetRead] = Field(description="The native coin first")

    @classmethod
    def of(
        cls, info: ChainInfo, heads: Heads | None, endpoints: Sequence[Endpoint] = (), *, show_places: bool = False
    ) -> Self:
        return cls(
            chain=str(info.chain),
            name=info.name,
            family=info.chain.family,
            local=info.local,
            healthy=heads is not None,
            heads=None if heads is None else HeadsRead.of(heads),
            required_finality=info.required_finality.name.lower(),
            finality_rule=info.finality_rule,
            nodes=[NodeRead.of(endpoint, show_place=show_places) for endpoint in endpoints],
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
