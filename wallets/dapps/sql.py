"""The tables of dApps' requests and of the chain that each session shows to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Row, Table, and_, case, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction, metadata
from persistence.types import JSONB, LargeBinary, Text, Timestamp, Uuid
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.assets.foresight import changes_from_json, changes_to_json
from wallets.dapps.model import Ask, AskedFor, DappRequest, Word

request_table = Table(
    "dapp_request",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("summary", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("word", Text, nullable=False),
    Column("signature", LargeBinary),
    Column("payment_id", Uuid),
    Column("changes", JSONB),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("expires_at", Timestamp, nullable=False),
    Index("ix_dapp_request_tenant_id", "tenant_id", "created_at"),
    # One row per request that waits, however often the dApp repeats it.
    Index("uq_dapp_request_waiting", "tenant_id", "digest", unique=True, postgresql_where=text("word = 'pending'")),
)

chain_table = Table(
    "dapp_chain",
    metadata,
    Column("session_id", Uuid, primary_key=True),
    Column("chain", Text, nullable=False),
)

_r = request_table.c
_word = case((and_(_r.word == Word.PENDING, _r.expires_at <= func.now()), Word.EXPIRED), else_=_r.word)


async def insert_request(
    tx: Transaction, request_id: UUID, tenant_id: UUID, ask: Ask, lifetime: timedelta
) -> DappRequest:
    """Store it, or answer the equal one that waits already."""
    digest = ask.digest()
    same = and_(_r.tenant_id == tenant_id, _r.digest == digest, _r.word == Word.PENDING)
    await tx.execute(update(request_table).where(same, _r.expires_at <= func.now()).values(word=Word.EXPIRED))
    await tx.execute(
        insert(request_table)
        .values(
            id=request_id,
            tenant_id=tenant_id,
            account=str(ask.account),
            kind=ask.kind,
            payload=dict(ask.payload),
            summary=ask.summary,
            digest=digest,
            changes=changes_to_json(ask.changes),
            word=Word.PENDING,
            expires_at=func.now() + literal(lifetime),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "digest"], index_where=text("word = 'pending'"))
    )
    return _request((await tx.execute(_columns().where(same))).one())


async def find_request(tx: Transaction, request_id: UUID, tenant_id: UUID, *, lock: bool = False) -> DappRequest | None:
    statement = _columns().where(_r.id == request_id, _r.tenant_id == tenant_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _request(row)


async def waiting(tx: Transaction, tenant_id: UUID, limit: int) -> Sequence[DappRequest]:
    """Oldest first."""
    rows = await tx.execute(
        _columns()
        .where(_r.tenant_id == tenant_id, _r.word == Word.PENDING, _r.expires_at > func.now())
        .order_by(_r.created_at, _r.id)
        .limit(limit)
    )
    return [_request(row) for row in rows]


async def put_word(tx: Transaction, request_id: UUID, word: Word, payment_id: UUID | None = None) -> None:
    await tx.execute(update(request_table).where(_r.id == request_id).values(word=word, payment_id=payment_id))


async def put_signature(tx: Transaction, request_id: UUID, signature: bytes) -> None:
    await tx.execute(update(request_table).where(_r.id == request_id).values(signature=signature))


async def chosen_chain(tx: Transaction, session_id: UUID) -> ChainId | None:
    found = await tx.execute(select(chain_table.c.chain).where(chain_table.c.session_id == session_id))
    name = found.scalar()
    return None if name is None else ChainId.parse(name)


async def choose_chain(tx: Transaction, session_id: UUID, chain: ChainId) -> None:
    await tx.execute(
        insert(chain_table)
        .values(session_id=session_id, chain=str(chain))
        .on_conflict_do_update(index_elements=["session_id"], set_={"chain": str(chain)})
    )


def _columns() -> Any:
    return select(request_table, _word.label("word_now"))


def _request(row: Row[Any]) -> DappRequest:
    return DappRequest(
        id=row.id,
        tenant_id=row.tenant_id,
        account=AccountId.parse(row.account),
        kind=AskedFor(row.kind),
        payload=row.payload,
        summary=row.summary,
        word=Word(row.word_now),
        signature=row.signature,
        payment_id=row.payment_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        changes=changes_from_json(row.changes),
    )
