"""What /metrics says of the work is what the tables say, and a part that is down is said to be down."""

from __future__ import annotations

import re
import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from api.operation.definitions import (
    CLOCK_SKEW,
    ESCROW,
    EVENTS_PARKED,
    FEE_BLOCKED,
    FEES_HOUR,
    GAUGES,
    IN_FLIGHT,
    INDEXER_LAG,
    JOB_AGE,
    JOBS_DUE,
    JOBS_FAILING,
    LANES_HALTED,
    NEEDS_HOLDER,
    NONCE_GAP,
    NONCE_GAP_AGE,
    SIGN_SECONDS,
)
from api.operation.metrics import OperationMetrics, SignTimes
from chains.ports import Heads
from persistence.database import Database
from persistence.jobs import enqueue
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable

EVM, OTHER = ChainId.evm(31337), ChainId.evm(1)
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOCUMENT = Path(__file__).parents[3] / "docs" / "operation.md"


class Node:
    def __init__(self, *, up: bool) -> None:
        self.up = up

    async def heads(self) -> Heads:
        if not self.up:
            raise NodeUnavailable("down")
        return Heads(included=120, safe=118, finalized=110)

    async def block_time(self) -> int:
        return int(time.time()) + 1000


class Nodes:
    """`chains.registry.ConfiguredChains`, as far as metrics ask it."""

    def all(self):
        return [EVM, OTHER]

    def adapter(self, chain: ChainId) -> Node:
        return Node(up=chain == EVM)

    def known_assets(self, chain: ChainId) -> list[Asset]:
        return [Asset(AssetId.native(chain), "ETH", 18), Asset(AssetId.fungible(chain, TOKEN), "tCNY", 6)]


async def _read(database: Database, times: SignTimes) -> dict[str, float]:
    metrics = OperationMetrics(
        database,
        Nodes(),  # type: ignore[arg-type]
        times,
        kinds=["ledger.scan", "payment.follow"],
        consumers=["webhooks", "cases"],
    )
    page = (await metrics.render()).decode()
    lines = [line.rpartition(" ") for line in page.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


async def test_they_say_what_the_tables_say(database: Database) -> None:
    async with database.transaction() as tx:
        await enqueue(tx, "ledger.scan", "a")
        await enqueue(tx, "ledger.scan", "b")
        await enqueue(tx, "ledger.scan", "taken")
        await tx.execute(text("UPDATE job SET due_at = now() - interval '90 seconds' WHERE key = 'a'"))
        await tx.execute(text("UPDATE job SET lease_until = now() + interval '1 minute' WHERE key = 'taken'"))
        await tx.execute(text("UPDATE job SET last_error = 'node_unavailable' WHERE key = 'b'"))
        await tx.execute(
            text(
                "INSERT INTO ledger_cursor (chain, final_height, included, safe, finalized, tip_height)"
                " VALUES (:chain, 100, 100, 100, 100, 100)"
            ),
            {"chain": str(EVM)},
        )
        await tx.execute(
            text("INSERT INTO payment_lane (chain, account, next_nonce, halted) VALUES (:chain, 'x', 7, 'looked at')"),
            {"chain": str(EVM)},
        )
        for nonce in (3, 4):
            await tx.execute(
                text(
                    "INSERT INTO payment (id, tenant_id, idempotency_key, payload_hash, intent, act, chain, sender,"
                    " signs, reference, status, nonce, fee_symbol, fee_decimals, needs_holder)"
                    " VALUES (:id, :id, :key, '', '{}', 'transfer', :chain, 'x', 'person', '{}', 'in_flight', :nonce,"
                    " 'ETH', 18, :holder)"
                ),
                {"id": uuid4(), "key": str(nonce), "chain": str(EVM), "nonce": nonce, "holder": nonce == 3},
            )
        await tx.execute(
            text(
                "WITH told AS (INSERT INTO event (written_by, tenant_id, kind, data) VALUES (1, :id, 'x', '{}')"
                " RETURNING id) INSERT INTO event_parked (event_id, consumer, error, tries, next_at)"
                " SELECT id, 'webhooks', 'KeyError', 1, now() FROM told"
            ),
            {"id": uuid4()},
        )
    times = SignTimes()
    times.observe(EVM, 0.02)
    found = await _read(database, times)
    chain = f'{{chain="{EVM}"}}'
    assert found['quanbao_jobs_due{kind="ledger.scan"}'] == 2
    assert 90 <= found['quanbao_job_oldest_due_seconds{kind="ledger.scan"}'] < 1000
    assert found['quanbao_jobs_failing{kind="ledger.scan"}'] == 1
    assert found[f"quanbao_payments_in_flight{chain}"] == 2
    assert found[f"quanbao_payments_needing_holder{chain}"] == 1
    assert found[f"quanbao_lanes_halted{chain}"] == 1
    # Nonces 3 to 6 were given out, and 3 is the first that is not final.
    assert found[f"quanbao_nonce_gap{chain}"] == 4
    assert found[f"quanbao_indexer_lag_blocks{chain}"] == 20
    assert 900 < found[f"quanbao_clock_behind_block_seconds{chain}"] <= 1000
    assert found["quanbao_webhooks_waiting"] == 0
    assert found['quanbao_events_parked{consumer="webhooks"}'] == 1
    assert found[f"quanbao_sign_seconds_count{chain}"] == 1
    parts = {name: value for name, value in found.items() if name.startswith("quanbao_metrics_part_up")}
    assert parts == {
        f'quanbao_metrics_part_up{{part="{part}"}}': float(part != f"chain {OTHER}")
        for part in (
            "jobs",
            "payments",
            "lanes",
            "fees",
            "escrow",
            "webhooks",
            "events",
            f"chain {EVM}",
            f"chain {OTHER}",
        )
    }
    of_other = {name.partition("{")[0].removeprefix("quanbao_") for name in found if str(OTHER) in name}
    assert not of_other & {CLOCK_SKEW.name, INDEXER_LAG.name}, "its node says nothing"


async def test_what_is_nothing_is_told_as_nothing(database: Database) -> None:
    """A series that comes and goes alarms nobody: each chain, kind of job and consumer has one from the beginning."""
    found = await _read(database, SignTimes())
    of_chains = [IN_FLIGHT, NEEDS_HOLDER, FEE_BLOCKED, LANES_HALTED, NONCE_GAP, NONCE_GAP_AGE, FEES_HOUR]
    wanted = {f'quanbao_{metric.name}{{chain="{chain}"}}' for metric in of_chains for chain in (EVM, OTHER)}
    wanted |= {f'quanbao_sign_seconds_count{{chain="{chain}"}}' for chain in (EVM, OTHER)}
    wanted |= {
        f'quanbao_{metric.name}{{kind="{kind}"}}'
        for metric in (JOBS_DUE, JOB_AGE, JOBS_FAILING)
        for kind in ("ledger.scan", "payment.follow")
    }
    wanted |= {f'quanbao_{EVENTS_PARKED.name}{{consumer="{name}"}}' for name in ("webhooks", "cases")}
    wanted |= {
        f'quanbao_{ESCROW.name}{{asset="{AssetId.fungible(chain, TOKEN)}",chain="{chain}"}}' for chain in (EVM, OTHER)
    }
    assert {name: found.get(name) for name in wanted} == dict.fromkeys(wanted, 0.0)


def test_the_document_lists_every_metric() -> None:
    listed = re.findall(r"^\| `quanbao_(\w+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted([metric.name for metric in (*GAUGES, SIGN_SECONDS)])
