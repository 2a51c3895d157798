"""Payments, attempts and lanes in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    and_,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chains.intent import Intent
from chains.ports import Receipt, SignedTransaction
from persistence.database import Transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Text, Timestamp
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import IdempotencyConflict, PaymentNotFound
from primitives.position import Finality
from wallets.engine.model import (
    Attempt,
    AttemptStatus,
    Failure,
    Payment,
    PaymentRequest,
    PaymentStatus,
    Spending,
)

lane_table = Table(
    "payment_lane",
    metadata,
    Column("chain", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("next_nonce", BigInteger),
    PrimaryKeyConstraint("chain", "account", name="pk_payment_lane"),
)

payment_table = Table(
    "payment",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("intent", JSONB, nullable=False),
    Column("act", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("signs", Text, nullable=False),
    Column("on_end", Text),
    Column("reference", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("needs_holder", Boolean, nullable=False, server_default=false()),
    Column("fee_blocked", Boolean, nullable=False, server_default=false()),
    Column("failure", JSONB(none_as_null=True)),
    Column("retry_of", Uuid, ForeignKey("payment.id")),
    Column("nonce", BigInteger),
    Column("fee_symbol", Text, nullable=False),
    Column("fee_decimals", Integer, nullable=False),
    Column("fee_limit", BaseUnits),
    Column("reserved_native", BaseUnits, nullable=False, server_default="0"),
    Column("reserved_asset", Text),
    Column("reserved_amount", BaseUnits, nullable=False, server_default="0"),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    CheckConstraint(
        "status IN ('requested', 'awaiting_approval', 'awaiting_signature', 'in_flight', "
        "'done', 'failed', 'cancelled')",
        name="status",
    ),
    CheckConstraint("signs IN ('service', 'person')", name="signs"),
    Index("uq_payment_tenant_id_idempotency_key", "tenant_id", "idempotency_key", unique=True),
    # The last line of defence of the nonce lane: no nonce of an account ever belongs to two payments.
    Index("uq_payment_chain_sender_nonce", "chain", "sender", "nonce", unique=True),
    Index("ix_payment_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
    Index("ix_payment_in_flight", "chain", "sender", postgresql_where=text("status = 'in_flight'")),
)

attempt_table = Table(
    "payment_attempt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey("payment.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("tx_hash", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("nonce", BigInteger),
    Column("last_valid_height", BigInteger),
    Column("broadcasts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("height", BigInteger),
    Column("tx_index", Integer),
    Column("block_hash", LargeBinary),
    Column("block_time", BigInteger),
    Column("ok", Boolean),
    Column("reason", Text),
    Column("finality", Integer),
    Column("fee_paid", BaseUnits),
    Column("signed_at", Timestamp, nullable=False, server_default=func.now()),
    Column("sent_at", Timestamp),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("status IN ('signed', 'sent', 'included', 'final', 'dead')", name="status"),
    Index("uq_payment_attempt_payment_id_number", "payment_id", "number", unique=True),
    Index("uq_payment_attempt_chain_tx_hash", "chain", "tx_hash", unique=True),
    # Under a lane's lock only the newest attempts are looked at, however many payments an account has made.
    Index("ix_payment_attempt_chain_signed_at", "chain", "signed_at"),
)

_p, _a = payment_table.c, attempt_table.c

_BLOCKHASH_AGE = timedelta(minutes=10)
"""Far more than the 150 blocks for which a blockhash counts."""

Cursor = tuple[datetime, UUID]
"""Creation time and id of the last payment that the caller has seen."""


async def insert_payment(
    tx: Transaction, payment_id: UUID, request: PaymentRequest, status: PaymentStatus, native: Asset
) -> tuple[UUID, bool]:
    """Store a new payment, or find the one that this key already made.

    Returns:
        The payment's id, and whether it is new.

    Raises:
        IdempotencyConflict: The key stands for another payload.
    """
    digest = request.payload_hash()
    statement = (
        insert(payment_table)
        .values(
            id=payment_id,
            tenant_id=request.tenant_id,
            idempotency_key=request.idempotency_key,
            payload_hash=digest,
            intent=request.intent.to_json(),
            act=request.act,
            chain=str(request.intent.chain),
            sender=request.intent.sender.address,
            signs=request.signs,
            on_end=request.on_end,
            reference=dict(request.reference),
            status=status,
            retry_of=request.retry_of,
            fee_symbol=native.symbol,
            fee_decimals=native.decimals,
        )
        # A concurrent insert of the same key is waited for; then nothing is inserted and the row is read below.
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(_p.id)
    )
    if (await tx.execute(statement)).first() is not None:
        return payment_id, True
    held = (
        await tx.execute(
            select(_p.id, _p.payload_hash).where(
                _p.tenant_id == request.tenant_id, _p.idempotency_key == request.idempotency_key
            )
        )
    ).one()
    if held.payload_hash != digest:
        raise IdempotencyConflict(
            "this idempotency key was used with another request: use a new key for a new payment",
            idempotency_key=request.idempotency_key,
        )
    return held.id, False


async def payment_by_id(tx: Transaction, payment_id: UUID, *, tenant_id: UUID | None = None) -> Payment:
    """Raises PaymentNotFound, also for another tenant's."""
    condition = _p.id == payment_id
    if tenant_id is not None:
        condition = and_(condition, _p.tenant_id == tenant_id)
    found = await _payments(tx, condition, limit=1)
    if not found:
        raise PaymentNotFound(f"there is no payment {payment_id}", payment_id=str(payment_id))
    return found[0]


async def payment_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> Payment | None:
    found = await _payments(tx, and_(_p.tenant_id == tenant_id, _p.idempotency_key == idempotency_key), limit=1)
    return found[0] if found else None


async def retry_of(tx: Transaction, payment_id: UUID) -> Payment | None:
    """The payment that was made in place of this one."""
    found = await _payments(tx, _p.retry_of == payment_id, limit=1)
    return found[0] if found else None


async def payments_of(
    tx: Transaction,
    tenant_id: UUID,
    *,
    acts: Sequence[str] | None = None,
    before: Cursor | None = None,
    limit: int = 50,
) -> Sequence[Payment]:
    """Newest first."""
    condition = _p.tenant_id == tenant_id
    if acts is not None:
        condition = and_(condition, _p.act.in_(list(acts)))
    if before is not None:
        condition = and_(condition, or_(_p.created_at < before[0], and_(_p.created_at == before[0], _p.id < before[1])))
    return await _payments(tx, condition, limit=limit)


async def _payments(tx: Transaction, condition: Any, *, limit: int) -> Sequence[Payment]:
    rows = (
        (
            await tx.execute(
                select(payment_table).where(condition).order_by(_p.created_at.desc(), _p.id.desc()).limit(limit)
            )
        )
        .mappings()
        .all()
    )
    newest = {
        row["payment_id"]: row
        for row in (
            await tx.execute(
                select(attempt_table)
                .where(_a.payment_id.in_([row["id"] for row in rows]))
                .order_by(_a.payment_id, _a.number)
            )
        ).mappings()
    }
    return [_payment(row, newest.get(row["id"])) for row in rows]


async def attempts_of(tx: Transaction, payment: Payment) -> Sequence[Attempt]:
    """Every attempt, newest first."""
    rows = await tx.execute(select(attempt_table).where(_a.payment_id == payment.id).order_by(_a.number.desc()))
    return [_attempt(row, payment.fee_asset) for row in rows.mappings()]


async def lock_lane(tx: Transaction, account: AccountId) -> int | None:
    """Hold the account's lane until the transaction ends; answers its next nonce, None before the first."""
    key = {"chain": str(account.chain), "account": account.address}
    await tx.execute(insert(lane_table).values(**key).on_conflict_do_nothing())
    held = await tx.execute(
        select(lane_table.c.next_nonce)
        .where(lane_table.c.chain == key["chain"], lane_table.c.account == key["account"])
        .with_for_update()
    )
    nonce: int | None = held.scalar_one()
    return nonce


async def advance_lane(tx: Transaction, account: AccountId, next_nonce: int) -> None:
    await tx.execute(
        update(lane_table)
        .where(lane_table.c.chain == str(account.chain), lane_table.c.account == account.address)
        .values(next_nonce=next_nonce)
    )


async def lock_payment(tx: Transaction, payment_id: UUID) -> PaymentStatus:
    """Hold the payment until the transaction ends; answers where it stands."""
    held = await tx.execute(select(_p.status).where(_p.id == payment_id).with_for_update())
    return PaymentStatus(held.scalar_one())


async def reserved(tx: Transaction, account: AccountId, asset: AssetId | None, *, seen_height: int) -> tuple[int, int]:
    """What payments in flight may still take: native base units, and base units of `asset`.

    A payment stops counting once its attempt is included at or below `seen_height`, the height at which the balance
    that this is compared with was read.
    """
    settled = exists().where(
        _a.payment_id == _p.id, _a.status == AttemptStatus.INCLUDED, _a.height.is_not(None), _a.height <= seen_height
    )
    row = (
        await tx.execute(
            select(
                func.coalesce(func.sum(_p.reserved_native), 0),
                func.coalesce(func.sum(_p.reserved_amount).filter(_p.reserved_asset == str(asset)), 0),
            ).where(
                _p.chain == str(account.chain),
                _p.sender == account.address,
                _p.status == PaymentStatus.IN_FLIGHT,
                ~settled,
            )
        )
    ).one()
    return int(row[0]), int(row[1])


async def outstanding(tx: Transaction, account: AccountId) -> Sequence[tuple[str, Spending]]:
    """Hash and reservation of every attempt of payments in flight from this account."""
    rows = await tx.execute(
        select(_a.tx_hash, _p.reserved_native, _p.reserved_asset, _p.reserved_amount)
        .join(attempt_table, _a.payment_id == _p.id)
        .where(_p.chain == str(account.chain), _p.sender == account.address, _p.status == PaymentStatus.IN_FLIGHT)
    )
    return [(h, Spending(n, None if asset is None else AssetId.parse(asset), a)) for h, n, asset, a in rows]


def _hex(column: Any) -> Any:
    return func.encode(column, "hex")


async def message_known(tx: Transaction, account: AccountId, payload: bytes) -> bool:
    """Whether a recent attempt from this account was signed over the very same bytes.

    Only Solana can come to that: two equal payments within one blockhash are one transaction.
    """
    found = await tx.execute(
        select(_a.id)
        .join(payment_table, _a.payment_id == _p.id)
        .where(
            _p.chain == str(account.chain),
            _p.sender == account.address,
            _a.chain == str(account.chain),
            _a.signed_at > func.now() - literal(_BLOCKHASH_AGE),
            func.strpos(_hex(_a.raw), payload.hex()) > 0,
        )
        .limit(1)
    )
    return found.first() is not None


async def store_signed(
    tx: Transaction,
    attempt_id: UUID,
    payment: Payment,
    signed: SignedTransaction,
    spending: Spending,
    fee_limit: Amount,
) -> None:
    """Bytes, hash and nonce of the first attempt, and the payment in flight: one commit with the lane's counter."""
    await tx.execute(
        insert(attempt_table).values(
            id=attempt_id,
            payment_id=payment.id,
            number=1,
            status=AttemptStatus.SIGNED,
            chain=str(signed.chain),
            tx_hash=signed.tx_hash,
            raw=signed.raw,
            nonce=signed.nonce,
            last_valid_height=signed.last_valid_height,
        )
    )
    await _change(
        tx,
        payment.id,
        status=PaymentStatus.IN_FLIGHT,
        nonce=signed.nonce,
        fee_limit=fee_limit.base_units,
        reserved_native=spending.native,
        reserved_asset=None if spending.asset is None else str(spending.asset),
        reserved_amount=spending.amount,
        needs_holder=False,
    )


async def mark_sent(tx: Transaction, attempt_id: UUID) -> None:
    """A node has the bytes."""
    await tx.execute(
        update(attempt_table)
        .where(_a.id == attempt_id)
        .values(broadcasts=_a.broadcasts + 1, last_error=None, sent_at=func.coalesce(_a.sent_at, func.now()))
    )
    await tx.execute(
        update(attempt_table)
        .where(_a.id == attempt_id, _a.status == AttemptStatus.SIGNED)
        .values(status=AttemptStatus.SENT, updated_at=func.now())
    )


async def note_refusal(tx: Transaction, attempt_id: UUID, error: str) -> None:
    await tx.execute(
        update(attempt_table).where(_a.id == attempt_id).values(last_error=error[:500], updated_at=func.now())
    )


async def set_flags(tx: Transaction, payment_id: UUID, *, fee_blocked: bool, needs_holder: bool) -> None:
    await _change(tx, payment_id, fee_blocked=fee_blocked, needs_holder=needs_holder)


async def mark_receipt(tx: Transaction, attempt_id: UUID, receipt: Receipt, status: AttemptStatus) -> None:
    await tx.execute(
        update(attempt_table)
        .where(_a.id == attempt_id)
        .values(
            status=status,
            height=receipt.height,
            tx_index=receipt.index,
            block_hash=receipt.block_hash,
            block_time=receipt.block_time,
            ok=receipt.ok,
            reason=receipt.reason,
            finality=int(receipt.finality),
            fee_paid=receipt.fee_paid.base_units,
            last_error=None,
            updated_at=func.now(),
        )
    )


async def unmark_receipt(tx: Transaction, attempt_id: UUID) -> None:
    """A reorg took the block away: back to sent."""
    await tx.execute(
        update(attempt_table)
        .where(_a.id == attempt_id)
        .values(
            status=AttemptStatus.SENT,
            height=None,
            tx_index=None,
            block_hash=None,
            block_time=None,
            ok=None,
            reason=None,
            finality=None,
            fee_paid=None,
            updated_at=func.now(),
        )
    )


async def bury_attempts(tx: Transaction, payment_id: UUID, *, but: UUID | None = None) -> None:
    """These can never land any more."""
    condition = _a.payment_id == payment_id
    if but is not None:
        condition = and_(condition, _a.id != but)
    await tx.execute(update(attempt_table).where(condition).values(status=AttemptStatus.DEAD, updated_at=func.now()))


async def end_payment(tx: Transaction, payment_id: UUID, status: PaymentStatus, failure: Failure | None) -> None:
    await _change(
        tx,
        payment_id,
        status=status,
        failure=None if failure is None else failure.to_json(),
        fee_blocked=False,
        needs_holder=False,
        ended_at=func.now(),
    )


async def count_by_status(tx: Transaction) -> Mapping[str, int]:
    rows = await tx.execute(select(_p.status, func.count()).group_by(_p.status))
    return {row[0]: row[1] for row in rows}


async def _change(tx: Transaction, payment_id: UUID, **values: Any) -> None:
    await tx.execute(update(payment_table).where(_p.id == payment_id).values(updated_at=func.now(), **values))


def _payment(row: Mapping[Any, Any], attempt: Mapping[Any, Any] | None) -> Payment:
    chain = ChainId.parse(row["chain"])
    native = Asset(AssetId.native(chain), row["fee_symbol"], row["fee_decimals"])
    failure = row["failure"]
    return Payment(
        id=row["id"],
        tenant_id=row["tenant_id"],
        idempotency_key=row["idempotency_key"],
        intent=Intent.from_json(row["intent"]),
        act=row["act"],
        chain=chain,
        sender=AccountId(chain, row["sender"]),
        signs=row["signs"],
        on_end=row["on_end"],
        reference=row["reference"],
        status=PaymentStatus(row["status"]),
        needs_holder=row["needs_holder"],
        fee_blocked=row["fee_blocked"],
        failure=None if failure is None else Failure(failure["code"], failure["message"], failure["facts"]),
        retry_of=row["retry_of"],
        nonce=row["nonce"],
        fee_asset=native,
        fee_limit=None if row["fee_limit"] is None else Amount(row["fee_limit"], native),
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        attempt=None if attempt is None else _attempt(attempt, native),
    )


def _attempt(row: Mapping[Any, Any], native: Asset) -> Attempt:
    return Attempt(
        id=row["id"],
        payment_id=row["payment_id"],
        number=row["number"],
        status=AttemptStatus(row["status"]),
        chain=ChainId.parse(row["chain"]),
        tx_hash=row["tx_hash"],
        raw=row["raw"],
        nonce=row["nonce"],
        last_valid_height=row["last_valid_height"],
        broadcasts=row["broadcasts"],
        last_error=row["last_error"],
        height=row["height"],
        tx_index=row["tx_index"],
        block_hash=row["block_hash"],
        block_time=row["block_time"],
        ok=row["ok"],
        reason=row["reason"],
        finality=None if row["finality"] is None else Finality(row["finality"]),
        fee_paid=None if row["fee_paid"] is None else Amount(row["fee_paid"], native),
        signed_at=row["signed_at"],
        sent_at=row["sent_at"],
    )
