"""Schemas of the address book and of payment requests."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.schemas.amounts import AssetText, BaseUnitsText, ChainAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import AccountText
from wallets.address_book.service import MAX_NOTE
from wallets.address_book.sql import BookEntry
from wallets.payment_requests.model import AskedPayment, LinkForm, MadeRequest
from wallets.payment_requests.service import MAX_TEXT

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE)]


class ContactChange(RequestBody):
    """What one calls somebody."""

    name: Line = Field(examples=["Wang"])
    note: Note | None = None


class ContactAdd(ContactChange):
    """Somebody to pay."""

    account: AccountText = Field(description="CAIP-10")


class ContactRead(ResponseBody):
    """An entry of the caller's address book."""

    id: UUID
    account: str = Field(description="CAIP-10")
    name: str
    note: str | None
    created_at: Moment

    @classmethod
    def of(cls, entry: BookEntry) -> Self:
        return cls(
            id=entry.id, account=str(entry.account), name=entry.name, note=entry.note, created_at=entry.created_at
        )


class PaymentRequestMake(RequestBody):
    """What to ask for."""

    account: AccountText = Field(description="CAIP-10, one of the caller's: it is paid")
    asset: AssetText = Field(description="CAIP-19, a coin or token of the same chain")
    base_units: BaseUnitsText | None = Field(default=None, description="null: the payer chooses")
    label: Line | None = Field(default=None, description="Who asks; in Solana links only")
    message: Line | None = Field(default=None, description="What for; in Solana links only")


class PaymentRequestRead(ResponseBody):
    """A link that asks for a payment, and its QR code."""

    link: str = Field(examples=["ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266@31337?value=1000"])
    form: LinkForm
    account: str
    amount: ChainAmount | None
    qr_svg: str = Field(description="The link as an SVG picture")

    @classmethod
    def of(cls, made: MadeRequest, qr_svg: str) -> Self:
        return cls(
            link=made.link,
            form=made.form,
            account=str(made.recipient),
            amount=None if made.amount is None else ChainAmount.of(made.amount),
            qr_svg=qr_svg,
        )


class PaymentText(RequestBody):
    """What was scanned, pasted or dropped."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT)] = Field(
        examples=["ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266@31337?value=1000"]
    )
    chain: Annotated[str, StringConstraints(min_length=3, max_length=60)] | None = Field(
        default=None, description="CAIP-2, where the caller would pay; for texts that name no chain"
    )


class AskedPaymentRead(ResponseBody):
    """What it asks for; nothing is paid yet."""

    form: LinkForm
    account: str = Field(description="CAIP-10, who would be paid")
    asset: str | None = Field(description="CAIP-19; null: the payer chooses")
    symbol: str | None
    decimals: int | None
    amount: ChainAmount | None = Field(description="null: the payer chooses")
    label: str | None = Field(description="What the asker says; nobody has checked it")
    message: str | None
    memo: str | None
    references: list[str] = Field(description="Solana keys that the payment must name; a plain transfer does not")
    own: bool = Field(description="It is one of the caller's own accounts")
    known_as: str | None = Field(description="In the caller's address book")

    @classmethod
    def of(cls, asked: AskedPayment) -> Self:
        return cls(
            form=asked.form,
            account=str(asked.recipient),
            asset=None if asked.asset is None else str(asked.asset.id),
            symbol=None if asked.asset is None else asked.asset.symbol,
            decimals=None if asked.asset is None else asked.asset.decimals,
            amount=None if asked.amount is None else ChainAmount.of(asked.amount),
            label=asked.label,
            message=asked.message,
            memo=asked.memo,
            references=list(asked.references),
            own=asked.own,
            known_as=asked.known_as,
        )
