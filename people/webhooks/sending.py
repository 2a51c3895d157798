"""Deliver: one request per attempt, until it is answered or given up.

At least once: what was sent and not written down, because the process died in between, is sent again under the same id.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import structlog

from people.events import publish
from people.outbound.guard import OutboundClient
from people.privacy.personal_data import PersonalData
from people.webhooks import sql
from people.webhooks.model import (
    DISABLED_AFTER,
    LONGEST_QUIET,
    PAUSES,
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    EndpointStatus,
)
from people.webhooks.service import DELIVER, Secrets
from people.webhooks.signature import headers_for
from persistence.database import Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, PersonErased

log = structlog.get_logger()

_GONE = 410
_FIRST_QUIET = timedelta(seconds=2)


class WebhookSending:
    """The handler of `webhook.deliver`."""

    def __init__(self, data: PersonalData, outbound: OutboundClient, *, clock: Clock | None = None) -> None:
        self._secrets = Secrets(data)
        self._outbound = outbound
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {DELIVER: self._deliver}

    async def _deliver(self, ctx: JobContext) -> Again | None:
        delivery_id = UUID(ctx.job.key)
        async with ctx.transaction() as tx:
            found = await sql.delivery_to_send(tx, delivery_id)
        if found is None:
            return None
        delivery, endpoint = found
        if endpoint.status is not EndpointStatus.ACTIVE:
            # It waits in its table; switching the endpoint on puts it on its way again.
            return None
        now = self._clock.now()
        if endpoint.quiet_until is not None and endpoint.quiet_until > now:
            return Again(endpoint.quiet_until - now)
        attempt = await self._attempt(delivery, endpoint, now)
        fault_point("webhook.sent")
        async with ctx.transaction() as tx:
            # Job, endpoint, delivery: in the order in which a redelivery locks them.
            endpoint_now = await sql.endpoint_by_id(tx, endpoint.organisation_id, endpoint.id, lock=True)
            delivery_now = await sql.delivery_by_id(tx, endpoint.id, delivery.id, lock=True)
            if endpoint_now is None or delivery_now is None:
                # Removed with its endpoint while the receiver answered.
                await ctx.finish(tx)
                return None
            await sql.insert_attempt(tx, delivery.id, attempt)
            pause = await self._record(tx, delivery_now, endpoint_now, attempt)
            if pause is None:
                await ctx.finish(tx)
                return None
        return Again(pause)

    async def _attempt(self, delivery: Delivery, endpoint: Endpoint, now: datetime) -> Attempt:
        answer: int | None = None
        problem: str | None = None
        body = delivery.body.encode()
        begun = time.monotonic()
        try:
            headers = headers_for(self._secrets.signing(endpoint, now), delivery.message_id, int(now.timestamp()), body)
            headers |= {"content-type": "application/json", "user-agent": "Quanbao-Webhooks/1"}
            answer = await self._outbound.post(endpoint.url, body, headers)
        except InvalidValue:
            problem = "address_refused"
        except PersonErased:
            problem = "secret_missing"
        except (httpx.TimeoutException, TimeoutError):
            problem = "timeout"
        except httpx.HTTPError:
            problem = "no_answer"
        took = int((time.monotonic() - begun) * 1000)
        return Attempt(delivery.attempts + 1, now, answer, problem, took)

    async def _record(
        self, tx: Transaction, delivery: Delivery, endpoint: Endpoint, attempt: Attempt
    ) -> timedelta | None:
        """The pause before the next attempt; None: it is over."""
        counts = {"attempts": attempt.number, "tries": delivery.tries + 1}
        if attempt.answer is not None and 200 <= attempt.answer < 300:
            await sql.update_delivery(
                tx, delivery.id, status=DeliveryStatus.DELIVERED.value, ended_at=attempt.at, **counts
            )
            if endpoint.failing_since is not None:
                await sql.update_endpoint(tx, endpoint.id, failing_since=None, failures=0, quiet_until=None)
            return None
        over = delivery.tries >= len(PAUSES)
        ended = {"status": DeliveryStatus.FAILED.value, "ended_at": attempt.at} if over else {}
        await sql.update_delivery(tx, delivery.id, **counts, **ended)
        await self._endpoint_failed(tx, endpoint, attempt)
        log.warning(
            "webhook_failed", webhook=str(endpoint.id), answer=attempt.answer, problem=attempt.problem, over=over
        )
        return None if over else PAUSES[delivery.tries]

    async def _endpoint_failed(self, tx: Transaction, endpoint: Endpoint, attempt: Attempt) -> None:
        if endpoint.status is not EndpointStatus.ACTIVE:
            return
        since, failures = endpoint.failing_since or attempt.at, endpoint.failures + 1
        quiet = min(_FIRST_QUIET * 2 ** min(failures - 1, 10), LONGEST_QUIET)
        values = {"failing_since": since, "failures": failures, "quiet_until": attempt.at + quiet}
        gone = attempt.answer == _GONE
        if gone or attempt.at - since >= DISABLED_AFTER:
            reason = "gone" if gone else "failing"
            values |= {"status": EndpointStatus.DISABLED.value, "reason": reason}
            told = {"webhook": str(endpoint.id), "reason": reason, "url": endpoint.url}
            await publish(tx, endpoint.organisation_id, "webhook.disabled", told)
            log.warning("webhook_disabled", webhook=str(endpoint.id), reason=reason)
        await sql.update_endpoint(tx, endpoint.id, **values)
