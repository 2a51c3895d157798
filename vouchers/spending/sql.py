"""`wallets.spending.ports.SpendingSource` over paid orders and their refunds."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from persistence.database import Transaction
from wallets.spending.model import SpendingLine

# What a voucher took off a line is its part of `per_line`; stored value pays, and saves nothing.
_LINES = text(
    """
    WITH mine AS (
        SELECT o.id, o.tenant_id AS merchant, o.currency, q.price,
            to_char(o.paid_at AT TIME ZONE :zone, 'YYYY-MM') AS month
        FROM order_attempt a
        JOIN till_order o ON o.id = a.order_id AND o.status = 'paid'
        JOIN order_quote q ON q.id = a.quote_id
        WHERE a.holder_tenant_id = :tenant AND a.status = 'final'
    ),
    line AS (
        SELECT m.id, m.merchant, m.currency, m.month, l.value ->> 'category' AS category,
            CAST(l.value ->> 'quantity' AS bigint) * CAST(l.value ->> 'unit_price_minor' AS bigint) AS minor,
            (
                SELECT coalesce(sum(CAST(u.value -> 'per_line' ->> CAST(l.ordinality - 1 AS integer) AS bigint)), 0)
                FROM jsonb_array_elements(m.price -> 'used') AS u WHERE u.value ->> 'kind' <> 'stored_value'
            ) AS saved
        FROM mine m, jsonb_array_elements(m.price -> 'lines') WITH ORDINALITY AS l
    ),
    told AS (
        SELECT id, month, merchant, category, currency, minor - saved AS spent, saved, 0 AS refunded FROM line
        UNION ALL
        SELECT NULL, to_char(r.ended_at AT TIME ZONE :zone, 'YYYY-MM'), m.merchant, NULL, m.currency, 0, 0,
            r.amount_minor
        FROM refund r JOIN mine m ON m.id = r.order_id WHERE r.status = 'done'
    )
    SELECT t.month, t.merchant, g.name, t.category, t.currency, count(DISTINCT t.id) AS orders,
        sum(t.spent) AS spent, sum(t.saved) AS saved, sum(t.refunded) AS refunded
    FROM told t LEFT JOIN organisation g ON g.id = t.merchant
    WHERE t.month BETWEEN :first AND :last AND (CAST(:currency AS text) IS NULL OR t.currency = :currency)
    GROUP BY t.month, t.merchant, g.name, t.category, t.currency
    ORDER BY t.month DESC, g.name, t.merchant, t.category NULLS LAST, t.currency
    """
)


class OrderSpending:
    """Orders that the person paid here, with any of their accounts."""

    async def lines(
        self, tx: Transaction, tenant_id: UUID, *, first: str, last: str, currency: str | None, zone: str
    ) -> Sequence[SpendingLine]:
        rows = await tx.execute(
            _LINES, {"tenant": tenant_id, "first": first, "last": last, "currency": currency, "zone": zone}
        )
        return [
            SpendingLine(
                month=row.month,
                merchant=str(row.merchant),
                merchant_name=row.name or "",
                category=row.category,
                currency=row.currency,
                orders=row.orders,
                spent_minor=int(row.spent),
                saved_minor=int(row.saved),
                refunded_minor=int(row.refunded),
            )
            for row in rows
        ]
