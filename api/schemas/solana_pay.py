"""Schemas of Solana Pay."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from api.languages import Language
from api.schemas.amounts import AssetText, BaseUnitsText, ChainAmount
from api.schemas.base import Moment, RequestBody, ResponseBody
from codec.solana.decoding.decode import PlainInstruction
from primitives.base58 import encode_base58
from wallets.solana_pay.link import TransactionRequest, TransferRequest
from wallets.solana_pay.model import PayRequest, SeenPayment

_SOL = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1/slip44:501"


class PayRequestCreate(RequestBody):
    """What to ask for, in an asset of a Solana chain."""

    asset: AssetText = Field(description="CAIP-19", examples=[_SOL])
    base_units: BaseUnitsText = Field(description="Integer base units", examples=["1500000000"])
    label: Annotated[str, StringConstraints(min_length=1, max_length=100)] = Field(examples=["茶馆"])
    message: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(default=None)
    memo: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="Text that the payment must carry on the chain"
    )


class SeenPaymentRead(ResponseBody):
    """A transaction that pays the request and is not final yet."""

    signature: str
    slot: int
    payer: str = Field(description="CAIP-10")

    @classmethod
    def of(cls, seen: SeenPayment) -> Self:
        return cls(signature=seen.signature, slot=seen.slot, payer=str(seen.payer))


class PayRequestRead(ResponseBody):
    """A payment request. Show one of the links as a QR code."""

    id: UUID
    status: Literal["open", "pending", "paid", "expired"] = Field(
        description="pending: seen on the chain, not final yet; paid: final, and counted for no other request"
    )
    transfer_link: str = Field(description="Solana Pay transfer request: any wallet can pay it")
    transaction_link: str = Field(description="Solana Pay transaction request: the wallet asks this server")
    amount: ChainAmount
    recipient: str = Field(description="CAIP-10")
    reference: str = Field(description="The address that names this request in its payment")
    label: str
    message: str | None
    memo: str | None
    created_at: Moment
    expires_at: Moment
    seen: SeenPaymentRead | None
    signature: str | None = Field(description="Of the payment, once paid")
    payer: str | None = Field(description="CAIP-10, once paid")
    paid_at: Moment | None

    @classmethod
    def of(cls, request: PayRequest, status: str, seen: SeenPayment | None, *, address: str) -> Self:
        """Args: address: Where a wallet reaches this server's `/solana-pay`, without a slash at the end."""
        receipt = request.receipt
        return cls.model_validate(
            {
                "id": request.id,
                "status": status,
                "transfer_link": str(request.link),
                "transaction_link": str(TransactionRequest(f"{address}/{request.id}")),
                "amount": ChainAmount.of(request.amount),
                "recipient": str(request.recipient),
                "reference": encode_base58(request.reference),
                "label": request.label,
                "message": request.message,
                "memo": request.memo,
                "created_at": request.created_at,
                "expires_at": request.expires_at,
                "seen": None if seen is None else SeenPaymentRead.of(seen),
                "signature": receipt.signature if receipt else None,
                "payer": str(receipt.payer) if receipt else None,
                "paid_at": receipt.settled_at if receipt else None,
            }
        )


class PayLabel(ResponseBody):
    """What a wallet shows of who asks, as the Solana Pay specification has it."""

    label: str
    icon: str


class PayAccount(RequestBody):
    """Who would pay."""

    account: Annotated[str, StringConstraints(min_length=32, max_length=44)] = Field(
        description="Solana address", examples=["So11111111111111111111111111111111111111112"]
    )


class PayTransaction(ResponseBody):
    """An unsigned transaction, as the Solana Pay specification has it."""

    transaction: str = Field(description="base64")
    message: str | None = None


class PayLinkText(RequestBody):
    """A `solana:` link, as a QR code holds it."""

    link: Annotated[str, StringConstraints(min_length=8, max_length=2048)]


class PayLinkRead(ResponseBody):
    """What a link asks for."""

    kind: Literal["transfer", "transaction"]
    url: str | None = Field(description="Of a transaction request: the server that composes it")
    recipient: str | None = Field(description="Solana address")
    amount: str | None = Field(description="Units as people write them; null: the payer chooses")
    spl_token: str | None = Field(description="Mint; null: SOL")
    references: list[str]
    label: str | None
    message: str | None
    memo: str | None

    @classmethod
    def of(cls, link: TransferRequest | TransactionRequest) -> Self:
        if isinstance(link, TransactionRequest):
            nothing = dict.fromkeys(("recipient", "amount", "spl_token", "label", "message", "memo"))
            return cls.model_validate({"kind": "transaction", "url": link.link, "references": [], **nothing})
        return cls(
            kind="transfer",
            url=None,
            recipient=encode_base58(link.recipient),
            amount=None if link.amount is None else format(link.amount, "f"),
            spl_token=None if link.spl_token is None else encode_base58(link.spl_token),
            references=[encode_base58(key) for key in link.references],
            label=link.label,
            message=link.message,
            memo=link.memo,
        )


class SolanaTransactionText(RequestBody):
    """A transaction that somebody wants signed."""

    transaction: Annotated[str, StringConstraints(min_length=4, max_length=1_700)] = Field(
        description="base64, signed or not"
    )
    chain: Annotated[str, StringConstraints(min_length=3, max_length=80)] | None = Field(
        default=None, description="CAIP-2; needed when the transaction uses lookup tables"
    )


class InstructionRead(ResponseBody):
    """One instruction in plain words."""

    program: str = Field(description="Address of the program")
    kind: str | None = Field(description="null: it cannot be read", examples=["transferChecked"])
    words: str = Field(description="One sentence, in the caller's language")
    danger: str | None = Field(description="Why to stop and read; null: it only does what it says")
    danger_words: str | None

    @classmethod
    def of(cls, plain: PlainInstruction, language: Language) -> Self:
        chinese = language == "zh-CN"
        danger = plain.danger
        return cls(
            program=encode_base58(plain.program),
            kind=plain.parsed.kind if plain.parsed else None,
            words=plain.chinese if chinese else plain.english,
            danger=danger.kind.value if danger else None,
            danger_words=(danger.chinese if chinese else danger.english) if danger else None,
        )


class SolanaTransactionRead(ResponseBody):
    """Everything that a transaction would do, in its order."""

    fee_payer: str
    signers: list[str]
    instructions: list[InstructionRead]
    dangerous: bool = Field(description="Whether any of its instructions is")
