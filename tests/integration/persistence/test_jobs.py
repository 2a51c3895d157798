"""Durable work on the real database."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import pytest
from sqlalchemy import text

from persistence.database import Database
from persistence.jobs import Again, Job, JobContext, Worker, enqueue, pending_jobs, release_leases
from primitives.errors import LeaseLost, NodeUnavailable


async def _enqueue(database: Database, kind: str, key: str, **payload: object) -> None:
    async with database.transaction() as tx:
        await enqueue(tx, kind, key, payload)


async def _pending(database: Database) -> int:
    async with database.transaction() as tx:
        return await pending_jobs(tx)


async def _make_all_due(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE job SET due_at = now() - interval '1 second'"))


class TestEnqueue:
    async def test_job_of_a_rolled_back_transaction_does_not_exist(self, database: Database) -> None:
        """Work is part of the caller's transaction."""
        with pytest.raises(ZeroDivisionError):
            async with database.transaction() as tx:
                await enqueue(tx, "a", "1")
                raise ZeroDivisionError
        assert await _pending(database) == 0

    async def test_same_key_twice_is_one_job(self, database: Database) -> None:
        await _enqueue(database, "a", "1", n=1)
        await _enqueue(database, "a", "1", n=2)
        assert await _pending(database) == 1

    async def test_later_request_never_delays_an_earlier_one(self, database: Database) -> None:
        await _enqueue(database, "a", "1")
        async with database.transaction() as tx:
            await enqueue(tx, "a", "1", delay=timedelta(hours=1))
        ran: list[Job] = []

        async def handle(context: JobContext) -> None:
            ran.append(context.job)

        assert await Worker(database, {"a": handle}).run_due() == 1
        assert len(ran) == 1


class TestWorker:
    async def test_many_workers_carry_out_each_job_once(self, database: Database) -> None:
        """SKIP LOCKED gives every row to one worker."""
        async with database.transaction() as tx:
            for n in range(60):
                await enqueue(tx, "a", str(n))
        seen: list[str] = []

        async def handle(context: JobContext) -> None:
            async with context.transaction():
                seen.append(context.job.key)

        await asyncio.gather(*(Worker(database, {"a": handle}, concurrency=4).run_due() for _ in range(4)))
        assert sorted(seen, key=int) == [str(n) for n in range(60)]
        assert await _pending(database) == 0

    async def test_failing_job_stays_with_its_reason(self, database: Database) -> None:
        """A job is never given up."""
        await _enqueue(database, "a", "1")

        async def handle(context: JobContext) -> None:
            raise NodeUnavailable("the node is down")

        worker = Worker(database, {"a": handle})
        for _ in range(3):
            await worker.run_due()
            await _make_all_due(database)
        async with database.transaction() as tx:
            row = (await tx.execute(text("SELECT attempts, last_error FROM job"))).one()
        assert row.attempts == 3
        assert "node is down" in row.last_error

    async def test_again_keeps_the_job(self, database: Database) -> None:
        await _enqueue(database, "a", "1")
        answers: list[Again | None] = [Again(timedelta(0)), None]

        async def handle(context: JobContext) -> Again | None:
            return answers.pop(0)

        assert await Worker(database, {"a": handle}).run_due() == 2
        assert await _pending(database) == 0

    async def test_request_during_the_run_is_not_lost(self, database: Database) -> None:
        """A job asked for again while it runs is carried out once more."""
        await _enqueue(database, "a", "1", n=1)
        seen: list[object] = []

        async def handle(context: JobContext) -> None:
            if not seen:
                await _enqueue(database, "a", "1", n=2)
            seen.append(context.job.payload["n"])

        await Worker(database, {"a": handle}).run_due()
        assert seen == [1, 2]

    @pytest.mark.parametrize("failing", [False, True])
    async def test_request_during_the_run_does_not_wait_for_the_pause(self, database: Database, failing: bool) -> None:
        """Whether the run ends with a pause or with an error."""
        await _enqueue(database, "a", "1")
        seen: list[bool] = []

        async def handle(context: JobContext) -> Again | None:
            seen.append(True)
            if len(seen) == 2:
                return None
            await _enqueue(database, "a", "1")
            if failing:
                raise NodeUnavailable("the node is down")
            return Again(timedelta(hours=1))

        await Worker(database, {"a": handle}).run_due()
        assert len(seen) == 2

    async def test_worker_that_starts_without_database_works_when_it_comes(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await _enqueue(database, "a", "1")
        done = asyncio.Event()

        async def handle(context: JobContext) -> None:
            done.set()

        class Unreachable:
            async def connect(self) -> None:
                raise ConnectionRefusedError

        with monkeypatch.context() as patch:
            patch.setattr(Database, "engine", property(lambda _: Unreachable()))
            worker = Worker(database, {"a": handle}, poll=timedelta(milliseconds=20))
            running = asyncio.create_task(worker.run())
            await asyncio.wait_for(done.wait(), 10)
            worker.stop()
            await asyncio.wait_for(running, 10)

    async def test_taken_over_worker_can_write_nothing(self, database: Database) -> None:
        """The fencing token stops the first worker after its lease ran out and another took the job."""
        await _enqueue(database, "a", "1")
        entered, go_on = asyncio.Event(), asyncio.Event()
        lost: list[bool] = []

        async def slow(context: JobContext) -> None:
            entered.set()
            await go_on.wait()
            try:
                async with context.transaction() as tx:
                    await enqueue(tx, "written", "by the slow worker")
            except LeaseLost:
                lost.append(True)
                raise

        async def quick(context: JobContext) -> None:
            async with context.transaction() as tx:
                await enqueue(tx, "written", "by the quick worker")

        first = asyncio.create_task(Worker(database, {"a": slow}).run_due(rounds=1))
        await entered.wait()
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE job SET lease_until = now() - interval '1 second'"))
        await Worker(database, {"a": quick}).run_due(rounds=1)
        go_on.set()
        await first
        async with database.transaction() as tx:
            rows = (await tx.execute(text("SELECT key FROM job WHERE kind = 'written'"))).scalars().all()
        assert rows == ["by the quick worker"]
        assert lost == [True]

    async def test_what_a_killed_worker_held_is_due_at_once(self, database: Database) -> None:
        """And should that worker live after all, it can write nothing more."""
        await _enqueue(database, "a", "1")
        held, go_on = asyncio.Event(), asyncio.Event()
        refused: list[Exception] = []

        async def first(context: JobContext) -> None:
            held.set()
            await go_on.wait()
            try:
                async with context.transaction():
                    pass
            except LeaseLost as error:
                refused.append(error)
                raise

        async def second(_: JobContext) -> None:
            return None

        slow = asyncio.create_task(Worker(database, {"a": first}).run_due(rounds=1))
        await held.wait()
        assert await Worker(database, {"a": second}).run_due() == 0
        async with database.transaction() as tx:
            assert await release_leases(tx) == 1
        assert await Worker(database, {"a": second}).run_due() == 1
        go_on.set()
        await slow
        assert len(refused) == 1
        assert await _pending(database) == 0

    async def test_worker_outlives_an_unforeseen_failure_of_the_database(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await _enqueue(database, "a", "1")
        ran = asyncio.Event()

        async def handle(_: JobContext) -> None:
            ran.set()

        worker = Worker(database, {"a": handle})
        claim, failures = worker._claim, [RuntimeError("the driver is confused")]

        async def fails_once(limit: int) -> list[Job]:
            if failures:
                raise failures.pop()
            return await claim(limit)

        monkeypatch.setattr(worker, "_claim", fails_once)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(ran.wait(), 30)
        worker.stop()
        await asyncio.wait_for(running, 30)
        assert failures == []

    async def test_finish_and_last_write_are_one_commit(self, database: Database) -> None:
        await _enqueue(database, "a", "1")

        async def handle(context: JobContext) -> None:
            async with context.transaction() as tx:
                await enqueue(tx, "b", "next")
                await context.finish(tx)

        await Worker(database, {"a": handle}).run_due()
        async with database.transaction() as tx:
            assert (await tx.execute(text("SELECT kind FROM job"))).scalars().all() == ["b"]

    async def test_running_worker_wakes_up_by_notification(self, database: Database) -> None:
        """With a poll of an hour only NOTIFY can bring the job to the worker in time."""
        done = asyncio.Event()

        async def handle(context: JobContext) -> None:
            done.set()

        worker = Worker(database, {"a": handle}, poll=timedelta(hours=1))
        running = asyncio.create_task(worker.run())
        while not done.is_set():
            # The listener may come up after the first call: asking again is harmless, as the key is the same.
            await _enqueue(database, "a", "1")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 0.5)
        worker.stop()
        await asyncio.wait_for(running, 10)


async def test_a_cancellation_that_comes_with_news_is_not_lost(database: Database) -> None:
    """Before Python 3.12 `asyncio.wait_for` swallows it, and whoever waits for the worker's end waits for ever."""
    worker = Worker(database, {}, poll=timedelta(hours=1))
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(30):
        while not worker._wake._waiters:  # noqa: ASYNC110 - nobody tells when somebody begins to wait
            await asyncio.sleep(0.001)
    worker._wake.set()
    running.cancel()
    ended, _ = await asyncio.wait({running}, timeout=20)
    worker.stop()
    await asyncio.gather(running, return_exceptions=True)
    assert ended == {running}
