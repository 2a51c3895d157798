"""Rows to export, read from the server in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from persistence.database import Transaction
from vouchers.ledger.sql import ledger_entry_table, voucher_table


async def fact_rows(
    tx: Transaction,
    *,
    campaigns: Sequence[str] | None,
    chain: str | None,
    kind: str | None,
    since: int,
    until: int,
    limit: int,
) -> AsyncIterator[Any]:
    """Observations in order of chain and position; block times from `since`, before `until`."""
    column = ledger_entry_table.c
    statement = select(ledger_entry_table).where(column.block_time >= since, column.block_time < until)
    if kind is not None:
        statement = statement.where(column.kind == kind)
    statement = _of(statement, column, campaigns, chain)
    place = (column.chain, column.height, column.transaction_index, column.event_index, column.block_hash)
    async for row in await tx.stream(statement.order_by(*place, column.observation).limit(limit)):
        yield row


async def voucher_rows(
    tx: Transaction,
    *,
    campaigns: Sequence[str] | None,
    chain: str | None,
    kind: str | None,
    since: int,
    until: int,
    limit: int,
) -> AsyncIterator[Any]:
    """Vouchers by id; `kind` is a status, the times are those of the issue."""
    column = voucher_table.c
    statement = select(voucher_table).where(column.issued_at >= since, column.issued_at < until)
    if kind is not None:
        statement = statement.where(column.status == kind)
    statement = _of(statement, column, campaigns, chain)
    async for row in await tx.stream(statement.order_by(column.id).limit(limit)):
        yield row


def _of(statement: Select[Any], column: Any, campaigns: Sequence[str] | None, chain: str | None) -> Select[Any]:
    if campaigns is not None:
        statement = statement.where(column.campaign_id.in_(campaigns))
    return statement if chain is None else statement.where(column.chain == chain)
