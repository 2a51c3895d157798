"""`wallets.activity.ports.ActivitySource` over the ledger: each fact that concerns one of the accounts is one line.

The newest observation decides: a fact that a reorganisation took away stays in the list as reversed, unless the same
transaction told the same again from another block.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Row, bindparam, cast, column, func, select, text, tuple_

from persistence.database import Transaction
from persistence.types import JSONB, BigInteger, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.currency import currency_decimals
from wallets.activity.model import ActivityEntry, ActivityState, Direction, Figure, Wanted
from wallets.activity.ports import Shop, Told
from wallets.activity.sql import filtered

_KINDS: Mapping[str, Direction] = {
    "issued": Direction.IN,
    "redeemed": Direction.OUT,
    "spent": Direction.OUT,
    "value_back": Direction.IN,
    "voided": Direction.OUT,
    "reversed": Direction.IN,
    "undone": Direction.IN,
    "paid": Direction.OUT,
}
"""Facts that are told, and what they do to the holder; moves are told to both sides."""

# Vouchers that an account has, or handed on, or was issued in a block that is gone; then every fact of them that names
# it. Stored value that comes back names nobody: it belongs to whoever holds the voucher.
_FACTS = text(
    """
    WITH mine AS (
        SELECT id AS voucher_id FROM voucher WHERE holder = ANY(:accounts)
        UNION SELECT voucher_id FROM ledger_entry
            WHERE kind = 'moved' AND (fact ->> 'sender') = ANY(:accounts)
        UNION SELECT voucher_id FROM ledger_entry
            WHERE observation % 2 = 1 AND voucher_id IS NOT NULL AND (fact ->> 'holder') = ANY(:accounts)
    ),
    concerned AS (
        SELECT e.* FROM ledger_entry e JOIN mine USING (voucher_id)
        UNION ALL SELECT e.* FROM ledger_entry e WHERE kind = 'paid' AND (fact ->> 'holder') = ANY(:accounts)
    ),
    newest AS (
        SELECT DISTINCT ON (chain, height, transaction_index, event_index, block_hash) *
        FROM concerned
        ORDER BY chain, height, transaction_index, event_index, block_hash, observation DESC
    ),
    told AS (
        SELECT n.*, n.observation % 2 = 1 AS gone, v.holder AS now_held_by,
            CASE WHEN n.kind = 'moved' AND (n.fact ->> 'recipient') = ANY(:accounts) THEN 'voucher.moved_in'
                WHEN n.kind = 'moved' THEN 'voucher.moved_out'
                ELSE n.kind END AS act,
            coalesce(
                CASE WHEN n.kind = 'moved' AND (n.fact ->> 'recipient') = ANY(:accounts) THEN n.fact ->> 'recipient'
                    WHEN n.kind = 'moved' THEN n.fact ->> 'sender' END,
                n.fact ->> 'holder', v.holder
            ) AS account
        FROM newest n LEFT JOIN voucher v ON v.id = n.voucher_id
    )
    SELECT t.chain, t.height, t.tx_hash, t.block_time, t.kind AS fact_kind, t.fact, t.gone, t.account,
        t.voucher_id, t.campaign_id, encode(t.order_hash, 'hex') AS order_hash,
        l.finalized AS final_height,
        CAST(convert_from(d.body, 'UTF8') AS jsonb) ->> 'title' AS title,
        CAST(convert_from(d.body, 'UTF8') AS jsonb) ->> 'currency' AS currency,
        CASE t.act WHEN 'issued' THEN 'voucher.received' WHEN 'redeemed' THEN 'voucher.redeemed'
            WHEN 'spent' THEN 'voucher.spent' WHEN 'value_back' THEN 'voucher.credited'
            WHEN 'voided' THEN 'voucher.voided' WHEN 'reversed' THEN 'voucher.reversed'
            WHEN 'undone' THEN 'voucher.reversed' WHEN 'paid' THEN 'order.paid' ELSE t.act END AS kind,
        to_timestamp(t.block_time) AS at,
        concat('fact:', t.chain, ':', t.height, ':', t.transaction_index, ':', t.event_index, ':',
            left(encode(t.block_hash, 'hex'), 16)) COLLATE "C" AS entry_id
    FROM told t
    LEFT JOIN campaign c ON c.id = t.campaign_id
    LEFT JOIN document d ON d.hash = c.rules_hash
    LEFT JOIN ledger_cursor l ON l.chain = t.chain
    WHERE t.account = ANY(:accounts)
        AND (t.kind = 'moved' OR t.kind = ANY(:kinds))
        AND NOT (t.gone AND EXISTS (
            SELECT 1 FROM newest again WHERE again.tx_hash = t.tx_hash AND again.kind = t.kind
                AND again.voucher_id IS NOT DISTINCT FROM t.voucher_id AND again.observation % 2 = 0
        ))
    """
).bindparams(bindparam("accounts", type_=ARRAY(Text)), bindparam("kinds", type_=ARRAY(Text)))

_SHAPE = (
    column("chain", Text),
    column("height", BigInteger),
    column("tx_hash", Text),
    column("fact_kind", Text),
    column("fact", JSONB),
    column("gone", Boolean),
    column("account", Text),
    column("voucher_id", Text),
    column("order_hash", Text),
    column("final_height", BigInteger),
    column("title", Text),
    column("currency", Text),
    column("kind", Text),
    column("at", Timestamp),
    column("entry_id", Text),
)


class VoucherSource:
    """Titles are those of the campaigns' rule documents.

    Args:
        vouchers: Which of some tokens are vouchers on the chain, for a person (`vouchers.rights`).
    """

    def __init__(self, vouchers: Callable[[UUID, Collection[AssetId]], Awaitable[Collection[AssetId]]]) -> None:
        self._vouchers = vouchers

    async def entries(self, tx: Transaction, tenant_id: UUID, wanted: Wanted) -> Sequence[ActivityEntry]:
        facts = _FACTS.columns(*_SHAPE).subquery("facts")
        c = facts.c
        named = func.concat(c.tx_hash, " ", c.voucher_id, " ", c.order_hash, " ", c.title, " ", cast(c.fact, Text))
        statement = select(facts).where(filtered(wanted, c, named))
        rows = await tx.execute(
            statement.order_by(c.at.desc(), c.entry_id.desc()).limit(wanted.limit), _of(wanted.accounts)
        )
        return [_entry(row) for row in rows]

    async def tells(
        self, tx: Transaction, tenant_id: UUID, accounts: Collection[AccountId], movements: Sequence[ActivityEntry]
    ) -> Mapping[str, Told]:
        """Remainders of orders, and the tokens that vouchers are."""
        assets = {AssetId.parse(one.amount.asset) for one in movements if one.amount and one.amount.asset}
        vouchers = {str(asset) for asset in await self._vouchers(tenant_id, assets)}
        facts = _FACTS.columns(*_SHAPE).subquery("facts")
        pairs = {(str(one.chain), one.tx_hash) for one in movements}
        rows = await tx.execute(
            select(facts.c.chain, facts.c.tx_hash, facts.c.account, facts.c.fact_kind, facts.c.fact).where(
                tuple_(facts.c.chain, facts.c.tx_hash).in_(sorted(pairs)), facts.c.gone.is_(False)
            ),
            _of(accounts),
        )
        paid = {
            (row.chain, row.tx_hash, row.account, row.fact["asset"], int(row.fact["base_units"]))
            for row in rows
            if row.fact_kind == "paid"
        }
        return {
            one.id: Told.ALL
            for one in movements
            if one.amount is not None
            and (
                one.amount.asset in vouchers
                or (
                    one.direction is Direction.OUT
                    and (str(one.chain), one.tx_hash, str(one.account), one.amount.asset, one.amount.units) in paid
                )
            )
        }


_MOST_NAMED = 100
"""Orders that a search for a shop looks for: the newest."""

# The person's own attempts only: what else a merchant does, and with whom, is nobody's here.
_PAID = """
    FROM order_attempt a JOIN order_quote q ON q.id = a.quote_id
    JOIN organisation g ON g.id = a.tenant_id
    WHERE a.holder_tenant_id = :tenant
"""
_SHOPS_OF = text(
    f"""
    SELECT a.order_id, a.payment_id, encode(a.order_hash, 'hex') AS order_hash, q.merchant, g.name {_PAID}
        AND (a.payment_id = ANY(:payments) OR encode(a.order_hash, 'hex') = ANY(:orders) OR q.merchant = ANY(:accounts))
    ORDER BY a.created_at
    """
).bindparams(
    bindparam("payments", type_=ARRAY(Uuid)),
    bindparam("orders", type_=ARRAY(Text)),
    bindparam("accounts", type_=ARRAY(Text)),
)
_NAMED = text(
    f"""
    SELECT a.payment_id, encode(a.order_hash, 'hex') AS order_hash, q.merchant {_PAID}
        AND strpos(lower(g.name), lower(:search)) > 0
    ORDER BY a.created_at DESC LIMIT :most
    """
)


class PaidShops:
    """`wallets.activity.ports.Shops` over the orders that a person has paid, or tried to."""

    async def of(self, tx: Transaction, tenant_id: UUID, entries: Sequence[ActivityEntry]) -> Mapping[str, Shop]:
        payments = {one.facts["payment"] for one in entries if one.facts.get("act") == "order.pay"}
        orders = {one.facts["order_hash"] for one in entries if "order_hash" in one.facts}
        accounts = {one.counterparty for one in entries if one.counterparty is not None}
        if not payments and not orders and not accounts:
            return {}
        rows = await tx.execute(
            _SHOPS_OF,
            {
                "tenant": tenant_id,
                "payments": [UUID(one) for one in sorted(payments)],
                "orders": sorted(orders),
                "accounts": sorted(accounts),
            },
        )
        by_order: dict[str, Shop] = {}
        by_account: dict[str, Shop] = {}
        for row in rows:
            shop = Shop(row.name, str(row.order_id))
            by_order[row.order_hash] = shop
            if row.payment_id is not None:
                by_order[str(row.payment_id)] = shop
            by_account[row.merchant] = Shop(row.name)
        found: dict[str, Shop] = {}
        for one in entries:
            of_order = by_order.get(one.facts.get("order_hash", "")) or by_order.get(one.facts.get("payment", ""))
            known = of_order or by_account.get(one.counterparty or "")
            if known is not None:
                found[one.id] = known
        return found

    async def named(self, tx: Transaction, tenant_id: UUID, search: str) -> Collection[str]:
        rows = await tx.execute(_NAMED, {"tenant": tenant_id, "search": search, "most": _MOST_NAMED})
        return {str(value) for row in rows for value in row if value is not None}


def _of(accounts: Collection[AccountId]) -> dict[str, Any]:
    return {"accounts": [str(one) for one in accounts], "kinds": sorted(_KINDS)}


def _entry(row: Row[Any]) -> ActivityEntry:
    fact: Mapping[str, str] = row.fact
    account = AccountId.parse(row.account)
    amount, other, direction = None, None, Direction.IN
    if row.fact_kind == "moved":
        incoming = row.kind == "voucher.moved_in"
        other = fact["sender" if incoming else "recipient"]
        direction = Direction.IN if incoming else Direction.OUT
    else:
        direction = _KINDS[row.fact_kind]
    if row.fact_kind == "paid":
        amount, other = Figure(int(fact["base_units"]), fact["asset"], None, None), fact["merchant"]
    elif "amount_minor" in fact and row.currency is not None:
        amount = Figure(int(fact["amount_minor"]), None, row.currency, currency_decimals(row.currency))
    if row.gone:
        state = ActivityState.REVERSED
    else:
        final = row.final_height is not None and row.height <= row.final_height
        state = ActivityState.DONE if final else ActivityState.PENDING
    named = {
        "title": row.title,
        "voucher": row.voucher_id,
        "order_hash": row.order_hash,
        "redemption": fact.get("redemption_id"),
    }
    return ActivityEntry(
        id=row.entry_id,
        at=row.at,
        kind=row.kind,
        state=state,
        direction=direction,
        account=account,
        chain=account.chain,
        tx_hash=row.tx_hash,
        height=row.height,
        amount=amount,
        counterparty=other,
        facts={name: value for name, value in named.items() if value is not None},
    )
