"""Amounts as they travel."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints

from api.schemas.base import RequestBody, ResponseBody
from primitives.asset import Amount, AssetId
from primitives.currency import Money

BaseUnitsText = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,77})$")]
"""A non-negative integer of at most 78 digits as text: JSON numbers lose digits above 2^53."""

AssetText = Annotated[str, StringConstraints(min_length=5, max_length=300)]
"""CAIP-19."""


class ChainAmount(ResponseBody):
    """A quantity of one asset on one chain."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "base_units": "1500000000000000000",
                "decimals": 18,
                "asset": "eip155:31337/slip44:60",
                "symbol": "ETH",
            }
        }
    )

    base_units: BaseUnitsText = Field(description="Integer base units (wei, lamports)")
    decimals: int = Field(description="Base-unit digits after the point", ge=0, le=77)
    asset: AssetText = Field(description="CAIP-19")
    symbol: str = Field(description="For showing only")

    @classmethod
    def of(cls, amount: Amount) -> Self:
        return cls(
            base_units=str(amount.base_units),
            decimals=amount.asset.decimals,
            asset=str(amount.asset.id),
            symbol=amount.asset.symbol,
        )


class ChainAmountInput(RequestBody):
    """A quantity that the caller asks for; symbol and decimals are the chain's to say."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"base_units": "1500000000000000000", "asset": "eip155:31337/slip44:60"}}
    )

    base_units: BaseUnitsText = Field(description="Integer base units (wei, lamports)")
    asset: AssetText = Field(description="CAIP-19")

    @property
    def units(self) -> int:
        return int(self.base_units)

    @property
    def asset_id(self) -> AssetId:
        """Raises InvalidValue."""
        return AssetId.parse(self.asset)


class CurrencyAmount(ResponseBody):
    """A sum in minor units of an ISO 4217 currency; the same shape in both directions."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {"minor": 2000, "currency": "CNY"}}
    )

    minor: int = Field(description="Minor units (fen, cents)", ge=0, lt=2**53, strict=True)
    currency: str = Field(description="ISO 4217", pattern=r"^[A-Z]{3}$")

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(minor=money.minor, currency=money.currency)

    def to_domain(self) -> Money:
        return Money(self.minor, self.currency)
