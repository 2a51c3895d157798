"""Read the state of the work when it is asked for, and time what this process signs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import structlog
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

from api.operation import sql
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
    PART_UP,
    SIGN_SECONDS,
    WEBHOOKS_WAITING,
    Metric,
)
from chains.registry import ConfiguredChains
from keystore.service import Keystore
from keystore.signers import VaultSigner
from people.events.sql import parked_by_consumer
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.signing import Signature, SigningRequest

log = structlog.get_logger()

_PATIENCE_SECONDS = 3.0
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

Samples = Sequence[sql.Sample]


class SignTimes:
    """How long the keystore takes, by chain. One registry per application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            f"quanbao_{SIGN_SECONDS.name}",
            SIGN_SECONDS.help,
            SIGN_SECONDS.labels,
            registry=self.registry,
            buckets=_BUCKETS,
        )

    def begin(self, chain: ChainId) -> None:
        """Count its calls from none, so that the first one is seen as a rise."""
        self._seconds.labels(str(chain))

    def observe(self, chain: ChainId, seconds: float) -> None:
        self._seconds.labels(str(chain)).observe(seconds)


class TimedSigner(VaultSigner):
    """A signer whose calls are timed, refused ones too."""

    times: SignTimes

    async def sign(self, request: SigningRequest) -> Signature:
        begun = time.perf_counter()
        try:
            return await super().sign(request)
        finally:
            self.times.observe(request.chain, time.perf_counter() - begun)

    async def sign_many(self, requests: Sequence[SigningRequest]) -> Sequence[Signature]:
        begun = time.perf_counter()
        try:
            return await super().sign_many(requests)
        finally:
            if requests:
                self.times.observe(requests[0].chain, time.perf_counter() - begun)


class TimedKeystore(Keystore):
    """A keystore whose signers are timed."""

    times: SignTimes

    def _signer(self, vault: Callable[..., object], *, service: bool) -> VaultSigner:
        signer = TimedSigner(self._database, self._audit, vault, self._clock, service=service)  # type: ignore[arg-type]
        signer.times = self.times
        return signer


class OperationMetrics:
    """Asks each part. One that does not answer in time is left out and said to be down, never shown as zero. One that
    answers has a series for each chain, kind of job and consumer there is, at zero where nothing is to be told.

    Args:
        kinds: The jobs that there are handlers for.
        consumers: The names of those whom events are handed to.
    """

    def __init__(
        self,
        database: Database,
        chains: ConfiguredChains,
        times: SignTimes,
        *,
        kinds: Iterable[str] = (),
        consumers: Iterable[str] = (),
    ) -> None:
        self._database = database
        self._chains = chains
        self._times = times
        self._kinds = [(kind,) for kind in kinds]
        self._consumers = [(consumer,) for consumer in consumers]
        self._names = [(str(chain),) for chain in chains.all()]
        for chain in chains.all():
            times.begin(chain)

    async def render(self) -> bytes:
        """The text exposition format."""
        registry = CollectorRegistry()
        gauges = {
            metric: Gauge(f"quanbao_{metric.name}", metric.help, metric.labels, registry=registry) for metric in GAUGES
        }
        parts = {
            "jobs": self._jobs,
            "payments": self._payments,
            "lanes": self._lanes,
            "fees": self._fees,
            "escrow": self._escrow,
            "webhooks": self._webhooks,
            "events": self._events,
            **{f"chain {chain}": self._chain(chain) for chain in self._chains.all()},
        }
        found = await asyncio.gather(*(self._asked(name, ask) for name, ask in parts.items()))
        for name, samples in zip(parts, found, strict=True):
            gauges[PART_UP].labels(name).set(samples is not None)
            for metric, values in samples or ():
                for labels, value in values:
                    (gauges[metric].labels(*labels) if labels else gauges[metric]).set(value)
        return generate_latest(registry) + generate_latest(self._times.registry)

    async def _asked(
        self, name: str, ask: Callable[[], Awaitable[Sequence[tuple[Metric, Samples]]]]
    ) -> Sequence[tuple[Metric, Samples]] | None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await ask()
        except Exception as error:
            log.warning("metrics_part_down", part=name, error=type(error).__name__)
            return None

    async def _jobs(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            found = [_filled(self._kinds, samples) for samples in await sql.jobs(tx)]
            return list(zip((JOBS_DUE, JOB_AGE, JOBS_FAILING), found, strict=True))

    async def _payments(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            found = [_filled(self._names, samples) for samples in await sql.payments(tx)]
            return list(zip((IN_FLIGHT, NEEDS_HOLDER, FEE_BLOCKED), found, strict=True))

    async def _lanes(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            found = [_filled(self._names, samples) for samples in await sql.lanes(tx)]
            return list(zip((LANES_HALTED, NONCE_GAP, NONCE_GAP_AGE), found, strict=True))

    async def _fees(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            return [(FEES_HOUR, _filled(self._names, await sql.fees(tx)))]

    async def _escrow(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            return [(ESCROW, _filled(self._escrowed(), await sql.escrow(tx)))]

    async def _webhooks(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            return [(WEBHOOKS_WAITING, await sql.webhooks_waiting(tx))]

    async def _events(self) -> Sequence[tuple[Metric, Samples]]:
        async with self._database.transaction() as tx:
            await sql.bound(tx)
            parked = [((who,), float(many)) for who, many, _, _ in await parked_by_consumer(tx)]
            return [(EVENTS_PARKED, _filled(self._consumers, parked))]

    def _escrowed(self) -> Sequence[tuple[str, ...]]:
        """The money that campaigns may be in."""
        return [
            (str(chain), str(asset.id))
            for chain in self._chains.all()
            for asset in self._chains.known_assets(chain)
            if not asset.id.is_native
        ]

    def _chain(self, chain: ChainId) -> Callable[[], Awaitable[Sequence[tuple[Metric, Samples]]]]:
        async def ask() -> Sequence[tuple[Metric, Samples]]:
            adapter = self._chains.adapter(chain)
            heads, block_time = await asyncio.gather(adapter.heads(), adapter.block_time())
            async with self._database.transaction() as tx:
                read = (await sql.ledger_heights(tx)).get(str(chain))
            label = (str(chain),)
            found: list[tuple[Metric, Samples]] = [(CLOCK_SKEW, [(label, block_time - time.time())])]
            if read is not None:
                found.append((INDEXER_LAG, [(label, float(max(0, heads.included - read)))]))
            return found

        return ask


def _filled(labels: Iterable[tuple[str, ...]], samples: Samples) -> Samples:
    """The samples, and zero for the labels that have none: a series that is absent alarms nobody."""
    return list({**dict.fromkeys(labels, 0.0), **dict(samples)}.items())
