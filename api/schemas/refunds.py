"""Schemas of refunds, redemptions and disputes."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas.amounts import CurrencyAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import FailureRead
from primitives.currency import Money
from vouchers.orders.model import AttemptStatus, RedemptionRow
from vouchers.refunds.model import Dispute, DisputeStatus, RefundKind, RefundStatus, StepKind, StepStatus
from vouchers.refunds.service import RefundView


class RefundCreate(RequestBody):
    """What comes back."""

    returned: list[int] | None = Field(
        default=None,
        max_length=400,
        description="Units of each line of the receipt that come back; without it everything that is kept",
        examples=[[1, 0]],
    )
    chargeback: bool = Field(default=False, description="The money was taken back from outside: vouchers stay used")
    reason: Line | None = None


class RefundStepRead(ResponseBody):
    """One thing that happens on chain, or the merchant's word (`recorded`)."""

    kind: StepKind
    status: StepStatus = Field(description="owing: it waits for money of the merchant, and is tried again")
    base_units: str = Field(description="Of the settlement asset; of a `recorded` step minor units")
    redemption: str | None = Field(description="Redemption id, 64 hex digits")
    voucher: str | None = Field(description="The redeemed voucher")
    reissued: str | None = Field(description="The voucher that the holder has for it, where it is known beforehand")
    payment: UUID | None
    tx_hash: str | None = Field(description="Once it is signed")
    failure: FailureRead | None


class RefundRead(ResponseBody):
    """A refund and what carries it out."""

    id: UUID
    order: UUID
    number: int = Field(description="Counts the order's refunds from 1")
    kind: RefundKind
    status: RefundStatus
    returned: list[int] = Field(description="Units per line of the receipt")
    amount: CurrencyAmount = Field(description="What goes back to the holder")
    tenders: dict[str, int] = Field(description="The same by what it was paid with: money, voucher:…, points:…; minor")
    gifts_charged_minor: int = Field(description="Kept back for gifts that stay with the holder")
    reason: str | None
    steps: list[RefundStepRead]
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, view: RefundView, currency: str) -> Self:
        refund = view.refund
        return cls(
            id=refund.id,
            order=refund.order_id,
            number=refund.number,
            kind=refund.kind,
            status=refund.status,
            returned=list(refund.returned),
            amount=CurrencyAmount.of(Money(refund.amount_minor, currency)),
            tenders=dict(refund.detail["tenders"]),
            gifts_charged_minor=refund.detail["gifts_charged"],
            reason=refund.reason,
            steps=[
                RefundStepRead(
                    kind=step.kind,
                    status=step.status,
                    base_units=str(step.base_units),
                    redemption=None if step.redemption_id is None else step.redemption_id.hex(),
                    voucher=None if step.voucher is None else str(step.voucher),
                    reissued=None if step.reissued is None else str(step.reissued),
                    payment=step.payment_id,
                    tx_hash=view.transactions.get(step.number),
                    failure=FailureRead.of(step.failure),
                )
                for step in view.steps
            ],
            created_at=refund.created_at,
            ended_at=refund.ended_at,
        )


class DisputeOpen(RequestBody):
    """Why the holder contests a redemption."""

    reason: Line


class DisputeAnswer(RequestBody):
    """The merchant's word: `refund` gives back what is left of the order, otherwise the reasons stand."""

    answer: Line
    refund: bool = False


class DisputeRead(ResponseBody):
    id: UUID
    redemption: str
    order: UUID
    status: DisputeStatus
    reason: str
    evidence: dict[str, Any] = Field(description="What chain and order said when the dispute was opened")
    answer: str | None
    refund: UUID | None
    opened_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        return cls(
            id=dispute.id,
            redemption=dispute.redemption_id.hex(),
            order=dispute.order_id,
            status=dispute.status,
            reason=dispute.reason,
            evidence=dict(dispute.evidence),
            answer=dispute.answer,
            refund=dispute.refund_id,
            opened_at=dispute.opened_at,
            ended_at=dispute.ended_at,
        )


class RedemptionDetail(ResponseBody):
    """One voucher's redemption, for its holder and its merchant."""

    id: str = Field(description="64 hex digits, the same on every chain")
    order: UUID
    voucher: str
    holder: str = Field(description="CAIP-10")
    merchant: str = Field(description="CAIP-10")
    amount_minor: int
    status: AttemptStatus
    facts: list[dict[str, Any]] = Field(description="What the chain says, reorganised facts too")
    dispute: DisputeRead | None

    @classmethod
    def of(cls, row: RedemptionRow, dispute: Dispute | None, evidence: dict[str, Any]) -> Self:
        return cls(
            id=row.id.hex(),
            order=row.order_id,
            voucher=str(row.voucher),
            holder=str(row.holder),
            merchant=str(row.merchant),
            amount_minor=row.amount_minor,
            status=row.status,
            facts=evidence["facts"],
            dispute=None if dispute is None else DisputeRead.of(dispute),
        )
