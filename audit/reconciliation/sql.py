"""Set-based questions to ledger, projections and books, and the tables of results."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Index, Table, cast, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONPATH, insert

from audit.reconciliation.model import Fault, Finding, LaneReconciliation, LedgerFigures, RowFault
from persistence.database import Transaction, metadata
from persistence.types import JSONB, BigInteger, Text, Timestamp, Uuid
from primitives.chain_id import ChainId
from primitives.errors import CampaignNotFound
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaign_table
from vouchers.documents.sql import document_table

MOST_ROW_FAULTS = 100

reconciliation_table = Table(
    "audit_reconciliation",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("height", BigInteger, nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("at", Timestamp, nullable=False, server_default=func.now()),
)
"""The newest result of the continuous job for each campaign and chain."""

divergence_table = Table(
    "audit_divergence",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("campaign_id", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("fault", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("expected", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("found_at", Timestamp, nullable=False, server_default=func.now()),
    Column("cleared_at", Timestamp),
    Index("ix_audit_divergence_campaign_id", "campaign_id", "chain"),
    Index(
        "uq_audit_divergence_open",
        "campaign_id",
        "chain",
        "fault",
        "subject",
        unique=True,
        postgresql_where=text("cleared_at IS NULL"),
    ),
)
"""Alarms: open ones have no `cleared_at`; none is ever deleted."""

# A fact stands when its newest observation has an even number.
_STANDING = """
    standing AS MATERIALIZED (
        SELECT e.* FROM ledger_entry e
        WHERE e.campaign_id = :campaign AND e.chain = :chain AND e.height <= :height AND e.block_time <= :time
          AND e.observation % 2 = 0
          AND NOT EXISTS (
            SELECT 1 FROM ledger_entry n
            WHERE n.campaign_id = :campaign AND n.chain = e.chain AND n.height = e.height
              AND n.transaction_index = e.transaction_index AND n.event_index = e.event_index
              AND n.block_hash = e.block_hash AND n.observation > e.observation
          )
    )
"""

# A serial's class stands after campaign (48 digits) and lane (2).
_FIGURES = text(
    f"""
    WITH {_STANDING}
    SELECT
        count(*) FILTER (WHERE kind = 'issued' AND substr(voucher_id, 51, 2) <> '03') AS issued,
        count(*) FILTER (WHERE kind = 'issued' AND substr(voucher_id, 51, 2) = '02') AS leaves,
        count(*) FILTER (WHERE kind = 'issued' AND substr(voucher_id, 51, 2) = '03') AS reissued,
        count(*) FILTER (WHERE kind = 'redeemed') AS redeemed,
        count(*) FILTER (WHERE kind = 'voided') AS voided,
        coalesce(sum((fact->>'base_units')::numeric) FILTER (WHERE kind = 'funded'), 0) AS funded,
        coalesce(sum((fact->>'payout')::numeric) FILTER (WHERE kind IN ('redeemed', 'spent')), 0) AS paid,
        coalesce(sum((fact->>'returned')::numeric)
            FILTER (WHERE kind IN ('reversed', 'undone', 'returned')), 0) AS returned,
        coalesce(sum((fact->>'base_units')::numeric) FILTER (WHERE kind = 'reclaimed'), 0) AS reclaimed
    FROM standing
    """  # noqa: S608
)

_ROWS = text(
    f"""
    WITH {_STANDING},
    place AS (SELECT *, row_number() OVER (ORDER BY height, transaction_index, event_index) AS n FROM standing),
    folded AS (
        SELECT voucher_id,
            count(*) FILTER (WHERE kind = 'issued') AS issues,
            min(height) FILTER (WHERE kind = 'issued') AS issued_height,
            (array_agg(fact->>'holder' ORDER BY n) FILTER (WHERE kind = 'issued'))[1] AS first_holder,
            count(*) FILTER (WHERE kind = 'moved') AS moves,
            (array_agg(fact->>'recipient' ORDER BY n DESC) FILTER (WHERE kind = 'moved'))[1] AS last_holder,
            (array_agg(fact ORDER BY n) FILTER (WHERE kind = 'redeemed'))[1] AS redeemed,
            bool_or(kind = 'voided') AS voided
        FROM place WHERE voucher_id IS NOT NULL GROUP BY voucher_id
    ),
    expected AS (
        SELECT voucher_id, issues, issued_height, moves, coalesce(last_holder, first_holder) AS holder,
            CASE WHEN redeemed IS NOT NULL THEN 'redeemed' WHEN voided THEN 'void' ELSE 'live' END AS status,
            redeemed->>'merchant' AS merchant, redeemed->>'redemption_id' AS redemption_id,
            redeemed->>'order_hash' AS order_hash, redeemed->>'amount_minor' AS amount_minor,
            redeemed->>'payout' AS payout
        FROM folded WHERE issues > 0
    ),
    shown AS (
        SELECT id, holder, status, moves, issued_height, merchant, encode(redemption_id, 'hex') AS redemption_id,
            encode(order_hash, 'hex') AS order_hash, amount_minor::text AS amount_minor, payout::text AS payout,
            diverged
        FROM voucher WHERE campaign_id = :campaign AND chain = :chain
    )
    SELECT coalesce(e.voucher_id, s.id) AS voucher, e.issues, s.id IS NULL AS missing,
        e.voucher_id IS NULL AS unexplained,
        to_jsonb(e) - 'issues' - 'voucher_id' AS expected, to_jsonb(s) - 'id' - 'diverged' AS found
    FROM expected e FULL JOIN shown s ON s.id = e.voucher_id
    WHERE s.id IS NULL OR e.voucher_id IS NULL OR e.issues > 1
       OR (NOT s.diverged AND (to_jsonb(e) - 'issues' - 'voucher_id') <> (to_jsonb(s) - 'id' - 'diverged'))
    ORDER BY 1 LIMIT :most
    """  # noqa: S608
)

FOR_EVER = 2**62


async def ledger_figures(
    tx: Transaction, campaign: CampaignId, chain: ChainId, *, height: int = FOR_EVER, time: int = FOR_EVER
) -> LedgerFigures:
    """Sums of the facts that stand, up to a height or a block time, both included."""
    row = (
        await tx.execute(_FIGURES, {"campaign": str(campaign), "chain": str(chain), "height": height, "time": time})
    ).one()
    return LedgerFigures(**{name: int(value) for name, value in row._mapping.items()})


async def row_faults(tx: Transaction, campaign: CampaignId, chain: ChainId) -> Sequence[RowFault]:
    """Vouchers whose row is not what their standing facts make of them; at most 100, by id."""
    values = {"campaign": str(campaign), "chain": str(chain), "height": FOR_EVER, "time": FOR_EVER}
    found = []
    for row in await tx.execute(_ROWS, {**values, "most": MOST_ROW_FAULTS}):
        if row.missing:
            fault = Fault.ROW_MISSING
        elif row.unexplained:
            fault = Fault.ROW_UNEXPLAINED
        elif row.issues > 1:
            fault = Fault.SERIAL_DUPLICATED
        else:
            fault = Fault.ROW_EDITED
        found.append(RowFault(fault, row.voucher, row.expected or {}, row.found or {}))
    return found


_OWED = text(
    """
    SELECT coalesce(sum(CASE kind
        WHEN 'funded' THEN (fact->>'base_units')::numeric
        WHEN 'reclaimed' THEN -(fact->>'base_units')::numeric
        WHEN 'settled' THEN 0
        WHEN 'redeemed' THEN -(fact->>'payout')::numeric
        WHEN 'spent' THEN -(fact->>'payout')::numeric
        ELSE (fact->>'returned')::numeric END), 0) AS owed
    FROM ledger_entry e
    WHERE chain = :chain AND height <= :height AND campaign_id = ANY(:campaigns) AND observation % 2 = 0
      AND kind IN ('funded', 'reclaimed', 'redeemed', 'spent', 'reversed', 'undone', 'returned')
      AND NOT EXISTS (
        SELECT 1 FROM ledger_entry n
        WHERE n.chain = e.chain AND n.height = e.height AND n.transaction_index = e.transaction_index
          AND n.event_index = e.event_index AND n.block_hash = e.block_hash AND n.observation > e.observation
      )
    """
)


async def owed_by_escrows(tx: Transaction, campaigns: Sequence[CampaignId], chain: ChainId, height: int) -> int:
    """What the escrows of several campaigns together hold by the ledger, in base units of their one asset."""
    values = {"chain": str(chain), "height": height, "campaigns": [str(one) for one in campaigns]}
    return int((await tx.execute(_OWED, values)).scalar_one())


_DIVERGED = text(
    f"WITH {_STANDING} SELECT tx_hash, fact->>'what' AS what FROM standing WHERE kind = 'divergence' ORDER BY height"  # noqa: S608
)


async def recorded_divergences(
    tx: Transaction, campaign: CampaignId, chain: ChainId, height: int
) -> Sequence[tuple[str, str]]:
    """Transaction and words of each act against the rules that stands."""
    values = {"campaign": str(campaign), "chain": str(chain), "height": height, "time": FOR_EVER}
    return [(row.tx_hash, row.what) for row in await tx.execute(_DIVERGED, values)]


async def rule_document_of(tx: Transaction, campaign: CampaignId) -> tuple[bytes, bytes]:
    """The hash that the campaign's record names, and that of the document as it is kept. Raises CampaignNotFound."""
    statement = text(
        "SELECT c.rules_hash, d.body FROM campaign c JOIN document d ON d.hash = c.rules_hash WHERE c.id = :campaign"
    )
    row = (await tx.execute(statement, {"campaign": str(campaign)})).first()
    if row is None:
        raise CampaignNotFound(f"no campaign {campaign}", campaign=str(campaign))
    return bytes(row.rules_hash), keccak256(row.body)


async def chains_of(tx: Transaction, campaign: CampaignId) -> Sequence[ChainId]:
    """Raises CampaignNotFound."""
    statement = text("SELECT chain FROM campaign_lane WHERE campaign_id = :campaign ORDER BY lane")
    found = [ChainId.parse(row.chain) for row in await tx.execute(statement, {"campaign": str(campaign)})]
    if not found:
        raise CampaignNotFound(f"no campaign {campaign}", campaign=str(campaign))
    return found


async def owner_of(tx: Transaction, campaign: CampaignId) -> uuid.UUID:
    """The organisation whose campaign it is."""
    statement = text("SELECT tenant_id FROM campaign WHERE id = :campaign")
    found: uuid.UUID = (await tx.execute(statement, {"campaign": str(campaign)})).scalar_one()
    return found


# -------------------------------------------------------------------------------------------------------------- results


async def due_campaigns(tx: Transaction, limit: int) -> Sequence[tuple[CampaignId, ChainId]]:
    """Campaigns on chains, the longest not looked at first."""
    rows = await tx.execute(
        text(
            """
            SELECT l.campaign_id, l.chain FROM campaign_lane l
            LEFT JOIN audit_reconciliation r ON r.campaign_id = l.campaign_id AND r.chain = l.chain
            WHERE l.status IN ('active', 'paused', 'ended')
            ORDER BY r.at NULLS FIRST, l.campaign_id LIMIT :most
            """
        ),
        {"most": limit},
    )
    return [(CampaignId.parse(row.campaign_id), ChainId.parse(row.chain)) for row in rows]


async def store_result(tx: Transaction, lane: LaneReconciliation) -> Sequence[Finding]:
    """Keep the result; alarms that are new are answered, those that are no longer found are cleared."""
    key = {"campaign_id": str(lane.campaign), "chain": str(lane.chain)}
    values = {"height": lane.height, "agrees": lane.agrees, "figures": lane.figures_json(), "at": func.now()}
    await tx.execute(
        insert(reconciliation_table)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=["campaign_id", "chain"], set_=values)
    )
    column = divergence_table.c
    mine = (column.campaign_id == key["campaign_id"]) & (column.chain == key["chain"]) & column.cleared_at.is_(None)
    rows = await tx.execute(select(column.fault, column.subject).where(mine))
    known = {(row.fault, row.subject) for row in rows}
    now = {(one.fault.value, one.subject) for one in lane.findings}
    for fault, subject in known - now:
        await tx.execute(
            update(divergence_table)
            .where(mine, column.fault == fault, column.subject == subject)
            .values(cleared_at=func.now())
        )
    new = [one for one in lane.findings if (one.fault.value, one.subject) not in known]
    for one in new:
        await tx.execute(
            insert(divergence_table)
            .values(
                id=uuid.uuid4(),
                **key,
                fault=one.fault.value,
                subject=one.subject,
                height=lane.height,
                expected=one.expected,
                found=one.found,
            )
            .on_conflict_do_nothing()
        )
    return new


async def newest_results(
    tx: Transaction,
    *,
    campaigns: Sequence[CampaignId] | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 200,
) -> Sequence[Any]:
    """The continuous job's newest result of each campaign and chain, with how many alarms are open; by campaign."""
    result, alarm = reconciliation_table.c, divergence_table.c
    rules = func.convert_from(document_table.c.body, "UTF8").cast(JSONB)
    open_alarms = (
        select(func.count())
        .where(alarm.campaign_id == result.campaign_id, alarm.chain == result.chain, alarm.cleared_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(
            reconciliation_table,
            open_alarms.label("open_alarms"),
            rules["title"].astext.label("title"),
            func.jsonb_path_query_first(
                rules,
                cast("$.lanes[*] ? (@.chain == $chain).settlement", JSONPATH),
                func.jsonb_build_object("chain", result.chain),
            ).label("settlement"),
        )
        .join(campaign_table, campaign_table.c.id == result.campaign_id)
        .join(document_table, document_table.c.hash == campaign_table.c.rules_hash)
        .order_by(result.campaign_id, result.chain)
        .limit(limit)
    )
    if campaigns is not None:
        statement = statement.where(result.campaign_id.in_([str(one) for one in campaigns]))
    if after is not None:
        statement = statement.where(tuple_(result.campaign_id, result.chain) > tuple_(*after))
    return list(await tx.execute(statement))


async def alarms(
    tx: Transaction, *, campaigns: Sequence[CampaignId] | None = None, with_cleared: bool = False, limit: int = 200
) -> Sequence[Any]:
    """Newest first."""
    column = divergence_table.c
    statement = select(divergence_table).order_by(column.found_at.desc(), column.id).limit(limit)
    if campaigns is not None:
        statement = statement.where(column.campaign_id.in_([str(one) for one in campaigns]))
    if not with_cleared:
        statement = statement.where(column.cleared_at.is_(None))
    return list(await tx.execute(statement))
