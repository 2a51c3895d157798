"""The statements behind the figures. Everything is reckoned from ledger entries that stand, and from the shop's orders.

A fact stands when its newest observation is even, so that figures follow reorganisations without being stored anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, TextClause, bindparam, text

from persistence.database import Transaction
from persistence.types import BaseUnits, Text
from vouchers.analytics.model import (
    LOYAL_FROM,
    RETURN_DAYS,
    By,
    CohortRow,
    FunnelRow,
    GiftRow,
    LiabilityRow,
    Repeat,
    StockRow,
    Uplift,
)

_FACTS = """
    newest AS (
        SELECT DISTINCT ON (chain, height, transaction_index, event_index, block_hash)
            chain, height, transaction_index, event_index, observation, kind, block_time, order_hash, redemption_id,
            fact ->> 'merchant' AS merchant,
            CAST(fact ->> 'amount_minor' AS numeric) AS minor,
            CAST(coalesce(fact ->> 'payout', fact ->> 'base_units') AS numeric) AS units
        FROM ledger_entry WHERE campaign_id = :campaign
        ORDER BY chain, height, transaction_index, event_index, block_hash, observation DESC
    ),
    standing AS (SELECT * FROM newest WHERE observation % 2 = 0),
    back AS (SELECT DISTINCT redemption_id FROM standing WHERE kind IN ('reversed', 'undone')),
    credit AS (
        SELECT redemption_id, chain, merchant,
            sum(units) OVER (
                PARTITION BY chain, merchant ORDER BY height, transaction_index, event_index
            ) AS upto
        FROM standing WHERE kind = 'credited'
    ),
    paid_out AS (
        SELECT chain, merchant, sum(units) AS units FROM standing WHERE kind = 'settled' GROUP BY chain, merchant
    ),
    mine AS (
        SELECT o.id, o.paid_at, o.total_minor, o.currency, a.holder_tenant_id AS person, q.price,
            row_number() OVER (PARTITION BY a.holder_tenant_id ORDER BY o.paid_at, o.id) AS nth
        FROM till_order o
        JOIN order_attempt a ON a.order_id = o.id AND a.status = 'final'
        JOIN order_quote q ON q.id = a.quote_id
        WHERE o.tenant_id = :tenant AND o.status = 'paid'
    ),
    uses AS (
        SELECT s.chain, s.kind, s.block_time, s.minor, s.units, b.redemption_id IS NOT NULL AS undone,
            b.redemption_id IS NULL AND (c.redemption_id IS NULL OR c.upto <= coalesce(p.units, 0)) AS settled,
            o.id AS order_id, o.total_minor,
            coalesce(o.cart ->> 'store', CASE WHEN o.id IS NULL THEN 'elsewhere' ELSE 'none' END) AS store,
            CASE WHEN m.nth IS NULL THEN 'unknown' WHEN m.nth = 1 THEN 'new'
                WHEN m.nth < :loyal THEN 'returning' ELSE 'loyal' END AS segment
        FROM standing s
        LEFT JOIN back b USING (redemption_id)
        LEFT JOIN credit c ON c.redemption_id = s.redemption_id AND c.chain = s.chain
        LEFT JOIN paid_out p ON p.chain = c.chain AND p.merchant = c.merchant
        LEFT JOIN order_attempt a ON a.order_hash = s.order_hash AND a.tenant_id = :tenant
        LEFT JOIN till_order o ON o.id = a.order_id
        LEFT JOIN mine m ON m.id = o.id
        WHERE s.kind IN ('redeemed', 'spent')
    ),
    good_orders AS (SELECT DISTINCT order_id FROM uses WHERE order_id IS NOT NULL AND NOT undone)
"""

_DAY = "to_char(to_timestamp({time}) AT TIME ZONE :zone, 'YYYY-MM-DD')"
_KEYS: Mapping[By, tuple[str, str]] = {
    By.DAY: (_DAY.format(time="block_time"), _DAY.format(time="extract(epoch FROM coalesce(ended_at, created_at))")),
    By.CHAIN: ("chain", "chain"),
    By.STORE: ("store", "NULL"),
    By.SEGMENT: ("segment", "NULL"),
}
"""The key of a fact, and that of a claim."""


def _funnel(by: By | None) -> TextClause:
    of_use, of_claim = ("''", "''") if by is None else _KEYS[by]
    of_fact = "''" if by is None else (of_use if by in (By.DAY, By.CHAIN) else "NULL")
    return text(
        f"""
        WITH {_FACTS},
        counted AS (
            SELECT {of_fact} AS key, 'issued' AS stage, 1 AS n, 0 AS minor, 0 AS units FROM standing
                WHERE kind = 'issued'
            UNION ALL SELECT {of_fact}, 'voided', 1, 0, 0 FROM standing WHERE kind = 'voided'
            UNION ALL SELECT {of_claim}, 'claimed', 1, 0, 0 FROM claim
                WHERE campaign_id = :campaign AND status = 'issued'
            UNION ALL SELECT {of_use}, CASE WHEN undone THEN 'reversed' ELSE kind END, 1,
                CASE WHEN undone THEN 0 ELSE minor END, CASE WHEN undone THEN 0 ELSE units END FROM uses
            UNION ALL SELECT {of_use}, 'settled', 1, 0, 0 FROM uses WHERE settled
        ),
        sold AS (
            SELECT key, count(*) AS orders, sum(total_minor) AS sales FROM (
                SELECT DISTINCT {of_use} AS key, order_id, total_minor FROM uses
                    WHERE order_id IS NOT NULL AND NOT undone
            ) AS once GROUP BY key
        )
        SELECT c.key,
            count(*) FILTER (WHERE stage = 'issued') AS issued,
            count(*) FILTER (WHERE stage = 'claimed') AS claimed,
            count(*) FILTER (WHERE stage = 'redeemed') AS redeemed,
            count(*) FILTER (WHERE stage = 'spent') AS spent,
            count(*) FILTER (WHERE stage = 'settled') AS settled,
            count(*) FILTER (WHERE stage = 'reversed') AS reversed,
            count(*) FILTER (WHERE stage = 'voided') AS voided,
            coalesce(sum(minor), 0) AS discount, coalesce(sum(units), 0) AS units,
            coalesce(max(s.orders), 0) AS orders, coalesce(max(s.sales), 0) AS sales
        FROM counted c LEFT JOIN sold s ON s.key = c.key
        WHERE c.key IS NOT NULL GROUP BY c.key ORDER BY c.key
        """  # noqa: S608 - made of constants
    )


async def funnel(tx: Transaction, tenant_id: UUID, campaign: str, by: By | None, zone: str) -> Sequence[FunnelRow]:
    """By key; with `by` None one row, or none when nothing has happened."""
    rows = await tx.execute(_funnel(by), _asked(tenant_id, campaign) | ({"zone": zone} if by is By.DAY else {}))
    held = await _held(tx, campaign, by)
    return [
        FunnelRow(
            key=row.key,
            issued=row.issued,
            claimed=row.claimed,
            held=None if by in (By.DAY, By.STORE, By.SEGMENT) else held.get(row.key, 0),
            redeemed=row.redeemed,
            spent=row.spent,
            settled=row.settled,
            reversed=row.reversed,
            voided=row.voided,
            discount_minor=int(row.discount),
            payout_units=int(row.units),
            orders=row.orders,
            sales_minor=int(row.sales),
        )
        for row in rows
    ]


async def _held(tx: Transaction, campaign: str, by: By | None) -> Mapping[str, int]:
    statement = text(
        "SELECT CASE WHEN :by_chain THEN chain ELSE '' END AS key, count(*) AS n FROM voucher "
        "WHERE campaign_id = :campaign AND status = 'live' GROUP BY 1"
    )
    rows = await tx.execute(statement, {"campaign": campaign, "by_chain": by is By.CHAIN})
    return {row.key: row.n for row in rows}


_UPLIFT = text(
    f"""
    WITH {_FACTS},
    span AS (
        SELECT since, until, greatest(until - since, interval '0') AS long FROM (
            SELECT to_timestamp(CAST(:since AS bigint)) AS since,
                to_timestamp(least(CAST(:now AS bigint), CAST(:until AS bigint))) AS until
        ) AS window_so_far
    )
    SELECT
        count(*) FILTER (WHERE g.order_id IS NOT NULL) AS with_orders,
        coalesce(sum(total_minor) FILTER (WHERE g.order_id IS NOT NULL), 0) AS with_sales,
        count(*) FILTER (WHERE within AND plain) AS without_orders,
        coalesce(sum(total_minor) FILTER (WHERE within AND plain), 0) AS without_sales,
        count(*) FILTER (WHERE before) AS before_orders,
        coalesce(sum(total_minor) FILTER (WHERE before), 0) AS before_sales,
        max(extract(epoch FROM long)) AS seconds
    FROM span LEFT JOIN (
        SELECT m.*, m.paid_at >= s.since AND m.paid_at < s.until AS within,
            m.paid_at >= s.since - s.long AND m.paid_at < s.since AS before,
            jsonb_array_length(m.price -> 'used') = 0 AS plain
        FROM mine m, span s WHERE m.currency = :currency
    ) AS sold ON true
    LEFT JOIN good_orders g ON g.order_id = sold.id
    """  # noqa: S608 - made of constants
)


async def uplift(
    tx: Transaction, tenant_id: UUID, campaign: str, *, currency: str, since: int, until: int, now: int
) -> Uplift:
    """`since`, `until`: the campaign's window, Unix seconds."""
    row = (
        await tx.execute(
            _UPLIFT, _asked(tenant_id, campaign) | {"currency": currency, "since": since, "until": until, "now": now}
        )
    ).one()
    return Uplift(
        with_orders=row.with_orders,
        with_sales_minor=int(row.with_sales),
        without_orders=row.without_orders,
        without_sales_minor=int(row.without_sales),
        before_orders=row.before_orders,
        before_sales_minor=int(row.before_sales),
        seconds=int(row.seconds),
    )


_REPEAT = text(
    f"""
    WITH {_FACTS},
    first_use AS (
        SELECT DISTINCT ON (m.person) m.person, m.paid_at, m.nth, m.id
        FROM mine m JOIN good_orders g ON g.order_id = m.id ORDER BY m.person, m.nth
    )
    SELECT count(*) AS persons, count(*) FILTER (WHERE nth = 1) AS first_timers,
        count(*) FILTER (WHERE EXISTS (
            SELECT 1 FROM mine later WHERE later.person = first_use.person AND later.nth > first_use.nth
                AND later.paid_at <= first_use.paid_at + make_interval(days => :days)
        )) AS came_back
    FROM first_use
    """  # noqa: S608 - made of constants
)


async def repeat(tx: Transaction, tenant_id: UUID, campaign: str) -> Repeat:
    row = (await tx.execute(_REPEAT, _asked(tenant_id, campaign) | {"days": RETURN_DAYS})).one()
    return Repeat(row.persons, row.first_timers, row.came_back)


_STOCK = text(
    f"""
    WITH {_FACTS},
    line AS (
        SELECT m.id, m.paid_at, m.price, l.value ->> 'sku' AS sku, l.value ->> 'name' AS name,
            l.value ->> 'category' AS category, l.ordinality AS place,
            CAST(l.value ->> 'quantity' AS bigint) AS units,
            CAST(l.value ->> 'quantity' AS bigint) * CAST(l.value ->> 'unit_price_minor' AS bigint) AS minor
        FROM mine m, jsonb_array_elements(m.price -> 'lines') WITH ORDINALITY AS l
        WHERE m.currency = :currency
    ),
    gone_back AS (
        SELECT r.order_id, u.ordinality AS place, sum(CAST(u.value AS bigint)) AS units
        FROM refund r, jsonb_array_elements_text(r.returned) WITH ORDINALITY AS u
        WHERE r.tenant_id = :tenant AND r.status IN ('done', 'owing') GROUP BY r.order_id, u.ordinality
    )
    SELECT line.sku, max(line.name) AS name, max(line.category) AS category,
        coalesce(sum(line.units) FILTER (WHERE g.order_id IS NOT NULL), 0) AS units_with,
        coalesce(sum(line.minor) FILTER (WHERE g.order_id IS NOT NULL), 0) AS amount_with,
        coalesce(sum(line.units) FILTER (
            WHERE g.order_id IS NULL AND jsonb_array_length(line.price -> 'used') = 0
                AND line.paid_at >= to_timestamp(CAST(:since AS bigint))
                AND line.paid_at < to_timestamp(CAST(:until AS bigint))
        ), 0) AS units_without,
        coalesce(sum(b.units) FILTER (WHERE g.order_id IS NOT NULL), 0) AS returned
    FROM line LEFT JOIN good_orders g ON g.order_id = line.id
    LEFT JOIN gone_back b ON b.order_id = line.id AND b.place = line.place
    GROUP BY line.sku
    HAVING bool_or(g.order_id IS NOT NULL) ORDER BY units_with DESC, line.sku
    """  # noqa: S608 - made of constants
)


async def stock(
    tx: Transaction, tenant_id: UUID, campaign: str, *, currency: str, since: int, until: int
) -> Sequence[StockRow]:
    """By units sold with the campaign's vouchers, most first."""
    rows = await tx.execute(
        _STOCK, _asked(tenant_id, campaign) | {"currency": currency, "since": since, "until": until}
    )
    return [
        StockRow(
            sku=row.sku,
            name=row.name,
            category=row.category,
            units_with=int(row.units_with),
            amount_with_minor=int(row.amount_with),
            units_without=int(row.units_without),
            units_returned=int(row.returned),
        )
        for row in rows
    ]


_GIFTS = text(
    f"""
    WITH {_FACTS},
    moved AS (
        SELECT sku, abs(sum(units) FILTER (WHERE reason = 'given')) AS given,
            abs(sum(units) FILTER (WHERE reason = 'returned')) AS returned
        FROM gift_movement WHERE tenant_id = :tenant AND order_id IN (SELECT order_id FROM good_orders)
        GROUP BY sku
    ),
    delivery AS (
        SELECT sku, sum(units) FILTER (WHERE status IN ('backordered', 'due', 'shipped')) AS waiting,
            sum(units) FILTER (WHERE status = 'delivered') AS delivered
        FROM gift_delivery WHERE tenant_id = :tenant AND order_id IN (SELECT order_id FROM good_orders)
        GROUP BY sku
    )
    SELECT g.sku, g.name, coalesce(m.given, 0) AS given, coalesce(m.returned, 0) AS returned,
        coalesce(d.waiting, 0) AS waiting, coalesce(d.delivered, 0) AS delivered, g.stock
    FROM gift g LEFT JOIN moved m USING (sku) LEFT JOIN delivery d USING (sku)
    WHERE g.tenant_id = :tenant AND (m.sku IS NOT NULL OR d.sku IS NOT NULL) ORDER BY g.sku
    """  # noqa: S608 - made of constants
)


async def gifts(tx: Transaction, tenant_id: UUID, campaign: str) -> Sequence[GiftRow]:
    """By sku; gifts that the campaign's orders never touched are left out."""
    rows = await tx.execute(_GIFTS, _asked(tenant_id, campaign))
    return [
        GiftRow(
            sku=row.sku,
            name=row.name,
            units_given=int(row.given),
            units_returned=int(row.returned),
            waiting=int(row.waiting),
            delivered=int(row.delivered),
            stock=row.stock,
        )
        for row in rows
    ]


_LIABILITY = text(
    f"""
    WITH {_FACTS},
    lane AS (SELECT * FROM unnest(:chains, :most) AS l (chain, most)),
    change AS (
        SELECT s.chain, {_DAY.format(time="s.block_time")} AS day,
            CASE WHEN s.kind = 'issued' OR s.kind = 'value_back' THEN 1 ELSE -1 END AS live
        FROM standing s
        WHERE s.kind IN ('issued', 'redeemed', 'voided') OR (s.kind = 'value_back' AND EXISTS (
            SELECT 1 FROM standing r WHERE r.kind = 'redeemed' AND r.redemption_id = s.redemption_id
        ))
    ),
    day AS (
        SELECT day FROM change
        UNION SELECT {_DAY.format(time="least(CAST(:now AS bigint), CAST(:until AS bigint))")}
    ),
    by_day AS (
        SELECT d.day, l.chain, l.most, count(c.live) FILTER (WHERE c.live > 0) AS issued,
            count(c.live) FILTER (WHERE c.live < 0) AS ended, coalesce(sum(c.live), 0) AS live
        FROM day d CROSS JOIN lane l LEFT JOIN change c ON c.day = d.day AND c.chain = l.chain
        GROUP BY d.day, l.chain, l.most
    ),
    running AS (
        SELECT *, sum(live) OVER (PARTITION BY chain ORDER BY day) AS outstanding,
            (CAST(day AS timestamp) + interval '1 day') AT TIME ZONE :zone >= to_timestamp(CAST(:until AS bigint))
                AND CAST(:now AS bigint) >= CAST(:until AS bigint) AS over
        FROM by_day
    )
    SELECT day, sum(issued) AS issued, sum(ended) AS ended, sum(outstanding) AS outstanding,
        sum(CASE WHEN over THEN 0 ELSE outstanding * most END) AS liability,
        sum(CASE WHEN over THEN outstanding ELSE 0 END) AS breakage
    FROM running GROUP BY day ORDER BY day
    """  # noqa: S608 - made of constants
).bindparams(bindparam("chains", type_=ARRAY(Text)), bindparam("most", type_=ARRAY(BaseUnits)))


async def liability(
    tx: Transaction, tenant_id: UUID, campaign: str, *, zone: str, until: int, now: int, most: Mapping[str, int]
) -> Sequence[LiabilityRow]:
    """By day, days without any change left out but for the last.

    Args:
        until: End of the window, Unix seconds.
        most: The most that one voucher costs on each chain, base units.
    """
    rows = await tx.execute(
        _LIABILITY,
        {
            "campaign": campaign,
            "tenant": tenant_id,
            "loyal": LOYAL_FROM,
            "zone": zone,
            "until": until,
            "now": now,
            "chains": list(most),
            "most": list(most.values()),
        },
    )
    return [
        LiabilityRow(
            day=row.day,
            issued=int(row.issued),
            ended=int(row.ended),
            outstanding=int(row.outstanding),
            liability_units=int(row.liability),
            breakage=int(row.breakage),
        )
        for row in rows
    ]


_COHORTS = text(
    """
    WITH paid AS (
        SELECT a.holder_tenant_id AS person, o.total_minor,
            date_trunc('month', o.paid_at AT TIME ZONE :zone) AS month
        FROM till_order o JOIN order_attempt a ON a.order_id = o.id AND a.status = 'final'
        WHERE o.tenant_id = :tenant AND o.status = 'paid' AND o.currency = :currency
    ),
    born AS (SELECT person, min(month) AS month FROM paid GROUP BY person),
    size AS (SELECT month, count(*) AS persons FROM born GROUP BY month)
    SELECT to_char(b.month, 'YYYY-MM') AS month, s.persons,
        CAST(extract(year FROM age(p.month, b.month)) * 12 + extract(month FROM age(p.month, b.month)) AS integer)
            AS after,
        count(DISTINCT p.person) AS active, sum(p.total_minor) AS sales
    FROM paid p JOIN born b USING (person) JOIN size s ON s.month = b.month
    GROUP BY b.month, s.persons, p.month ORDER BY b.month, p.month
    """
)


async def cohorts(tx: Transaction, tenant_id: UUID, *, currency: str, zone: str) -> Sequence[CohortRow]:
    """Of all customers of a shop, by the month of their first order in this currency."""
    rows = await tx.execute(_COHORTS, {"tenant": tenant_id, "currency": currency, "zone": zone})
    return [CohortRow(row.month, row.persons, row.after, row.active, int(row.sales)) for row in rows]


def _asked(tenant_id: UUID, campaign: str) -> dict[str, Any]:
    return {"tenant": tenant_id, "campaign": campaign, "loyal": LOYAL_FROM}
