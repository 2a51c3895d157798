"""The local testnets' own status as chain endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chains.registry import ChainEndpoint
from codec.evm.create2 import book_address
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId


def local_endpoints(status: Mapping[str, Any]) -> Sequence[ChainEndpoint]:
    """One endpoint for each chain of `GET /status`, with its test money."""
    return [_endpoint(chain) for chain in status["chains"]]


def _endpoint(chain: Mapping[str, Any]) -> ChainEndpoint:
    assets = tuple(Asset(AssetId.parse(a["asset"]), a["symbol"], a["decimals"]) for a in chain["assets"])
    return ChainEndpoint(
        chain["family"],
        chain["rpc_url"],
        chain=ChainId.parse(chain["chain"]),
        book=book_address() if chain["family"] == "eip155" else None,
        assets=assets,
        local=True,
        wrapped_coin=_address(chain.get("wrapped_coin")),
        swap_router=_address(chain.get("swap_router")),
        faucet=None if chain.get("faucet") is None else AccountId.parse(chain["faucet"]),
    )


def _address(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text.removeprefix("0x"))
