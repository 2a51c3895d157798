"""Refunds, their steps and disputes, as stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from primitives.voucher_id import VoucherId

ACT_REFUND = "order.refund"


class RefundKind(StrEnum):
    FULL = "full"
    """Everything that is still kept."""
    PARTIAL = "partial"
    CHARGEBACK = "chargeback"
    """Taken back by whoever carried the money: the voucher stays used."""


class RefundStatus(StrEnum):
    PENDING = "pending"
    OWING = "owing"
    """A step waits for money that the merchant does not have; it is tried again."""
    DONE = "done"


class StepKind(StrEnum):
    MONEY = "money"
    """From the merchant's treasury to the holder, on chain."""
    RECORDED = "recorded"
    """By cash or card, as it was paid: the merchant's word."""
    REVERSE = "reverse"
    """The payout returns to escrow, and the holder gets a voucher again."""
    RETURN_PAYOUT = "return_payout"
    """A part of the payout returns to escrow; the voucher stays used."""


class StepStatus(StrEnum):
    WAITING = "waiting"
    IN_FLIGHT = "in_flight"
    OWING = "owing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Refund:
    """`tenant_id` is the merchant. `returned`: units per line; `amount_minor`: what goes back to the holder.

    Attributes:
        detail: `tenders`: amount by tender; `per_line`; `gifts_charged`; all in minor units.
    """

    id: UUID
    tenant_id: UUID
    holder_tenant_id: UUID | None
    order_id: UUID
    number: int
    kind: RefundKind
    status: RefundStatus
    returned: tuple[int, ...]
    amount_minor: int
    detail: Mapping[str, Any]
    reason: str | None
    created_by: UUID
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundStep:
    """One thing to happen on chain, or the merchant's word.

    Attributes:
        base_units: Of the remainder's asset, or of the campaign's settlement asset.
        tries: Payments asked for so far; part of their idempotency keys.
        reissued: The voucher that the holder got for the redeemed one.
    """

    refund_id: UUID
    number: int
    tenant_id: UUID
    kind: StepKind
    status: StepStatus
    base_units: int
    redemption_id: bytes | None = None
    voucher: VoucherId | None = None
    tries: int = 0
    payment_id: UUID | None = None
    reissued: VoucherId | None = None
    failure: Mapping[str, Any] | None = None


class DisputeStatus(StrEnum):
    OPEN = "open"
    REFUNDED = "refunded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Dispute:
    """A redemption that its holder says was not right. `evidence`: what chain and books said when it was opened.
    `reason` and `answer` are empty where they cannot be read any more."""

    id: UUID
    tenant_id: UUID
    holder_tenant_id: UUID
    redemption_id: bytes
    order_id: UUID
    status: DisputeStatus
    reason: str
    evidence: Mapping[str, Any]
    answer: str | None
    refund_id: UUID | None
    opened_at: datetime
    ended_at: datetime | None
