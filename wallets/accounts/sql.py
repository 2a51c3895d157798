"""The table of accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, Row, Table, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import KeyNotFound
from primitives.signing import KeyId, KeyPurpose
from wallets.accounts.model import Account

account_table = Table(
    "wallet_account",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("wallet_id", Uuid, nullable=False),
    Column("key_id", Uuid, ForeignKey("keystore_key.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("tenant_id", "chain", "address"),
    Index("ix_wallet_account_chain_address", "chain", "address"),
)


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        tenant_id=row.tenant_id,
        wallet_id=row.wallet_id,
        key_id=KeyId(row.key_id),
        purpose=KeyPurpose(row.purpose),
        account=AccountId(ChainId(row.chain), row.address),
        label=row.label,
        path=row.path,
    )


async def insert_account(tx: Transaction, account: Account) -> bool:
    """False when the tenant has this account already."""
    inserted = await tx.execute(
        insert(account_table)
        .values(
            id=account.id,
            tenant_id=account.tenant_id,
            wallet_id=account.wallet_id,
            key_id=account.key_id,
            purpose=account.purpose,
            chain=str(account.chain),
            address=account.account.address,
            label=account.label,
            path=account.path,
        )
        .on_conflict_do_nothing()
    )
    return bool(inserted.rowcount)


async def accounts_of(tx: Transaction, tenant_id: UUID) -> list[Account]:
    """Oldest first."""
    rows = await tx.execute(
        select(account_table)
        .where(account_table.c.tenant_id == tenant_id)
        .order_by(account_table.c.created_at, account_table.c.id)
    )
    return [_account(row) for row in rows]


async def account_of(tx: Transaction, tenant_id: UUID, account: AccountId) -> Account:
    """Raises KeyNotFound."""
    row = (
        await tx.execute(
            select(account_table).where(
                account_table.c.tenant_id == tenant_id,
                account_table.c.chain == str(account.chain),
                account_table.c.address == account.address,
            )
        )
    ).first()
    if row is None:
        raise KeyNotFound(f"you have no account {account}", account=str(account))
    return _account(row)


async def service_account_of(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> Account | None:
    row = (
        await tx.execute(
            select(account_table).where(
                account_table.c.tenant_id == tenant_id,
                account_table.c.purpose == purpose,
                account_table.c.chain == str(chain),
            )
        )
    ).first()
    return None if row is None else _account(row)


async def used_paths(tx: Transaction, wallet_id: UUID, chain: ChainId) -> set[str]:
    rows = await tx.execute(
        select(account_table.c.path).where(account_table.c.wallet_id == wallet_id, account_table.c.chain == str(chain))
    )
    return set(rows.scalars())


async def keys_for(tx: Transaction, account: AccountId) -> list[tuple[UUID, KeyId]]:
    """(tenant, key) of everybody who has this account, oldest first: two persons may have imported the same words."""
    rows = await tx.execute(
        select(account_table.c.tenant_id, account_table.c.key_id)
        .where(account_table.c.chain == str(account.chain), account_table.c.address == account.address)
        .order_by(account_table.c.created_at, account_table.c.id)
    )
    return [(row.tenant_id, KeyId(row.key_id)) for row in rows]
