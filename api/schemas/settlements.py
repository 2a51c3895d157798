"""Schemas of payout reports, books, credit, liability and debts."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas.base import Moment, RequestBody, ResponseBody
from api.schemas.campaigns import ChainText, FailureRead
from vouchers.expiry.service import LaneLiability
from vouchers.settlement.model import BooksCheck, PayoutLine
from vouchers.settlement.service import Receivable


class PayoutRead(ResponseBody):
    """One treasury, day and asset; amounts in base units, from final chain facts only."""

    day: str = Field(examples=["2026-05-31"])
    merchant: str = Field(description="CAIP-10")
    asset: str = Field(description="CAIP-19")
    redemptions: int
    paid: str = Field(description="By escrow at once, or by settling credit")
    credited: str = Field(description="Kept by the book for a later settlement; minus what was settled")
    remainders: str = Field(description="Paid by holders beside their vouchers")
    returned: str = Field(description="Paid back, to escrow or to holders")
    sponsor_share: str = Field(description="Of the discounts given")
    merchant_share: str = Field(description="Of the discounts given")

    @classmethod
    def of(cls, line: PayoutLine) -> Self:
        return cls(
            day=line.day,
            merchant=line.merchant,
            asset=line.asset,
            redemptions=line.redemptions,
            paid=str(line.paid),
            credited=str(line.credited),
            remainders=str(line.remainders),
            returned=str(line.returned),
            sponsor_share=str(line.sponsor_share),
            merchant_share=str(line.merchant_share),
        )


class ReceivableRead(ResponseBody):
    """What a campaign's book keeps for the caller, in base units."""

    campaign: str
    chain: str
    merchant: str
    asset: str
    due: str = Field(description="Paid by the next settlement")
    waiting: str = Field(description="Can still be taken back by a reversal")

    @classmethod
    def of(cls, found: Receivable) -> Self:
        return cls(
            campaign=str(found.campaign),
            chain=str(found.chain),
            merchant=str(found.merchant),
            asset=found.asset,
            due=str(found.due),
            waiting=str(found.waiting),
        )


class SettleRequest(RequestBody):
    """Which credit to pay out."""

    campaign: str = Field(pattern=r"^[0-9a-f]{48}$")
    chain: ChainText


class SettleRead(ResponseBody):
    payment: UUID


class BookLane(ResponseBody):
    """One lane's escrow as books, ledger and chain say it, in base units."""

    chain: str
    escrow: str = Field(description="By the books, from final facts")
    liability: str = Field(description="Its opposite")
    pending: str = Field(description="What facts that are not final yet will add")
    on_chain: str = Field(description="What the chain holds now")
    equal: bool

    @classmethod
    def of(cls, check: BooksCheck) -> Self:
        return cls(
            chain=check.chain_id,
            escrow=str(check.escrow),
            liability=str(check.liability),
            pending=str(check.pending),
            on_chain=str(check.chain),
            equal=check.equal,
        )


class BalanceRead(ResponseBody):
    account: str
    asset: str
    base_units: str


class BooksRead(ResponseBody):
    """The books of a campaign."""

    lanes: list[BookLane]
    balances: list[BalanceRead]


class LiabilityRead(ResponseBody):
    """What a lane may still cost, and what was never used; base units, and numbers of vouchers."""

    chain: str
    asset: str
    funded: str
    paid: str
    issued: int
    redeemed: int
    outstanding: int
    liability: str = Field(description="The most that live vouchers can still cost")
    escrow: str
    surplus: str = Field(description="What no voucher can claim any more")
    breakage: int = Field(description="Vouchers that ended unused")
    breakage_bp: int = Field(description="The same in basis points of those issued")

    @classmethod
    def of(cls, lane: LaneLiability) -> Self:
        return cls(
            chain=lane.chain,
            asset=lane.asset,
            funded=str(lane.funded),
            paid=str(lane.paid),
            issued=lane.issued,
            redeemed=lane.redeemed,
            outstanding=lane.outstanding,
            liability=str(lane.liability),
            escrow=str(lane.escrow),
            surplus=str(lane.surplus),
            breakage=lane.breakage,
            breakage_bp=lane.breakage_bp,
        )


class DebtRead(ResponseBody):
    """What a refund still waits for."""

    refund: UUID
    step: int
    campaign: str | None
    asset: str
    base_units: str
    failure: FailureRead | None
    created_at: Moment
    settled_at: Moment | None

    @classmethod
    def of(cls, row: Any) -> Self:
        return cls(
            refund=row.refund_id,
            step=row.step,
            campaign=row.campaign_id,
            asset=row.asset,
            base_units=str(row.base_units),
            failure=FailureRead.of(row.failure),
            created_at=row.created_at,
            settled_at=row.settled_at,
        )
