"""Bounds on guessing, counted in the database so that a restart or a second process forgets nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from people.privacy.personal_data import PersonalData
from people.sessions import sql
from persistence.database import Database
from primitives.clock import Clock
from primitives.errors import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `limit` failures of one subject in `window`.

    Attributes:
        scope: Names what is guessed and by whom it is counted.
        subject: Whom to count; stored as a blind index only.
        forgiven: Whether one success clears the count; otherwise it takes back only its own.
    """

    scope: str
    subject: str
    limit: int
    window: timedelta
    forgiven: bool


def login_bounds(email: str, address: str) -> Sequence[Bound]:
    """Ten guesses in a quarter of an hour for an account from one address; further bounds for each of the two alone."""
    return (
        Bound("login.account_address", f"{email}\x00{address}", 10, timedelta(minutes=15), forgiven=True),
        Bound("login.account", email, 100, timedelta(hours=1), forgiven=False),
        Bound("login.address", address, 300, timedelta(hours=1), forgiven=False),
    )


def registration_bounds(address: str) -> Sequence[Bound]:
    """Twenty registrations in an hour, where accounts begin at once; of this machine none is counted."""
    return (Bound("register.address", address, 20, timedelta(hours=1), forgiven=False),)


def member_bounds(person: str) -> Sequence[Bound]:
    """Twenty addresses in an hour that nobody has registered; members that are added do not count."""
    return (Bound("member.person", person, 20, timedelta(hours=1), forgiven=False),)


def unlock_bounds(person: str) -> Sequence[Bound]:
    """Ten wrong passphrases in a quarter of an hour."""
    return (Bound("unlock.person", person, 10, timedelta(minutes=15), forgiven=True),)


def link_bounds(address: str) -> Sequence[Bound]:
    """Twenty dead links in a quarter of an hour."""
    return (Bound("link.address", address, 20, timedelta(minutes=15), forgiven=True),)


def second_factor_bounds(person: str) -> Sequence[Bound]:
    """Ten wrong codes in a quarter of an hour, fifty in a day: of 10^6 codes, three of which fit at a time."""
    return (
        Bound("second_factor.person", person, 10, timedelta(minutes=15), forgiven=True),
        Bound("second_factor.day", person, 50, timedelta(days=1), forgiven=False),
    )


def passkey_bounds(address: str) -> Sequence[Bound]:
    """Thirty answers that do not fit, of passkeys or wallets, in a quarter of an hour."""
    return (Bound("passkey.address", address, 30, timedelta(minutes=15), forgiven=False),)


def one_time_bounds(address: str) -> Sequence[Bound]:
    """Twenty dead codes of mails or invitations in a quarter of an hour."""
    return (Bound("one_time.address", address, 20, timedelta(minutes=15), forgiven=True),)


def password_bounds(person: str) -> Sequence[Bound]:
    """Ten wrong passwords of somebody who is logged in, in a quarter of an hour."""
    return (Bound("password.person", person, 10, timedelta(minutes=15), forgiven=True),)


class Attempts:
    """Counts each attempt before it is judged, so that many at once cannot outrun the count."""

    def __init__(self, database: Database, data: PersonalData, clock: Clock) -> None:
        self._database = database
        self._data = data
        self._clock = clock

    async def begin(self, bounds: Sequence[Bound]) -> None:
        """Count one attempt.

        Raises:
            TooManyAttempts: With `retry_after_seconds`; the attempt must not be judged.
        """
        now = self._clock.now()
        wait = timedelta(0)
        async with self._database.transaction() as tx:
            for bound in bounds:
                count, window_ends_at = await sql.count_attempt(
                    tx, bound.scope, self._subject(bound), now, bound.window
                )
                if count > bound.limit:
                    wait = max(wait, window_ends_at - now)
        if wait > timedelta(0):
            seconds = math.ceil(wait.total_seconds())
            raise TooManyAttempts(f"too many attempts: wait {seconds} s", retry_after_seconds=seconds)

    async def succeeded(self, bounds: Sequence[Bound]) -> None:
        """The attempt was good after all."""
        async with self._database.transaction() as tx:
            for bound in bounds:
                if bound.forgiven:
                    await sql.forget_attempts(tx, bound.scope, self._subject(bound))
                else:
                    await sql.take_back_attempt(tx, bound.scope, self._subject(bound))

    def _subject(self, bound: Bound) -> bytes:
        return self._data.index("attempt", f"{bound.scope}\x00{bound.subject}")
