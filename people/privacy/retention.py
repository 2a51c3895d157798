"""Remove what has served its purpose, by itself, every hour."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from people.api_keys.sql import forget_ended_keys
from people.challenges.sql import forget_challenges
from people.identity.sql import forget_documents
from people.invitations.sql import end_invitation, expired_invitations
from people.mail.sql import forget_proofs
from people.notifications.sql import forget_notifications
from people.persons.sql import never_begun, remove_person
from people.privacy.personal_data import PersonalData
from people.privacy.sql import forget_events
from people.sessions.sql import forget_ended
from people.webhooks.sql import forget_deliveries
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock

log = structlog.get_logger()

RETENTION = "people.retention"
"""Job kind and key: one row for ever, due every hour."""

SESSIONS = timedelta(days=30)
EVENTS = timedelta(days=90)
DOCUMENTS = timedelta(days=60)
NEVER_BEGUN = timedelta(days=7)
DELIVERIES = timedelta(days=30)
NOTIFICATIONS = timedelta(days=180)
_EVERY = timedelta(hours=1)
_AT_ONCE = 200


class Retention:
    """What docs/privacy.md promises to forget, and when."""

    def __init__(self, database: Database, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._data = data
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {RETENTION: self._handle}

    async def begin(self, tx: Transaction) -> None:
        """See to it that the job exists."""
        await enqueue(tx, RETENTION, RETENTION, urgent=False)

    async def run(self) -> int:
        """Forget what is due; how many rows."""
        now = self._clock.now()
        gone = 0
        async with self._database.transaction() as tx:
            gone += await forget_ended(tx, now - SESSIONS)
            gone += await forget_ended_keys(tx, now - SESSIONS)
            gone += await forget_challenges(tx, now)
            gone += await forget_proofs(tx, now - SESSIONS)
            gone += await forget_documents(tx, now - DOCUMENTS)
            gone += await forget_events(tx, now - EVENTS)
            gone += await forget_deliveries(tx, now - DELIVERIES)
            gone += await forget_notifications(tx, now - NOTIFICATIONS)
        gone += await self._forget_never_begun(now)
        while True:
            async with self._database.transaction() as tx:
                expired = await expired_invitations(tx, now, _AT_ONCE)
                for invitation_id in expired:
                    await end_invitation(tx, invitation_id, now)
            for invitation_id in expired:
                await self._data.destroy(invitation_id)
            gone += len(expired)
            if not expired:
                return gone

    async def _forget_never_begun(self, now: datetime) -> int:
        """Whose mailbox never answered."""
        gone = 0
        while True:
            async with self._database.transaction() as tx:
                waiting = await never_begun(tx, now - NEVER_BEGUN, _AT_ONCE)
                for person_id in waiting:
                    await remove_person(tx, person_id)
            for person_id in waiting:
                await self._data.destroy(person_id)
            gone += len(waiting)
            if not waiting:
                return gone

    async def _handle(self, context: JobContext) -> Again:
        gone = await self.run()
        if gone:
            log.info("retention", rows=gone)
        return Again(_EVERY)
