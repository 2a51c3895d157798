"""Every event reaches its receiver at least once, verifiable and under one id, whatever the receiver does."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from people.events import publish, publish_many
from people.events.fan_out import FanOut
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation
from people.outbound.guard import OutboundClient
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.webhooks.model import DISABLED_AFTER, PAUSES, DeliveryStatus, EndpointStatus
from people.webhooks.sending import WebhookSending
from people.webhooks.service import Webhooks
from persistence.database import Database
from persistence.jobs import Worker
from primitives.clock import SystemClock
from primitives.errors import InvalidValue, NotFound, WebhookOff
from tests.integration.notifications.receiver import Receiver

ROOT = Path(__file__).parents[3]


class MovableClock(SystemClock):
    """The time of day, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self):
        return super().now() + self.ahead


@dataclass
class Stage:
    database: Database
    url: str
    folder: Path
    webhooks: Webhooks
    worker: Worker
    fan_out: FanOut
    clock: MovableClock
    organisation: UUID

    async def tell(self, kind: str = "order.paid", **data: str) -> None:
        async with self.database.transaction() as tx:
            await publish(tx, self.organisation, kind, data)

    async def work(self) -> None:
        """Carry out all there is, later attempts too, until nothing is due before `ahead`."""
        async with self.database.transaction() as tx:
            await tx.execute(text("UPDATE job SET due_at = now(), lease_until = NULL"))
        await self.worker.run_due(rounds=1)
        await self.worker.run_due(rounds=3)

    async def pass_time(self, span: timedelta) -> None:
        self.clock.ahead += span
        await self.work()

    async def statuses(self, endpoint: UUID) -> list[tuple[str, DeliveryStatus, int]]:
        found = await self.webhooks.deliveries(self.organisation, endpoint, None, None, 100)
        return [(one.kind, one.status, one.attempts) for one in reversed(found)]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver().listening() as receiver:
        yield receiver


@pytest_asyncio.fixture
async def stage(database: Database, database_url: str, tmp_path: Path, receiver: Receiver) -> AsyncIterator[Stage]:
    folder = tmp_path / "erasure"
    data, clock = PersonalData(ErasureKeys(folder)), MovableClock()
    outbound = OutboundClient(trusted=[receiver.url], seconds=30)
    webhooks = Webhooks(database, data, outbound, clock=clock)
    fan_out = FanOut({"webhooks": webhooks.consume})
    worker = Worker(database, {**fan_out.handlers(), **WebhookSending(data, outbound, clock=clock).handlers()})
    organisation = Organisation(id=uuid4(), name="茶馆", created_at=clock.now())
    async with database.transaction() as tx:
        await insert_organisation(tx, organisation)
        await fan_out.begin(tx)
    yield Stage(database, database_url, folder, webhooks, worker, fan_out, clock, organisation.id)
    await outbound.close()


async def test_an_event_arrives_signed_and_once(stage: Stage, receiver: Receiver) -> None:
    secret, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["order.*"])
    await stage.tell(order="7")
    await stage.tell("payment.final", payment_id="8")
    await stage.work()
    await stage.work()
    (body,) = receiver.bodies
    assert (body["version"], body["type"], body["data"]) == (1, "order.paid", {"order": "7"})
    assert body["organisation"] == str(stage.organisation)
    assert receiver.ids == [body["id"]]
    assert receiver.all_authentic(secret, time.time())
    assert not receiver.all_authentic("whsec_" + "A" * 44, time.time())
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.DELIVERED, 1)]


async def test_each_organisation_hears_of_itself_only(stage: Stage, receiver: Receiver) -> None:
    await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    async with stage.database.transaction() as tx:
        await publish_many(tx, [(uuid4(), "order.paid", {"order": "not mine"})])
    await stage.work()
    assert receiver.received == []


async def test_a_receiver_that_is_down_gets_everything_when_it_is_back(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    receiver.status = 503
    for number in range(3):
        await stage.tell(order=str(number))
    await stage.work()
    # Those that find it failing wait, rather than all of them knocking at once for ever.
    assert 1 <= len(receiver.received) <= 3
    await stage.pass_time(timedelta(minutes=6))
    receiver.status = 200
    await stage.pass_time(timedelta(minutes=6))
    await stage.pass_time(timedelta(minutes=6))
    assert {status for _, status, _ in await stage.statuses(endpoint.id)} == {DeliveryStatus.DELIVERED}
    by_id = {body["id"]: body["data"]["order"] for body in receiver.bodies}
    assert sorted(by_id.values()) == ["0", "1", "2"]
    assert len(receiver.ids) > len(by_id)
    assert (await stage.webhooks.get(stage.organisation, endpoint.id)).failing_since is None


async def test_a_slow_receiver_is_asked_again_and_can_tell(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    receiver.silent = asyncio.Event()
    await stage.tell(order="slow")
    async with stage.database.transaction() as tx:
        await stage.fan_out.hand_on(tx)
    impatient = OutboundClient(trusted=[receiver.url], seconds=0.3)
    sending = WebhookSending(PersonalData(ErasureKeys(stage.folder)), impatient, clock=stage.clock)
    await Worker(stage.database, sending.handlers()).run_due(rounds=1)
    await impatient.close()
    (first,) = await stage.webhooks.deliveries(stage.organisation, endpoint.id, None, None, 10)
    _, (attempt,) = await stage.webhooks.delivery(stage.organisation, endpoint.id, first.id)
    assert (attempt.answer, attempt.problem) == (None, "timeout")
    receiver.silent.set()
    await stage.pass_time(timedelta(minutes=1))
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.DELIVERED, 2)]
    assert len(set(receiver.ids)) == 1
    assert {body for _, body in receiver.received} == {receiver.received[-1][1]}


async def test_nobody_listens(stage: Stage) -> None:
    gone = Receiver()
    async with gone.listening():
        pass
    outbound = OutboundClient(trusted=[gone.url], seconds=30)
    webhooks = Webhooks(stage.database, PersonalData(ErasureKeys(stage.folder)), outbound, clock=stage.clock)
    _, endpoint = await webhooks.create(stage.organisation, gone.url, ["*"])
    await stage.tell(order="1")
    async with stage.database.transaction() as tx:
        await stage.fan_out.hand_on(tx)
    sending = WebhookSending(PersonalData(ErasureKeys(stage.folder)), outbound, clock=stage.clock)
    await Worker(stage.database, sending.handlers()).run_due(rounds=1)
    (waiting,) = await webhooks.deliveries(stage.organisation, endpoint.id, None, None, 10)
    _, (attempt,) = await webhooks.delivery(stage.organisation, endpoint.id, waiting.id)
    assert (waiting.status, attempt.answer, attempt.problem) == (DeliveryStatus.PENDING, None, "no_answer")
    await outbound.close()


async def test_after_the_last_attempt_only_a_hand_sends_it(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    receiver.status = 500
    await stage.tell(order="1")
    await stage.work()
    for pause in PAUSES:
        # Switched on again each time, so that it is the delivery that is given up and not the endpoint.
        await stage.webhooks.change(stage.organisation, endpoint.id, receiver.url, ["*"], active=True)
        await stage.pass_time(pause)
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.FAILED, len(PAUSES) + 1)]
    receiver.status = 200
    await stage.pass_time(timedelta(days=1))
    assert len(receiver.received) == len(PAUSES) + 1
    (failed,) = await stage.webhooks.deliveries(stage.organisation, endpoint.id, DeliveryStatus.FAILED, None, 10)
    await stage.webhooks.redeliver(stage.organisation, endpoint.id, failed.id)
    await stage.work()
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.DELIVERED, len(PAUSES) + 2)]
    assert len(set(receiver.ids)) == 1


async def test_one_that_fails_for_days_is_switched_off_and_its_organisation_told(
    stage: Stage, receiver: Receiver
) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    receiver.status = 500
    await stage.tell(order="1")
    await stage.work()
    await stage.pass_time(DISABLED_AFTER + timedelta(hours=1))
    off = await stage.webhooks.get(stage.organisation, endpoint.id)
    assert (off.status, off.reason) == (EndpointStatus.DISABLED, "failing")
    async with stage.database.transaction() as tx:
        told = (await tx.execute(text("SELECT tenant_id, data FROM event WHERE kind = 'webhook.disabled'"))).one()
    assert (told.tenant_id, told.data["webhook"]) == (stage.organisation, str(endpoint.id))
    with pytest.raises(WebhookOff):
        await stage.webhooks.test(stage.organisation, endpoint.id)
    # Told while it is off: not sent. What waited before is, once it is on again.
    await stage.tell(order="2")
    await stage.work()
    receiver.status = 200
    await stage.webhooks.change(stage.organisation, endpoint.id, receiver.url, ["*"], active=True)
    await stage.work()
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.DELIVERED, 3)]


async def test_gone_means_gone(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    receiver.status = 410
    await stage.tell(order="1")
    await stage.work()
    off = await stage.webhooks.get(stage.organisation, endpoint.id)
    assert (off.status, off.reason) == (EndpointStatus.DISABLED, "gone")


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(stage: Stage, receiver: Receiver) -> None:
    old, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    new, _, until = await stage.webhooks.rotate(stage.organisation, endpoint.id)
    assert old != new
    await stage.webhooks.test(stage.organisation, endpoint.id)
    await stage.work()
    assert receiver.all_authentic(old, time.time())
    assert receiver.all_authentic(new, time.time())
    receiver.received.clear()
    stage.clock.ahead = until - SystemClock().now() + timedelta(seconds=1)
    await stage.webhooks.test(stage.organisation, endpoint.id)
    await stage.work()
    later = stage.clock.now().timestamp()
    assert not receiver.all_authentic(old, later)
    assert receiver.all_authentic(new, later)


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/", "http://127.0.0.1:1/"]
)
async def test_our_own_network_is_refused(stage: Stage, url: str) -> None:
    with pytest.raises(InvalidValue):
        await stage.webhooks.create(stage.organisation, url, ["*"])
    assert await stage.webhooks.list(stage.organisation) == []


async def test_a_name_that_turns_inwards_later_is_not_called(stage: Stage, receiver: Receiver) -> None:
    """DNS rebinding: public when it was entered, private when it is called."""
    addresses = ["93.184.216.34"]

    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    data = PersonalData(ErasureKeys(stage.folder))
    outbound = OutboundClient(resolver=resolve, seconds=30)
    webhooks = Webhooks(stage.database, data, outbound, clock=stage.clock)
    sending = WebhookSending(data, outbound, clock=stage.clock)
    _, endpoint = await webhooks.create(stage.organisation, f"https://shop.example:{receiver.port}/", ["*"])
    addresses[:] = ["127.0.0.1"]
    delivery = await webhooks.test(stage.organisation, endpoint.id)
    await Worker(stage.database, sending.handlers()).run_due(rounds=2)
    _, (attempt,) = await webhooks.delivery(stage.organisation, endpoint.id, delivery.id)
    assert attempt.problem == "address_refused"
    assert receiver.received == []
    await outbound.close()


async def test_another_organisations_endpoint_does_not_exist(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    delivery = await stage.webhooks.test(stage.organisation, endpoint.id)
    for ask in (
        stage.webhooks.get(uuid4(), endpoint.id),
        stage.webhooks.remove(uuid4(), endpoint.id),
        stage.webhooks.rotate(uuid4(), endpoint.id),
        stage.webhooks.redeliver(uuid4(), endpoint.id, delivery.id),
    ):
        with pytest.raises(NotFound):
            await ask


async def test_a_removed_endpoint_is_sent_nothing(stage: Stage, receiver: Receiver) -> None:
    _, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    await stage.tell(order="1")
    async with stage.database.transaction() as tx:
        await stage.fan_out.hand_on(tx)
    await stage.webhooks.remove(stage.organisation, endpoint.id)
    await stage.work()
    assert receiver.received == []


async def test_no_secret_is_in_the_database(stage: Stage, receiver: Receiver) -> None:
    secret, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    assert secret not in repr(endpoint)
    async with stage.database.transaction() as tx:
        row = (await tx.execute(text("SELECT * FROM webhook"))).one()
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    assert raw not in row.sealed
    assert raw.hex().encode() not in row.sealed


async def test_events_go_on_after_a_restore_to_a_younger_server(stage: Stage, receiver: Receiver) -> None:
    """A restored backup knows places of a server whose transactions were numbered far beyond this one's."""
    await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    await stage.tell(order="before")
    await stage.work()
    async with stage.database.transaction() as tx:
        await tx.execute(text("UPDATE event SET written_by = written_by + 1000000000"))
        await tx.execute(text("UPDATE event_place SET written_by = written_by + 1000000000"))
        await tx.execute(
            text(
                "INSERT INTO event (written_by, tenant_id, kind, data) "
                "SELECT written_by + 1, :tenant, 'order.paid', '{\"order\": \"left over\"}' FROM event_place"
            ),
            {"tenant": stage.organisation},
        )
    await stage.work()
    await stage.work()
    await stage.tell(order="after")
    await stage.work()
    await stage.work()
    assert [body["data"]["order"] for body in receiver.bodies] == ["before", "left over", "after"]


@pytest.mark.parametrize("point", ["webhook.sent", pytest.param("events.handed_on", marks=pytest.mark.soak)])
async def test_killed_between_sending_and_writing_down(stage: Stage, receiver: Receiver, point: str) -> None:
    secret, endpoint = await stage.webhooks.create(stage.organisation, receiver.url, ["*"])
    await stage.tell(order="1")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.notifications.dying_worker"),
        *(stage.url, str(stage.folder), receiver.url),
        cwd=ROOT,
        env={**os.environ, "QUANBAO_FAULT_POINT": point},
    )
    assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL
    sent_before = len(receiver.received)
    await stage.work()
    assert await stage.statuses(endpoint.id) == [("order.paid", DeliveryStatus.DELIVERED, 1)]
    assert len(receiver.received) == sent_before + 1 == (2 if point == "webhook.sent" else 1)
    assert len(set(receiver.ids)) == 1
    assert receiver.all_authentic(secret, time.time())
