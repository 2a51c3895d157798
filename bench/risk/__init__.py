"""Risk rules on labelled acts and flows of vouchers: precision, recall, speed; and how soon a freeze holds."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import tempfile
from pathlib import Path

from bench.measure import Case, Report, Result, compare
from bench.risk.acts import Maker
from bench.risk.figures import Figures, of_acts, of_flows
from bench.risk.freezing import Round, freeze_once
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import migrate
from wallets.risk.model import digest_of

SEED = 20_260_301


def run(*, smoke: bool) -> list[Report]:
    """The same seed makes the same corpus, so figures change with the rules only."""
    acts = of_acts(SEED, 500 if smoke else 20_000)
    flows = of_flows(SEED, 1 if smoke else 50)
    return [_speed(acts, flows, smoke=smoke), _freezes(3 if smoke else 50)]


def _speed(acts: Figures, flows: Figures, *, smoke: bool) -> Report:
    cases = [case for case in Maker(SEED).make(500) if case.intent is not None]
    scored, hashed = itertools.cycle(cases), itertools.cycle(cases)

    def score(count: int) -> None:
        for case in itertools.islice(scored, count):
            case.assess()

    def digest(count: int) -> None:
        for case in itertools.islice(hashed, count):
            assert case.intent is not None
            digest_of(case.intent)

    return compare(
        "Risk rules",
        "acts",
        [Case("hash the act", digest, reference=True), Case("score the act", score)],
        rounds=3 if smoke else 9,
        seconds=0.05 if smoke else 0.2,
        remarks=(
            f"acts: {acts.told()}; honest acts blocked or frozen: {acts.stopped_honest}",
            f"acts missed: {_listed(acts.missed_kinds)}; false alerts: {_listed(acts.false_kinds)}",
            f"vouchers: {flows.told()}",
            f"vouchers missed: {_listed(flows.missed_kinds)}; false alerts: {_listed(flows.false_kinds)}",
            "made up with labels by bench/risk: the mix says how the rules answer, not how often crime happens",
        ),
    )


def _listed(kinds: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(kinds.items())) or "none"


def _freezes(rounds: int) -> Report:
    with tempfile.TemporaryDirectory(prefix="quanbao-bench-") as folder:
        # PostgreSQL runs as another user where the bench runs as root.
        Path(folder).chmod(0o711)
        found = asyncio.run(_measured(EmbeddedPostgres(Path(folder) / "postgres"), Path(folder), rounds))
    took = [one.asked_to_commit for one in found]
    last = min(one.last_signature for one in found)
    after = sum(one.after for one in found)
    rate = 1 / statistics.median(took)
    return Report(
        "Freeze among 8 signers of one account",
        "freezes",
        (Result("asked until committed", rate, 1 / min(took), 1, True),),
        (
            f"asked until committed: median {_ms(statistics.median(took))}, longest {_ms(max(took))}",
            f"signatures after the commit: {after} (of {sum(one.before for one in found)} before, {rounds} freezes); "
            f"the latest was {_ms(last)} before it",
        ),
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


async def _measured(server: EmbeddedPostgres, folder: Path, rounds: int) -> list[Round]:
    url = await server.start()
    keys = PersonalData(ErasureKeys(folder / "erasure"))
    databases = [Database(url, seal=keys), Database(url, seal=keys)]
    try:
        await migrate(databases[0])
        return [await freeze_once(databases) for _ in range(rounds)]
    finally:
        for database in databases:
            await database.close()
        await server.stop()
