"""Schemas of transfers and payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.schemas.amounts import AssetText, BaseUnitsText, ChainAmount
from api.schemas.base import Moment, RequestBody, ResponseBody
from chains.intent import Transfer
from primitives.account_id import AccountId
from primitives.asset import AssetId
from wallets.engine.model import Failure, Payment
from wallets.transfers.model import TransferDraft, TransferPreview

_ACCOUNT = "eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"

AccountText = Annotated[str, StringConstraints(min_length=5, max_length=120)]
"""CAIP-10."""

DecimalText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,78}(\.[0-9]{1,78})?$")]
"""A number as people write it; it may carry more decimals than the asset has, which is then refused."""


class TransferRequest(RequestBody):
    """What to send: exactly one of `base_units` and `value`."""

    sender: AccountText = Field(description="CAIP-10 account of one of the caller's wallets", examples=[_ACCOUNT])
    recipient: AccountText = Field(
        description="Address on the sender's chain, or CAIP-10", examples=["0x70997970C51812dc3A010C7d01b50e0d17dc79C8"]
    )
    asset: AssetText = Field(description="CAIP-19", examples=["eip155:31337/slip44:60"])
    base_units: BaseUnitsText | None = Field(
        default=None, description="Integer base units (wei, lamports)", examples=["1500000000000000000"]
    )
    value: DecimalText | None = Field(
        default=None, description="Units as people write them; refused with too many decimals", examples=["1.5"]
    )

    @model_validator(mode="after")
    def _one_quantity(self) -> Self:
        if (self.base_units is None) == (self.value is None):
            raise ValueError("give either base_units or value")
        return self

    def to_domain(self) -> TransferDraft:
        """Raises InvalidAddress, InvalidValue."""
        quantity = int(self.base_units) if self.base_units is not None else Decimal(self.value or "0")
        return TransferDraft(
            sender=AccountId.parse(self.sender),
            recipient=self.recipient,
            asset=AssetId.parse(self.asset),
            quantity=quantity,
        )


class TransferPreviewRead(ResponseBody):
    """What the transfer would do now."""

    sender: str = Field(description="CAIP-10", examples=[_ACCOUNT])
    recipient: str = Field(description="CAIP-10")
    amount: ChainAmount
    fee_limit: ChainAmount = Field(description="The most that the chain can charge, in its native coin")
    balance: ChainAmount = Field(description="What the account holds of the asset now")

    @classmethod
    def of(cls, preview: TransferPreview) -> Self:
        return cls(
            sender=str(preview.sender),
            recipient=str(preview.recipient),
            amount=ChainAmount.of(preview.amount),
            fee_limit=ChainAmount.of(preview.fee_limit),
            balance=ChainAmount.of(preview.balance),
        )


class FailureRead(ResponseBody):
    """Why a payment failed: the code and facts that an error would carry."""

    code: str = Field(examples=["transaction_reverted"])
    message: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, failure: Failure) -> Self:
        return cls(code=failure.code, message=failure.message, facts=dict(failure.facts))


class TransferRead(ResponseBody):
    """A transfer and where it stands."""

    id: UUID
    status: str = Field(
        description="awaiting_signature · in_flight · done · failed · cancelled", examples=["in_flight"]
    )
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    sender: str = Field(description="CAIP-10", examples=[_ACCOUNT])
    recipient: str = Field(description="CAIP-10")
    amount: ChainAmount
    fee_limit: ChainAmount | None = Field(description="Once signed")
    fee_paid: ChainAmount | None = Field(description="Once included")
    tx_hash: str | None = Field(description="Once signed, before it is broadcast")
    attempt: str | None = Field(description="signed · sent · included · final · dead")
    height: int | None = Field(description="Block number or slot, while included")
    block_hash: str | None = Field(description="Hex")
    finality: str | None = Field(description="included · safe · finalized", examples=["finalized"])
    failure: FailureRead | None
    needs_holder: bool = Field(description="Only the holder's unlocked keys can go on")
    fee_blocked: bool = Field(description="The network wants a higher fee")
    retry_of: UUID | None
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        action = payment.intent.action
        assert isinstance(action, Transfer)
        return cls(
            id=payment.id,
            status=payment.status.value,
            chain=str(payment.chain),
            sender=str(payment.sender),
            recipient=str(action.recipient),
            amount=ChainAmount.of(action.amount),
            fee_limit=None if payment.fee_limit is None else ChainAmount.of(payment.fee_limit),
            fee_paid=None if payment.fee_paid is None else ChainAmount.of(payment.fee_paid),
            tx_hash=payment.tx_hash,
            attempt=None if payment.attempt is None else payment.attempt.status.value,
            height=payment.height,
            block_hash=None if payment.block_hash is None else payment.block_hash.hex(),
            finality=None if payment.finality is None else payment.finality.name.lower(),
            failure=None if payment.failure is None else FailureRead.of(payment.failure),
            needs_holder=payment.needs_holder,
            fee_blocked=payment.fee_blocked,
            retry_of=payment.retry_of,
            created_at=payment.created_at,
            ended_at=payment.ended_at,
        )
