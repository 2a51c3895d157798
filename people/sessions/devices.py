"""Devices that a person has not used before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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

    async def new_since(self, tx: Transaction, persons: Collection[UUID]) -> Mapping[UUID, datetime]:
        """When a device that was never seen before opened a session within the last day, of those where one did.

        Not of somebody who has just come: there is nothing to compare with, everything is new.
        """
        sessions: dict[UUID, list[sql.StoredSession]] = {}
        for one in await sql.newest_sessions(tx, persons, _LOOKED_AT):
            sessions.setdefault(one.person_id, []).append(one)
        found = {person_id: self._new_among(newest_first) for person_id, newest_first in sessions.items()}
        return {person_id: since for person_id, since in found.items() if since is not None}

    def _new_among(self, newest_first: Sequence[sql.StoredSession]) -> datetime | None:
        border = self._clock.now() - NEW_FOR
        fresh = [one for one in newest_first if one.created_at > border]
        older = [one for one in newest_first if one.created_at <= border]
        if not fresh or not older:
            return None
        known = {self._label(one) for one in older}
        return next((one.created_at for one in fresh if self._label(one) not in known), None)

    def _label(self, stored: sql.StoredSession) -> str:
        if stored.device is None:
            return ""
        return str(self._data.open(stored.person_id, DEVICE_PURPOSE, stored.device)["label"])
