"""Tables of TOTP secrets (sealed) and recovery codes (hashed)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Table, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import LargeBinary, Timestamp, Uuid

totp_table = Table(
    "totp",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("confirmed_at", Timestamp),
    Column("last_step", BigInteger),
)

recovery_code_table = Table(
    "recovery_code",
    metadata,
    Column("tenant_id", Uuid, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("used_at", Timestamp),
)


@dataclass(frozen=True, slots=True)
class StoredTotp:
    """`secret` is sealed."""

    secret: bytes
    confirmed_at: datetime | None

    @property
    def confirmed(self) -> bool:
        return self.confirmed_at is not None


async def put_unconfirmed(tx: Transaction, person_id: UUID, secret: bytes, now: datetime) -> bool:
    """Whether it was stored; False: a confirmed one is in use."""
    statement = insert(totp_table).values(tenant_id=person_id, secret=secret, created_at=now)
    stored = statement.on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={"secret": secret, "created_at": now, "last_step": None},
        where=totp_table.c.confirmed_at.is_(None),
    ).returning(totp_table.c.tenant_id)
    return (await tx.execute(stored)).first() is not None


async def totp_of(tx: Transaction, person_id: UUID) -> StoredTotp | None:
    row = (await tx.execute(select(totp_table).where(totp_table.c.tenant_id == person_id))).first()
    return None if row is None else StoredTotp(row.secret, row.confirmed_at)


async def use_step(tx: Transaction, person_id: UUID, step: int) -> bool:
    """Whether no code of this or a later step was used before (RFC 6238 §5.2: a code is good once)."""
    statement = (
        update(totp_table)
        .where(
            totp_table.c.tenant_id == person_id,
            or_(totp_table.c.last_step.is_(None), totp_table.c.last_step < step),
        )
        .values(last_step=step)
        .returning(totp_table.c.tenant_id)
    )
    return (await tx.execute(statement)).first() is not None


async def confirm(tx: Transaction, person_id: UUID, now: datetime) -> None:
    await tx.execute(update(totp_table).where(totp_table.c.tenant_id == person_id).values(confirmed_at=now))


async def replace_recovery_codes(tx: Transaction, person_id: UUID, hashes: Sequence[bytes]) -> None:
    await tx.execute(delete(recovery_code_table).where(recovery_code_table.c.tenant_id == person_id))
    if hashes:
        await tx.execute(
            insert(recovery_code_table).values([{"tenant_id": person_id, "code_hash": each} for each in hashes])
        )


async def use_recovery_code(tx: Transaction, person_id: UUID, code_hash: bytes, now: datetime) -> bool:
    statement = (
        update(recovery_code_table)
        .where(
            recovery_code_table.c.tenant_id == person_id,
            recovery_code_table.c.code_hash == code_hash,
            recovery_code_table.c.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(recovery_code_table.c.tenant_id)
    )
    return (await tx.execute(statement)).first() is not None


async def recovery_codes_left(tx: Transaction, person_id: UUID) -> int:
    statement = (
        select(func.count())
        .select_from(recovery_code_table)
        .where(recovery_code_table.c.tenant_id == person_id, recovery_code_table.c.used_at.is_(None))
    )
    return int((await tx.execute(statement)).scalar_one())


async def forget_second_factor_of(tx: Transaction, person_id: UUID) -> None:
    for table in (totp_table, recovery_code_table):
        await tx.execute(delete(table).where(table.c.tenant_id == person_id))
