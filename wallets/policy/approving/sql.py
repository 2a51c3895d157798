"""Requests for approval and what was said, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, Table, Uuid, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from people.organisations.sql import membership_table, organisation_table
from people.persons.sql import person_table
from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.sql import payment_table
from wallets.policy.commitment import Commitment
from wallets.policy.judge import Word
from wallets.policy.model import ApprovalRequest

request_table = Table(
    "approval_request",
    metadata,
    Column("payment_id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("needs", JSONB, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
    Column("commitment", JSONB(none_as_null=True)),
)

word_table = Table(
    "approval_word",
    metadata,
    Column("payment_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload_hash", LargeBinary, nullable=False),
    Column("at", Timestamp, nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("payment_id", "person_id", "kind", name="pk_approval_word"),
    CheckConstraint("kind IN ('approval', 'second_factor')", name="kind"),
)

_p, _q, _w = payment_table.c, request_table.c, word_table.c

WordKind = Literal["approval", "second_factor"]
MOST_LISTED = 200


async def put_request(
    tx: Transaction,
    subject: Payment | Commitment,
    payload_hash: bytes,
    needs: Sequence[Mapping[str, Any]],
    expires_at: datetime,
) -> None:
    """Ask; a payment that is asked for again is asked with its newest needs."""
    statement = insert(request_table).values(
        payment_id=subject.id,
        tenant_id=subject.tenant_id,
        payload_hash=payload_hash,
        needs=[dict(one) for one in needs],
        expires_at=expires_at,
        commitment=subject.to_json() if isinstance(subject, Commitment) else None,
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["payment_id"],
            set_={name: statement.excluded[name] for name in ("payload_hash", "needs", "expires_at")},
        )
    )


async def request_of(tx: Transaction, payment_id: UUID) -> ApprovalRequest | None:
    row = (await tx.execute(select(request_table).where(_q.payment_id == payment_id))).mappings().first()
    return None if row is None else (await _with_words(tx, [row]))[0]


async def lock_request(tx: Transaction, subject_id: UUID) -> None:
    """Hold it, and its payment if it is one, until the transaction ends: two words are heard one after the other."""
    await tx.execute(select(_p.id).where(_p.id == subject_id).with_for_update())
    await tx.execute(select(_q.payment_id).where(_q.payment_id == subject_id).with_for_update())


async def requests_for(tx: Transaction, person_id: UUID, tenants: Collection[UUID]) -> Sequence[ApprovalRequest]:
    """What still waits: for this person's approval, or of these tenants' own; oldest first."""
    asked = _q.needs.contains([{"facts": {"approvers": [str(person_id)]}}])
    rows = await tx.execute(
        select(request_table)
        .outerjoin(payment_table, _p.id == _q.payment_id)
        .where(
            or_(asked, _q.tenant_id.in_(list(tenants))),
            or_(_q.commitment.is_not(None), _p.status == PaymentStatus.AWAITING_APPROVAL),
            _q.expires_at > func.now(),
        )
        .order_by(_q.created_at, _q.payment_id)
        .limit(MOST_LISTED)
    )
    return await _with_words(tx, rows.mappings().all())


async def _with_words(tx: Transaction, rows: Sequence[Mapping[Any, Any]]) -> list[ApprovalRequest]:
    said: dict[UUID, list[UUID]] = {}
    if rows:
        words = select(word_table).where(_w.payment_id.in_([row["payment_id"] for row in rows])).order_by(_w.at)
        for word in await tx.execute(words):
            if word.kind == "approval":
                said.setdefault(word.payment_id, []).append(word.person_id)
    return [
        ApprovalRequest(
            payment_id=row["payment_id"],
            tenant_id=row["tenant_id"],
            payload_hash=row["payload_hash"],
            needs=row["needs"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            words=tuple(said.get(row["payment_id"], ())),
            commitment=row["commitment"],
        )
        for row in rows
    ]


async def put_word(tx: Transaction, payment_id: UUID, person_id: UUID, kind: WordKind, payload_hash: bytes) -> None:
    """Said again, it counts from now."""
    statement = insert(word_table).values(
        payment_id=payment_id, person_id=person_id, kind=kind, payload_hash=payload_hash
    )
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["payment_id", "person_id", "kind"],
            set_={"payload_hash": statement.excluded.payload_hash, "at": func.now()},
        )
    )


async def end_request(tx: Transaction, subject_id: UUID) -> None:
    """Nobody waits for words about this any more."""
    await tx.execute(
        update(request_table)
        .where(_q.payment_id == subject_id, _q.expires_at > func.now())
        .values(expires_at=func.now())
    )


async def forget_words(tx: Transaction, subject_id: UUID) -> None:
    """Whatever was said of it counts no longer."""
    await tx.execute(delete(word_table).where(_w.payment_id == subject_id))


async def words_of(
    tx: Transaction, subject_id: UUID, tenant_id: UUID, payload_hash: bytes
) -> tuple[Sequence[Word], datetime | None]:
    """Approvals of exactly this by persons who may still approve for its owner, and when its payer proved a factor."""
    rows = (
        await tx.execute(select(word_table).where(_w.payment_id == subject_id, _w.payload_hash == payload_hash))
    ).all()
    standing = await standing_approvers(tx, tenant_id, {row.person_id for row in rows})
    approvals = [Word(row.person_id, row.at) for row in rows if row.kind == "approval" and row.person_id in standing]
    may_prove = {tenant_id, *standing} if await is_organisation(tx, tenant_id) else {tenant_id}
    proofs = [row.at for row in rows if row.kind == "second_factor" and row.person_id in may_prove]
    return approvals, max(proofs, default=None)


async def is_organisation(tx: Transaction, tenant_id: UUID) -> bool:
    found = await tx.execute(select(organisation_table.c.id).where(organisation_table.c.id == tenant_id))
    return found.first() is not None


async def standing_approvers(tx: Transaction, tenant_id: UUID, persons: Collection[UUID]) -> frozenset[UUID]:
    """Those of the persons who may approve now: for an organisation its owners and managers, for a person anybody who
    still has an account."""
    if not persons:
        return frozenset()
    if await is_organisation(tx, tenant_id):
        c = membership_table.c
        rows = await tx.execute(
            select(c.person_id).where(
                c.tenant_id == tenant_id, c.person_id.in_(list(persons)), c.role.in_(("owner", "manager"))
            )
        )
    else:
        person = person_table.c
        rows = await tx.execute(select(person.id).where(person.id.in_(list(persons)), person.erased_at.is_(None)))
    return frozenset(row[0] for row in rows)
