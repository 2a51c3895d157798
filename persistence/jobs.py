"""Durable work: rows that some worker will carry out, written in the caller's own transaction.

A due row is claimed with `FOR UPDATE SKIP LOCKED` and leased under a fencing token. Every write of a handler goes
through `JobContext.transaction()`, which holds the row and checks the token first, so that a worker whose lease was
taken over can write nothing more. NOTIFY is only a hint; polling finds everything. A job is never given up: it is
retried with growing pauses until its handler says that it is done (ADR 0005).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    Interval,
    Table,
    Text,
    TextClause,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    text,
    update,
)

from persistence.database import Database, Transaction, metadata
from persistence.listening import listening
from persistence.types import JSONB, Timestamp
from primitives.errors import LeaseLost, QuanbaoError

log = structlog.get_logger()

CHANNEL = "quanbao_job"

job_table = Table(
    "job",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("due_at", Timestamp, nullable=False, server_default=func.now()),
    Column("lease_until", Timestamp),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("generation", BigInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Index("uq_job_kind_key", "kind", "key", unique=True),
    Index("ix_job_due_at", "due_at"),
)

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed row. `fence` is the token of this claim; `attempts` counts claims, this one included.

    `generation` rises with each `enqueue` of the same (kind, key): a job that was asked for again while it ran is not
    removed at its end but runs once more.
    """

    id: int
    kind: str
    key: str
    payload: Payload
    fence: int
    generation: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Again:
    """A handler's answer: not finished, come back after this pause."""

    after: timedelta = timedelta(seconds=1)


async def enqueue(
    tx: Transaction,
    kind: str,
    key: str,
    payload: Payload | None = None,
    *,
    delay: timedelta = timedelta(0),
    urgent: bool = True,
) -> None:
    """Add work in the caller's transaction.

    Args:
        kind: Names the handler (`payment.broadcast`).
        key: At most one pending job per (kind, key): a second call moves the due time forward, never back.
        payload: JSON object.
        delay: From the database's now.
        urgent: False: a pending job keeps its time, and a running one its pause; there is one afterwards all the same.
    """
    await enqueue_many(tx, kind, [(key, payload or {})], delay=delay, urgent=urgent)


async def enqueue_many(
    tx: Transaction,
    kind: str,
    work: Sequence[tuple[str, Payload]],
    *,
    delay: timedelta = timedelta(0),
    urgent: bool = True,
) -> None:
    """`enqueue` for many keys of one kind, in one statement; no key twice. The rows are locked in the keys' order, so
    that two who enqueue the same never wait for each other in a circle."""
    if not work:
        return
    ordered = sorted(work, key=lambda one: one[0])
    await tx.execute(
        _ENQUEUE_URGENT if urgent else _ENQUEUE,
        {
            "kind": kind,
            "keys": [key for key, _ in ordered],
            "payloads": [orjson.dumps(payload).decode() for _, payload in ordered],
            "delay": delay,
            "told": not delay,
        },
    )


def _enqueue_sql(again: str, told: str) -> TextClause:
    # Even an update that changes nothing waits for a handler that is just removing the job, and then inserts it anew.
    return text(
        f"""
        WITH added AS (
            INSERT INTO job (kind, key, payload, due_at)
            SELECT :kind, w.key, w.payload::jsonb, now() + :delay
            FROM unnest(:keys, :payloads) WITH ORDINALITY AS w (key, payload, place) ORDER BY w.place
            ON CONFLICT (kind, key) DO UPDATE SET payload = excluded.payload{again}
            RETURNING {told} AS told
        )
        SELECT pg_notify('{CHANNEL}', '') FROM (SELECT bool_or(told) AS told FROM added) AS every WHERE :told AND told
        """  # noqa: S608 - made of constants
    ).bindparams(
        bindparam("kind", type_=Text),
        bindparam("keys", type_=ARRAY(Text)),
        bindparam("payloads", type_=ARRAY(Text)),
        bindparam("delay", type_=Interval),
        bindparam("told", type_=Boolean),
    )


# xmax is 0 in a row that was inserted: of a job that is there already nobody needs to hear.
_ENQUEUE = _enqueue_sql("", "xmax = 0")
_ENQUEUE_URGENT = _enqueue_sql(", generation = job.generation + 1, due_at = least(job.due_at, excluded.due_at)", "true")


async def hasten(tx: Transaction, kind: str, name: str) -> None:
    """Make the jobs of a kind whose key is `name`, or begins with `name:`, due now; one that runs will run once more.

    A hint, which never waits and makes nothing: a job that somebody holds at this moment, or whose last run failed,
    keeps its time.
    """
    await tx.execute(_HASTEN, {"kind": kind, "name": name})


_HASTEN = text(
    f"""
    WITH waiting AS (
        SELECT id FROM job
        WHERE kind = :kind AND (key = :name OR starts_with(key, :name || ':')) AND last_error IS NULL
            AND (due_at > now() OR lease_until IS NOT NULL)
        ORDER BY key FOR UPDATE SKIP LOCKED
    ), hastened AS (
        UPDATE job SET due_at = least(due_at, now()), generation = generation + 1
        FROM waiting WHERE job.id = waiting.id RETURNING 1
    )
    SELECT pg_notify('{CHANNEL}', '') FROM (SELECT count(*) AS many FROM hastened) AS counted WHERE many > 0
    """  # noqa: S608 - made of constants
).bindparams(bindparam("kind", type_=Text), bindparam("name", type_=Text))


class JobContext:
    """What a handler may use: the job, and transactions that hold its lease."""

    def __init__(self, database: Database, job: Job) -> None:
        self.job = job
        self.database = database
        self._finished = False

    @property
    def finished(self) -> bool:
        return self._finished

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that belongs to the current lease.

        Raises:
            LeaseLost: Another worker has taken the job; everything is rolled back.
        """
        async with self.database.transaction() as tx:
            held = await tx.execute(_HOLD, {"id": self.job.id, "fence": self.job.fence})
            if held.first() is None:
                raise LeaseLost(f"job {self.job.kind} was taken over by another worker", job=self.job.id)
            yield tx

    async def finish(self, tx: Transaction) -> None:
        """Remove the job in the handler's own transaction, so that its last write and its end are one commit."""
        await _end(tx, self.job)
        self._finished = True


async def _end(tx: Transaction, job: Job) -> None:
    mine = (job_table.c.id == job.id) & (job_table.c.fence == job.fence)
    ended = await tx.execute(delete(job_table).where(mine, job_table.c.generation == job.generation))
    if ended.rowcount == 0:
        await tx.execute(update(job_table).where(mine).values(lease_until=None, due_at=func.now(), attempts=0))


Handler = Callable[[JobContext], Awaitable[Again | None]]


def retry_pause(attempts: int) -> timedelta:
    """Pause after a failed attempt: 1 s doubling to at most 60 s."""
    return timedelta(seconds=min(60, 2 ** min(attempts - 1, 6)))


_CLAIM = (
    text(
        """
    WITH due AS (
        SELECT id FROM job
        WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now()) AND kind = ANY(:kinds)
        ORDER BY due_at LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE job SET lease_until = now() + :lease, fence = fence + 1, attempts = attempts + 1
    FROM due WHERE job.id = due.id
    RETURNING job.id, job.kind, job.key, job.payload, job.fence, job.generation, job.attempts
    """
    )
    .bindparams(
        bindparam("kinds", type_=ARRAY(Text)), bindparam("lease", type_=Interval), bindparam("most", type_=Integer)
    )
    .columns(
        job_table.c.id,
        job_table.c.kind,
        job_table.c.key,
        job_table.c.payload,
        job_table.c.fence,
        job_table.c.generation,
        job_table.c.attempts,
    )
)

# Asked for again during the run: whoever asked is not made to wait for the pause.
_POSTPONE = text(
    """
    UPDATE job SET lease_until = NULL, last_error = :error, attempts = CASE WHEN :fresh THEN 0 ELSE attempts END,
        due_at = CASE WHEN generation = :generation THEN now() + :pause ELSE now() END
    WHERE id = :id AND fence = :fence
    """
).bindparams(
    bindparam("error", type_=Text),
    bindparam("fresh", type_=Boolean),
    bindparam("generation", type_=BigInteger),
    bindparam("pause", type_=Interval),
    bindparam("id", type_=BigInteger),
    bindparam("fence", type_=BigInteger),
)

_HOLD = text("SELECT id FROM job WHERE id = :id AND fence = :fence FOR UPDATE").bindparams(
    bindparam("id", type_=BigInteger), bindparam("fence", type_=BigInteger)
)


class Worker:
    """Claims due jobs and runs their handlers, several at a time, until stopped."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        concurrency: int = 8,
        lease: timedelta = timedelta(seconds=20),
        poll: timedelta = timedelta(milliseconds=250),
    ) -> None:
        self._database = database
        self._handlers = dict(handlers)
        self._kinds = sorted(self._handlers)
        self._concurrency = concurrency
        self._lease = lease
        self._poll = poll
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Work until `stop` is called; then let running handlers end."""
        running: set[asyncio.Task[None]] = set()
        async with listening(self._database, CHANNEL, self._wake.set):
            while not self._stopping:
                self._wake.clear()
                free = self._concurrency - len(running)
                claimed = await self._claim_safely(free) if free else []
                for job in claimed:
                    task = asyncio.create_task(self._carry_out(job))
                    running.add(task)
                    task.add_done_callback(running.discard)
                    task.add_done_callback(lambda _: self._wake.set())
                if len(claimed) < free or not free:
                    # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the event.
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._poll.total_seconds()):
                            await self._wake.wait()
            if running:
                await asyncio.gather(*running, return_exceptions=True)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run_due(self, *, rounds: int = 100) -> int:
        """Carry out what is due now, one batch after the other, and return how many; for tests and for draining."""
        done = 0
        for _ in range(rounds):
            claimed = await self._claim(self._concurrency)
            if not claimed:
                break
            await asyncio.gather(*(self._carry_out(job) for job in claimed))
            done += len(claimed)
        return done

    async def _claim_safely(self, limit: int) -> list[Job]:
        try:
            return await self._claim(limit)
        except QuanbaoError as error:
            log.warning("worker_cannot_claim", code=error.code)
        except Exception:
            # Whatever it was: a worker that ended here would leave everything undone without a word.
            log.exception("worker_cannot_claim", code="internal_error")
        await asyncio.sleep(1)
        return []

    async def _claim(self, limit: int) -> list[Job]:
        wanted = {"kinds": self._kinds, "lease": self._lease, "most": limit}
        async with self._database.statements() as tx:
            return [Job(*row) for row in await tx.execute(_CLAIM, wanted)]

    async def _carry_out(self, job: Job) -> None:
        context = JobContext(self._database, job)
        heartbeat = asyncio.create_task(self._keep_lease(job))
        try:
            outcome = await self._handlers[job.kind](context)
            if not context.finished:
                await self._release(job, outcome)
        except LeaseLost:
            log.warning("job_lease_lost", kind=job.kind, key=job.key)
        except Exception as error:
            code = error.code if isinstance(error, QuanbaoError) else type(error).__name__
            if not (isinstance(error, QuanbaoError) and error.retryable):
                log.exception("job_failed", kind=job.kind, key=job.key, attempts=job.attempts, code=code)
            else:
                log.warning("job_will_retry", kind=job.kind, key=job.key, attempts=job.attempts, code=code)
            with contextlib.suppress(QuanbaoError):
                await self._postpone(job, retry_pause(job.attempts), error=f"{code}: {error}"[:500])
        finally:
            heartbeat.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await heartbeat

    async def _release(self, job: Job, outcome: Again | None) -> None:
        if outcome is not None:
            await self._postpone(job, outcome.after, error=None, fresh=True)
            return
        async with self._database.statements() as tx:
            await _end(tx, job)

    async def _postpone(self, job: Job, pause: timedelta, *, error: str | None, fresh: bool = False) -> None:
        async with self._database.statements() as tx:
            await tx.execute(
                _POSTPONE,
                {
                    "error": error,
                    "fresh": fresh,
                    "generation": job.generation,
                    "pause": pause,
                    "id": job.id,
                    "fence": job.fence,
                },
            )

    async def _keep_lease(self, job: Job) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            with contextlib.suppress(QuanbaoError):
                async with self._database.transaction() as tx:
                    await tx.execute(
                        update(job_table)
                        .where(job_table.c.id == job.id, job_table.c.fence == job.fence)
                        .values(lease_until=func.now() + literal(self._lease))
                    )


async def release_leases(tx: Transaction) -> int:
    """Make every leased job due again at once; returns how many.

    For a start that knows that no other worker runs: the leases are of a worker that was killed, and waiting for them
    to run out would only delay what it left. A worker that lives after all loses its lease and can write nothing more.
    """
    released = await tx.execute(
        update(job_table)
        .where(job_table.c.lease_until.is_not(None))
        .values(lease_until=None, fence=job_table.c.fence + 1)
    )
    return int(released.rowcount)


async def pending_jobs(tx: Transaction, kinds: Iterable[str] | None = None) -> int:
    """How many jobs wait or run."""
    statement = select(func.count()).select_from(job_table)
    if kinds is not None:
        statement = statement.where(job_table.c.kind.in_(list(kinds)))
    return int((await tx.execute(statement)).scalar_one())


async def is_pending(tx: Transaction, kind: str, key: str) -> bool:
    """Whether this very job waits or runs: what it will bring about is not there yet."""
    statement = select(exists().where(job_table.c.kind == kind, job_table.c.key == key))
    return bool((await tx.execute(statement)).scalar_one())


async def oldest_due(tx: Transaction) -> datetime | None:
    """When the longest overdue job became due; None if nothing is overdue."""
    statement = select(func.min(job_table.c.due_at)).where(job_table.c.due_at <= func.now())
    moment: datetime | None = (await tx.execute(statement)).scalar_one()
    return moment
