"""The tables of payment requests and of the payments that they accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Row, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import BaseUnits, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from wallets.solana_pay.model import PayReceipt, PayRequest, SeenPayment

request_table = Table(
    "solana_pay_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False, index=True),
    Column("recipient", Text, nullable=False),
    Column("asset", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("decimals", Integer, nullable=False),
    Column("base_units", BaseUnits, nullable=False),
    Column("reference", LargeBinary, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("message", Text),
    Column("memo", Text),
    Column("since_slot", BigInteger, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
)

# The key is what keeps one transaction from paying two requests.
receipt_table = Table(
    "solana_pay_receipt",
    metadata,
    Column("chain", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("request_id", Uuid, ForeignKey("solana_pay_request.id"), nullable=False, unique=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("slot", BigInteger, nullable=False),
    Column("payer", Text, nullable=False),
    Column("base_units", BaseUnits, nullable=False),
    Column("settled_at", Timestamp, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("chain", "signature", name="pk_solana_pay_receipt"),
)


async def insert_request(tx: Transaction, request: PayRequest) -> None:
    asset = request.amount.asset
    await tx.execute(
        insert(request_table).values(
            id=request.id,
            tenant_id=request.tenant_id,
            recipient=str(request.recipient),
            asset=str(asset.id),
            symbol=asset.symbol,
            decimals=asset.decimals,
            base_units=request.amount.base_units,
            reference=request.reference,
            label=request.label,
            message=request.message,
            memo=request.memo,
            since_slot=request.since_slot,
            created_at=request.created_at,
            expires_at=request.expires_at,
        )
    )


async def find_request(tx: Transaction, request_id: UUID, tenant_id: UUID | None = None) -> PayRequest | None:
    """With a tenant only that tenant's."""
    statement = _JOINED.where(request_table.c.id == request_id)
    if tenant_id is not None:
        statement = statement.where(request_table.c.tenant_id == tenant_id)
    row = (await tx.execute(statement)).first()
    return None if row is None else _request(row)


async def list_requests(
    tx: Transaction, tenant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[PayRequest]:
    """Newest first."""
    statement = _JOINED.where(request_table.c.tenant_id == tenant_id)
    if before is not None:
        created_at, request_id = before
        statement = statement.where(
            (request_table.c.created_at < created_at)
            | ((request_table.c.created_at == created_at) & (request_table.c.id < request_id))
        )
    statement = statement.order_by(request_table.c.created_at.desc(), request_table.c.id.desc()).limit(limit)
    return [_request(row) for row in await tx.execute(statement)]


async def is_accepted(tx: Transaction, chain: str, signature: str) -> bool:
    """Whether a transaction has paid some request already."""
    statement = select(receipt_table.c.request_id).where(
        receipt_table.c.chain == chain, receipt_table.c.signature == signature
    )
    return (await tx.execute(statement)).first() is not None


async def accept(tx: Transaction, request: PayRequest, payment: SeenPayment) -> bool:
    """Bind a payment to a request; False when either is bound already."""
    done = await tx.execute(
        insert(receipt_table)
        .values(
            chain=str(request.recipient.chain),
            signature=payment.signature,
            request_id=request.id,
            tenant_id=request.tenant_id,
            slot=payment.slot,
            payer=str(payment.payer),
            base_units=payment.base_units,
        )
        .on_conflict_do_nothing()
        .returning(receipt_table.c.signature)
    )
    return done.first() is not None


_JOINED = select(
    request_table,
    receipt_table.c.signature,
    receipt_table.c.slot,
    receipt_table.c.payer,
    receipt_table.c.base_units.label("received"),
    receipt_table.c.settled_at,
).select_from(request_table.outerjoin(receipt_table, receipt_table.c.request_id == request_table.c.id))


def _request(row: Row[Any]) -> PayRequest:
    receipt = None
    if row.signature is not None:
        receipt = PayReceipt(row.signature, row.slot, AccountId.parse(row.payer), row.received, row.settled_at)
    return PayRequest(
        id=row.id,
        tenant_id=row.tenant_id,
        recipient=AccountId.parse(row.recipient),
        amount=Amount(row.base_units, Asset(AssetId.parse(row.asset), row.symbol, row.decimals)),
        reference=bytes(row.reference),
        label=row.label,
        message=row.message,
        memo=row.memo,
        since_slot=row.since_slot,
        created_at=row.created_at,
        expires_at=row.expires_at,
        receipt=receipt,
    )
