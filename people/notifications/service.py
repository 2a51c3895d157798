"""Make notifications of events, show them, and mail those that a person wants by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

import structlog

from people.events import publish
from people.events.model import Event, EventCursor
from people.mail.sender import Mail, MailSender
from people.notifications import sql
from people.notifications.model import ALWAYS, Language, Notification, NotificationKind, Preferences
from people.notifications.texts import text_of
from people.organisations.sql import organisation_by_id
from people.persons.profile import open_profile
from people.persons.sql import person_by_id
from people.privacy.personal_data import PersonalData
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import NotFound, PersonErased

log = structlog.get_logger()

MAIL = "notification.mail"
"""Job kind, key = the notification's id."""
TELL_FOLLOWERS = "notification.followers"
"""Job kind, key = the campaign's id."""

_AT_ONCE = 200
_NOBODY = UUID(int=0)

Whom = Literal["person", "staff", "holders"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an event means to whom. `named_by`: facts that make it the same notification if it is told again."""

    kind: NotificationKind
    whom: Whom
    named_by: tuple[str, ...]
    text: str | None = None


_K = NotificationKind
RULES: Mapping[str, Sequence[Rule]] = {
    "voucher.issued": (Rule(_K.RECEIVED, "holders", ("voucher",)),),
    "claim.issued": (Rule(_K.RECEIVED, "person", ("voucher",)),),
    "voucher.received": (Rule(_K.RECEIVED, "person", ("payment", "voucher")),),
    "voucher.expiring": (Rule(_K.EXPIRING, "person", ("campaign", "stage", "holder")),),
    "voucher.unclaimed": (Rule(_K.EXPIRING, "person", ("campaign", "stage", "holder"), "unclaimed"),),
    "order.paid": (Rule(_K.REDEEMED, "person", ("order",)),),
    "order.refunded": (Rule(_K.REFUNDED, "person", ("refund",)),),
    "payment.failed": (Rule(_K.PAYMENT_FAILED, "person", ("payment_id",)),),
    "redemption.disputed": (Rule(_K.DISPUTE, "staff", ("dispute",), "dispute_opened"),),
    "dispute.refunded": (Rule(_K.DISPUTE, "person", ("dispute",), "dispute_refunded"),),
    "dispute.refused": (Rule(_K.DISPUTE, "person", ("dispute",), "dispute_refused"),),
    "case.opened": (Rule(_K.CASE, "staff", ("case",), "case_opened"),),
    "case.answered": (Rule(_K.CASE, "person", ("message",), "case_answered"),),
    "case.asked": (Rule(_K.CASE, "staff", ("message",), "case_answered"),),
    "case.closed": (Rule(_K.CASE, "person", ("case", "closed"), "case_closed"),),
    "webhook.disabled": (Rule(_K.WEBHOOK, "staff", (), None),),
    "organisation.joined": (Rule(_K.ACCOUNT, "person", (), "organisation_joined"),),
    "organisation.left": (Rule(_K.ACCOUNT, "person", (), "organisation_left"),),
    "account.low_balance": (
        Rule(_K.ACCOUNT, "staff", (), "low_balance"),
        Rule(_K.ACCOUNT, "person", (), "low_balance"),
    ),
}
"""By the event's kind. Whatever ends in `.frozen` or `.unfrozen` is told to persons and staff as well."""

_FREEZING = (
    (".unfrozen", "unfrozen"),
    (".frozen", None),
)


def rules_for(kind: str) -> Sequence[Rule]:
    """What follows from an event of this kind."""
    for ending, text in _FREEZING:
        if kind.endswith(ending):
            return (Rule(_K.FROZEN, "person", (), text), Rule(_K.FROZEN, "staff", (), text))
    return RULES.get(kind, ())


class Knowing(Protocol):
    """What the parts above know of an event, asked in the transaction that reads it."""

    async def facts(self, tx: Transaction, event: Event) -> Mapping[str, Any]:
        """Names beside the event's ids: `title`, `merchant`, `subject`, `zone`."""
        ...

    async def holders(self, tx: Transaction, event: Event) -> Sequence[UUID]:
        """Whose voucher the event is about."""
        ...


class Notifications:
    """Args:
    sender: None where no mail server is configured: nothing is mailed then.
    page_url: Where the page is reached; mails name it.
    """

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        sender: MailSender | None,
        page_url: str,
        knowing: Knowing,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._sender = sender
        self._page_url = page_url
        self._knowing = knowing
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {MAIL: self._mail, TELL_FOLLOWERS: self._tell_followers}

    # ------------------------------------------------------------------------------------------------------- reading

    async def list(
        self, person_id: UUID, *, unread: bool, after: tuple[datetime, UUID] | None, limit: int
    ) -> tuple[Sequence[Notification], Preferences]:
        """Newest first, and in what language and zone to write them."""
        async with self._database.transaction() as tx:
            found = await sql.notifications_of(tx, person_id, unread=unread, after=after, limit=limit)
            return found, await sql.preferences_of(tx, person_id)

    async def unread(self, person_id: UUID) -> int:
        async with self._database.transaction() as tx:
            return await sql.count_unread(tx, person_id)

    async def mark_read(self, person_id: UUID, ids: Collection[UUID] | None) -> int:
        """All where none is named; how many were unread."""
        async with self._database.transaction() as tx:
            return await sql.mark_read(tx, person_id, ids, self._clock.now())

    async def preferences(self, person_id: UUID) -> Preferences:
        async with self._database.transaction() as tx:
            return await sql.preferences_of(tx, person_id)

    async def choose(self, person_id: UUID, chosen: Preferences) -> Preferences:
        async with self._database.transaction() as tx:
            await sql.put_preferences(tx, person_id, chosen)
            return chosen

    async def zone_of(self, tx: Transaction, person_id: UUID) -> str | None:
        """`vouchers.expiry.service.Zones`."""
        return (await sql.preferences_of(tx, person_id)).zone

    async def follow(self, person_id: UUID, organisation_id: UUID) -> None:
        """Hear of its launches; again changes nothing. Raises NotFound."""
        async with self._database.transaction() as tx:
            if await organisation_by_id(tx, organisation_id) is None:
                raise NotFound("no such merchant")
            await sql.follow(tx, person_id, organisation_id, self._clock.now())

    async def unfollow(self, person_id: UUID, organisation_id: UUID) -> None:
        """Raises NotFound: not followed."""
        async with self._database.transaction() as tx:
            if not await sql.unfollow(tx, person_id, organisation_id):
                raise NotFound("you do not follow this merchant")

    async def following(self, person_id: UUID) -> Sequence[tuple[UUID, str, datetime]]:
        """Id, name, and since when; the latest first."""
        async with self._database.transaction() as tx:
            return await sql.followed_by(tx, person_id)

    # ------------------------------------------------------------------------------------------------------- telling

    async def consume(self, tx: Transaction, events: Sequence[Event]) -> None:
        """`people.events.fan_out.Consumer`."""
        for event in events:
            if event.kind == "campaign.active" and event.data.get("status") == "active":
                campaign = str(event.data["campaign"])
                payload = {"organisation": str(event.tenant_id), "campaign": campaign}
                await enqueue(tx, TELL_FOLLOWERS, campaign, payload)
            for rule in rules_for(event.kind):
                await self._follow_rule(tx, event, rule)

    async def _follow_rule(self, tx: Transaction, event: Event, rule: Rule) -> None:
        whom = await self._whom(tx, event, rule)
        if not whom:
            return
        known = await self._knowing.facts(tx, event)
        facts = {**event.data, **known, **({} if rule.text is None else {"text": rule.text})}
        named = [str(event.data[name]) for name in rule.named_by if event.data.get(name) is not None]
        once = ":".join((rule.kind.value, rule.text or "", *(named or [str(event.cursor)])))
        for person_id in whom:
            await self._tell(tx, person_id, rule.kind, facts, once, event.created_at)

    async def _whom(self, tx: Transaction, event: Event, rule: Rule) -> Sequence[UUID]:
        if rule.whom == "staff":
            return await sql.staff_of(tx, event.tenant_id)
        named = [event.tenant_id] if rule.whom == "person" else await self._knowing.holders(tx, event)
        return sorted(await sql.existing_persons(tx, named)) if named else ()

    async def _tell(
        self,
        tx: Transaction,
        person_id: UUID,
        kind: NotificationKind,
        facts: Mapping[str, Any],
        once: str,
        at: datetime,
    ) -> None:
        chosen = await sql.preferences_of(tx, person_id)
        if kind in chosen.muted and kind not in ALWAYS:
            return
        notification = Notification(uuid4(), person_id, kind, facts, at, None)
        if not await sql.insert_notification(tx, notification, once):
            return
        await publish(tx, person_id, "notification.new", {"notification": str(notification.id), "kind": kind.value})
        if self._sender is not None and kind in chosen.mail:
            await enqueue(tx, MAIL, str(notification.id), {})

    async def _tell_followers(self, ctx: JobContext) -> Again | None:
        """Some at a time: a merchant may have very many."""
        organisation_id, campaign = UUID(ctx.job.payload["organisation"]), str(ctx.job.payload["campaign"])
        after = UUID(ctx.job.payload["after"]) if "after" in ctx.job.payload else _NOBODY
        async with ctx.transaction() as tx:
            page = await sql.followers_after(tx, organisation_id, after, _AT_ONCE)
            now = self._clock.now()
            if page:
                event = _launch_event(organisation_id, campaign, now)
                facts = {"campaign": campaign, **await self._knowing.facts(tx, event)}
                for person_id in page:
                    await self._tell(tx, person_id, NotificationKind.LAUNCH, facts, f"launch:{campaign}", now)
            if len(page) < _AT_ONCE:
                await ctx.finish(tx)
                return None
            await enqueue(tx, TELL_FOLLOWERS, campaign, {**ctx.job.payload, "after": str(page[-1])})
        return None

    async def _mail(self, ctx: JobContext) -> Again | None:
        async with ctx.transaction() as tx:
            notification = await sql.notification_by_id(tx, UUID(ctx.job.key))
            row = None if notification is None else await person_by_id(tx, notification.person_id)
            chosen = None if row is None else await sql.preferences_of(tx, row.id)
        if notification is None or row is None or chosen is None or self._sender is None:
            return None
        # Only a mailbox that the person has shown to read: whoever else reads it is told nothing.
        if row.email_verified_at is None:
            return None
        try:
            profile = open_profile(self._data, row.id, row.profile)
        except PersonErased:
            return None
        if profile.email is None:
            return None
        await self._sender.send(self._written(profile.email, notification, chosen))
        log.info("mail_sent", kind="notification", mail=str(notification.id))
        return None

    def _written(self, to: str, notification: Notification, chosen: Preferences) -> Mail:
        languages: Sequence[Language] = (chosen.language,) if chosen.language is not None else ("zh-CN", "en")
        texts = [text_of(notification, chosen, language) for language in languages]
        subject = " / ".join(text.title for text in texts)
        body = "\n\n--\n\n".join(f"{text.title}\n\n{text.body}" for text in texts)
        return Mail(to, subject, f"{body}\n\n{self._page_url}\n")


def _launch_event(organisation_id: UUID, campaign: str, now: datetime) -> Event:
    return Event(EventCursor(0, 0), organisation_id, "campaign.active", {"campaign": campaign}, now)
