"""Schemas of vouchers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from api.schemas.amounts import ChainAmount, CurrencyAmount
from api.schemas.base import Moment, RequestBody, ResponseBody
from api.schemas.campaigns import AccountText
from primitives.asset import Amount
from primitives.currency import Money
from vouchers.expiry.service import told_in
from vouchers.ledger.model import VoucherStatus
from vouchers.ports import PaymentState, PaymentView
from vouchers.views import VoucherView


class VoucherPlaces(ResponseBody):
    """Where it works. null is no limit; an empty list is nowhere."""

    merchants: list[str] | None = Field(description="Organisation ids")
    stores: list[str] | None
    categories: list[str] | None
    skus: list[str] | None
    excluded_skus: list[str]


class VoucherTransfer(RequestBody):
    """To whom."""

    recipient: AccountText = Field(description="CAIP-10, on the voucher's chain")


class VoucherTransferRead(ResponseBody):
    """Under way; the voucher's holder changes when the chain says so."""

    payment: UUID
    status: PaymentState
    tx_hash: str | None

    @classmethod
    def of(cls, payment: PaymentView) -> Self:
        return cls(payment=payment.id, status=payment.state, tx_hash=payment.tx_hash)


class VoucherRead(ResponseBody):
    """A voucher as the chain tells it."""

    id: str = Field(description="64 hex digits: campaign, then serial; on EVM the token id")
    campaign: str
    title: str = Field(examples=["满100减20"])
    kind: str = Field(examples=["threshold"])
    effect: dict[str, Any] = Field(description="As in the rule document, minor units")
    currency: str = Field(examples=["CNY"])
    chain: str = Field(description="CAIP-2")
    holder: str = Field(description="CAIP-10")
    status: VoucherStatus
    in_flight: bool = Field(description="A payment is redeeming it right now")
    finality: str = Field(description="Of its newest fact: included, safe, finalized", examples=["finalized"])
    valid_from: Moment
    valid_until: Moment = Field(description="First moment too late, as far as is known now: pauses on chain move it on")
    paused: bool = Field(description="The issuer has paused the campaign on chain: it works again later")
    zone: str
    issued_at: Moment
    redeemed_at: Moment | None
    merchant: str | None = Field(description="CAIP-10, once redeemed")
    redemption: str | None = Field(description="Redemption id, 64 hex digits")
    order_hash: str | None
    discount: CurrencyAmount | None
    payout: ChainAmount | None = Field(description="What escrow paid the merchant")
    diverged: bool = Field(description="Chain facts contradict each other")
    last_day: str = Field(description="The last day on which it works, in the campaign's zone", examples=["2026-05-31"])
    works: VoucherPlaces
    transfer: str = Field(description="Whether it may change hands: free, once, bound")
    transferable: bool = Field(description="It may change hands now")
    issuer_can: list[str] = Field(
        description="What the issuer may still do to it; nothing else ever becomes possible", examples=[["pause"]]
    )
    refund_seconds: int = Field(description="How long after its redemption it can come back; 0: never")

    @classmethod
    def of(cls, view: VoucherView) -> Self:
        voucher, rules = view.voucher, view.campaign.rules
        document = rules.to_document()
        settlement = rules.lane_of(voucher.chain).settlement
        redeemed = voucher.status is VoucherStatus.REDEEMED and voucher.ended_at is not None
        return cls(
            id=str(voucher.id),
            campaign=str(voucher.id.campaign),
            title=rules.title,
            kind=rules.kind.value,
            effect=document["effect"],
            currency=rules.currency,
            chain=str(voucher.chain),
            holder=str(voucher.holder),
            status=voucher.status,
            in_flight=view.in_flight,
            finality=view.finality.name.lower(),
            valid_from=_moment(rules.valid_from),
            valid_until=_moment(view.window.valid_until),
            paused=view.window.paused,
            zone=rules.zone,
            issued_at=_moment(voucher.issued_at),
            redeemed_at=_moment(voucher.ended_at) if redeemed and voucher.ended_at is not None else None,
            merchant=None if voucher.merchant is None else str(voucher.merchant),
            redemption=None if voucher.redemption_id is None else voucher.redemption_id.hex(),
            order_hash=None if voucher.order_hash is None else voucher.order_hash.hex(),
            discount=None
            if voucher.amount_minor is None
            else CurrencyAmount.of(Money(voucher.amount_minor, rules.currency)),
            payout=None if voucher.payout is None else ChainAmount.of(Amount(voucher.payout, settlement)),
            diverged=voucher.diverged,
            last_day=told_in(view.window.valid_until, rules.zone)["last_day"],
            works=VoucherPlaces(**document["eligible"]),
            transfer=rules.transfer.value,
            transferable=view.transferable,
            issuer_can=sorted(power.value for power in rules.powers.declared),
            refund_seconds=rules.refund.window_seconds,
        )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
