"""Versions of rules, decisions and approvals in PostgreSQL, and what limits hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Uuid,
    and_,
    bindparam,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, Text, Timestamp
from primitives.account_id import AccountId
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.reservations.sql import reservation_table
from wallets.engine.sql import payment_table, payments_where
from wallets.policy.document import document_to_json, parse_document
from wallets.policy.model import Decision, Version
from wallets.policy.rules import Document, Outcome

version_table = Table(
    "policy_version",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("loosens", JSONB, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("effective_at", Timestamp, nullable=False),
    Column("approved_by", Uuid),
    Column("withdrawn_at", Timestamp),
    Index("ix_policy_version_tenant_id_created_at", "tenant_id", "created_at"),
)

decision_table = Table(
    "policy_decision",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("payment_id", Uuid, ForeignKey("payment.id")),
    Column("subject", JSONB(none_as_null=True)),
    Column("act", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("leaving", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("policy_id", Uuid, ForeignKey("policy_version.id")),
    Column("risk", Integer),
    Column("decided_at", Timestamp, nullable=False, server_default=func.now()),
    CheckConstraint("outcome IN ('allow', 'second_factor', 'approval', 'deny')", name="outcome"),
    CheckConstraint("(payment_id IS NULL) <> (subject IS NULL)", name="subject"),
    Index("ix_policy_decision_tenant_id_decided_at_id", "tenant_id", "decided_at", "id"),
)

recipient_table = Table(
    "policy_recipient",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("known_since", Timestamp, nullable=False, server_default=func.now()),
)

_v, _d, _k = version_table.c, decision_table.c, recipient_table.c
_r, _p = reservation_table.c, payment_table.c


async def moment(tx: Transaction) -> datetime:
    """When the transaction began."""
    return (await tx.execute(select(func.now()))).scalar_one()


# ------------------------------------------------------------------------------------------------------------ versions


async def current_versions(tx: Transaction, tenants: Collection[UUID]) -> tuple[Mapping[UUID, Version], datetime]:
    """The version that counts at this very moment of each tenant that has one, and when the transaction began: rules
    that were saved while it waited for a lock count already."""
    rows = (await tx.execute(_CURRENT, {"tenants": list(tenants)})).mappings().all()
    now = rows[0]["now"]
    return {row["tenant_id"]: _version(row) for row in rows if row["id"] is not None}, now


_CURRENT = (
    text(
        "SELECT now() AS now, v.* FROM (SELECT 1) AS one LEFT JOIN LATERAL ("
        "SELECT DISTINCT ON (tenant_id) * FROM policy_version "
        "WHERE tenant_id = ANY(:tenants) AND effective_at <= statement_timestamp() AND withdrawn_at IS NULL "
        "ORDER BY tenant_id, created_at DESC, id) AS v ON true"
    )
    .bindparams(bindparam("tenants", type_=ARRAY(Uuid)))
    .columns(
        now=Timestamp,
        id=Uuid,
        tenant_id=Uuid,
        document=JSONB,
        loosens=JSONB,
        created_by=Uuid,
        created_at=Timestamp,
        effective_at=Timestamp,
        approved_by=Uuid,
    )
)


async def waiting_version(tx: Transaction, tenant_id: UUID, *, lock: bool = False) -> Version | None:
    """The loosening whose time has not come."""
    statement = select(version_table).where(
        _v.tenant_id == tenant_id, _v.effective_at > func.now(), _v.withdrawn_at.is_(None)
    )
    row = (await tx.execute(statement.with_for_update() if lock else statement)).mappings().first()
    return None if row is None else _version(row)


async def insert_version(
    tx: Transaction, tenant_id: UUID, document: Document, by: UUID, effective_at: datetime, loosens: Sequence[str]
) -> UUID:
    """A version; whatever waited until now was meant for other rules, and is withdrawn."""
    await withdraw_waiting(tx, tenant_id)
    version_id = uuid4()
    await tx.execute(
        insert(version_table).values(
            id=version_id,
            tenant_id=tenant_id,
            document=document_to_json(document),
            loosens=list(loosens),
            created_by=by,
            created_at=func.clock_timestamp(),
            effective_at=effective_at,
        )
    )
    return version_id


async def withdraw_waiting(tx: Transaction, tenant_id: UUID) -> bool:
    """Whether there was one."""
    done = await tx.execute(
        update(version_table)
        .where(_v.tenant_id == tenant_id, _v.effective_at > func.now(), _v.withdrawn_at.is_(None))
        .values(withdrawn_at=func.now())
        .returning(_v.id)
    )
    return done.first() is not None


async def approve_version(tx: Transaction, version_id: UUID, by: UUID) -> None:
    """It counts from now on."""
    await tx.execute(update(version_table).where(_v.id == version_id).values(effective_at=func.now(), approved_by=by))


def _version(row: Mapping[Any, Any]) -> Version:
    return Version(
        id=row["id"],
        tenant_id=row["tenant_id"],
        document=parse_document(row["document"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
        effective_at=row["effective_at"],
        loosens=tuple(row["loosens"]),
        approved_by=row["approved_by"],
    )


# -------------------------------------------------------------------------------------------------------------- limits


async def used(
    tx: Transaction,
    scope: str,
    *,
    since: datetime,
    assets: Collection[str] = (),
    chains: Collection[str] = (),
    without: Collection[UUID] = (),
) -> int:
    """What is held under a scope, or was settled since: in one asset, or on some chains.

    A payment counts from its signature until the window has passed since it was final, so that the sum of what is
    signed within a window never passes a limit.
    """
    row = await tx.execute(
        _USED,
        {
            "scope": scope,
            "since": since,
            "assets": list(assets),
            "chains": list(chains),
            "without": list(without),
        },
    )
    return int(row.scalar_one())


# Lists as single parameters: a statement whose text changes with their lengths is prepared anew each time.
_USED = text(
    """
    SELECT coalesce(sum(CASE WHEN state = 'held' THEN amount ELSE coalesce(settled, 0) END), 0)
    FROM payment_reservation
    WHERE scope = :scope AND (state = 'held' OR closed_at >= :since)
        AND (cardinality(:assets) = 0 OR asset = ANY(:assets))
        AND (cardinality(:chains) = 0 OR split_part(asset, '/', 1) = ANY(:chains))
        AND payment_id <> ALL(:without)
    """
).bindparams(
    bindparam("scope", type_=Text),
    bindparam("since", type_=Timestamp),
    bindparam("assets", type_=ARRAY(Text)),
    bindparam("chains", type_=ARRAY(Text)),
    bindparam("without", type_=ARRAY(Uuid)),
)


# ---------------------------------------------------------------------------------------------------------- recipients


async def known_since(
    tx: Transaction, wanted: Collection[tuple[UUID, AccountId]]
) -> Mapping[tuple[UUID, AccountId], datetime]:
    """Since when each tenant has meant to pay a recipient; for a new one that is now, from now on."""
    if not wanted:
        return {}
    # In one order: two never wait for each other.
    pairs = sorted((tenant, str(recipient)) for tenant, recipient in wanted)
    asked = {"tenants": [tenant for tenant, _ in pairs], "recipients": [recipient for _, recipient in pairs]}
    found = {(row[0], row[1]): row[2] for row in await tx.execute(_KNOW, asked)}
    if len(found) < len(wanted):
        # Somebody else came to know one of them at this very moment: the statement above saw no such row.
        found |= {(row[0], row[1]): row[2] for row in await tx.execute(_KNOWN, asked)}
    return {(tenant, recipient): found[tenant, str(recipient)] for tenant, recipient in wanted}


_KNOWN_SINCE: Mapping[str, Any] = {"tenant_id": Uuid, "recipient": Text, "known_since": Timestamp}
_PAIRS = (bindparam("tenants", type_=ARRAY(Uuid)), bindparam("recipients", type_=ARRAY(Text)))
_KNOWN = (
    text(
        """
    SELECT tenant_id, recipient, known_since
    FROM unnest(:tenants, :recipients) AS q (tenant_id, recipient) JOIN policy_recipient USING (tenant_id, recipient)
    """
    )
    .bindparams(*_PAIRS)
    .columns(**_KNOWN_SINCE)
)
_KNOW = (
    text(
        """
    WITH q AS MATERIALIZED (
        SELECT * FROM unnest(:tenants, :recipients) WITH ORDINALITY AS q (tenant_id, recipient, place)
    ), new AS (
        INSERT INTO policy_recipient (tenant_id, recipient) SELECT tenant_id, recipient FROM q ORDER BY place
        ON CONFLICT DO NOTHING RETURNING tenant_id, recipient, known_since
    )
    SELECT tenant_id, recipient, known_since FROM new
    UNION ALL
    SELECT tenant_id, recipient, known_since FROM q JOIN policy_recipient USING (tenant_id, recipient)
    """
    )
    .bindparams(*_PAIRS)
    .columns(**_KNOWN_SINCE)
)


async def remember_recipients(tx: Transaction, tenant_id: UUID, known: Mapping[AccountId, datetime]) -> None:
    """Recipients of earlier payments, for a rule that begins to ask how long they are known."""
    if known:
        rows = [
            {"tenant_id": tenant_id, "recipient": str(recipient), "known_since": since}
            for recipient, since in known.items()
        ]
        statement = insert(recipient_table).values(rows)
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant_id", "recipient"],
                set_={"known_since": func.least(_k.known_since, statement.excluded.known_since)},
            )
        )


# ----------------------------------------------------------------------------------------------------------- decisions


async def insert_decisions(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """One statement, whatever their number: `leaving` and `reasons` are plain JSON."""
    if rows:
        columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in _NEW_DECISION if name != "id"}
        for name in _AS_JSON:
            columns[name] = [None if one is None else orjson.dumps(one).decode() for one in columns[name]]
        await tx.execute(_INSERT_DECISIONS, {"id": [uuid4() for _ in rows], **columns})


_NEW_DECISION = {
    "id": Uuid,
    "tenant_id": Uuid,
    "payment_id": Uuid,
    "subject": Text,
    "act": Text,
    "account": Text,
    "outcome": Text,
    "leaving": Text,
    "reasons": Text,
    "policy_id": Uuid,
    "risk": Integer,
}
_AS_JSON = ("subject", "leaving", "reasons")
_INSERT_DECISIONS = text(
    f"INSERT INTO policy_decision ({', '.join(_NEW_DECISION)}) "  # noqa: S608 - made of constants
    f"SELECT {', '.join(name + '::jsonb' if name in _AS_JSON else name for name in _NEW_DECISION)} "
    f"FROM unnest({', '.join(':' + name for name in _NEW_DECISION)}) AS d ({', '.join(_NEW_DECISION)})"
).bindparams(*(bindparam(name, type_=ARRAY(kind)) for name, kind in _NEW_DECISION.items()))


async def decisions_of(
    tx: Transaction,
    tenant_id: UUID,
    *,
    outcome: Outcome | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> Sequence[Decision]:
    """Newest first."""
    condition = _d.tenant_id == tenant_id
    if outcome is not None:
        condition = and_(condition, _d.outcome == outcome.value)
    if before is not None:
        condition = and_(condition, tuple_(_d.decided_at, _d.id) < tuple_(*before))
    rows = await tx.execute(
        select(decision_table).where(condition).order_by(_d.decided_at.desc(), _d.id.desc()).limit(limit)
    )
    return [
        Decision(
            id=row.id,
            tenant_id=row.tenant_id,
            payment_id=row.payment_id,
            subject=row.subject,
            act=row.act,
            account=row.account,
            outcome=Outcome(row.outcome),
            leaving=row.leaving,
            reasons=row.reasons,
            policy_id=row.policy_id,
            risk=row.risk,
            decided_at=row.decided_at,
        )
        for row in rows
    ]


async def past_payments(tx: Transaction, tenant_id: UUID, since: datetime, limit: int) -> Sequence[Payment]:
    """Payments that were signed, oldest first; of more than `limit` the newest."""
    signed = (PaymentStatus.IN_FLIGHT, PaymentStatus.DONE)
    condition = and_(_p.tenant_id == tenant_id, _p.created_at >= since, _p.status.in_(signed))
    return list(reversed(await payments_where(tx, condition, limit=limit)))


async def forget_person(tx: Transaction, tenant_id: UUID) -> None:
    """Whom an erased person paid and listed; the decisions about payments stay, as the payments do."""
    await tx.execute(recipient_table.delete().where(_k.tenant_id == tenant_id))
    await tx.execute(
        update(version_table)
        .where(_v.tenant_id == tenant_id)
        .values(document={"zone": "UTC", "rules": []}, loosens=[], withdrawn_at=func.now())
    )
