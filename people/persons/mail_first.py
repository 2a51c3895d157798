"""Registration by mail: whoever asks learns nothing of who is registered; what follows is in the mail.

Source: OWASP Authentication Cheat Sheet, "Authentication and Error Messages" and "Account creation".
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from people.kdf import PasswordKdf, check_password
from people.mail.sql import Wanted, ask_to_verify, proofs_since
from people.persons import sql
from people.persons.email import normalised_email
from people.persons.profile import Profile, email_index, seal_profile
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.clock import Clock, SystemClock

MOST_AN_HOUR = 5
"""Mails to one address."""


class MailFirst:
    """An account begins when its mailbox answers: until then its row has no password, nobody logs in to it, and nobody
    finds it. Each registration's password and name wait beside its own mail, so that whoever registers somebody
    else's address first has prepared nothing for the day when its owner comes."""

    def __init__(self, database: Database, kdf: PasswordKdf, data: PersonalData, *, clock: Clock | None = None) -> None:
        self._database = database
        self._kdf = kdf
        self._data = data
        self._clock = clock or SystemClock()

    async def register(self, email: str, password: str, display_name: str) -> None:
        """Send a mail: to somebody new, the way in; to somebody registered, that an account is there. The answer and
        the work are the same.

        Raises:
            InvalidValue: Not an address, or not an acceptable password.
        """
        address = normalised_email(email)
        check_password(password, address)
        encoded = await self._kdf.hash(password)
        fresh, now = uuid4(), self._clock.now()
        await self._data.begin(fresh)
        index = email_index(self._data, address)
        wanted = Profile(address, display_name)
        async with self._database.transaction() as tx:
            await sql.insert_person(tx, fresh, seal_profile(self._data, fresh, wanted), index, None, now)
            owner = await sql.owner_of_email(tx, index)
            mailed = await proofs_since(tx, owner, now - timedelta(hours=1)) < MOST_AN_HOUR
            if mailed:
                chosen = Wanted(encoded, seal_profile(self._data, owner, wanted))
                unused = None if owner == fresh else fresh
                await ask_to_verify(tx, owner, index, now, wanted=chosen, unused=unused)
        if not mailed and owner != fresh:
            await self._data.destroy(fresh)
