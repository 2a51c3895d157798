"""Devices that a person has not used before."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from people.privacy.personal_data import PersonalData
from people.sessions import sql
from people.sessions.service import DEVICE_PURPOSE
from persistence.database import Transaction
from primitives.clock import Clock, SystemClock

NEW_FOR = timedelta(hours=24)
_LOOKED_AT = 50


class KnownDevices:
    """Tells new devices from known ones by the labels of a person's sessions, ended ones too while they are kept."""

    def __init__(self, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._data = data
        self._clock = clock or SystemClock()

    async def new_since(self, tx: Transaction, person_id: UUID) -> datetime | None:
        """When a device that was never seen before opened a session within the last day.

        None: none did, or there is nothing to compare with: everything of somebody who has just come is new.
        """
        newest_first = await sql.newest_sessions(tx, person_id, _LOOKED_AT)
        border = self._clock.now() - NEW_FOR
        fresh = [one for one in newest_first if one.created_at > border]
        known = {self._label(one) for one in newest_first if one.created_at <= border}
        if not fresh or not known:
            return None
        return next((one.created_at for one in fresh if self._label(one) not in known), None)

    def _label(self, stored: sql.StoredSession) -> str:
        if stored.device is None:
            return ""
        return str(self._data.open(stored.person_id, DEVICE_PURPOSE, stored.device)["label"])
