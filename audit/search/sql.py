"""Look-ups by id, hash, account or transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, Table, select

from persistence.database import Transaction
from vouchers.campaigns.sql import campaign_table
from vouchers.ledger.sql import ledger_entry_table, voucher_table
from vouchers.orders.attempts.sql import order_attempt_table
from vouchers.orders.redemptions.sql import redemption_table
from vouchers.orders.sql import order_table


@dataclass(frozen=True, slots=True)
class LedgerHit:
    """What one ledger entry points at; `observation` odd: taken back by a reorganisation."""

    chain: str
    kind: str
    tx_hash: str
    height: int
    campaign_id: str | None
    voucher_id: str | None
    order_hash: bytes | None
    redemption_id: bytes | None


_COLUMNS = (
    ledger_entry_table.c.chain,
    ledger_entry_table.c.kind,
    ledger_entry_table.c.tx_hash,
    ledger_entry_table.c.height,
    ledger_entry_table.c.campaign_id,
    ledger_entry_table.c.voucher_id,
    ledger_entry_table.c.order_hash,
    ledger_entry_table.c.redemption_id,
)


async def _ledger(tx: Transaction, condition: ColumnElement[bool], limit: int) -> Sequence[LedgerHit]:
    rows = await tx.execute(select(*_COLUMNS).where(condition).distinct().order_by(*_COLUMNS[:4]).limit(limit))
    return [LedgerHit(*row) for row in rows]


async def entries_of_transaction(tx: Transaction, tx_hash: str, limit: int) -> Sequence[LedgerHit]:
    return await _ledger(tx, ledger_entry_table.c.tx_hash == tx_hash, limit)


async def entries_of_redemption(tx: Transaction, redemption_id: bytes, limit: int) -> Sequence[LedgerHit]:
    return await _ledger(tx, ledger_entry_table.c.redemption_id == redemption_id, limit)


async def entries_of_order(tx: Transaction, order_hash: bytes, limit: int) -> Sequence[LedgerHit]:
    return await _ledger(tx, ledger_entry_table.c.order_hash == order_hash, limit)


async def entries_of_block(tx: Transaction, block_hash: bytes, limit: int) -> Sequence[LedgerHit]:
    return await _ledger(tx, ledger_entry_table.c.block_hash == block_hash, limit)


async def vouchers_of_account(tx: Transaction, account: str, limit: int) -> Sequence[str]:
    """Held now, or taken as merchant."""
    table = voucher_table
    rows = await tx.execute(
        select(table.c.id)
        .where((table.c.holder == account) | (table.c.merchant == account))
        .order_by(table.c.id)
        .limit(limit)
    )
    return list(rows.scalars())


async def accounts_named(tx: Transaction, address: str, limit: int) -> Sequence[str]:
    """CAIP-10 accounts of the ledger with this address, on whatever chain."""
    table = voucher_table
    suffix = ":" + address
    holders = select(table.c.holder.label("account")).where(table.c.holder.endswith(suffix, autoescape=True))
    merchants = select(table.c.merchant.label("account")).where(table.c.merchant.endswith(suffix, autoescape=True))
    rows = await tx.execute(holders.union(merchants).limit(limit))
    return sorted(rows.scalars())


async def is_campaign(tx: Transaction, campaign_id: str) -> bool:
    return await _is_there(tx, campaign_table, campaign_table.c.id == campaign_id)


async def campaigns_with_rules(tx: Transaction, rules_hash: bytes, limit: int) -> Sequence[str]:
    found = campaign_table.c.rules_hash == rules_hash
    return list(await tx.scalars(_ids(campaign_table.c.id, found, limit)))


async def is_voucher(tx: Transaction, voucher_id: str) -> bool:
    return await _is_there(tx, ledger_entry_table, ledger_entry_table.c.voucher_id == voucher_id)


async def is_order(tx: Transaction, order_id: UUID) -> bool:
    return await _is_there(tx, order_table, order_table.c.id == order_id)


async def orders_with_hash(tx: Transaction, order_hash: bytes, limit: int) -> Sequence[UUID]:
    found = order_attempt_table.c.order_hash == order_hash
    return list(await tx.scalars(_ids(order_attempt_table.c.order_id, found, limit)))


async def vouchers_of_order(tx: Transaction, order_id: UUID, limit: int) -> Sequence[str]:
    found = redemption_table.c.order_id == order_id
    return list(await tx.scalars(_ids(redemption_table.c.voucher_id, found, limit)))


def _ids(column: Column[Any], condition: ColumnElement[bool], limit: int) -> Select[Any]:
    return select(column).where(condition).distinct().order_by(column).limit(limit)


async def _is_there(tx: Transaction, table: Table, condition: ColumnElement[bool]) -> bool:
    return (await tx.execute(select(table).where(condition).limit(1))).first() is not None
