"""Payments and attempts in PostgreSQL; lanes, reservations and watches have files of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import (
    ARRAY,
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
    bindparam,
    case,
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
from chains.ports import Bid, SeenTransaction, Speed
from persistence.database import Transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Text, Timestamp
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import IdempotencyConflict, PaymentNotFound
from primitives.position import Finality
from wallets.engine.model import (
    Attempt,
    AttemptKind,
    AttemptStatus,
    Failure,
    Payment,
    PaymentRequest,
    PaymentStatus,
)

lane_table = Table(
    "payment_lane",
    metadata,
    Column("chain", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("next_nonce", BigInteger),
    Column("halted", Text),
    Column("gap_since", Timestamp),
    Column("held_since", BigInteger),
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
    Column("speed", Text, nullable=False, server_default="normal"),
    Column("budgets", JSONB, nullable=False, server_default="[]"),
    Column("asked_by", Uuid),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("updated_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    CheckConstraint(
        "status IN ('requested', 'awaiting_approval', 'awaiting_signature', 'in_flight', "
        "'done', 'failed', 'cancelled')",
        name="status",
    ),
    CheckConstraint("signs IN ('service', 'person')", name="signs"),
    CheckConstraint("speed IN ('slow', 'normal', 'fast')", name="speed"),
    Index("uq_payment_tenant_id_idempotency_key", "tenant_id", "idempotency_key", unique=True),
    # The last line of defence of the nonce lane: no nonce of an account ever belongs to two payments.
    Index("uq_payment_chain_sender_nonce", "chain", "sender", "nonce", unique=True),
    Index("ix_payment_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
    Index("ix_payment_in_flight", "chain", "sender", postgresql_where=text("status = 'in_flight'")),
    Index("ix_payment_unsigned", "chain", "sender", "created_at", postgresql_where=text("status = 'requested'")),
)

attempt_table = Table(
    "payment_attempt",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("payment_id", Uuid, ForeignKey("payment.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False, server_default="pay"),
    Column("status", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("tx_hash", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("nonce", BigInteger),
    Column("last_valid_height", BigInteger),
    Column("price", BaseUnits),
    Column("priority_fee", BaseUnits),
    Column("reserve", Boolean, nullable=False, server_default=false()),
    Column("refusals", Integer, nullable=False, server_default="0"),
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
    CheckConstraint("kind IN ('pay', 'void')", name="kind"),
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


async def insert_payments(
    tx: Transaction, rows: Sequence[tuple[UUID, PaymentRequest, PaymentStatus, Asset]]
) -> list[tuple[UUID, datetime | None]]:
    """Store new payments, or find those that their keys already made.

    Args:
        rows: Id to use, what is wanted, where it starts, and the coin that pays its fee.

    Returns:
        For each the payment's id, and when it was made if it is new.

    Raises:
        IdempotencyConflict: A key stands for another payload.
    """
    hashes = [request.payload_hash() for _, request, _, _ in rows]
    columns: dict[str, list[Any]] = {name: [] for name in _NEW_PAYMENT}
    for (payment_id, request, status, native), digest in zip(rows, hashes, strict=True):
        intent = request.intent
        for name, value in zip(
            _NEW_PAYMENT,
            (
                payment_id,
                request.tenant_id,
                request.idempotency_key,
                digest,
                _json(intent.to_json()),
                request.act,
                str(intent.chain),
                intent.sender.address,
                request.signs,
                request.on_end,
                _json(dict(request.reference)),
                status.value,
                request.retry_of,
                native.symbol,
                native.decimals,
                request.speed.value,
                _json(list(request.budgets)),
                request.asked_by,
            ),
            strict=True,
        ):
            columns[name].append(value)
    new = {row[0]: row[1] for row in await tx.execute(_INSERT_PAYMENTS, columns)}
    if len(new) == len(rows):
        return [(payment_id, new[payment_id]) for payment_id, *_ in rows]
    tenants = {request.tenant_id for _, request, _, _ in rows}
    held = {
        (row.tenant_id, row.idempotency_key): row
        for row in await tx.execute(
            select(_p.id, _p.tenant_id, _p.idempotency_key, _p.payload_hash).where(
                _p.tenant_id.in_(tenants),
                _p.idempotency_key.in_([request.idempotency_key for _, request, _, _ in rows]),
            )
        )
    }
    answers = []
    for (payment_id, request, _, _), digest in zip(rows, hashes, strict=True):
        row = held[request.tenant_id, request.idempotency_key]
        if row.payload_hash != digest:
            raise IdempotencyConflict(
                "this idempotency key was used with another request: use a new key for a new payment",
                idempotency_key=request.idempotency_key,
            )
        answers.append((row.id, new.get(payment_id)))
    return answers


_NEW_PAYMENT = {
    "id": Uuid,
    "tenant_id": Uuid,
    "idempotency_key": Text,
    "payload_hash": LargeBinary,
    "intent": Text,
    "act": Text,
    "chain": Text,
    "sender": Text,
    "signs": Text,
    "on_end": Text,
    "reference": Text,
    "status": Text,
    "retry_of": Uuid,
    "fee_symbol": Text,
    "fee_decimals": Integer,
    "speed": Text,
    "budgets": Text,
    "asked_by": Uuid,
}
_AS_JSON = frozenset({"intent", "reference", "budgets"})
# A concurrent insert of the same key is waited for; then nothing is inserted and the row that is there is read.
_INSERT_PAYMENTS = text(
    f"INSERT INTO payment ({', '.join(_NEW_PAYMENT)}) "  # noqa: S608 - made of constants
    f"SELECT {', '.join(name + '::jsonb' if name in _AS_JSON else name for name in _NEW_PAYMENT)} "
    f"FROM unnest({', '.join(':' + name for name in _NEW_PAYMENT)}) AS n ({', '.join(_NEW_PAYMENT)}) "
    "ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING id, created_at"
).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _NEW_PAYMENT.items()))


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


async def payment_by_id(tx: Transaction, payment_id: UUID, *, tenant_id: UUID | None = None) -> Payment:
    """Raises PaymentNotFound, also for another tenant's."""
    condition = _p.id == payment_id
    if tenant_id is not None:
        condition = and_(condition, _p.tenant_id == tenant_id)
    found = await payments_where(tx, condition, limit=1)
    if not found:
        raise PaymentNotFound(f"there is no payment {payment_id}", payment_id=str(payment_id))
    return found[0]


async def payment_by_key(tx: Transaction, tenant_id: UUID, idempotency_key: str) -> Payment | None:
    found = await payments_where(tx, and_(_p.tenant_id == tenant_id, _p.idempotency_key == idempotency_key), limit=1)
    return found[0] if found else None


async def known_keys(tx: Transaction, tenant_id: UUID, idempotency_keys: Sequence[str]) -> set[str]:
    """Those that already stand for a payment of the tenant."""
    rows = await tx.execute(_KNOWN_KEYS, {"tenant": tenant_id, "keys": list(idempotency_keys)})
    return {row[0] for row in rows}


_KNOWN_KEYS = text(
    "SELECT idempotency_key FROM payment WHERE tenant_id = :tenant AND idempotency_key = ANY(:keys)"
).bindparams(bindparam("tenant", type_=Uuid), bindparam("keys", type_=ARRAY(Text)))


async def retry_of(tx: Transaction, payment_id: UUID) -> Payment | None:
    """The payment that was made in place of this one."""
    found = await payments_where(tx, _p.retry_of == payment_id, limit=1)
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
    return await payments_where(tx, condition, limit=limit)


async def payments_by_ids(tx: Transaction, payments: Sequence[UUID]) -> Sequence[Payment]:
    """In the order of the ids. Raises PaymentNotFound."""
    found = {payment.id: payment for payment in await payments_where(tx, _p.id.in_(payments), limit=len(payments))}
    for payment_id in payments:
        if payment_id not in found:
            raise PaymentNotFound(f"there is no payment {payment_id}", payment_id=str(payment_id))
    return [found[payment_id] for payment_id in payments]


async def payments_where(
    tx: Transaction, condition: Any, *, limit: int, order: Sequence[Any] | None = None
) -> Sequence[Payment]:
    """Payments with all their attempts; newest first unless told otherwise."""
    by = (_p.created_at.desc(), _p.id.desc()) if order is None else order
    rows = (await tx.execute(select(payment_table).where(condition).order_by(*by).limit(limit))).mappings().all()
    attempts: dict[UUID, list[Mapping[Any, Any]]] = {}
    signed = [row["id"] for row in rows if row["status"] not in _NEVER_SIGNED]
    if signed:
        for row in (
            await tx.execute(
                select(attempt_table).where(_a.payment_id.in_(signed)).order_by(_a.payment_id, _a.number.desc())
            )
        ).mappings():
            attempts.setdefault(row["payment_id"], []).append(row)
    return [_payment(row, attempts.get(row["id"], ())) for row in rows]


_NEVER_SIGNED = (PaymentStatus.REQUESTED, PaymentStatus.AWAITING_APPROVAL, PaymentStatus.AWAITING_SIGNATURE)


async def lock_payment(tx: Transaction, payment_id: UUID) -> PaymentStatus:
    """Hold the payment until the transaction ends; answers where it stands."""
    held = await tx.execute(select(_p.status).where(_p.id == payment_id).with_for_update())
    return PaymentStatus(held.scalar_one())


async def lock_unsigned(tx: Transaction, payments: Sequence[UUID]) -> set[UUID]:
    """Hold those that nobody has signed or ended, until the transaction ends."""
    return {row[0] for row in await tx.execute(_LOCK_UNSIGNED, {"payments": list(payments)})}


_LOCK_UNSIGNED = text(
    "SELECT id FROM payment WHERE id = ANY(:payments) AND status IN ('requested', 'awaiting_signature') "
    "ORDER BY id FOR UPDATE"
).bindparams(bindparam("payments", type_=ARRAY(Uuid)))


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


async def set_in_flight(tx: Transaction, payments: Sequence[tuple[UUID, int | None, int]]) -> None:
    """Payment, nonce and fee limit (base units)."""
    await tx.execute(
        _SET_IN_FLIGHT,
        {
            "payments": [payment_id for payment_id, _, _ in payments],
            "nonces": [nonce for _, nonce, _ in payments],
            "fees": [fee for _, _, fee in payments],
        },
    )


_SET_IN_FLIGHT = text(
    "UPDATE payment SET status = 'in_flight', nonce = s.nonce, fee_limit = s.fee, needs_holder = false, "
    "fee_blocked = false, updated_at = now() "
    "FROM unnest(:payments, :nonces, :fees) AS s (id, nonce, fee) WHERE payment.id = s.id"
).bindparams(
    bindparam("payments", type_=ARRAY(Uuid)),
    bindparam("nonces", type_=ARRAY(BigInteger)),
    bindparam("fees", type_=ARRAY(BaseUnits)),
)


async def adopt(
    tx: Transaction, payment: Payment, seen: SeenTransaction, *, kind: AttemptKind = "pay", number: int = 1
) -> None:
    """A payment that the database forgot to have signed gets its transaction back; its bytes are the chain's."""
    await tx.execute(
        insert(attempt_table).values(
            id=uuid4(),
            payment_id=payment.id,
            number=number,
            kind=kind,
            status=AttemptStatus.SENT,
            chain=str(payment.chain),
            tx_hash=seen.tx_hash,
            raw=seen.raw,
            nonce=seen.nonce,
        )
    )
    await _change(tx, payment.id, status=PaymentStatus.IN_FLIGHT, nonce=seen.nonce)


async def set_awaiting_approval(tx: Transaction, payments: Sequence[UUID]) -> None:
    """Nobody signs these until they are approved."""
    await tx.execute(
        update(payment_table)
        .where(_p.id.in_(payments))
        .values(status=PaymentStatus.AWAITING_APPROVAL, updated_at=func.now())
    )


async def set_approved(tx: Transaction, payment_id: UUID) -> None:
    """To be signed again, by whoever signs it."""
    await _change(
        tx,
        payment_id,
        status=case(
            (_p.signs == "service", PaymentStatus.REQUESTED.value), else_=PaymentStatus.AWAITING_SIGNATURE.value
        ),
    )


async def raise_fee_limit(tx: Transaction, payment_id: UUID, fee_limit: int) -> None:
    """A new attempt is out: what blocked the one before no longer counts."""
    await _change(tx, payment_id, fee_limit=fee_limit, needs_holder=False, fee_blocked=False)


async def set_flags(tx: Transaction, payment_id: UUID, *, fee_blocked: bool, needs_holder: bool) -> None:
    await _change(tx, payment_id, fee_blocked=fee_blocked, needs_holder=needs_holder)


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


async def end_done(tx: Transaction, payments: Sequence[UUID]) -> None:
    await tx.execute(
        update(payment_table)
        .where(_p.id.in_(payments))
        .values(
            status=PaymentStatus.DONE,
            fee_blocked=False,
            needs_holder=False,
            ended_at=func.now(),
            updated_at=func.now(),
        )
    )


async def reopen_payment(tx: Transaction, payment_id: UUID) -> None:
    """Back in flight, as on the day it was signed."""
    await _change(tx, payment_id, status=PaymentStatus.IN_FLIGHT, failure=None, ended_at=None)


async def count_by_status(tx: Transaction) -> Mapping[str, int]:
    rows = await tx.execute(select(_p.status, func.count()).group_by(_p.status))
    return {row[0]: row[1] for row in rows}


async def _change(tx: Transaction, payment_id: UUID, **values: Any) -> None:
    await tx.execute(update(payment_table).where(_p.id == payment_id).values(updated_at=func.now(), **values))


def _payment(row: Mapping[Any, Any], attempts: Sequence[Mapping[Any, Any]]) -> Payment:
    chain = ChainId.parse(row["chain"])
    native = Asset(AssetId.native(chain), row["fee_symbol"], row["fee_decimals"])
    failure = row["failure"]
    made = tuple(attempt_of_row(one, native) for one in attempts)
    shown = [one for one in made if one.landed] or [one for one in made if not one.reserve]
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
        attempt=shown[0] if shown else None,
        attempts=made,
        speed=Speed(row["speed"]),
        budgets=tuple(row["budgets"]),
        asked_by=row["asked_by"],
    )


def attempt_of_row(row: Mapping[Any, Any], native: Asset | None = None) -> Attempt:
    """`native` is needed for rows with a fee paid."""
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
        fee_paid=None if row["fee_paid"] is None or native is None else Amount(row["fee_paid"], native),
        signed_at=row["signed_at"],
        sent_at=row["sent_at"],
        kind=row["kind"],
        bid=None if row["price"] is None else Bid(row["price"], row["priority_fee"]),
        reserve=row["reserve"],
        refusals=row["refusals"],
    )
