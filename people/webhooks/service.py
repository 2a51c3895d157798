"""Endpoints of organisations: made, changed, looked into; and events put on their way."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson

from people.events.model import Event
from people.outbound.guard import OutboundClient
from people.privacy.personal_data import PersonalData
from people.webhooks import sql
from people.webhooks.model import (
    BODY_VERSION,
    MAX_ENDPOINTS,
    ROTATION,
    TEST_KIND,
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    EndpointStatus,
    checked_kinds,
    wants,
)
from people.webhooks.signature import new_secret, secret_text
from persistence.database import Database, Transaction, lock_for_transaction
from persistence.jobs import enqueue_many
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, NotFound, PersonErased, WebhookOff

DELIVER = "webhook.deliver"
"""Job kind, key = the delivery's id."""

_PURPOSE = "webhook.secrets"


class Secrets:
    """The secrets of endpoints, sealed under a key of each endpoint's own that no backup of the database holds."""

    def __init__(self, data: PersonalData) -> None:
        self._data = data

    async def begin(self, endpoint_id: UUID) -> tuple[str, bytes]:
        """A fresh secret as text, and sealed."""
        await self._data.begin(endpoint_id)
        secret = new_secret()
        return secret_text(secret), self._sealed(endpoint_id, [secret], None)

    def renew(self, endpoint: Endpoint, until: datetime) -> tuple[str, bytes]:
        """Another secret; the one before signs beside it until then."""
        secret = new_secret()
        before = self._read(endpoint)[0][0]
        return secret_text(secret), self._sealed(endpoint.id, [secret, before], until)

    def signing(self, endpoint: Endpoint, now: datetime) -> Sequence[bytes]:
        """The newest first. Raises PersonErased, SealBroken: the key file is gone or another."""
        secrets, until = self._read(endpoint)
        return secrets if until is not None and now < until else secrets[:1]

    async def destroy(self, endpoint_id: UUID) -> None:
        await self._data.destroy(endpoint_id)

    def _read(self, endpoint: Endpoint) -> tuple[Sequence[bytes], datetime | None]:
        opened = self._data.open(endpoint.id, _PURPOSE, endpoint.sealed)
        until = opened["until"]
        kept = opened["secrets"]
        assert isinstance(kept, list)
        return [bytes.fromhex(one) for one in kept], None if until is None else datetime.fromisoformat(str(until))

    def _sealed(self, endpoint_id: UUID, secrets: Sequence[bytes], until: datetime | None) -> bytes:
        kept = {"secrets": [one.hex() for one in secrets], "until": None if until is None else until.isoformat()}
        return self._data.seal(endpoint_id, _PURPOSE, kept)


class Webhooks:
    """Who may call what is decided above, by the rule of each route."""

    def __init__(
        self, database: Database, data: PersonalData, outbound: OutboundClient, *, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._secrets = Secrets(data)
        self._outbound = outbound
        self._clock = clock or SystemClock()

    async def create(self, organisation_id: UUID, url: str, kinds: Collection[str]) -> tuple[str, Endpoint]:
        """The secret, shown this once, and the endpoint.

        Raises:
            InvalidValue: The URL leads nowhere or into a private network, the events do not exist, or there are 20.
        """
        kinds = checked_kinds(kinds)
        await self._outbound.judge(url)
        endpoint_id = uuid4()
        text, sealed = await self._secrets.begin(endpoint_id)
        endpoint = Endpoint(
            id=endpoint_id,
            organisation_id=organisation_id,
            url=url,
            kinds=kinds,
            status=EndpointStatus.ACTIVE,
            created_at=self._clock.now(),
            failing_since=None,
            failures=0,
            quiet_until=None,
            reason=None,
            sealed=sealed,
        )
        try:
            async with self._database.transaction() as tx:
                await lock_for_transaction(tx, "webhooks", organisation_id)
                if await sql.count_endpoints(tx, organisation_id) >= MAX_ENDPOINTS:
                    raise InvalidValue(f"an organisation has at most {MAX_ENDPOINTS} endpoints: remove one first")
                await sql.insert_endpoint(tx, endpoint)
        except InvalidValue:
            await self._secrets.destroy(endpoint_id)
            raise
        return text, endpoint

    async def list(self, organisation_id: UUID) -> Sequence[Endpoint]:
        """Oldest first."""
        async with self._database.transaction() as tx:
            return await sql.endpoints_of(tx, organisation_id)

    async def get(self, organisation_id: UUID, endpoint_id: UUID) -> Endpoint:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            return await self._endpoint(tx, organisation_id, endpoint_id)

    async def change(
        self, organisation_id: UUID, endpoint_id: UUID, url: str, kinds: Collection[str], *, active: bool
    ) -> Endpoint:
        """Where, what, and whether at all; switched on again, what waited is sent.

        Raises:
            NotFound
            InvalidValue: As `create`.
        """
        kinds = checked_kinds(kinds)
        await self._outbound.judge(url)
        async with self._database.transaction() as tx:
            await self._endpoint(tx, organisation_id, endpoint_id)
            if active:
                # Jobs before their endpoint: in the order in which an attempt locks them.
                await self._send(tx, await sql.pending_of(tx, endpoint_id))
            before = await self._endpoint(tx, organisation_id, endpoint_id, lock=True)
            values: dict[str, Any] = {"url": url, "kinds": kinds, "status": EndpointStatus.PAUSED.value}
            if active:
                fresh = {"failing_since": None, "failures": 0, "quiet_until": None, "reason": None}
                values |= {"status": EndpointStatus.ACTIVE.value, **fresh}
            elif before.status is EndpointStatus.DISABLED:
                values["status"] = EndpointStatus.DISABLED.value
            await sql.update_endpoint(tx, endpoint_id, **values)
            return await self._endpoint(tx, organisation_id, endpoint_id)

    async def remove(self, organisation_id: UUID, endpoint_id: UUID) -> None:
        """With its log. Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.delete_endpoint(tx, organisation_id, endpoint_id):
                raise NotFound("no such webhook")
        await self._secrets.destroy(endpoint_id)

    async def rotate(self, organisation_id: UUID, endpoint_id: UUID) -> tuple[str, Endpoint, datetime]:
        """Another secret, shown this once, the endpoint, and until when the one before signs as well.

        Raises NotFound.
        """
        until = self._clock.now() + ROTATION
        async with self._database.transaction() as tx:
            endpoint = await self._endpoint(tx, organisation_id, endpoint_id, lock=True)
            try:
                text, sealed = self._secrets.renew(endpoint, until)
            except PersonErased:
                # Restored without its key: nothing of the secret before is left that could sign.
                text, sealed = await self._secrets.begin(endpoint_id)
            await sql.update_endpoint(tx, endpoint_id, sealed=sealed)
        return text, endpoint, until

    async def test(self, organisation_id: UUID, endpoint_id: UUID) -> Delivery:
        """Send an event that means nothing.

        Raises:
            NotFound
            WebhookOff: It is switched off.
        """
        async with self._database.transaction() as tx:
            endpoint = await self._endpoint(tx, organisation_id, endpoint_id, lock=True)
            _require_on(endpoint)
            now = self._clock.now()
            delivery = _delivery(endpoint, _new_message_id(), TEST_KIND, {}, now, now)
            await sql.insert_deliveries(tx, [delivery])
            await self._send(tx, [delivery.id])
            return delivery

    async def deliveries(
        self,
        organisation_id: UUID,
        endpoint_id: UUID,
        status: DeliveryStatus | None,
        after: tuple[datetime, UUID] | None,
        limit: int,
    ) -> Sequence[Delivery]:
        """Newest first. Raises NotFound."""
        async with self._database.transaction() as tx:
            await self._endpoint(tx, organisation_id, endpoint_id)
            return await sql.deliveries_of(tx, endpoint_id, status, after, limit)

    async def delivery(
        self, organisation_id: UUID, endpoint_id: UUID, delivery_id: UUID
    ) -> tuple[Delivery, Sequence[Attempt]]:
        """With every attempt. Raises NotFound."""
        async with self._database.transaction() as tx:
            await self._endpoint(tx, organisation_id, endpoint_id)
            found = await sql.delivery_by_id(tx, endpoint_id, delivery_id)
            if found is None:
                raise NotFound("no such delivery")
            return found, await sql.attempts_of(tx, delivery_id)

    async def redeliver(self, organisation_id: UUID, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
        """Send it again now, under the same id, whatever became of it.

        Raises:
            NotFound
            WebhookOff: The endpoint is switched off.
        """
        async with self._database.transaction() as tx:
            # Job, endpoint, delivery: in the order in which an attempt locks them.
            await self._send(tx, [delivery_id])
            endpoint = await self._endpoint(tx, organisation_id, endpoint_id, lock=True)
            if await sql.delivery_by_id(tx, endpoint_id, delivery_id, lock=True) is None:
                raise NotFound("no such delivery")
            _require_on(endpoint)
            await sql.update_endpoint(tx, endpoint_id, quiet_until=None)
            await sql.update_delivery(tx, delivery_id, status=DeliveryStatus.PENDING.value, tries=0, ended_at=None)
            found = await sql.delivery_by_id(tx, endpoint_id, delivery_id)
        assert found is not None
        return found

    async def consume(self, tx: Transaction, events: Sequence[Event]) -> None:
        """`people.events.fan_out.Consumer`: a delivery for each endpoint that wants an event, in the same commit."""
        endpoints = await sql.active_endpoints(tx, {event.tenant_id for event in events})
        if not endpoints:
            return
        now = self._clock.now()
        deliveries = []
        for event in events:
            message_id = _new_message_id()
            deliveries += [
                _delivery(endpoint, message_id, event.kind, event.data, event.created_at, now)
                for endpoint in endpoints
                if endpoint.organisation_id == event.tenant_id and wants(endpoint.kinds, event.kind)
            ]
        await sql.insert_deliveries(tx, deliveries)
        await self._send(tx, [one.id for one in deliveries])

    async def _send(self, tx: Transaction, deliveries: Sequence[UUID]) -> None:
        await enqueue_many(tx, DELIVER, [(str(one), {}) for one in deliveries])

    async def _endpoint(
        self, tx: Transaction, organisation_id: UUID, endpoint_id: UUID, *, lock: bool = False
    ) -> Endpoint:
        found = await sql.endpoint_by_id(tx, organisation_id, endpoint_id, lock=lock)
        if found is None:
            raise NotFound("no such webhook")
        return found


def _new_message_id() -> str:
    """Random: numbers of the feed come again after a restore, and a receiver would take the new event for the old."""
    return f"evt_{uuid4().hex}"


def _delivery(
    endpoint: Endpoint, message_id: str, kind: str, data: object, happened: datetime, now: datetime
) -> Delivery:
    body = {
        "version": BODY_VERSION,
        "id": message_id,
        "type": kind,
        "timestamp": happened.isoformat().replace("+00:00", "Z"),
        "organisation": str(endpoint.organisation_id),
        "data": data,
    }
    return Delivery(
        id=uuid4(),
        endpoint_id=endpoint.id,
        message_id=message_id,
        kind=kind,
        body=orjson.dumps(body).decode(),
        status=DeliveryStatus.PENDING,
        attempts=0,
        tries=0,
        created_at=now,
        ended_at=None,
    )


def _require_on(endpoint: Endpoint) -> None:
    if endpoint.status is not EndpointStatus.ACTIVE:
        raise WebhookOff("this webhook is switched off: switch it on first", status=endpoint.status.value)
