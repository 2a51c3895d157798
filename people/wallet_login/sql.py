"""The table of accounts that sign in: found by a blind index, their addresses sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Timestamp, Uuid

wallet_login_table = Table(
    "wallet_login",
    metadata,
    Column("account_index", LargeBinary, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("account", LargeBinary, nullable=False),
    Column("linked_at", Timestamp, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredWallet:
    """`account` is sealed."""

    id: UUID
    person_id: UUID
    account: bytes
    linked_at: datetime


async def link_wallet(tx: Transaction, wallet: StoredWallet, account_index: bytes) -> bool:
    """Whether it was linked; False: it is somebody's already."""
    statement = (
        insert(wallet_login_table)
        .values(
            account_index=account_index,
            id=wallet.id,
            tenant_id=wallet.person_id,
            account=wallet.account,
            linked_at=wallet.linked_at,
        )
        .on_conflict_do_nothing()
        .returning(wallet_login_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def person_of_wallet(tx: Transaction, account_index: bytes) -> UUID | None:
    statement = select(wallet_login_table.c.tenant_id).where(wallet_login_table.c.account_index == account_index)
    found: UUID | None = (await tx.execute(statement)).scalar_one_or_none()
    return found


async def wallets_of(tx: Transaction, person_id: UUID) -> Sequence[StoredWallet]:
    """Longest-linked first."""
    statement = (
        select(wallet_login_table)
        .where(wallet_login_table.c.tenant_id == person_id)
        .order_by(wallet_login_table.c.linked_at, wallet_login_table.c.id)
    )
    return [StoredWallet(row.id, row.tenant_id, row.account, row.linked_at) for row in await tx.execute(statement)]


async def unlink_wallet(tx: Transaction, person_id: UUID, wallet_id: UUID) -> bool:
    statement = (
        delete(wallet_login_table)
        .where(wallet_login_table.c.id == wallet_id, wallet_login_table.c.tenant_id == person_id)
        .returning(wallet_login_table.c.id)
    )
    return (await tx.execute(statement)).first() is not None


async def forget_wallets_of(tx: Transaction, person_id: UUID) -> None:
    await tx.execute(delete(wallet_login_table).where(wallet_login_table.c.tenant_id == person_id))
