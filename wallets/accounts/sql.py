"""The table of accounts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Row,
    Table,
    UniqueConstraint,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import Text, Timestamp, Uuid
from persistence.words import Words, words_column, words_in
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import KeyNotFound
from primitives.signing import KeyId, KeyPurpose
from wallets.accounts.model import CUSTOM, SERVICE, Account, Address

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
    words_column("label"),
    Column("path", Text, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("scheme", Text, nullable=False, server_default=CUSTOM),
    UniqueConstraint("tenant_id", "chain", "address"),
    Index("ix_wallet_account_chain_address", "chain", "address"),
)

address_table = Table(
    "wallet_address",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("wallet_id", Uuid, nullable=False),
    Column("key_id", Uuid, ForeignKey("keystore_key.id")),
    Column("network", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("path", Text),
    words_column("label"),
    Column("watch_only", Boolean, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("tenant_id", "wallet_id", "network", "address"),
)


def _account(row: Row[Any], words: Words) -> Account:
    unnamed = row.purpose if row.scheme == SERVICE else row.path
    return Account(
        id=row.id,
        tenant_id=row.tenant_id,
        wallet_id=row.wallet_id,
        key_id=KeyId(row.key_id),
        purpose=KeyPurpose(row.purpose),
        account=AccountId(ChainId(row.chain), row.address),
        label=words.text(account_table.c.label, row.tenant_id, row.label) or unnamed,
        path=row.path,
        scheme=row.scheme,
    )


async def insert_account(tx: Transaction, account: Account) -> bool:
    """False when the tenant has this account already."""
    # What a service account is called is nobody's words.
    label = None if account.scheme == SERVICE else account.label
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
            label=words_in(tx).kept(account_table.c.label, account.tenant_id, label),
            path=account.path,
            scheme=account.scheme,
        )
        .on_conflict_do_nothing()
    )
    return bool(inserted.rowcount)


async def every_account(tx: Transaction) -> set[AccountId]:
    """Of every tenant."""
    rows = await tx.execute(select(account_table.c.chain, account_table.c.address).distinct())
    return {AccountId(ChainId.parse(row.chain), row.address) for row in rows}


async def accounts_of(tx: Transaction, tenant_id: UUID) -> list[Account]:
    """Oldest first."""
    rows = await tx.execute(
        select(account_table)
        .where(account_table.c.tenant_id == tenant_id)
        .order_by(account_table.c.created_at, account_table.c.id)
    )
    words = words_in(tx)
    return [_account(row, words) for row in rows]


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
    return _account(row, words_in(tx))


async def service_accounts(tx: Transaction, purposes: Collection[KeyPurpose]) -> list[Account]:
    """Of every tenant, with one of the purposes."""
    wanted = account_table.c.purpose.in_([purpose.value for purpose in purposes])
    rows = await tx.execute(select(account_table).where(wanted).order_by(account_table.c.created_at))
    words = words_in(tx)
    return [_account(row, words) for row in rows]


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
    return None if row is None else _account(row, words_in(tx))


async def used_paths(tx: Transaction, wallet_id: UUID, chain: ChainId) -> set[str]:
    rows = await tx.execute(
        select(account_table.c.path).where(account_table.c.wallet_id == wallet_id, account_table.c.chain == str(chain))
    )
    return set(rows.scalars())


async def accounts_on(tx: Transaction, chain: ChainId, after: str, limit: int) -> list[AccountId]:
    """Of everybody on one chain, each once, in order of the address from behind `after` on."""
    address = account_table.c.address
    rows = await tx.execute(
        select(address)
        .where(account_table.c.chain == str(chain), address > after)
        .distinct()
        .order_by(address)
        .limit(limit)
    )
    return [AccountId(chain, one) for one in rows.scalars()]


async def keys_for(tx: Transaction, account: AccountId) -> list[tuple[UUID, KeyId]]:
    """(tenant, key) of everybody who has this account, oldest first: two persons may have imported the same words."""
    rows = await tx.execute(
        select(account_table.c.tenant_id, account_table.c.key_id)
        .where(account_table.c.chain == str(account.chain), account_table.c.address == account.address)
        .order_by(account_table.c.created_at, account_table.c.id)
    )
    return [(row.tenant_id, KeyId(row.key_id)) for row in rows]


async def keys_of_accounts(
    tx: Transaction, accounts: Collection[AccountId]
) -> dict[AccountId, list[tuple[UUID, KeyId]]]:
    """As `keys_for`, of several accounts of one chain."""
    chains = {str(account.chain) for account in accounts}
    by_address = {account.address: account for account in accounts}
    rows = await tx.execute(
        select(account_table.c.address, account_table.c.tenant_id, account_table.c.key_id)
        .where(
            account_table.c.chain == any_(literal(list(chains), ARRAY(Text))),
            account_table.c.address == any_(literal(list(by_address), ARRAY(Text))),
        )
        .order_by(account_table.c.created_at, account_table.c.id)
    )
    found: dict[AccountId, list[tuple[UUID, KeyId]]] = {}
    for row in rows:
        found.setdefault(by_address[row.address], []).append((row.tenant_id, KeyId(row.key_id)))
    return found


async def insert_address(tx: Transaction, address: Address) -> bool:
    """False when the wallet has this address already."""
    inserted = await tx.execute(
        insert(address_table)
        .values(
            id=address.id,
            tenant_id=address.tenant_id,
            wallet_id=address.wallet_id,
            key_id=address.key_id,
            network=address.network,
            address=address.address,
            scheme=address.scheme,
            path=address.path,
            label=words_in(tx).kept(address_table.c.label, address.tenant_id, address.label),
            watch_only=address.watch_only,
        )
        .on_conflict_do_nothing()
    )
    return bool(inserted.rowcount)


async def addresses_of(tx: Transaction, tenant_id: UUID, wallet_id: UUID | None = None) -> list[Address]:
    """Of all wallets or of one, oldest first."""
    statement = select(address_table).where(address_table.c.tenant_id == tenant_id)
    if wallet_id is not None:
        statement = statement.where(address_table.c.wallet_id == wallet_id)
    rows = await tx.execute(statement.order_by(address_table.c.created_at, address_table.c.id))
    words = words_in(tx)
    return [_address(row, words) for row in rows]


async def address_at(tx: Transaction, wallet_id: UUID, network: str, address: str) -> Address:
    """Raises KeyNotFound."""
    row = (
        await tx.execute(
            select(address_table).where(
                address_table.c.wallet_id == wallet_id,
                address_table.c.network == network,
                address_table.c.address == address,
            )
        )
    ).first()
    if row is None:
        raise KeyNotFound("this wallet has no such address", address=address)
    return _address(row, words_in(tx))


async def used_address_paths(tx: Transaction, wallet_id: UUID, network: str) -> set[str]:
    rows = await tx.execute(
        select(address_table.c.path).where(
            address_table.c.wallet_id == wallet_id,
            address_table.c.network == network,
            address_table.c.path.is_not(None),
        )
    )
    return {path for path in rows.scalars() if path is not None}


def _address(row: Row[Any], words: Words) -> Address:
    return Address(
        id=row.id,
        tenant_id=row.tenant_id,
        wallet_id=row.wallet_id,
        key_id=None if row.key_id is None else KeyId(row.key_id),
        network=row.network,
        address=row.address,
        scheme=row.scheme,
        path=row.path,
        label=words.text(address_table.c.label, row.tenant_id, row.label) or row.path or row.network,
        watch_only=row.watch_only,
    )
