"""Schemas of derivation schemes, addresses without signing here, and watched holdings."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.schemas.amounts import ChainAmount
from api.schemas.base import RequestBody, ResponseBody
from api.schemas.keys import PathText
from api.schemas.wallets import Label
from chains.schemes import Network, Scheme
from wallets.accounts.addresses import Candidate, WatchedPortfolio
from wallets.accounts.model import Address

_BITCOIN = "bip122:000000000019d6689c085ae165831e93"
NetworkText = Annotated[str, StringConstraints(min_length=3, max_length=60)]
SchemeText = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class SchemeRead(ResponseBody):
    """Where some wallets keep the keys of a network."""

    name: str = Field(examples=["ledger-live"])
    wallets: str = Field(description="Who counts so", examples=["Ledger Live"])
    curve: str = Field(examples=["secp256k1"])
    path: str = Field(description="{index} counts accounts from 0", examples=["m/44'/60'/{index}'/0/0"])
    address: str = Field(description="The form of its addresses", examples=["evm"])

    @classmethod
    def of(cls, scheme: Scheme) -> Self:
        return cls(
            name=scheme.name,
            wallets=scheme.wallets,
            curve=scheme.curve,
            path=scheme.template,
            address=scheme.form,
        )


class NetworkRead(ResponseBody):
    """A network and every known way to count its accounts, ours first."""

    network: str = Field(description="CAIP-2", examples=[_BITCOIN])
    name: str = Field(examples=["Bitcoin"])
    symbol: str = Field(examples=["BTC"])
    schemes: list[SchemeRead]

    @classmethod
    def of(cls, network: Network) -> Self:
        return cls(
            network=network.id,
            name=network.name,
            symbol=network.symbol,
            schemes=[SchemeRead.of(scheme) for scheme in network.schemes],
        )


class AddressCreate(RequestBody):
    """An address of one of the wallet's own keys on a network without a node of ours."""

    network: NetworkText = Field(description="CAIP-2", examples=[_BITCOIN])
    scheme: SchemeText | None = Field(default=None, description="See /wallets/schemes; by default the first")
    path: PathText | None = Field(default=None, description="By default the next free one of the scheme")
    label: Label | None = None


class WatchedCreate(RequestBody):
    """An address to watch: the next one of the wallet's extended public key, one at a path of it, or any address."""

    network: NetworkText = Field(description="CAIP-2", examples=["eip155:1"])
    address: Annotated[str, StringConstraints(min_length=1, max_length=120)] | None = Field(
        default=None, examples=["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"]
    )
    scheme: SchemeText | None = None
    path: PathText | None = Field(default=None, description="Below the extended public key", examples=["m/0/0"])
    label: Label | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.address is not None and (self.scheme is not None or self.path is not None):
            raise ValueError("name an address, or where it is below the extended public key; not both")
        return self


class AddressRead(ResponseBody):
    """An address that nothing is sent from here."""

    id: UUID
    wallet_id: UUID
    network: str = Field(description="CAIP-2", examples=[_BITCOIN])
    address: str
    scheme: str = Field(examples=["bip84"])
    path: str | None = Field(description="Of its key in its wallet; null where only the address is known")
    label: str
    watch_only: bool = Field(description="The key is elsewhere")

    @classmethod
    def of(cls, address: Address) -> Self:
        return cls(
            id=address.id,
            wallet_id=address.wallet_id,
            network=address.network,
            address=address.address,
            scheme=address.scheme,
            path=address.path,
            label=address.label,
            watch_only=address.watch_only,
        )


class CandidatesAsk(RequestBody):
    """Which addresses to look at before making accounts."""

    network: NetworkText = Field(description="CAIP-2", examples=["eip155:1"])
    count: int = Field(default=3, ge=1, le=20, description="Of each scheme")


class CandidateRead(ResponseBody):
    """An address that the wallet would have."""

    scheme: str = Field(examples=["ledger-live"])
    wallets: str = Field(examples=["Ledger Live"])
    path: str = Field(examples=["m/44'/60'/0'/0/0"])
    address: str

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        return cls(
            scheme=candidate.scheme.name,
            wallets=candidate.scheme.wallets,
            path=candidate.path,
            address=candidate.address,
        )


class WatchedHoldingRead(ResponseBody):
    """What a watched address holds of one asset."""

    network: str = Field(description="CAIP-2")
    address: str
    label: str
    amount: ChainAmount


class WatchedPortfolioRead(ResponseBody):
    """Holdings of watched addresses, read from the chains now; nothing of it can be spent here."""

    items: list[WatchedHoldingRead]
    unavailable: list[str] = Field(description="Networks (CAIP-2) without a node of ours that answers")

    @classmethod
    def of(cls, portfolio: WatchedPortfolio) -> Self:
        return cls(
            items=[
                WatchedHoldingRead(
                    network=holding.address.network,
                    address=holding.address.address,
                    label=holding.address.label,
                    amount=ChainAmount.of(holding.amount),
                )
                for holding in portfolio.holdings
            ],
            unavailable=list(portfolio.unavailable),
        )
