"""Attempts in PostgreSQL: what is written of them after they were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from chains.ports import Receipt, SignedTransaction
from persistence.database import Transaction
from persistence.types import BaseUnits
from primitives.account_id import AccountId
from primitives.asset import Amount
from wallets.engine.model import AttemptKind, AttemptStatus, PaymentStatus
from wallets.engine.sql import attempt_table, payment_table

_p, _a = payment_table.c, attempt_table.c


async def hashes_of(tx: Transaction, account: AccountId) -> Sequence[tuple[UUID, str]]:
    """Payment and hash of every attempt of the account's payments in flight."""
    rows = await tx.execute(
        select(_p.id, _a.tx_hash)
        .join(attempt_table, _a.payment_id == _p.id)
        .where(_p.chain == str(account.chain), _p.sender == account.address, _p.status == PaymentStatus.IN_FLIGHT)
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """Signed bytes on their way into the table."""

    id: UUID
    payment_id: UUID
    number: int
    signed: SignedTransaction
    fee_limit: Amount
    kind: AttemptKind = "pay"
    reserve: bool = False


async def insert_attempts(tx: Transaction, attempts: Sequence[NewAttempt]) -> None:
    """Bytes, hash and nonce: in one commit with the payment's state and the lane's counter."""
    await tx.execute(
        insert(attempt_table),
        [
            {
                "id": one.id,
                "payment_id": one.payment_id,
                "number": one.number,
                "kind": one.kind,
                "status": AttemptStatus.SIGNED,
                "chain": str(one.signed.chain),
                "tx_hash": one.signed.tx_hash,
                "raw": one.signed.raw,
                "nonce": one.signed.nonce,
                "last_valid_height": one.signed.last_valid_height,
                "price": None if one.signed.bid is None else one.signed.bid.price,
                "priority_fee": None if one.signed.bid is None else one.signed.bid.priority_fee,
                "reserve": one.reserve,
            }
            for one in attempts
        ],
    )


async def mark_sent(tx: Transaction, attempts: Sequence[UUID]) -> None:
    """A node has the bytes."""
    await tx.execute(
        update(attempt_table)
        .where(_a.id.in_(attempts), _a.status.in_([AttemptStatus.SIGNED, AttemptStatus.SENT]))
        .values(
            status=AttemptStatus.SENT,
            broadcasts=_a.broadcasts + 1,
            refusals=0,
            last_error=None,
            sent_at=func.coalesce(_a.sent_at, func.now()),
            updated_at=func.now(),
        )
    )
    await tx.execute(
        update(payment_table)
        .where(
            _p.id.in_(select(_a.payment_id).where(_a.id.in_(attempts))),
            _p.fee_blocked,
            _p.status == PaymentStatus.IN_FLIGHT,
        )
        .values(fee_blocked=False, needs_holder=False, updated_at=func.now())
    )


async def note_refusal(tx: Transaction, attempt_id: UUID, error: str) -> None:
    await tx.execute(
        update(attempt_table)
        .where(_a.id == attempt_id)
        .values(last_error=error[:500], refusals=_a.refusals + 1, updated_at=func.now())
    )


async def release_reserve(tx: Transaction, attempt_id: UUID) -> None:
    """A replacement that was signed beforehand may go out now."""
    await tx.execute(update(attempt_table).where(_a.id == attempt_id).values(reserve=False, updated_at=func.now()))


async def mark_receipts(tx: Transaction, receipts: Sequence[tuple[UUID, Receipt, AttemptStatus]]) -> None:
    """What the chain did with these attempts."""
    if not receipts:
        return
    columns: dict[str, Any] = {
        "status": bindparam("b_status"),
        "height": bindparam("b_height"),
        "tx_index": bindparam("b_index"),
        "block_hash": bindparam("b_hash"),
        "block_time": bindparam("b_time"),
        "ok": bindparam("b_ok"),
        "reason": bindparam("b_reason"),
        "finality": bindparam("b_finality"),
        "fee_paid": bindparam("b_fee", type_=BaseUnits),
    }
    await tx.execute(
        update(attempt_table)
        .where(_a.id == bindparam("b_id"))
        .values(last_error=None, reserve=False, updated_at=func.now(), **columns),
        [
            {
                "b_id": attempt_id,
                "b_status": status.value,
                "b_height": receipt.height,
                "b_index": receipt.index,
                "b_hash": receipt.block_hash,
                "b_time": receipt.block_time,
                "b_ok": receipt.ok,
                "b_reason": receipt.reason,
                "b_finality": int(receipt.finality),
                "b_fee": receipt.fee_paid.base_units,
            }
            for attempt_id, receipt, status in receipts
        ],
    )


async def unmark_receipts(tx: Transaction, attempts: Sequence[UUID]) -> None:
    """A reorg took their blocks away: back to sent."""
    await tx.execute(
        update(attempt_table)
        .where(_a.id.in_(attempts))
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
            # Whatever pool it was in may have dropped it: it is handed over again at once.
            updated_at=func.now() - literal(timedelta(days=1)),
        )
    )


async def bury_attempts(tx: Transaction, payments: Sequence[UUID], *, but: Iterable[UUID] = ()) -> None:
    """These can never land any more."""
    await tx.execute(
        update(attempt_table)
        .where(_a.payment_id.in_(payments), _a.id.not_in(list(but)))
        .values(status=AttemptStatus.DEAD, updated_at=func.now())
    )


async def revive_attempts(tx: Transaction, payment_id: UUID) -> None:
    """What was final is not any more: every attempt may land again."""
    await unmark_receipts(tx, [row[0] for row in await tx.execute(select(_a.id).where(_a.payment_id == payment_id))])


async def attempts_by_status(tx: Transaction) -> Mapping[str, int]:
    rows = await tx.execute(select(_a.status, func.count()).group_by(_a.status))
    return {row[0]: row[1] for row in rows}


async def handed_over(tx: Transaction, payment_id: UUID) -> bool:
    """Whether a node has taken an attempt of the payment."""
    found = await tx.execute(select(_a.id).where(_a.payment_id == payment_id, _a.sent_at.is_not(None)).limit(1))
    return found.first() is not None
