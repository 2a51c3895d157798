"""Schemas of what an act changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.schemas.amounts import AssetText
from api.schemas.base import ResponseBody
from chains.evm.simulation import BalanceChange

SignedUnitsText = Annotated[str, StringConstraints(pattern=r"^(0|-?[1-9][0-9]{0,77})$")]
"""An integer of base units as text; below zero what is given."""


class BalanceChangeRead(ResponseBody):
    """What one account gives (below zero) or gets of one asset, fees aside."""

    account: str = Field(description="CAIP-10")
    asset: AssetText = Field(description="CAIP-19")
    base_units: SignedUnitsText = Field(examples=["-1500000000000000000"])

    @classmethod
    def of(cls, change: BalanceChange) -> Self:
        return cls(account=str(change.account), asset=str(change.asset), base_units=str(change.base_units))


def changes_read(changes: Sequence[BalanceChange] | None) -> list[BalanceChangeRead] | None:
    """None where no node simulates."""
    return None if changes is None else [BalanceChangeRead.of(one) for one in changes]
