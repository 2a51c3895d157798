"""Whom an event is told to, once, in which words, and by which way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from people.events import publish
from people.events.fan_out import FanOut
from people.events.model import Event
from people.mail.sender import Mail
from people.notifications import sql
from people.notifications.model import NotificationKind, Preferences, checked_preferences
from people.notifications.service import RULES, Notifications, rules_for
from people.notifications.texts import _TEXTS, text_of
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation, put_member
from people.persons.profile import Profile, seal_profile
from people.persons.sql import insert_person
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.roles import MemberRole
from persistence.database import Database, Transaction
from persistence.jobs import Worker
from primitives.errors import InvalidValue, NotFound
from tests.fakes.clock import StoppedClock

UNTIL = int(datetime(2026, 5, 31, 16, tzinfo=UTC).timestamp())
"""1 June, 00:00 in Shanghai."""


@dataclass
class Known:
    """What the parts above would know."""

    of_vouchers: list[UUID] = field(default_factory=list)

    async def facts(self, tx: Transaction, event: Event) -> Mapping[str, Any]:
        return {"merchant": "茶馆", "title": "满100减20", "zone": "Asia/Shanghai"}

    async def holders(self, tx: Transaction, event: Event) -> Sequence[UUID]:
        return self.of_vouchers


@dataclass
class Postbox:
    mails: list[Mail] = field(default_factory=list)

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)


@dataclass
class Street:
    database: Database
    notifications: Notifications
    worker: Worker
    known: Known
    post: Postbox
    clock: StoppedClock
    data: PersonalData
    shop: UUID
    mei: UUID
    owner: UUID

    async def person(self, name: str, *, verified: bool = True) -> UUID:
        person = uuid4()
        await self.data.begin(person)
        profile = seal_profile(self.data, person, Profile(f"{name}@example.com", name))
        async with self.database.transaction() as tx:
            await insert_person(tx, person, profile, person.bytes, None, self.clock.now())
            if verified:
                await tx.execute(text("UPDATE person SET email_verified_at = now() WHERE id = :id"), {"id": person})
        return person

    async def tell(self, tenant: UUID, kind: str, **data: Any) -> None:
        async with self.database.transaction() as tx:
            await publish(tx, tenant, kind, data)
        async with self.database.transaction() as tx:
            await tx.execute(text("UPDATE job SET due_at = now(), lease_until = NULL"))
        await self.worker.run_due(rounds=1)
        await self.worker.run_due(rounds=2)

    async def seen(self, person: UUID, language: str = "en") -> list[tuple[str, str]]:
        found, chosen = await self.notifications.list(person, unread=False, after=None, limit=100)
        texts = [text_of(one, chosen, chosen.language or language) for one in found]  # type: ignore[arg-type]
        return [(text.title, text.body) for text in texts]


@pytest_asyncio.fixture
async def street(database: Database, tmp_path: Path) -> AsyncIterator[Street]:
    clock, data = StoppedClock(), PersonalData(ErasureKeys(tmp_path / "erasure"))
    known, post = Known(), Postbox()
    notifications = Notifications(database, data, post, "http://localhost:8080", known, clock=clock)
    fan_out = FanOut({"notifications": notifications.consume})
    worker = Worker(database, {**fan_out.handlers(), **notifications.handlers()})
    shop = Organisation(id=uuid4(), name="茶馆", created_at=clock.now())
    street = Street(database, notifications, worker, known, post, clock, data, shop.id, shop.id, shop.id)
    async with database.transaction() as tx:
        await insert_organisation(tx, shop)
        await fan_out.begin(tx)
    street.mei, street.owner = await street.person("mei"), await street.person("owner")
    async with database.transaction() as tx:
        await put_member(tx, shop.id, street.owner, MemberRole.OWNER, clock.now())
    yield street


async def test_followers_hear_of_a_launch_once(street: Street) -> None:
    await street.notifications.follow(street.mei, street.shop)
    await street.notifications.follow(street.mei, street.shop)
    for _ in range(2):
        await street.tell(street.shop, "campaign.active", campaign="ab" * 24, status="active")
    assert await street.seen(street.mei) == [("茶馆 has launched a campaign", "“满100减20” can be had now.")]
    assert await street.seen(street.owner) == []
    await street.notifications.unfollow(street.mei, street.shop)
    await street.tell(street.shop, "campaign.active", campaign="cd" * 24, status="active")
    assert len(await street.seen(street.mei)) == 1
    with pytest.raises(NotFound):
        await street.notifications.follow(street.mei, uuid4())


async def test_a_voucher_that_came_is_told_once_however_it_came(street: Street) -> None:
    street.known.of_vouchers = [street.mei]
    await street.tell(street.shop, "voucher.issued", voucher="ab" * 32, campaign="ab" * 24)
    await street.tell(street.mei, "claim.issued", voucher="ab" * 32, campaign="ab" * 24)
    assert await street.seen(street.mei) == [("You have received a voucher", "“满100减20”, from 茶馆.")]


async def test_an_end_is_told_in_the_readers_words_and_zone(street: Street) -> None:
    end = {"campaign": "ab" * 24, "stage": "day", "holder": "x", "vouchers": 2, "valid_until": UNTIL}
    await street.tell(street.mei, "voucher.expiring", **end)
    ((_, body),) = await street.seen(street.mei)
    assert body == "“满100减20” can be used until 31 May 2026, 23:59 (Asia/Shanghai)."
    await street.notifications.choose(street.mei, checked_preferences("zh-CN", "America/New_York", [], []))
    assert await street.seen(street.mei) == [
        ("2 张优惠券即将到期", "“满100减20”可用至 2026年5月31日 11:59（America/New_York）。")
    ]


async def test_mail_goes_to_verified_addresses_that_want_it(street: Street) -> None:
    unverified = await street.person("li", verified=False)
    for person in (street.mei, unverified):
        await street.tell(person, "order.refunded", order="7", refund="8")
        await street.tell(person, "order.paid", order="7")
    (mail,) = street.post.mails
    assert mail.to == "mei@example.com"
    assert mail.subject == "订单已退款 / Your order was refunded"
    await street.notifications.choose(
        street.mei, Preferences(language="en", mail=frozenset({NotificationKind.REDEEMED}))
    )
    await street.tell(street.mei, "order.refunded", order="9", refund="10")
    await street.tell(street.mei, "order.paid", order="9")
    assert [one.subject for one in street.post.mails[1:]] == ["Your order is paid"]


async def test_what_is_muted_is_not_told_but_a_freeze_is(street: Street) -> None:
    every = checked_preferences(None, None, [], list(NotificationKind))
    await street.notifications.choose(street.mei, every)
    await street.tell(street.mei, "order.paid", order="7")
    await street.tell(street.mei, "account.frozen", account="eip155:1:0xabc")
    ((title, _),) = await street.seen(street.mei)
    assert title == "Frozen: nothing is paid for now"


async def test_staff_is_told_of_what_waits_for_it(street: Street) -> None:
    await street.tell(street.shop, "redemption.disputed", dispute="1", order="7")
    assert [title for title, _ in await street.seen(street.owner)] == ["A customer disputes a redemption"]
    assert await street.seen(street.mei) == []


async def test_read_state(street: Street) -> None:
    for number in range(3):
        await street.tell(street.mei, "order.paid", order=str(number))
    found, _ = await street.notifications.list(street.mei, unread=True, after=None, limit=10)
    assert await street.notifications.unread(street.mei) == 3
    assert await street.notifications.mark_read(street.owner, [found[0].id]) == 0
    assert await street.notifications.mark_read(street.mei, [found[0].id]) == 1
    assert await street.notifications.unread(street.mei) == 2
    assert await street.notifications.mark_read(street.mei, None) == 2
    assert (await street.notifications.list(street.mei, unread=True, after=None, limit=10))[0] == []


async def test_nothing_is_left_of_an_erased_person(street: Street) -> None:
    await street.notifications.follow(street.mei, street.shop)
    await street.notifications.choose(street.mei, Preferences())
    await street.tell(street.mei, "order.paid", order="7")
    async with street.database.transaction() as tx:
        await sql.forget_person(tx, street.mei)
        for table in ("notification", "notification_preference", "merchant_follow"):
            left = await tx.execute(text(f"SELECT count(*) FROM {table} WHERE tenant_id = :id"), {"id": street.mei})
            assert left.scalar_one() == 0, table
        await tx.execute(text("UPDATE person SET erased_at = now() WHERE id = :id"), {"id": street.mei})
    await street.tell(street.mei, "order.paid", order="8")
    assert await street.seen(street.mei) == []


def test_every_rule_has_its_words() -> None:
    used = {rule.text or rule.kind.value for rules in RULES.values() for rule in rules}
    used |= {rule.text or rule.kind.value for kind in ("x.frozen", "x.unfrozen") for rule in rules_for(kind)}
    assert used | {"launch"} == set(_TEXTS)


def test_a_zone_is_one_that_exists() -> None:
    with pytest.raises(InvalidValue):
        checked_preferences(None, "Mars/Olympus", [], [])
