"""Lanes in PostgreSQL, and the payments that travel on them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Interval,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from persistence.database import Transaction
from persistence.types import JSONB, BigInteger, Text
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from wallets.engine.model import Attempt, AttemptStatus, Payment, PaymentStatus
from wallets.engine.sql import attempt_of_row, attempt_table, lane_table, payment_table, payments_where

_p, _a, _l = payment_table.c, attempt_table.c, lane_table.c

_WAITING = (AttemptStatus.SIGNED, AttemptStatus.SENT)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane's row: the nonce after the highest that was given out, and why it is halted.

    `since`: After a restore, a height that the backup was not older than; None when nothing has to be matched.
    """

    next_nonce: int | None
    halted: str | None
    gap_since: datetime | None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class HaltedLane:
    """An account for which nothing is signed, and why. `since` as in `Lane`."""

    account: AccountId
    reason: str
    since: int | None


async def lock_lane(tx: Transaction, account: AccountId) -> Lane:
    """Hold the account's lane until the transaction ends."""
    key = {"chain": str(account.chain), "account": account.address}
    statement = select(_l.next_nonce, _l.halted, _l.gap_since).where(
        _l.chain == key["chain"], _l.account == key["account"]
    )
    row = (await tx.execute(statement.with_for_update())).first()
    if row is None:
        await tx.execute(insert(lane_table).values(**key).on_conflict_do_nothing())
        row = (await tx.execute(statement.with_for_update())).one()
    return Lane(row.next_nonce, row.halted, row.gap_since)


async def lock_lanes(tx: Transaction, accounts: Collection[AccountId]) -> tuple[Mapping[AccountId, Lane], datetime]:
    """Hold the lanes of some accounts of one chain until the transaction ends, and the transaction's moment.

    Two never wait for each other in a circle: lanes are locked in one order, and only once all of them are there.
    Those that are missing are made before, in the same order, while no other is held.
    """
    ordered = sorted(accounts, key=lambda account: account.address)
    wanted = {"chain": str(ordered[0].chain), "accounts": [account.address for account in ordered]}
    rows = (await tx.execute(_LOCK_LANES, wanted)).all()
    if not rows:
        await tx.execute(_MAKE_LANES, wanted)
        rows = (await tx.execute(_LOCK_LANES, wanted)).all()
    by_address = {account.address: account for account in ordered}
    held = {by_address[row.account]: Lane(row.next_nonce, row.halted, row.gap_since) for row in rows}
    return held, rows[0].moment


# All or none: the count is taken before the first row is locked.
_LOCK_LANES = text(
    "SELECT account, next_nonce, halted, gap_since, now() AS moment FROM payment_lane "
    "WHERE chain = :chain AND account = ANY(:accounts) AND cardinality(:accounts) = ("
    "SELECT count(*) FROM payment_lane WHERE chain = :chain AND account = ANY(:accounts)) "
    'ORDER BY account COLLATE "C" FOR UPDATE'
).bindparams(bindparam("chain", type_=Text), bindparam("accounts", type_=ARRAY(Text)))
_MAKE_LANES = text(
    "INSERT INTO payment_lane (chain, account) SELECT :chain, a.account FROM unnest(:accounts) AS a (account) "
    'ORDER BY a.account COLLATE "C" ON CONFLICT DO NOTHING'
).bindparams(bindparam("chain", type_=Text), bindparam("accounts", type_=ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a lane carries.

    Attributes:
        in_flight: Payments that are signed and have not ended.
        used: Nonces from the asked one on that belong to a payment, whatever became of it.
        held: What payments in flight may still take out of the account, by asset.
    """

    in_flight: int
    used: frozenset[int]
    held: Mapping[AssetId, int]


async def traffic(tx: Transaction, accounts: Sequence[tuple[AccountId, int, int]]) -> Mapping[AccountId, Traffic]:
    """For accounts of one chain, whose lanes the caller holds.

    Args:
        accounts: With the nonce from which on used ones are asked for, and the height at which balances were read: a
            payment that is included at or below it is in the balance already.
    """
    rows = await tx.execute(
        _TRAFFIC,
        {
            "chain": str(accounts[0][0].chain),
            "senders": [account.address for account, _, _ in accounts],
            "scopes": [str(account) for account, _, _ in accounts],
            "starts": [start for _, start, _ in accounts],
            "heights": [height for _, _, height in accounts],
        },
    )
    by_address = {account.address: account for account, _, _ in accounts}
    return {
        by_address[row.sender]: Traffic(
            int(row.in_flight),
            frozenset(row.used or ()),
            {AssetId.parse(asset): int(amount) for asset, amount in (row.held or {}).items()},
        )
        for row in rows
    }


_TRAFFIC = (
    text(
        """
    SELECT q.sender,
        (SELECT count(*) FROM payment AS p
            WHERE p.chain = :chain AND p.sender = q.sender AND p.status = 'in_flight') AS in_flight,
        (SELECT array_agg(p.nonce) FROM payment AS p
            WHERE p.chain = :chain AND p.sender = q.sender AND p.nonce >= q.start) AS used,
        (SELECT jsonb_object_agg(h.asset, h.amount::text) FROM (
            SELECT r.asset, sum(r.amount) AS amount FROM payment_reservation AS r
            WHERE r.scope = q.scope AND r.state = 'held' AND NOT EXISTS (
                SELECT FROM payment_attempt AS a
                WHERE a.payment_id = r.payment_id AND a.status = 'included' AND a.height <= q.height)
            GROUP BY r.asset) AS h) AS held
    FROM unnest(:senders, :scopes, :starts, :heights) AS q (sender, scope, start, height)
    """
    )
    .bindparams(
        bindparam("chain", type_=Text),
        bindparam("senders", type_=ARRAY(Text)),
        bindparam("scopes", type_=ARRAY(Text)),
        bindparam("starts", type_=ARRAY(BigInteger)),
        bindparam("heights", type_=ARRAY(BigInteger)),
    )
    .columns(sender=Text, in_flight=BigInteger, used=ARRAY(BigInteger), held=JSONB)
)


@dataclass(frozen=True, slots=True)
class Glance:
    """A lane as a whole, beside what the chain says of its account.

    Attributes:
        in_flight: Payments that are signed and have not ended.
        changed: Whether the place of one of them differs from what the chain's nonces say.
        blocks: The blocks that hold attempts, by height.
        lowest, highest, count: Of the nonces in flight that are in no block yet.
        waiting_for: Seconds since the newest attempt of the one that waits longest.
        refused: Whether a node refused one that waits.
        gap_seen: Whether a gap was seen before.
    """

    in_flight: int
    changed: bool
    blocks: Mapping[int, Collection[bytes]]
    lowest: int | None
    highest: int | None
    count: int
    waiting_for: float
    refused: bool
    halted: bool
    gap_seen: bool


async def glance(tx: Transaction, account: AccountId, *, included: int, final: int) -> Glance:
    """`included`, `final`: the account's nonces in the canonical and the final chain."""
    wanted = {"chain": str(account.chain), "sender": account.address, "included": included, "final": final}
    row = (await tx.execute(_GLANCE, wanted)).one()
    blocks: dict[int, set[bytes]] = {}
    for text_of in row.blocks or ():
        height, _, block_hash = text_of.partition(":")
        blocks.setdefault(int(height), set()).add(bytes.fromhex(block_hash))
    return Glance(
        in_flight=row.in_flight,
        changed=row.changed or False,
        blocks=blocks,
        lowest=row.lowest,
        highest=row.highest,
        count=row.waiting,
        waiting_for=float(row.waiting_for or 0),
        refused=row.refused or False,
        halted=row.halted or False,
        gap_seen=row.gap_seen or False,
    )


_GLANCE = text(
    """
    WITH flying AS (
        SELECT p.id, p.nonce, bool_or(a.status = 'included') AS landed, bool_or(a.last_error IS NOT NULL) AS refused,
            max(a.signed_at) FILTER (WHERE NOT a.reserve) AS signed_at,
            max(a.height || ':' || encode(a.block_hash, 'hex')) FILTER (WHERE a.status = 'included') AS block
        FROM payment AS p JOIN payment_attempt AS a ON a.payment_id = p.id
        WHERE p.chain = :chain AND p.sender = :sender AND p.status = 'in_flight'
        GROUP BY p.id, p.nonce
    )
    SELECT count(*) AS in_flight,
        bool_or((f.nonce < :included AND NOT f.landed) OR f.nonce < :final OR (f.nonce >= :included AND f.landed))
            AS changed,
        array_agg(DISTINCT f.block) FILTER (WHERE f.block IS NOT NULL) AS blocks,
        min(f.nonce) FILTER (WHERE NOT f.landed) AS lowest,
        max(f.nonce) FILTER (WHERE NOT f.landed) AS highest,
        count(f.nonce) FILTER (WHERE NOT f.landed) AS waiting,
        extract(epoch FROM now() - min(f.signed_at) FILTER (WHERE NOT f.landed)) AS waiting_for,
        bool_or(f.refused) FILTER (WHERE NOT f.landed) AS refused,
        (SELECT l.halted IS NOT NULL FROM payment_lane AS l WHERE l.chain = :chain AND l.account = :sender) AS halted,
        (SELECT l.gap_since IS NOT NULL FROM payment_lane AS l WHERE l.chain = :chain AND l.account = :sender)
            AS gap_seen
    FROM flying AS f
    """
).bindparams(
    bindparam("chain", type_=Text),
    bindparam("sender", type_=Text),
    bindparam("included", type_=BigInteger),
    bindparam("final", type_=BigInteger),
)


async def read_lane(tx: Transaction, account: AccountId) -> Lane:
    row = (
        await tx.execute(
            select(_l.next_nonce, _l.halted, _l.gap_since, _l.held_since).where(
                _l.chain == str(account.chain), _l.account == account.address
            )
        )
    ).first()
    return Lane(None, None, None) if row is None else Lane(row.next_nonce, row.halted, row.gap_since, row.held_since)


async def advance_lane(tx: Transaction, account: AccountId, next_nonce: int) -> None:
    """The counter never goes back."""
    await tx.execute(
        update(lane_table)
        .where(_l.chain == str(account.chain), _l.account == account.address)
        .values(next_nonce=func.greatest(func.coalesce(_l.next_nonce, 0), next_nonce))
    )


async def advance_lanes(tx: Transaction, nexts: Mapping[AccountId, int]) -> None:
    """`advance_lane` for accounts of one chain, whose lanes the caller holds."""
    chain = str(next(iter(nexts)).chain)
    accounts = [account.address for account in nexts]
    await tx.execute(_ADVANCE_LANES, {"chain": chain, "accounts": accounts, "nexts": list(nexts.values())})


_ADVANCE_LANES = text(
    "UPDATE payment_lane SET next_nonce = greatest(coalesce(next_nonce, 0), n.next) "
    "FROM unnest(:accounts, :nexts) AS n (account, next) "
    "WHERE payment_lane.chain = :chain AND payment_lane.account = n.account"
).bindparams(
    bindparam("chain", type_=Text),
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("nexts", type_=ARRAY(BigInteger)),
)


async def set_halted(tx: Transaction, account: AccountId, reason: str | None) -> None:
    await tx.execute(
        update(lane_table).where(_l.chain == str(account.chain), _l.account == account.address).values(halted=reason)
    )


HELD = "the database was restored: nothing is signed for this account until its history is matched"
HALT_EVERY_LANE = f"UPDATE payment_lane SET halted = coalesce(halted, '{HELD}')"  # noqa: S608
"""For the transaction that loads a backup."""


async def hold(tx: Transaction, account: AccountId, *, since: int) -> None:
    """Halt a lane whose history has to be matched first. A reason that stands already is kept."""
    await tx.execute(
        update(lane_table)
        .where(_l.chain == str(account.chain), _l.account == account.address)
        .values(halted=func.coalesce(_l.halted, HELD), held_since=since)
    )


async def release(tx: Transaction, account: AccountId) -> None:
    """The lane goes on."""
    await tx.execute(
        update(lane_table)
        .where(_l.chain == str(account.chain), _l.account == account.address)
        .values(halted=None, held_since=None)
    )


async def halted(tx: Transaction) -> Sequence[HaltedLane]:
    """Every halted lane, by account."""
    rows = await tx.execute(
        select(_l.chain, _l.account, _l.halted, _l.held_since)
        .where(_l.halted.is_not(None))
        .order_by(_l.chain, _l.account)
    )
    return [HaltedLane(AccountId(ChainId.parse(row[0]), row[1]), row[2], row[3]) for row in rows]


async def set_gap(tx: Transaction, account: AccountId, *, seen: bool) -> None:
    """Remember when a gap was first seen, or that there is none."""
    await tx.execute(
        update(lane_table)
        .where(_l.chain == str(account.chain), _l.account == account.address)
        .values(gap_since=func.coalesce(_l.gap_since, func.now()) if seen else None)
    )


async def gap_age(tx: Transaction, account: AccountId) -> timedelta | None:
    """How long the gap has been there, by the database's clock; None without one."""
    found = await tx.execute(
        select(func.extract("epoch", func.now() - _l.gap_since)).where(
            _l.chain == str(account.chain), _l.account == account.address
        )
    )
    seconds = found.scalar()
    return None if seconds is None else timedelta(seconds=float(seconds))


async def used_nonces(tx: Transaction, account: AccountId, start: int) -> set[int]:
    """Nonces from `start` on that belong to a payment, whatever became of it."""
    rows = await tx.execute(
        select(_p.nonce).where(_p.chain == str(account.chain), _p.sender == account.address, _p.nonce >= start)
    )
    return {int(row[0]) for row in rows}


def _in_flight(account: AccountId) -> ColumnElement[bool]:
    return and_(_p.chain == str(account.chain), _p.sender == account.address, _p.status == PaymentStatus.IN_FLIGHT)


async def count_in_flight(tx: Transaction, account: AccountId) -> int:
    return int((await tx.execute(select(func.count()).where(_in_flight(account)))).scalar_one())


async def in_flight_nonces(tx: Transaction, account: AccountId, start: int) -> list[int]:
    """Ascending, from `start` on."""
    rows = await tx.execute(
        select(_p.nonce).where(_in_flight(account), _p.nonce.is_not(None), _p.nonce >= start).order_by(_p.nonce)
    )
    return [int(row[0]) for row in rows]


async def owner_of_nonce(tx: Transaction, account: AccountId, nonce: int) -> Payment | None:
    found = await payments_where(
        tx, and_(_p.chain == str(account.chain), _p.sender == account.address, _p.nonce == nonce), limit=1
    )
    return found[0] if found else None


async def to_send(
    tx: Transaction, account: AccountId, *, window: int, again_after: timedelta
) -> tuple[Sequence[Attempt], bool]:
    """The attempts that a node should be handed now, in the order of their nonces, and whether more wait behind.

    Only the first `window` payments that are in no block are looked at. Of each the newest attempt that is not kept in
    reserve counts: never handed over, or longer ago than `again_after`.
    """
    rows = await tx.execute(
        _TO_SEND,
        {
            "chain": str(account.chain),
            "sender": account.address,
            "window": window,
            "again_after": again_after,
            "most": _AT_ONCE + 1,
        },
    )
    found = [attempt_of_row(row) for row in rows.mappings()]
    return found[:_AT_ONCE], len(found) > _AT_ONCE


_TO_SEND = (
    text(
        f"""
        SELECT {", ".join(f"newest.{column.name}" for column in attempt_table.c)} FROM (
            SELECT p.id, p.nonce AS lane_nonce, p.created_at AS asked_at FROM payment AS p
            WHERE p.chain = :chain AND p.sender = :sender AND p.status = 'in_flight' AND NOT EXISTS (
                SELECT FROM payment_attempt AS i WHERE i.payment_id = p.id AND i.status = 'included')
            ORDER BY p.nonce, p.created_at LIMIT :window
        ) AS first CROSS JOIN LATERAL (
            SELECT * FROM payment_attempt AS a WHERE a.payment_id = first.id AND NOT a.reserve
            ORDER BY a.number DESC LIMIT 1
        ) AS newest
        WHERE (newest.status = 'signed' OR newest.status = 'sent' AND newest.updated_at <= now() - :again_after)
            AND (newest.refusals = 0 OR newest.updated_at <= now() - :again_after)
        ORDER BY first.lane_nonce, first.asked_at LIMIT :most
        """  # noqa: S608 - made of constants
    )
    .bindparams(
        bindparam("chain", type_=Text),
        bindparam("sender", type_=Text),
        bindparam("window", type_=BigInteger),
        bindparam("again_after", type_=Interval),
        bindparam("most", type_=BigInteger),
    )
    .columns(*attempt_table.c)
)

_AT_ONCE = 200
"""Transactions per exchange with a node."""


async def anything_waits(tx: Transaction, account: AccountId) -> bool:
    """Whether a payment in flight is in no block."""
    landed = exists().where(_a.payment_id == _p.id, _a.status == AttemptStatus.INCLUDED)
    return (await tx.execute(select(_p.id).where(_in_flight(account), ~landed).limit(1))).first() is not None


async def to_look_at(
    tx: Transaction,
    account: AccountId,
    *,
    included: int | None,
    final: int | None,
    moved: Collection[tuple[int, bytes]],
    limit: int,
) -> Sequence[Payment]:
    """Payments in flight whose place may have changed.

    Args:
        included, final: The account's nonces in the canonical and the final chain; None: every payment in flight.
        moved: Height and hash of blocks that are no longer canonical.
    """
    condition = _in_flight(account)
    if included is not None and final is not None:
        landed = exists().where(_a.payment_id == _p.id, _a.status == AttemptStatus.INCLUDED)
        changed = or_(
            and_(_p.nonce < included, ~landed),
            _p.nonce < final,
            and_(_p.nonce >= included, landed),
        )
        if moved:
            changed = or_(
                changed,
                exists().where(
                    _a.payment_id == _p.id,
                    _a.status == AttemptStatus.INCLUDED,
                    tuple_(_a.height, _a.block_hash).in_(list(moved)),
                ),
            )
        condition = and_(condition, changed)
    return await payments_where(tx, condition, limit=limit, order=(_p.nonce, _p.created_at))


async def waiting_heads(tx: Transaction, account: AccountId, limit: int) -> Sequence[Payment]:
    """The first payments in flight that are in no block, in the order of their nonces."""
    landed = exists().where(_a.payment_id == _p.id, _a.status == AttemptStatus.INCLUDED)
    return await payments_where(
        tx,
        and_(_in_flight(account), ~landed),
        limit=limit,
        order=(_p.nonce, _p.created_at),
    )


async def hold_in_flight(tx: Transaction, payments: Sequence[UUID]) -> set[UUID]:
    """Lock those that are still in flight and that nobody else is changing: the others are looked at next time, so that
    no two writers ever wait for each other."""
    rows = await tx.execute(
        select(_p.id).where(_p.id.in_(payments), _p.status == PaymentStatus.IN_FLIGHT).with_for_update(skip_locked=True)
    )
    return {row[0] for row in rows}


async def requested(tx: Transaction, account: AccountId, limit: int) -> list[UUID]:
    """Payments that wait for a service key, oldest first."""
    rows = await tx.execute(
        select(_p.id)
        .where(
            _p.chain == str(account.chain),
            _p.sender == account.address,
            _p.status == PaymentStatus.REQUESTED,
            _p.signs == "service",
        )
        .order_by(_p.created_at, _p.id)
        .limit(limit)
    )
    return [row[0] for row in rows]


async def lanes_in_flight(tx: Transaction) -> Sequence[tuple[str, str]]:
    """Chain and address of every account with payments in flight."""
    rows = await tx.execute(select(_p.chain, _p.sender).distinct().where(_p.status == PaymentStatus.IN_FLIGHT))
    return [(row[0], row[1]) for row in rows]


async def every_account(tx: Transaction) -> Sequence[AccountId]:
    """Every account with a lane or with a payment that nobody has signed."""
    rows = await tx.execute(
        select(_l.chain, _l.account).union(
            select(_p.chain, _p.sender).where(
                _p.status.in_([PaymentStatus.REQUESTED, PaymentStatus.AWAITING_SIGNATURE])
            )
        )
    )
    return [AccountId(ChainId.parse(row[0]), row[1]) for row in rows]


async def unsigned_of(tx: Transaction, account: AccountId) -> Sequence[Payment]:
    """Payments of an account that wait for a signature, oldest first."""
    return await payments_where(
        tx,
        and_(
            _p.chain == str(account.chain),
            _p.sender == account.address,
            _p.status.in_([PaymentStatus.REQUESTED, PaymentStatus.AWAITING_SIGNATURE, PaymentStatus.AWAITING_APPROVAL]),
        ),
        limit=1_000_000,
        order=(_p.created_at, _p.id),
    )
