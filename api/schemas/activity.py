"""Schemas of activity."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from api.schemas.amounts import BaseUnitsText
from api.schemas.base import Moment, RequestBody, ResponseBody
from wallets.activity.model import MAX_NOTE, ActivityEntry, ActivityState, Direction, Figure
from wallets.activity.words import decimal_text, sentence

ExportFormat = Literal["csv", "jsonl"]


class FigureRead(ResponseBody):
    """A quantity of an asset on a chain, or of a currency."""

    units: BaseUnitsText = Field(description="Base units of the asset, or minor units of the currency")
    asset: str | None = Field(description="CAIP-19; null: a currency")
    symbol: str | None = Field(description="Or the currency; null where the chain does not tell it")
    decimals: int | None
    text: str = Field(description="For reading", examples=["1.5"])

    @classmethod
    def of(cls, figure: Figure) -> Self:
        return cls(
            units=str(figure.units),
            asset=figure.asset,
            symbol=figure.symbol,
            decimals=figure.decimals,
            text=decimal_text(figure.units, figure.decimals or 0),
        )


class ActivityRead(ResponseBody):
    """Something that happened to one of the caller's accounts, or is about to."""

    id: str
    at: Moment = Field(description="Block time once it is in a block")
    kind: str = Field(examples=["voucher.redeemed"])
    state: ActivityState
    direction: Direction
    text: str = Field(description="In the caller's language", examples=["使用券“满100减20”，优惠 20 CNY"])
    account: str = Field(description="CAIP-10")
    chain: str
    tx_hash: str | None
    height: int | None
    amount: FigureRead | None
    fee: FigureRead | None = Field(description="What the account paid for the transaction")
    counterparty: str | None
    facts: dict[str, str] = Field(
        description="`title`, `known_as`, `shop`, `order`, `voucher`, `order_hash`, `payment`, `reason`, `faucet`, …"
    )
    note: str | None = Field(description="The caller's own")

    @classmethod
    def of(cls, entry: ActivityEntry, language: Literal["en", "zh-CN"]) -> Self:
        return cls(
            id=entry.id,
            at=entry.at,
            kind=entry.kind,
            state=entry.state,
            direction=entry.direction,
            text=sentence(entry, language),
            account=str(entry.account),
            chain=str(entry.chain),
            tx_hash=entry.tx_hash,
            height=entry.height,
            amount=None if entry.amount is None else FigureRead.of(entry.amount),
            fee=None if entry.fee is None else FigureRead.of(entry.fee),
            counterparty=entry.counterparty,
            facts=dict(entry.facts),
            note=entry.note,
        )


class ActivityPage(ResponseBody):
    """A part of the list, newest first."""

    items: list[ActivityRead]
    next_cursor: str | None
    unavailable: list[str] = Field(description="Chains (CAIP-2) that could not be asked just now: more may follow")


class ActivityNote(RequestBody):
    """What the caller wants to remember of it."""

    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NOTE)] = Field(
        examples=["Lunch with Wang"]
    )
