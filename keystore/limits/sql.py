"""Tables of limits and of what was spent in each period."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Integer, Table, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from keystore import EVERY_TENANT
from keystore.limits.model import KeyLimit, Spend
from persistence.database import Transaction, metadata
from persistence.types import BaseUnits, Text, Timestamp, Uuid
from primitives.chain_id import ChainId
from primitives.errors import SigningRefused
from primitives.signing import KeyId, KeyPurpose

limit_table = Table(
    "keystore_key_limit",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("value", BaseUnits),
    Column("fee", BaseUnits),
    Column("window_seconds", Integer, nullable=False),
    Column("window_value", BaseUnits),
    Column("window_fee", BaseUnits),
    Column("window_count", BigInteger),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)

spent_table = Table(
    "keystore_key_spent",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("window_start", BigInteger, primary_key=True, autoincrement=False),
    Column("value", BaseUnits, nullable=False),
    Column("fee", BaseUnits, nullable=False),
    Column("count", BigInteger, nullable=False),
)


async def set_limit(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId, limit: KeyLimit) -> None:
    values: dict[str, Any] = {
        "value": limit.value,
        "fee": limit.fee,
        "window_seconds": limit.window_seconds,
        "window_value": limit.window_value,
        "window_fee": limit.window_fee,
        "window_count": limit.window_count,
    }
    statement = insert(limit_table).values(tenant_id=tenant_id, purpose=purpose, chain=str(chain), **values)
    await tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "purpose", "chain"], set_=values))


async def limits_of(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> list[KeyLimit]:
    """Those of the tenant and those of every tenant: all of them hold."""
    rows = await tx.execute(
        select(limit_table).where(
            or_(limit_table.c.tenant_id == tenant_id, limit_table.c.tenant_id == EVERY_TENANT),
            limit_table.c.purpose == purpose,
            limit_table.c.chain == str(chain),
        )
    )
    return [
        KeyLimit(row.value, row.fee, row.window_seconds, row.window_value, row.window_fee, row.window_count)
        for row in rows
    ]


async def spend(tx: Transaction, key: KeyId, chain: ChainId, limit: KeyLimit, spent: Spend, now: int) -> None:
    """Count a signature that is about to be made in its period, `now` in Unix seconds.

    Raises:
        SigningRefused: `rule` is limit; `limit` names the one that it would pass. Nothing is counted then.
    """
    start = now - now % limit.window_seconds
    values = {"value": spent.value, "fee": spent.fee, "count": spent.count}
    statement = insert(spent_table).values(key_id=key, chain=str(chain), window_start=start, **values)
    row = (
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=["key_id", "chain", "window_start"],
                set_={name: spent_table.c[name] + amount for name, amount in values.items()},
            ).returning(spent_table.c.value, spent_table.c.fee, spent_table.c["count"].label("signatures"))
        )
    ).one()
    for name, total, most in (
        ("window_value", row.value, limit.window_value),
        ("window_fee", row.fee, limit.window_fee),
        ("window_count", row.signatures, limit.window_count),
    ):
        if most is not None and total > most:
            # The caller's transaction is rolled back by this, and with it the counting.
            raise SigningRefused(
                f"the key would pass its limit {name}: {total} of {most} in {limit.window_seconds} seconds",
                rule="limit",
                limit=name,
                most=str(most),
                total=str(total),
            )
