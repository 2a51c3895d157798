"""Schemas of payments that call a contract."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import Field

from api.schemas.amounts import BaseUnitsText, ChainAmount
from api.schemas.base import Moment, ResponseBody
from api.schemas.transfers import FailureRead
from chains.intent import ContractCall, EndDelegation
from wallets.engine.model import Payment


class CallRead(ResponseBody):
    """A call of a contract and where it stands."""

    id: UUID
    status: str = Field(
        description="awaiting_signature · in_flight · done · failed · cancelled", examples=["in_flight"]
    )
    chain: str = Field(description="CAIP-2", examples=["eip155:31337"])
    sender: str = Field(description="CAIP-10")
    contract: str = Field(description="CAIP-10")
    value: BaseUnitsText = Field(description="Sent along, in base units of the native coin", examples=["0"])
    data: str = Field(description="Hex", examples=["0x095ea7b3"])
    fee_limit: ChainAmount | None = Field(description="Once signed")
    fee_paid: ChainAmount | None = Field(description="Once included")
    tx_hash: str | None = Field(description="Once signed, before it is broadcast")
    height: int | None = Field(description="Block number, while included")
    finality: str | None = Field(description="included · safe · finalized", examples=["finalized"])
    failure: FailureRead | None
    needs_holder: bool = Field(description="Only the holder's unlocked keys can go on")
    fee_blocked: bool = Field(description="The network wants a higher fee")
    created_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """Of a payment whose intent is a contract call, or gives borrowed code back."""
        action = payment.intent.action
        if isinstance(action, EndDelegation):
            action = ContractCall(payment.sender, b"")
        assert isinstance(action, ContractCall)
        return cls(
            id=payment.id,
            status=payment.status.value,
            chain=str(payment.chain),
            sender=str(payment.sender),
            contract=str(action.to),
            value=str(action.value),
            data="0x" + action.data.hex(),
            fee_limit=None if payment.fee_limit is None else ChainAmount.of(payment.fee_limit),
            fee_paid=None if payment.fee_paid is None else ChainAmount.of(payment.fee_paid),
            tx_hash=payment.tx_hash,
            height=payment.height,
            finality=None if payment.finality is None else payment.finality.name.lower(),
            failure=None if payment.failure is None else FailureRead.of(payment.failure),
            needs_holder=payment.needs_holder,
            fee_blocked=payment.fee_blocked,
            created_at=payment.created_at,
            ended_at=payment.ended_at,
        )
