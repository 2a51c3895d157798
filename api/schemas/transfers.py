"""Schemas of transfers and payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from api.schemas.amounts import AssetText, BaseUnitsText, ChainAmount
from api.schemas.balances import BalanceChangeRead, changes_read
from api.schemas.base import Moment, RequestBody, ResponseBody
from chains.intent import Transfer
from chains.ports import FeeQuote, Notice, Speed
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.errors import QuanbaoError
from wallets.engine.model import Failure, Payment
from wallets.transfers.model import TransferDraft, TransferPreview
from wallets.transfers.reference import support_reference

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

    speed: Speed = Field(default=Speed.NORMAL, description="How soon it shall be included; decides the fee")
    accept_warnings: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="Codes of the preview's warnings that the sender has read and accepts",
        examples=[["contract_recipient"]],
    )
    presign: int = Field(
        default=0, ge=0, le=3, description="Dearer replacements to sign along, for the time when the keys are locked"
    )
    presign_fee_limit: BaseUnitsText | None = Field(
        default=None, description="The most that the last of them may cost, in base units of the native coin"
    )

    @model_validator(mode="after")
    def _one_quantity(self) -> Self:
        if (self.base_units is None) == (self.value is None):
            raise ValueError("give either base_units or value")
        if (self.presign == 0) != (self.presign_fee_limit is None):
            raise ValueError("presign and presign_fee_limit go together")
        return self

    def to_domain(self) -> TransferDraft:
        """Raises InvalidAddress, InvalidValue."""
        quantity = int(self.base_units) if self.base_units is not None else Decimal(self.value or "0")
        return TransferDraft(
            sender=AccountId.parse(self.sender),
            recipient=self.recipient,
            asset=AssetId.parse(self.asset),
            quantity=quantity,
            speed=self.speed,
            accept_warnings=frozenset(self.accept_warnings),
            presign=self.presign,
            presign_fee_limit=int(self.presign_fee_limit or "0"),
        )


class TransferBatchRequest(RequestBody):
    """Up to a hundred transfers; each gets the request's Idempotency-Key with its place behind it."""

    transfers: list[TransferRequest] = Field(min_length=1, max_length=100)


class SpeedUpRequest(RequestBody):
    """What the replacement shall offer."""

    speed: Speed = Field(
        default=Speed.FAST, description="At least what this speed costs now, and 12.5 % more than before"
    )


class WarningRead(ResponseBody):
    """Something to accept before the transfer is signed."""

    code: str = Field(examples=["contract_recipient"])
    message: str

    @classmethod
    def of(cls, notice: Notice) -> Self:
        return cls(code=notice.code, message=notice.message)


class SpeedRead(ResponseBody):
    """What one speed costs now, per unit of gas in wei."""

    speed: Speed
    price: str = Field(description="The most per gas, base fee included", examples=["3000000000"])
    priority_fee: str | None = Field(description="Of that, for the block's maker; null where there is no base fee")
    base_fee: str | None = Field(description="Of the next block")
    blocked: bool = Field(description="The network asks for more than the cap: nothing is signed until it falls")
    expected_seconds: int = Field(description="Until inclusion", examples=[12])

    @classmethod
    def of(cls, quote: FeeQuote) -> Self:
        tip = quote.bid.priority_fee
        return cls(
            speed=quote.speed,
            price=str(quote.bid.price),
            priority_fee=None if tip is None else str(tip),
            base_fee=None if quote.base_fee is None else str(quote.base_fee),
            blocked=quote.blocked,
            expected_seconds=quote.expected_seconds,
        )


class FeesRead(ResponseBody):
    """The speeds of a chain; none where it has no fee market."""

    speeds: list[SpeedRead]


class TransferPreviewRead(ResponseBody):
    """What the transfer would do now."""

    sender: str = Field(description="CAIP-10", examples=[_ACCOUNT])
    recipient: str = Field(description="CAIP-10")
    amount: ChainAmount
    fee_limit: ChainAmount = Field(description="The most that the chain can charge, in its native coin")
    balance: ChainAmount = Field(description="What the account holds of the asset now")
    data_fee: ChainAmount | None = Field(description="Part of the fee limit that a rollup charges for bytes")
    expected_seconds: int | None = Field(description="Until inclusion at the chosen speed")
    warnings: list[WarningRead] = Field(description="Accept each code before the transfer is signed")
    balance_changes: list[BalanceChangeRead] | None = Field(
        description="Of both accounts, fees aside, as simulated; null where no node simulates"
    )

    @classmethod
    def of(cls, preview: TransferPreview) -> Self:
        return cls(
            sender=str(preview.sender),
            recipient=str(preview.recipient),
            amount=ChainAmount.of(preview.amount),
            fee_limit=ChainAmount.of(preview.fee_limit),
            balance=ChainAmount.of(preview.balance),
            data_fee=None if preview.data_fee is None else ChainAmount.of(preview.data_fee),
            expected_seconds=preview.expected_seconds,
            warnings=[WarningRead.of(notice) for notice in preview.warnings],
            balance_changes=changes_read(preview.changes),
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
    cancelling: bool = Field(description="Its nonce is being used up so that it never happens")
    attempts: int = Field(description="Transactions signed for it, those kept in reserve included", examples=[1])
    speed: Speed
    retry_of: UUID | None
    support_reference: str = Field(
        description="To tell support; a case about this transfer carries it", examples=["QP-7K3M9PQ2"]
    )
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
            cancelling=payment.cancelling,
            attempts=len(payment.attempts),
            speed=payment.speed,
            retry_of=payment.retry_of,
            support_reference=support_reference(payment.id),
            created_at=payment.created_at,
            ended_at=payment.ended_at,
        )


class TransferOutcome(ResponseBody):
    """One transfer of a batch: what was made, or why nothing was."""

    transfer: TransferRead | None
    failure: FailureRead | None

    @classmethod
    def of(cls, answer: Payment | QuanbaoError) -> Self:
        if isinstance(answer, QuanbaoError):
            return cls(transfer=None, failure=FailureRead.of(Failure.of(answer)))
        return cls(transfer=TransferRead.of(answer), failure=None)


class TransferBatchRead(ResponseBody):
    """In the order of the request."""

    outcomes: list[TransferOutcome]
