"""Rows of alerts, overrides and habits, and what is known of an account when it is about to pay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Interval,
    Row,
    Table,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from wallets.risk.model import Alert, Finding, NewAlert, Override, Source, Verdict

alert_table = Table(
    "risk_alert",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("account", Text),
    Column("score", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("acknowledged_at", Timestamp),
    Column("acknowledged_by", Uuid),
    CheckConstraint("source IN ('payment', 'signature', 'vouchers')", name="source"),
    CheckConstraint("verdict IN ('alert', 'blocked', 'frozen')", name="verdict"),
    CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged"),
    Index("uq_risk_alert_subject", "tenant_id", "source", "subject", unique=True),
    Index("ix_risk_alert_tenant_id", "tenant_id", "created_at", "id"),
)

override_table = Table(
    "risk_override",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("alert_id", Uuid, ForeignKey("risk_alert.id")),
    Column("how", Text, nullable=False),
    Column("rules", ARRAY(Text), nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("subject", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("by", Uuid, nullable=False),
    Column("reason", Text),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    CheckConstraint("how IN ('accepted', 'overridden')", name="how"),
    CheckConstraint("how = 'accepted' OR (reason IS NOT NULL AND alert_id IS NOT NULL)", name="reason"),
    Index("ix_risk_override_digest", "tenant_id", "digest"),
    Index("ix_risk_override_subject", "tenant_id", "subject"),
)

habit_table = Table(
    "risk_habit",
    metadata,
    Column("account", Text, primary_key=True),
    Column("asset", Text, primary_key=True),
    Column("payments", BigInteger, nullable=False),
    Column("largest", BaseUnits, nullable=False),
)

decision_table = Table(
    "risk_decision",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("source", Text, nullable=False),
    Column("score", Integer, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("first_recipient", Integer, nullable=False),
    Column("decided_at", Timestamp, nullable=False, server_default=func.now()),
    Index("ix_risk_decision_tenant_id", "tenant_id", "decided_at"),
)
"""Every payment and signature of a person for which a rule held, with its score and reasons."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables tell of one payment. `spoken_of`: somebody has accepted or overridden something (`said_of`)."""

    paid_before: bool
    touched: bool
    recent: int
    recent_new: int
    payments: int
    largest: int
    spoken_of: bool


@dataclass(frozen=True, slots=True)
class Question:
    """About whom. `recipient` and `asset` are those of a transfer; `digest`: 32 bytes of the act."""

    payment_id: UUID
    tenant_id: UUID
    account: AccountId
    created_at: datetime
    recipient: bytes | None
    asset: str | None
    digest: bytes


_KNOWN = text(
    """
    SELECT q.place,
      EXISTS (SELECT 1 FROM paid_address AS p
        WHERE p.account = q.account AND p.recipient = q.recipient AND p.since < q.created_at) AS paid_before,
      EXISTS (SELECT 1 FROM zero_contact AS z WHERE z.account = q.account AND z.address = q.recipient) AS touched,
      (SELECT count(*) FROM payment AS o WHERE o.tenant_id = q.tenant_id AND o.created_at > q.created_at - :span
        AND o.created_at <= q.created_at AND o.signs = 'person' AND o.id <> q.payment_id) AS recent,
      (SELECT coalesce(sum(d.first_recipient), 0) FROM risk_decision AS d WHERE d.tenant_id = q.tenant_id
        AND d.decided_at > q.created_at - :span AND d.id <> q.payment_id) AS recent_new,
      EXISTS (SELECT 1 FROM risk_override AS r WHERE r.tenant_id = q.tenant_id
        AND (r.subject = q.payment_id::text OR r.digest = q.digest)) AS spoken_of,
      h.payments, h.largest
    FROM unnest(:payments, :tenants, :accounts, :moments, :recipients, :assets, :digests) WITH ORDINALITY
      AS q (payment_id, tenant_id, account, created_at, recipient, asset, digest, place)
    LEFT JOIN risk_habit AS h ON h.account = q.account AND h.asset = q.asset
    ORDER BY q.place
    """
).bindparams(
    bindparam("payments", type_=ARRAY(Uuid)),
    bindparam("tenants", type_=ARRAY(Uuid)),
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("moments", type_=ARRAY(Timestamp)),
    bindparam("recipients", type_=ARRAY(LargeBinary)),
    bindparam("assets", type_=ARRAY(Text)),
    bindparam("digests", type_=ARRAY(LargeBinary)),
    bindparam("span", type_=Interval),
)


async def known(tx: Transaction, questions: Sequence[Question], span: timedelta) -> list[Known]:
    """One statement for all of them. `span`: how far back is recent."""
    rows = await tx.execute(
        _KNOWN,
        {
            "payments": [one.payment_id for one in questions],
            "tenants": [one.tenant_id for one in questions],
            "accounts": [str(one.account) for one in questions],
            "moments": [one.created_at for one in questions],
            "recipients": [one.recipient for one in questions],
            "assets": [one.asset for one in questions],
            "digests": [one.digest for one in questions],
            "span": span,
        },
    )
    return [
        Known(
            paid_before=row.paid_before,
            touched=row.touched,
            recent=row.recent,
            recent_new=int(row.recent_new),
            payments=row.payments or 0,
            largest=int(row.largest or 0),
            spoken_of=row.spoken_of,
        )
        for row in rows
    ]


async def add_habits(tx: Transaction, paid: Mapping[tuple[str, str], Sequence[int]]) -> None:
    """Amounts that were signed for, by account and asset."""
    if not paid:
        return
    rows = [
        {"account": account, "asset": asset, "payments": len(amounts), "largest": max(amounts)}
        for (account, asset), amounts in sorted(paid.items())
    ]
    statement = upsert(habit_table).values(rows)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "asset"],
            set_={
                "payments": habit_table.c.payments + statement.excluded.payments,
                "largest": func.greatest(habit_table.c.largest, statement.excluded.largest),
            },
        )
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """`id`: of the payment or request."""

    id: UUID
    tenant_id: UUID
    source: Source
    score: int
    verdict: Verdict
    findings: Sequence[Finding]


async def put_decisions(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """A payment that is asked about again keeps its newest answer."""
    if not decisions:
        return
    statement = upsert(decision_table).values(
        [
            {
                "id": one.id,
                "tenant_id": one.tenant_id,
                "source": one.source.value,
                "score": one.score,
                "verdict": one.verdict.value,
                "findings": [finding.to_json() for finding in one.findings],
                "first_recipient": int(any(finding.rule == "recipient.first" for finding in one.findings)),
            }
            for one in decisions
        ]
    )
    changed = {name: statement.excluded[name] for name in ("score", "verdict", "findings", "first_recipient")}
    await tx.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))


async def decision_of(tx: Transaction, tenants: Collection[UUID], subject: UUID) -> Decision | None:
    row = (
        await tx.execute(
            select(decision_table).where(decision_table.c.id == subject, decision_table.c.tenant_id.in_(list(tenants)))
        )
    ).first()
    if row is None:
        return None
    findings = tuple(Finding.from_json(one) for one in row.findings)
    return Decision(row.id, row.tenant_id, Source(row.source), row.score, Verdict(row.verdict), findings)


async def put_alert(tx: Transaction, alert_id: UUID, alert: NewAlert, now: datetime) -> tuple[UUID, bool]:
    """Store it; where there is one for its subject already, keep that one with the weightier score. Its id, and whether
    it is new or has become weightier."""
    statement = upsert(alert_table).values(
        id=alert_id,
        tenant_id=alert.tenant_id,
        source=alert.source.value,
        subject=alert.subject,
        digest=alert.digest,
        account=None if alert.account is None else str(alert.account),
        score=alert.assessment.score,
        verdict=alert.verdict.value,
        findings=[one.to_json() for one in alert.assessment.findings],
        created_at=now,
    )
    taken = statement.on_conflict_do_update(
        index_elements=["tenant_id", "source", "subject"],
        set_={
            "score": statement.excluded.score,
            "verdict": statement.excluded.verdict,
            "findings": statement.excluded.findings,
            "acknowledged_at": None,
            "acknowledged_by": None,
        },
        where=alert_table.c.score < statement.excluded.score,
    ).returning(alert_table.c.id)
    row = (await tx.execute(taken)).first()
    if row is not None:
        return row.id, True
    same = select(alert_table.c.id).where(
        alert_table.c.tenant_id == alert.tenant_id,
        alert_table.c.source == alert.source.value,
        alert_table.c.subject == alert.subject,
    )
    return (await tx.execute(same)).scalar_one(), False


async def alert_by_id(tx: Transaction, tenants: Collection[UUID], alert_id: UUID) -> Alert | None:
    statement = select(alert_table).where(alert_table.c.id == alert_id, alert_table.c.tenant_id.in_(list(tenants)))
    row = (await tx.execute(statement)).first()
    return None if row is None else (await _with_overrides(tx, [row]))[0]


async def alerts_of(
    tx: Transaction,
    tenants: Collection[UUID],
    *,
    unread: bool,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Alert]:
    """Newest first; `unread`: only those that nobody has acknowledged."""
    statement = select(alert_table).where(alert_table.c.tenant_id.in_(list(tenants)))
    if unread:
        statement = statement.where(alert_table.c.acknowledged_at.is_(None))
    if before is not None:
        statement = statement.where(tuple_(alert_table.c.created_at, alert_table.c.id) < tuple_(*before))
    statement = statement.order_by(alert_table.c.created_at.desc(), alert_table.c.id.desc()).limit(limit)
    return await _with_overrides(tx, list(await tx.execute(statement)))


async def acknowledge(tx: Transaction, alert_id: UUID, by: UUID, now: datetime) -> None:
    """The first one who has read it stays."""
    await tx.execute(
        update(alert_table)
        .where(alert_table.c.id == alert_id, alert_table.c.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_by=by)
    )


async def add_override(
    tx: Transaction, override: Override, digest: bytes, findings: Sequence[Finding], alert_id: UUID | None
) -> None:
    await tx.execute(
        insert(override_table).values(
            id=override.id,
            tenant_id=override.tenant_id,
            alert_id=alert_id,
            how=override.how,
            rules=list(override.rules),
            findings=[one.to_json() for one in findings],
            subject=override.subject,
            digest=digest,
            by=override.by,
            reason=override.reason,
            created_at=override.created_at,
            expires_at=override.expires_at,
        )
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody has said of a payment before it is signed: findings accepted by their warnings' codes, and rules
    that are silenced for equal acts."""

    findings: tuple[Finding, ...]
    overridden: frozenset[str]


NOTHING_SAID = Said((), frozenset())


async def said_of(
    tx: Transaction, acts: Sequence[tuple[UUID, str, bytes]], now: datetime
) -> Mapping[tuple[UUID, str, bytes], Said]:
    """By tenant, subject and digest."""
    table = override_table
    rows = list(
        await tx.execute(
            select(table).where(
                table.c.tenant_id.in_(list({tenant_id for tenant_id, _, _ in acts})),
                or_(
                    table.c.subject.in_([subject for _, subject, _ in acts]) & (table.c.how == "accepted"),
                    table.c.digest.in_([digest for _, _, digest in acts]) & (table.c.expires_at > now),
                ),
            )
        )
    )
    found = {}
    for act in acts:
        tenant_id, subject, digest = act
        own = [row for row in rows if row.tenant_id == tenant_id]
        accepted = [row for row in own if row.how == "accepted" and row.subject == subject]
        silenced = [row for row in own if row.how == "overridden" and row.digest == digest]
        found[act] = Said(
            tuple(Finding.from_json(one) for row in accepted for one in row.findings),
            frozenset(rule for row in silenced for rule in row.rules),
        )
    return found


async def _with_overrides(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Alert]:
    if not rows:
        return []
    table = override_table
    mine = or_(
        table.c.alert_id.in_([row.id for row in rows]),
        table.c.subject.in_([row.subject for row in rows]) & (table.c.how == "accepted"),
    )
    tenants = table.c.tenant_id.in_(list({row.tenant_id for row in rows}))
    said = list(await tx.execute(select(table).where(tenants, mine).order_by(table.c.created_at, table.c.id)))
    return [_alert(row, [one for one in said if one.alert_id == row.id or one.subject == row.subject]) for row in rows]


def _alert(row: Row[Any], said: Sequence[Row[Any]]) -> Alert:
    return Alert(
        id=row.id,
        tenant_id=row.tenant_id,
        source=Source(row.source),
        subject=row.subject,
        digest=row.digest,
        account=None if row.account is None else AccountId.parse(row.account),
        score=row.score,
        verdict=Verdict(row.verdict),
        findings=tuple(Finding.from_json(one) for one in row.findings),
        created_at=row.created_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        overrides=tuple(
            Override(
                id=one.id,
                tenant_id=one.tenant_id,
                rules=tuple(one.rules),
                by=one.by,
                how=one.how,
                reason=one.reason,
                subject=one.subject,
                created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in said
            if one.tenant_id == row.tenant_id
        ),
    )
