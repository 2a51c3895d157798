"""Attempts in PostgreSQL: what is written of them after they were made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, bindparam, func, literal, select, text, update

from chains.ports import Receipt, SignedTransaction
from persistence.database import Transaction
from persistence.types import BaseUnits, BigInteger, LargeBinary, Text, Uuid
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
    bids = [one.signed.bid for one in attempts]
    await tx.execute(
        _INSERT_ATTEMPTS,
        {
            "id": [one.id for one in attempts],
            "payment_id": [one.payment_id for one in attempts],
            "number": [one.number for one in attempts],
            "kind": [one.kind for one in attempts],
            "chain": [str(one.signed.chain) for one in attempts],
            "tx_hash": [one.signed.tx_hash for one in attempts],
            "raw": [one.signed.raw for one in attempts],
            "nonce": [one.signed.nonce for one in attempts],
            "last_valid_height": [one.signed.last_valid_height for one in attempts],
            "price": [None if bid is None else bid.price for bid in bids],
            "priority_fee": [None if bid is None else bid.priority_fee for bid in bids],
            "reserve": [one.reserve for one in attempts],
        },
    )


_NEW_ATTEMPT = {
    "id": Uuid,
    "payment_id": Uuid,
    "number": Integer,
    "kind": Text,
    "chain": Text,
    "tx_hash": Text,
    "raw": LargeBinary,
    "nonce": BigInteger,
    "last_valid_height": BigInteger,
    "price": BaseUnits,
    "priority_fee": BaseUnits,
    "reserve": Boolean,
}
_INSERT_ATTEMPTS = text(
    f"INSERT INTO payment_attempt (status, {', '.join(_NEW_ATTEMPT)}) "  # noqa: S608 - made of constants
    f"SELECT 'signed', {', '.join(_NEW_ATTEMPT)} "
    f"FROM unnest({', '.join(':' + name for name in _NEW_ATTEMPT)}) AS n ({', '.join(_NEW_ATTEMPT)})"
).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _NEW_ATTEMPT.items()))


async def mark_sent(tx: Transaction, attempts: Sequence[UUID]) -> None:
    """A node has the bytes."""
    await tx.execute(_MARK_SENT, {"attempts": list(attempts)})


# Rows are locked in the order of their ids, as in `_MARK_RECEIPTS`: two who write the same never wait in a circle.
_MARK_SENT = text(
    """
    WITH held AS (
        SELECT id, payment_id FROM payment_attempt
        WHERE id = ANY(:attempts) AND status IN ('signed', 'sent') ORDER BY id FOR UPDATE
    ), sent AS (
        UPDATE payment_attempt AS a
        SET status = 'sent', broadcasts = a.broadcasts + 1, refusals = 0, last_error = NULL,
            sent_at = coalesce(a.sent_at, now()), updated_at = now()
        FROM held WHERE a.id = held.id
    )
    UPDATE payment SET fee_blocked = false, needs_holder = false, updated_at = now()
    FROM held WHERE payment.id = held.payment_id AND payment.fee_blocked AND payment.status = 'in_flight'
    """
).bindparams(bindparam("attempts", type_=ARRAY(Uuid)))


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
    ordered = sorted(receipts, key=lambda one: one[0])
    found = [receipt for _, receipt, _ in ordered]
    await tx.execute(
        _MARK_RECEIPTS,
        {
            "id": [attempt_id for attempt_id, _, _ in ordered],
            "status": [status.value for _, _, status in ordered],
            "height": [one.height for one in found],
            "tx_index": [one.index for one in found],
            "block_hash": [one.block_hash for one in found],
            "block_time": [one.block_time for one in found],
            "ok": [one.ok for one in found],
            "reason": [one.reason for one in found],
            "finality": [int(one.finality) for one in found],
            "fee_paid": [one.fee_paid.base_units for one in found],
        },
    )


_RECEIPT = {
    "id": Uuid,
    "status": Text,
    "height": BigInteger,
    "tx_index": Integer,
    "block_hash": LargeBinary,
    "block_time": BigInteger,
    "ok": Boolean,
    "reason": Text,
    "finality": Integer,
    "fee_paid": BaseUnits,
}
_MARK_RECEIPTS = text(
    "WITH held AS (SELECT id FROM payment_attempt WHERE id = ANY(:id) ORDER BY id FOR UPDATE) "  # noqa: S608 - constants
    "UPDATE payment_attempt AS a SET last_error = NULL, reserve = false, updated_at = now(), "
    f"{', '.join(f'{name} = r.{name}' for name in _RECEIPT if name != 'id')} "
    f"FROM held JOIN unnest({', '.join(':' + name for name in _RECEIPT)}) AS r ({', '.join(_RECEIPT)}) "
    "ON r.id = held.id WHERE a.id = held.id"
).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _RECEIPT.items()))


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
