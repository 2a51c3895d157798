"""Watched balances in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import BaseUnits, Text, Timestamp
from primitives.account_id import AccountId
from primitives.chain_id import ChainId

watch_table = Table(
    "balance_watch",
    metadata,
    Column("chain", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("alarm_below", BaseUnits, nullable=False),
    Column("top_up_to", BaseUnits),
    Column("top_up_from", Text),
    Column("balance", BaseUnits),
    Column("alarmed_at", Timestamp),
    Column("top_ups", Integer, nullable=False, server_default="0"),
    Column("top_up_payment", Uuid),
    Column("seen_at", Timestamp),
    PrimaryKeyConstraint("chain", "account", name="pk_balance_watch"),
)

_w = watch_table.c


@dataclass(frozen=True, slots=True)
class Watched:
    """An account whose native balance is looked after; amounts in base units.

    Attributes:
        alarm_below: Below this the tenant is told, once until it has recovered.
        top_up_to: Below the alarm it is filled up to this, from `top_up_from` on the same chain; None: never.
        top_ups: How many were asked for; numbers their idempotency keys.
        top_up_payment: The last one.
    """

    account: AccountId
    tenant_id: UUID
    alarm_below: int
    top_up_to: int | None
    top_up_from: AccountId | None
    balance: int | None = None
    alarmed_at: datetime | None = None
    top_ups: int = 0
    top_up_payment: UUID | None = None
    seen_at: datetime | None = None


async def set_watch(tx: Transaction, watched: Watched) -> None:
    """Add or change; what was seen so far stays."""
    values = {
        "tenant_id": watched.tenant_id,
        "alarm_below": watched.alarm_below,
        "top_up_to": watched.top_up_to,
        "top_up_from": None if watched.top_up_from is None else watched.top_up_from.address,
    }
    await tx.execute(
        insert(watch_table)
        .values(chain=str(watched.account.chain), account=watched.account.address, **values)
        .on_conflict_do_update(index_elements=["chain", "account"], set_=values)
    )


async def watched_accounts(tx: Transaction, tenant_id: UUID | None = None) -> Sequence[Watched]:
    statement = select(watch_table).order_by(_w.chain, _w.account)
    if tenant_id is not None:
        statement = statement.where(_w.tenant_id == tenant_id)
    found = []
    for row in (await tx.execute(statement)).mappings():
        chain = ChainId.parse(row["chain"])
        found.append(
            Watched(
                account=AccountId(chain, row["account"]),
                tenant_id=row["tenant_id"],
                alarm_below=row["alarm_below"],
                top_up_to=row["top_up_to"],
                top_up_from=None if row["top_up_from"] is None else AccountId(chain, row["top_up_from"]),
                balance=row["balance"],
                alarmed_at=row["alarmed_at"],
                top_ups=row["top_ups"],
                top_up_payment=row["top_up_payment"],
                seen_at=row["seen_at"],
            )
        )
    return found


async def note_balance(tx: Transaction, account: AccountId, balance: int, *, low: bool) -> bool:
    """Keep what was seen. Whether this is the first sight of a low balance."""
    held = await tx.execute(
        select(_w.alarmed_at).where(_w.chain == str(account.chain), _w.account == account.address).with_for_update()
    )
    first = low and held.scalar_one() is None
    await tx.execute(
        update(watch_table)
        .where(_w.chain == str(account.chain), _w.account == account.address)
        .values(
            balance=balance,
            seen_at=func.now(),
            alarmed_at=func.coalesce(_w.alarmed_at, func.now()) if low else None,
        )
    )
    return first


async def note_top_up(tx: Transaction, account: AccountId, payment_id: UUID) -> None:
    await tx.execute(
        update(watch_table)
        .where(_w.chain == str(account.chain), _w.account == account.address)
        .values(top_ups=_w.top_ups + 1, top_up_payment=payment_id)
    )
