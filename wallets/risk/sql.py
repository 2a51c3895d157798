"""Rows of alerts, decisions, overrides and habits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
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

from persistence.database import Transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Text, Timestamp, Uuid
from persistence.words import Words, words_column, words_in
from primitives.account_id import AccountId
from wallets.risk.model import Alert, Finding, NewAlert, Override, Source, Verdict, is_first_payment

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
    words_column("reason"),
    Column("created_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),
    CheckConstraint("how IN ('accepted', 'overridden')", name="how"),
    CheckConstraint("how = 'accepted' OR alert_id IS NOT NULL", name="alert"),
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


async def add_habits(tx: Transaction, paid: Mapping[tuple[str, str], Sequence[int]]) -> None:
    """Amounts that were signed for, by account and asset."""
    if not paid:
        return
    # In one order: two never wait for each other.
    ordered = sorted(paid.items())
    await tx.execute(
        _ADD_HABITS,
        {
            "accounts": [account for (account, _), _ in ordered],
            "assets": [asset for (_, asset), _ in ordered],
            "payments": [len(amounts) for _, amounts in ordered],
            "largest": [max(amounts) for _, amounts in ordered],
        },
    )


_ADD_HABITS = text(
    """
    INSERT INTO risk_habit AS known (account, asset, payments, largest)
    SELECT h.account, h.asset, h.payments, h.largest
    FROM unnest(:accounts, :assets, :payments, :largest) WITH ORDINALITY AS h (account, asset, payments, largest, place)
    ORDER BY h.place
    ON CONFLICT (account, asset) DO UPDATE SET
        payments = known.payments + excluded.payments, largest = greatest(known.largest, excluded.largest)
    """
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("assets", type_=ARRAY(Text)),
    bindparam("payments", type_=ARRAY(BigInteger)),
    bindparam("largest", type_=ARRAY(BaseUnits)),
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
    """Each about something else. A payment that is asked about again keeps its newest answer."""
    if decisions:
        await tx.execute(
            _PUT_DECISIONS,
            {
                "ids": [one.id for one in decisions],
                "tenants": [one.tenant_id for one in decisions],
                "sources": [one.source.value for one in decisions],
                "scores": [one.score for one in decisions],
                "verdicts": [one.verdict.value for one in decisions],
                "findings": [_json(one.findings) for one in decisions],
                "firsts": [int(is_first_payment(one.findings)) for one in decisions],
            },
        )


_PUT_DECISIONS = text(
    """
    INSERT INTO risk_decision (id, tenant_id, source, score, verdict, findings, first_recipient)
    SELECT d.id, d.tenant_id, d.source, d.score, d.verdict, d.findings::jsonb, d.first
    FROM unnest(:ids, :tenants, :sources, :scores, :verdicts, :findings, :firsts)
        AS d (id, tenant_id, source, score, verdict, findings, first)
    ON CONFLICT (id) DO UPDATE SET score = excluded.score, verdict = excluded.verdict, findings = excluded.findings,
        first_recipient = excluded.first_recipient
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("tenants", type_=ARRAY(Uuid)),
    bindparam("sources", type_=ARRAY(Text)),
    bindparam("scores", type_=ARRAY(Integer)),
    bindparam("verdicts", type_=ARRAY(Text)),
    bindparam("findings", type_=ARRAY(Text)),
    bindparam("firsts", type_=ARRAY(Integer)),
)


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


async def put_alerts(tx: Transaction, alerts: Sequence[tuple[UUID, NewAlert, datetime]]) -> list[tuple[UUID, bool]]:
    """Store them; where there is one for its subject already, keep that one with the weightier score.

    Args:
        alerts: Each about another subject: the id to use, what is to be told, and when.

    Returns:
        For each the id that it has, and whether it is new or has become weightier.
    """
    if not alerts:
        return []
    subjects = {
        "tenants": [alert.tenant_id for _, alert, _ in alerts],
        "sources": [alert.source.value for _, alert, _ in alerts],
        "subjects": [alert.subject for _, alert, _ in alerts],
    }
    rows = {
        **subjects,
        "ids": [alert_id for alert_id, _, _ in alerts],
        "digests": [alert.digest for _, alert, _ in alerts],
        "accounts": [None if alert.account is None else str(alert.account) for _, alert, _ in alerts],
        "scores": [alert.assessment.score for _, alert, _ in alerts],
        "verdicts": [alert.verdict.value for _, alert, _ in alerts],
        "findings": [_json(alert.assessment.findings) for _, alert, _ in alerts],
        "moments": [now for _, _, now in alerts],
    }
    keys = [(alert.tenant_id, alert.source.value, alert.subject) for _, alert, _ in alerts]
    told = {(row.tenant_id, row.source, row.subject): row.id for row in await tx.execute(_PUT_ALERTS, rows)}
    if len(told) == len(keys):
        return [(told[key], True) for key in keys]
    kept = {(row.tenant_id, row.source, row.subject): row.id for row in await tx.execute(_ALERTS_FOR, subjects)}
    return [(kept[key], key in told) for key in keys]


_PUT_ALERTS = (
    text(
        """
    INSERT INTO risk_alert AS kept
        (id, tenant_id, source, subject, digest, account, score, verdict, findings, created_at)
    SELECT a.id, a.tenant_id, a.source, a.subject, a.digest, a.account, a.score, a.verdict, a.findings::jsonb, a.moment
    FROM unnest(:ids, :tenants, :sources, :subjects, :digests, :accounts, :scores, :verdicts, :findings, :moments)
        WITH ORDINALITY
        AS a (id, tenant_id, source, subject, digest, account, score, verdict, findings, moment, place)
    ORDER BY a.place
    ON CONFLICT (tenant_id, source, subject) DO UPDATE SET score = excluded.score, verdict = excluded.verdict,
        findings = excluded.findings, acknowledged_at = NULL, acknowledged_by = NULL
        WHERE kept.score < excluded.score
    RETURNING kept.id, kept.tenant_id, kept.source, kept.subject
    """
    )
    .bindparams(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("tenants", type_=ARRAY(Uuid)),
        bindparam("sources", type_=ARRAY(Text)),
        bindparam("subjects", type_=ARRAY(Text)),
        bindparam("digests", type_=ARRAY(LargeBinary)),
        bindparam("accounts", type_=ARRAY(Text)),
        bindparam("scores", type_=ARRAY(Integer)),
        bindparam("verdicts", type_=ARRAY(Text)),
        bindparam("findings", type_=ARRAY(Text)),
        bindparam("moments", type_=ARRAY(Timestamp)),
    )
    .columns(id=Uuid, tenant_id=Uuid, source=Text, subject=Text)
)
_ALERTS_FOR = (
    text(
        "SELECT a.id, a.tenant_id, a.source, a.subject FROM unnest(:tenants, :sources, :subjects) "
        "AS q (tenant_id, source, subject) JOIN risk_alert AS a USING (tenant_id, source, subject)"
    )
    .bindparams(
        bindparam("tenants", type_=ARRAY(Uuid)),
        bindparam("sources", type_=ARRAY(Text)),
        bindparam("subjects", type_=ARRAY(Text)),
    )
    .columns(id=Uuid, tenant_id=Uuid, source=Text, subject=Text)
)


def _json(findings: Sequence[Finding]) -> str:
    return orjson.dumps([one.to_json() for one in findings], option=orjson.OPT_SORT_KEYS).decode()


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
            reason=words_in(tx).kept(override_table.c.reason, override.tenant_id, override.reason),
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
    words = words_in(tx)
    return [
        _alert(row, [one for one in said if one.alert_id == row.id or one.subject == row.subject], words)
        for row in rows
    ]


def _alert(row: Row[Any], said: Sequence[Row[Any]], words: Words) -> Alert:
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
                reason=words.text(override_table.c.reason, one.tenant_id, one.reason),
                subject=one.subject,
                created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in said
            if one.tenant_id == row.tenant_id
        ),
    )
