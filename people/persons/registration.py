"""Registration: whoever asks is answered alike, after the same work, whether the address is new or has an account.

Source: OWASP Authentication Cheat Sheet, "Authentication and Error Messages" and "Account creation"; ADR 0052.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID, uuid4

from people.kdf import PasswordKdf, check_password
from people.mail.sql import Wanted, ask_to_verify, proofs_since
from people.persons import sql
from people.persons.email import normalised_email
from people.persons.profile import Profile, email_index, seal_profile
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from persistence.jobs import Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock

MOST_AN_HOUR = 5
"""Mails to one address."""

UNUSED_KEY = "person.unused_key"
"""Job kind, key = the id that a registration made. It destroys the key of one that began nothing."""


class Registration:
    """An account begins at once, or when its mailbox answers.

    By mail its row has no password until then: nobody logs in to it, and nobody finds it. Each registration's password
    and name wait beside its own mail, so that whoever registers somebody else's address first has prepared nothing for
    the day when its owner comes. At once, a registration of an address that is taken changes nothing.

    Args:
        by_mail: How accounts begin.
        mails: Whether there is a mail server: it asks new addresses to answer, and tells owners.
    """

    def __init__(
        self,
        database: Database,
        kdf: PasswordKdf,
        data: PersonalData,
        *,
        by_mail: bool = False,
        mails: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._kdf = kdf
        self._data = data
        self.by_mail = by_mail
        self._mails = mails or by_mail
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {UNUSED_KEY: self._destroy_unused}

    def at_once(self) -> Registration:
        """For whom the installation itself adds: nobody's mailbox is asked."""
        return Registration(self._database, self._kdf, self._data, clock=self._clock)

    async def register(self, email: str, password: str, display_name: str) -> None:
        """Begin an account, or ask its mailbox to; nothing where there is one.

        Raises:
            InvalidValue: Not an address, or not an acceptable password.
        """
        address = normalised_email(email)
        check_password(password, address)
        encoded = await self._kdf.hash(password)
        fresh, now = uuid4(), self._clock.now()
        # The key is on disk before anything is sealed with it.
        await self._data.begin(fresh)
        index = email_index(self._data, address)
        wanted = Profile(address, display_name)
        async with self._database.transaction() as tx:
            first = None if self.by_mail else encoded
            await sql.insert_person(tx, fresh, seal_profile(self._data, fresh, wanted), index, first, now)
            owner = await sql.owner_of_email(tx, index)
            unused = None if owner == fresh else fresh
            if self._mails and await proofs_since(tx, owner, now - timedelta(hours=1)) < MOST_AN_HOUR:
                chosen = Wanted(encoded, seal_profile(self._data, owner, wanted))
                begun = unused is None and not self.by_mail
                await ask_to_verify(tx, owner, index, now, wanted=None if begun else chosen, unused=unused)
            else:
                # By a job in each case: the answer waits for the disk in none.
                await enqueue(tx, UNUSED_KEY, str(fresh), {"unused": unused is not None})

    async def _destroy_unused(self, context: JobContext) -> None:
        if context.job.payload["unused"]:
            await self._data.destroy(UUID(context.job.key))
