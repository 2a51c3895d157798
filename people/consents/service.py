"""Give and withdraw consent."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from people.consents import sql
from people.consents.model import Consent, Purpose
from persistence.database import Database
from primitives.clock import Clock, SystemClock


class Consents:
    """What each person agrees to. Withdrawing is as easy as giving."""

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    async def list(self, person_id: UUID) -> Sequence[Consent]:
        """Every purpose, given or not."""
        async with self._database.transaction() as tx:
            given = await sql.consents_of(tx, person_id)
        return [Consent(purpose, given.get(purpose)) for purpose in Purpose]

    async def give(self, person_id: UUID, purpose: Purpose) -> Consent:
        """Agreeing twice changes nothing."""
        return await self._answer(person_id, purpose, given=True)

    async def withdraw(self, person_id: UUID, purpose: Purpose) -> Consent:
        """From the next read on nothing is used for this purpose any more."""
        return await self._answer(person_id, purpose, given=False)

    async def _answer(self, person_id: UUID, purpose: Purpose, *, given: bool) -> Consent:
        async with self._database.transaction() as tx:
            standing = await sql.consents_of(tx, person_id)
            if (purpose in standing) != given:
                await sql.answer(tx, person_id, purpose, given=given, now=self._clock.now())
                standing = await sql.consents_of(tx, person_id)
        return Consent(purpose, standing.get(purpose))
