"""The tables of swaps and of their transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    and_,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chains.intent import Intent
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import JSONB, BaseUnits, BigInteger, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from wallets.defi.model import SignedBy, Step, StepKind, StepStatus, Swap, Terms
from wallets.engine.model import Failure, Payment

swap_table = Table(
    "swap",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("account", Text, nullable=False),
    Column("sell_asset", Text, nullable=False),
    Column("terms", JSONB, nullable=False),
    Column("signs", Text, nullable=False),
    Column("received", BaseUnits),
    Column("failure", JSONB),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("ended_at", Timestamp),
    UniqueConstraint("tenant_id", "idempotency_key", name="uq_swap_idempotency_key"),
    Index("ix_swap_open", "account", "sell_asset", postgresql_where=text("ended_at IS NULL")),
    Index("ix_swap_tenant_id_created_at_id", "tenant_id", "created_at", "id"),
)

step_table = Table(
    "swap_step",
    metadata,
    Column("swap_id", Uuid, ForeignKey("swap.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("intent", JSONB, nullable=False),
    Column("gas_limit", BigInteger),
    Column("payment_id", Uuid),
    Column("raw", LargeBinary),
    Column("nonce", BigInteger),
    Column("tx_hash", Text),
    Column("status", Text, nullable=False),
    Column("failure", JSONB),
)

_s = swap_table.c
_t = step_table.c


@dataclass(frozen=True, slots=True)
class StoredSwap:
    """A swap's rows, with its payments named only."""

    row: Row[Any]
    steps: Sequence[Row[Any]]

    @property
    def id(self) -> UUID:
        found: UUID = self.row.id
        return found

    @property
    def digest(self) -> bytes:
        found: bytes = self.row.digest
        return found

    @property
    def payment_ids(self) -> Sequence[UUID]:
        return [step.payment_id for step in self.steps if step.payment_id is not None]

    def joined(self, payments: Mapping[UUID, Payment]) -> Swap:
        terms = Terms.from_json(self.row.terms)
        received = self.row.received
        return Swap(
            id=self.row.id,
            tenant_id=self.row.tenant_id,
            terms=terms,
            signs=self.row.signs,
            steps=tuple(_step(row, payments) for row in self.steps),
            received=None if received is None else Amount(received, terms.expected.asset),
            failure=_failure(self.row.failure),
            created_at=self.row.created_at,
            ended_at=self.row.ended_at,
        )


async def hold_token(tx: Transaction, account: AccountId, asset: AssetId) -> None:
    """One new swap of an account and a sold asset at a time, until the transaction ends."""
    await lock_for_transaction(tx, "swap", account, asset)


async def insert_swap(
    tx: Transaction, swap_id: UUID, tenant_id: UUID, key: str, digest: bytes, terms: Terms, signs: SignedBy
) -> bool:
    """False: the key has its swap already."""
    done = await tx.execute(
        insert(swap_table)
        .values(
            id=swap_id,
            tenant_id=tenant_id,
            idempotency_key=key,
            digest=digest,
            account=str(terms.account),
            sell_asset=str(terms.sell.asset.id),
            terms=terms.to_json(),
            signs=signs,
        )
        .on_conflict_do_nothing(constraint="uq_swap_idempotency_key")
    )
    return done.rowcount == 1


async def insert_step(
    tx: Transaction,
    swap_id: UUID,
    number: int,
    kind: StepKind,
    intent: Intent,
    *,
    payment_id: UUID | None,
    gas_limit: int | None,
) -> None:
    await tx.execute(
        insert(step_table).values(
            swap_id=swap_id,
            number=number,
            kind=kind,
            intent=intent.to_json(),
            payment_id=payment_id,
            gas_limit=gas_limit,
            status=StepStatus.AWAITING_SIGNATURE,
        )
    )


async def find_by_key(tx: Transaction, tenant_id: UUID, key: str) -> StoredSwap | None:
    return await _one(tx, select(swap_table).where(_s.tenant_id == tenant_id, _s.idempotency_key == key))


async def find(
    tx: Transaction, swap_id: UUID, tenant_id: UUID | None = None, *, lock: bool = False
) -> StoredSwap | None:
    statement = select(swap_table).where(_s.id == swap_id)
    if tenant_id is not None:
        statement = statement.where(_s.tenant_id == tenant_id)
    return await _one(tx, statement.with_for_update() if lock else statement)


async def swaps_of(
    tx: Transaction, tenant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[StoredSwap]:
    """A tenant's swaps, newest first."""
    condition = _s.tenant_id == tenant_id
    if before is not None:
        condition = and_(condition, or_(_s.created_at < before[0], and_(_s.created_at == before[0], _s.id < before[1])))
    newest = select(swap_table).where(condition).order_by(_s.created_at.desc(), _s.id.desc()).limit(limit)
    rows = (await tx.execute(newest)).all()
    steps: dict[UUID, list[Row[Any]]] = {row.id: [] for row in rows}
    ordered = select(step_table).where(_t.swap_id.in_(list(steps))).order_by(_t.swap_id, _t.number)
    for step in await tx.execute(ordered):
        steps[step.swap_id].append(step)
    return [StoredSwap(row, steps[row.id]) for row in rows]


async def open_ones(tx: Transaction, account: AccountId, asset: AssetId) -> Sequence[StoredSwap]:
    """Swaps of our own signing that have not ended."""
    rows = await tx.execute(
        select(swap_table).where(
            _s.account == str(account), _s.sell_asset == str(asset), _s.ended_at.is_(None), _s.signs == "keystore"
        )
    )
    return [StoredSwap(row, await _steps(tx, row.id)) for row in rows.all()]


async def put_submitted(
    tx: Transaction, swap_id: UUID, number: int, *, raw: bytes | None, nonce: int, tx_hash: str
) -> None:
    await tx.execute(
        update(step_table)
        .where(_t.swap_id == swap_id, _t.number == number)
        .values(raw=raw, nonce=nonce, tx_hash=tx_hash, status=StepStatus.IN_FLIGHT)
    )


async def put_step_end(
    tx: Transaction, swap_id: UUID, number: int, status: StepStatus, failure: Failure | None
) -> None:
    told = None if failure is None else failure.to_json()
    await tx.execute(
        update(step_table).where(_t.swap_id == swap_id, _t.number == number).values(status=status, failure=told)
    )


async def submitted_nonce(tx: Transaction, swap_id: UUID, number: int) -> int | None:
    found = await tx.execute(select(_t.nonce).where(_t.swap_id == swap_id, _t.number == number))
    return found.scalar()


async def put_failure(tx: Transaction, swap_id: UUID, failure: Failure) -> None:
    await tx.execute(update(swap_table).where(_s.id == swap_id).values(failure=failure.to_json()))


async def put_end(tx: Transaction, swap_id: UUID, received: int | None) -> None:
    await tx.execute(update(swap_table).where(_s.id == swap_id).values(received=received, ended_at=func.now()))


async def _one(tx: Transaction, statement: Any) -> StoredSwap | None:
    row = (await tx.execute(statement)).first()
    return None if row is None else StoredSwap(row, await _steps(tx, row.id))


async def _steps(tx: Transaction, swap_id: UUID) -> Sequence[Row[Any]]:
    return (await tx.execute(select(step_table).where(_t.swap_id == swap_id).order_by(_t.number))).all()


def _step(row: Row[Any], payments: Mapping[UUID, Payment]) -> Step:
    return Step(
        number=row.number,
        kind=StepKind(row.kind),
        intent=Intent.from_json(row.intent),
        payment=None if row.payment_id is None else payments[row.payment_id],
        gas_limit=row.gas_limit,
        raw=row.raw,
        outside_hash=row.tx_hash,
        outside=StepStatus(row.status),
        outside_failure=_failure(row.failure),
    )


def _failure(told: Any) -> Failure | None:
    return None if told is None else Failure(told["code"], told["message"], told["facts"])
