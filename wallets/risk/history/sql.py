"""What the tables tell of payments before they are signed, in one statement for a whole commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Interval, bindparam, text

from persistence.database import Transaction
from persistence.types import LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId


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


@dataclass(frozen=True, slots=True)
class Known:
    """What the tables tell of one payment.

    Attributes:
        recent, recent_new: Of the last `_ENOUGH` at most: what a busy account costs does not grow with its history.
        spoken_of: Somebody has accepted or overridden something (`wallets.risk.sql.said_of`).
        decided_at: When this payment itself was scored before; None: never.
        counted: Whether it counts as one to a new recipient since then.
        moment: When the transaction began, which is when its decisions are made.
    """

    paid_before: bool
    touched: bool
    recent: int
    recent_new: int
    payments: int
    largest: int
    spoken_of: bool
    decided_at: datetime | None
    counted: int
    moment: datetime


_ENOUGH = 500
"""Payments are counted so far: the rules ask for ten, and a commit takes back at most as many as it signs."""

# Payments that were asked for together have one moment: what is counted up to it is counted once for all of them.
_KNOWN = text(
    """
    WITH q AS MATERIALIZED (
      SELECT * FROM unnest(:payments, :tenants, :accounts, :moments, :recipients, :assets, :digests) WITH ORDINALITY
        AS q (payment_id, tenant_id, account, created_at, recipient, asset, digest, place)
    ), m AS MATERIALIZED (
      SELECT d.tenant_id, d.created_at,
        (SELECT count(*) FROM (SELECT FROM payment AS o WHERE o.tenant_id = d.tenant_id
          AND o.created_at > d.created_at - :span AND o.created_at <= d.created_at AND o.signs = 'person'
          LIMIT :enough) AS few) AS recent,
        (SELECT coalesce(sum(few.first_recipient), 0) FROM (SELECT n.first_recipient FROM risk_decision AS n
          WHERE n.tenant_id = d.tenant_id AND n.decided_at > d.created_at - :span AND n.first_recipient > 0
          LIMIT :enough) AS few) AS recent_new
      FROM (SELECT DISTINCT tenant_id, created_at FROM q) AS d
    )
    SELECT q.place,
      EXISTS (SELECT 1 FROM paid_address AS p
        WHERE p.account = q.account AND p.recipient = q.recipient AND p.since < q.created_at) AS paid_before,
      EXISTS (SELECT 1 FROM zero_contact AS z WHERE z.account = q.account AND z.address = q.recipient) AS touched,
      m.recent - (SELECT count(*) FROM payment AS o WHERE o.id = q.payment_id AND o.tenant_id = q.tenant_id
        AND o.created_at > q.created_at - :span AND o.created_at <= q.created_at AND o.signs = 'person') AS recent,
      m.recent_new - CASE WHEN own.decided_at > q.created_at - :span THEN own.first_recipient ELSE 0 END AS recent_new,
      EXISTS (SELECT 1 FROM risk_override AS r WHERE r.tenant_id = q.tenant_id
        AND (r.subject = q.payment_id::text OR r.digest = q.digest)) AS spoken_of,
      h.payments, h.largest, own.decided_at, own.first_recipient AS counted, now() AS moment
    FROM q
    JOIN m ON m.tenant_id = q.tenant_id AND m.created_at = q.created_at
    LEFT JOIN risk_habit AS h ON h.account = q.account AND h.asset = q.asset
    LEFT JOIN risk_decision AS own ON own.id = q.payment_id AND own.tenant_id = q.tenant_id
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
    bindparam("enough", type_=Integer),
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
            "enough": _ENOUGH,
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
            decided_at=row.decided_at,
            counted=row.counted or 0,
            moment=row.moment,
        )
        for row in rows
    ]
