"""One, two and three workers on one database: jobs that only write, jobs that wait for others, and payments."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import text

from bench.engine import through_api
from bench.engine.installation import installation
from bench.measure import Report, Result
from bench.scale.kinds import MOST, WAIT_SECONDS
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.jobs import enqueue_many, pending_jobs
from persistence.migrate import migrate

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class _Crew:
    """Three workers in processes of their own, on one PostgreSQL."""

    url: str
    database: Database
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    asked: int = 0

    async def hire(self) -> None:
        for number in range(1, MOST + 1):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.scale.worker", self.url, str(number)),
                cwd=_ROOT,
                stdout=asyncio.subprocess.PIPE,
            )
            assert process.stdout is not None
            if await process.stdout.readline() != b"ready\n":
                raise RuntimeError("a worker did not start")
            self.processes.append(process)

    async def ask(self, kind: str, count: int) -> None:
        async with self.database.transaction() as tx:
            await enqueue_many(tx, kind, [(f"{self.asked + n:09}", {}) for n in range(count)])
        self.asked += count

    async def drained(self, kind: str) -> None:
        while True:
            async with self.database.statements() as tx:
                if not await pending_jobs(tx, [kind]):
                    return
            await asyncio.sleep(0.01)

    async def turn(self, kind: str, count: int) -> float:
        """Jobs a second, from the moment they are asked for to the end of the last."""
        started = time.perf_counter()
        await self.ask(kind, count)
        await self.drained(kind)
        return count / (time.perf_counter() - started)

    async def kill_one(self, count: int) -> tuple[float, int, int, int]:
        """Kill the third under load: seconds until everything is done, and how many were held, lost and doubled."""
        kind = f"wait{MOST}"
        await self.ask(kind, count)
        await asyncio.sleep(WAIT_SECONDS * 4)
        self.processes[-1].kill()
        await self.processes[-1].wait()
        killed = time.perf_counter()
        async with self.database.statements() as tx:
            held = "SELECT count(*) FROM job WHERE kind = :kind AND lease_until > now()"
            left = int((await tx.execute(text(held), {"kind": kind})).scalar_one())
        await self.drained(kind)
        took = time.perf_counter() - killed
        async with self.database.statements() as tx:
            rows = "SELECT count(*) AS lines, count(DISTINCT key) AS keys FROM bench_line"
            found = (await tx.execute(text(rows))).one()
        return took, left, self.asked - found.keys, found.lines - found.keys

    async def dismiss(self) -> None:
        for process in self.processes:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def measure_jobs(folder: Path, *, rounds: int, commits: int, waits: int, killed: int) -> Report:
    """Durable work alone."""
    server = EmbeddedPostgres(folder / "postgres")
    url = await server.start()
    database = Database(url)
    crew = _Crew(url, database)
    try:
        await migrate(database)
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE bench_line (key text NOT NULL, worker integer NOT NULL)"))
        await crew.hire()
        names = {"commit": "one commit each", "wait": f"{WAIT_SECONDS * 1000:.0f} ms of waiting each"}
        counts = {"commit": commits, "wait": waits}
        rates: dict[tuple[str, int], list[float]] = {(case, of): [] for case in names for of in range(1, MOST + 1)}
        for _ in range(rounds):
            for case, of in random.sample(list(rates), len(rates)):
                rates[case, of].append(await crew.turn(f"{case}{of}", counts[case]))
        took, held, lost, doubled = await crew.kill_one(killed)
    finally:
        await crew.dismiss()
        await database.close()
        await server.stop()
    base = statistics.median(rates["wait", 1])
    results = tuple(
        Result(
            f"{names[case]}, {of} worker(s)",
            statistics.median(found),
            max(found),
            statistics.median(found) / (base if case == "wait" else statistics.median(rates["commit", 1])),
            (case, of) == ("wait", 1),
        )
        for (case, of), found in rates.items()
    )
    remarks = (
        f"{os.cpu_count()} cores for workers, PostgreSQL and this process; × is to one worker with the same work",
        f"one of three killed with -9 under load: the three held {held} jobs, all was done {took:.1f} s later; "
        f"lost {lost}, doubled {doubled}",
    )
    return Report("Workers", "jobs", results, remarks)


async def measure_payments(folder: Path, *, rounds: int, count: int) -> Report:
    """Payments from the API to the node, beside further workers; one of three is killed at the end."""
    rates: dict[int, list[float]] = {}
    remarks: list[str] = []
    for workers in range(1, MOST + 1):
        place_folder = folder / f"payments{workers}"
        place_folder.mkdir()
        place_folder.chmod(0o711)
        async with installation(place_folder, workers=workers) as place:
            rates[workers] = []
            for _ in range(rounds):
                rates[workers].append(await through_api(place, count, 100))
                await place.settle()
            if workers == MOST:
                before = await place.done()
                sending = asyncio.create_task(through_api(place, count, 100))
                await asyncio.sleep(0.2)
                place.others[0].kill()
                await sending
                await place.settle()
                done = await place.done() - before
                remarks.append(f"one of three killed with -9 while {count} payments went out: {done} are final")
                if done != count:
                    raise AssertionError(remarks[-1])
    base = statistics.median(rates[1])
    results = tuple(
        Result(
            f"API → accepted, 100 a request, {workers} worker(s)",
            statistics.median(found),
            max(found),
            statistics.median(found) / base,
            workers == 1,
        )
        for workers, found in rates.items()
    )
    return Report("Payments beside further workers", "payments", results, tuple(remarks))


def run(*, smoke: bool) -> list[Report]:
    """Jobs in interleaved turns, then payments on three installations one after the other."""
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as name, asyncio.Runner() as runner:
        folder = Path(name)
        folder.chmod(0o711)
        sizes = (1, 60, 20, 20) if smoke else (3, 1000, 400, 400)
        jobs = measure_jobs(folder, rounds=sizes[0], commits=sizes[1], waits=sizes[2], killed=sizes[3])
        reports = [runner.run(jobs)]
        if not smoke:
            reports.append(runner.run(measure_payments(folder, rounds=2, count=600)))
        return reports
