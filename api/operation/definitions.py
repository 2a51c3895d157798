"""Every metric of the work, in one place; docs/operation.md lists the same."""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    """A gauge: its name without `quanbao_`, what it tells, its labels, and from when an operator should look."""

    name: str
    help: str
    labels: tuple[str, ...]
    alarm: str


JOBS_DUE = Metric("jobs_due", "Jobs that are due and that no worker has taken", ("kind",), "rises for 5 minutes")
JOB_AGE = Metric("job_oldest_due_seconds", "How long the longest overdue job waits", ("kind",), "> 30")
JOBS_FAILING = Metric("jobs_failing", "Jobs whose last attempt failed", ("kind",), "> 0 for 15 minutes")
IN_FLIGHT = Metric("payments_in_flight", "Payments that are signed and not final", ("chain",), "rises for 15 minutes")
NEEDS_HOLDER = Metric("payments_needing_holder", "Payments that wait for their holder's word", ("chain",), "—")
FEE_BLOCKED = Metric("payments_fee_blocked", "Payments whose fee limit is below the market", ("chain",), "> 0")
LANES_HALTED = Metric("lanes_halted", "Accounts for which nothing is signed", ("chain",), "> 0")
NONCE_GAP = Metric(
    "nonce_gap", "Most nonces given out and not final, of one account of the chain", ("chain",), "> 1,000"
)
NONCE_GAP_AGE = Metric("nonce_gap_seconds", "How long the oldest gap in an account's nonces stands", ("chain",), "> 60")
FEES_HOUR = Metric(
    "fees_paid_last_hour",
    "Fees of transactions of the last hour, in base units of the native coin",
    ("chain",),
    "above the gas budget",
)
INDEXER_LAG = Metric("indexer_lag_blocks", "Blocks of the chain that the ledger has not read", ("chain",), "> 100")
ESCROW = Metric("escrow_base_units", "What the books hold in escrow of all campaigns", ("chain", "asset"), "—")
CLOCK_SKEW = Metric(
    "clock_behind_block_seconds", "The newest block's time less this machine's clock", ("chain",), "> 30"
)
WEBHOOKS_WAITING = Metric("webhooks_waiting", "Deliveries that were not answered with 2xx yet", (), "rises for an hour")
EVENTS_PARKED = Metric(
    "events_parked",
    "Events at which this consumer failed and which are tried again",
    ("consumer",),
    "> 0 for 15 minutes",
)
PART_UP = Metric("metrics_part_up", "1 when this part of the metrics could be read, else 0", ("part",), "< 1")

GAUGES = (
    JOBS_DUE,
    JOB_AGE,
    JOBS_FAILING,
    IN_FLIGHT,
    NEEDS_HOLDER,
    FEE_BLOCKED,
    LANES_HALTED,
    NONCE_GAP,
    NONCE_GAP_AGE,
    FEES_HOUR,
    INDEXER_LAG,
    ESCROW,
    CLOCK_SKEW,
    WEBHOOKS_WAITING,
    EVENTS_PARKED,
    PART_UP,
)

SIGN_SECONDS = Metric(
    "sign_seconds", "Time of one call to the keystore, for one payload or many", ("chain",), "99th percentile > 1"
)
"""A histogram, of this process."""
