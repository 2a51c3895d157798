"""Erase a person, and keep erased whoever was: also after an old backup came back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import structlog

from people.api_keys.sql import forget_keys_of
from people.consents.sql import forget_consents_of
from people.identity.sql import forget_reviews_of
from people.invitations.sql import end_invitation, invitations_to
from people.mail.sql import forget_proofs_of
from people.organisations.sql import leave_everywhere, owned_alone
from people.passkeys.sql import forget_passkeys_of
from people.persons.sql import email_index_of, empty_person, erased_persons, person_by_id
from people.privacy.journal import Erased, ErasureJournal
from people.privacy.personal_data import PersonalData
from people.second_factor.sql import forget_second_factor_of
from people.sessions.sql import forget_sessions_of
from people.wallet_login.sql import forget_wallets_of
from persistence.database import Database, Transaction, lock_for_transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import NotPermitted

log = structlog.get_logger()

Eraser = Callable[[Transaction, UUID], Awaitable[None]]
"""Removes what another part keeps of a person, in the transaction of the erasure. Called again it changes nothing."""


class Erasure:
    """Journal, key, rows: in this order, each on disk before the next.

    After the journal's line the erasure happens whatever crashes: every start, and every restore of a backup, carries
    out what the journal says. Destroying the key ends all sealed copies at once, in backups too. What the chains and
    the ledger say of accounts and vouchers stays as it is: it holds no personal data, and proofs go on to verify.

    Args:
        erasers: Of the parts above, given by the composition root.
    """

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        journal: ErasureJournal,
        erasers: Sequence[Eraser] = (),
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._journal = journal
        self._erasers = tuple(erasers)
        self._clock = clock or SystemClock()

    async def erase(self, person_id: UUID) -> None:
        """Erase for good; doing it again changes nothing.

        Raises:
            NotPermitted: The only owner of an organisation hands it over first.
        """
        async with self._database.transaction() as tx:
            left_alone = await owned_alone(tx, person_id)
        if left_alone:
            raise NotPermitted(
                "you are the only owner of an organisation: name another owner first",
                rule="last_owner",
                organisations=[str(place) for place in left_alone],
            )
        entry = Erased(person_id, self._clock.now())
        await asyncio.to_thread(self._journal.append, entry)
        await self._carry_out(entry)

    async def replay(self) -> int:
        """Carry out every entry of the journal that the database does not show; how many.

        For each start, and after a backup was restored, before anybody is served.

        Raises:
            OperationError: The journal cannot be read.
        """
        done = 0
        for entry in await asyncio.to_thread(self._journal.read):
            if await self._is_open(entry.person_id):
                await self._carry_out(entry)
                done += 1
        if done:
            log.info("erasures_replayed", count=done)
        return done

    async def complete_journal(self) -> None:
        """Write again what the database shows and the journal does not, because its folder was lost.

        Raises:
            OperationError: The journal cannot be read.
        """
        known = {entry.person_id for entry in await asyncio.to_thread(self._journal.read)}
        async with self._database.transaction() as tx:
            shown = await erased_persons(tx)
        for person_id, at in shown:
            if person_id not in known:
                await asyncio.to_thread(self._journal.append, Erased(person_id, at))

    async def _is_open(self, person_id: UUID) -> bool:
        async with self._database.transaction() as tx:
            row = await person_by_id(tx, person_id)
        return self._data.known(person_id) or (row is not None and row.erased_at is None)

    async def _carry_out(self, entry: Erased) -> None:
        invitations: Sequence[UUID] = ()
        await self._data.destroy(entry.person_id)
        async with self._database.transaction() as tx:
            await lock_for_transaction(tx, "person.erasure", entry.person_id)
            index = await email_index_of(tx, entry.person_id)
            if index is not None:
                invitations = await invitations_to(tx, index)
                for invitation_id in invitations:
                    await end_invitation(tx, invitation_id, entry.at)
            for forget in (
                forget_sessions_of,
                forget_keys_of,
                forget_passkeys_of,
                forget_second_factor_of,
                forget_wallets_of,
                forget_consents_of,
                forget_reviews_of,
                forget_proofs_of,
                leave_everywhere,
                *self._erasers,
            ):
                await forget(tx, entry.person_id)
            await empty_person(tx, entry.person_id, entry.at)
        for invitation_id in invitations:
            await self._data.destroy(invitation_id)
        log.info("person_erased", person=str(entry.person_id))
