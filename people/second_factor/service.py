"""Set up, ask for and remove the second factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from people.persons.profile import open_profile
from people.persons.sql import person_by_id
from people.privacy.personal_data import PersonalData
from people.second_factor import codes, sql
from people.sessions.attempts import Attempts, second_factor_bounds
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, LoginFailed, NotFound, NotPermitted

_PURPOSE = "person.totp"


@dataclass(frozen=True, slots=True)
class TotpSetup:
    """Shown once, before the first code is asked for."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """Whether codes are asked for, and how many recovery codes are left."""

    totp: bool
    recovery_codes_left: int


class SecondFactor:
    """TOTP (RFC 6238: SHA-1, 6 digits, 30 s) and ten recovery codes."""

    def __init__(
        self, database: Database, data: PersonalData, attempts: Attempts, *, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._data = data
        self._attempts = attempts
        self._clock = clock or SystemClock()

    async def state(self, person_id: UUID) -> SecondFactorState:
        async with self._database.transaction() as tx:
            stored = await sql.totp_of(tx, person_id)
            left = await sql.recovery_codes_left(tx, person_id)
        return SecondFactorState(stored is not None and stored.confirmed, left)

    async def set_up(self, person_id: UUID) -> TotpSetup:
        """A fresh secret, which counts only after `confirm`.

        Raises:
            NotPermitted: One is in use: remove it first.
        """
        secret = codes.new_secret()
        sealed = self._data.seal(person_id, _PURPOSE, {"secret": secret})
        async with self._database.transaction() as tx:
            row = await person_by_id(tx, person_id)
            if row is None:
                raise NotFound("no such person")
            if not await sql.put_unconfirmed(tx, person_id, sealed, self._clock.now()):
                raise NotPermitted("a second factor is in use: remove it first", rule="totp_in_use")
        profile = open_profile(self._data, person_id, row.profile)
        return TotpSetup(secret, codes.provisioning_uri(secret, profile.email or profile.display_name))

    async def confirm(self, person_id: UUID, code: str) -> list[str]:
        """The app shows the right codes: from now on they are asked for. The recovery codes, shown this once.

        Raises:
            InvalidValue: Nothing was set up.
            NotPermitted: It is confirmed already.
            LoginFailed: Not the code of now.
            TooManyAttempts
        """
        bounds = second_factor_bounds(str(person_id))
        await self._attempts.begin(bounds)
        fresh = codes.new_recovery_codes()
        async with self._database.transaction() as tx:
            stored = await sql.totp_of(tx, person_id)
            if stored is None:
                raise InvalidValue("set up an authenticator first")
            if stored.confirmed:
                raise NotPermitted("the authenticator is confirmed already", rule="totp_in_use")
            await self._use_code(tx, person_id, stored, code)
            await sql.confirm(tx, person_id, self._clock.now())
            await sql.replace_recovery_codes(tx, person_id, [codes.recovery_digest(each) for each in fresh])
        await self._attempts.succeeded(bounds)
        return fresh

    async def renew_recovery_codes(self, person_id: UUID, code: str) -> list[str]:
        """Ten other recovery codes; the older ones end. Raises LoginFailed, TooManyAttempts."""
        await self.require(person_id, code)
        fresh = codes.new_recovery_codes()
        async with self._database.transaction() as tx:
            await sql.replace_recovery_codes(tx, person_id, [codes.recovery_digest(each) for each in fresh])
        return fresh

    async def remove(self, person_id: UUID, code: str) -> None:
        """Stop asking for codes. Raises LoginFailed, TooManyAttempts; NotFound: none is in use."""
        await self.require(person_id, code)
        async with self._database.transaction() as tx:
            await sql.forget_second_factor_of(tx, person_id)

    async def asked_for(self, person_id: UUID) -> bool:
        """Whether a login by password needs a code."""
        async with self._database.transaction() as tx:
            stored = await sql.totp_of(tx, person_id)
        return stored is not None and stored.confirmed

    async def require(self, person_id: UUID, code: str, *, set_up_before: datetime | None = None) -> None:
        """Use a code up: of the app, or a recovery code.

        Args:
            set_up_before: The factor must have been in use before this moment: whoever took a session over may have
                set one up since.

        Raises:
            LoginFailed: Wrong, or used before.
            TooManyAttempts: Ten wrong ones in a quarter of an hour, or fifty in a day; nothing was judged.
            NotFound: No second factor is in use, or it is younger than that.
        """
        bounds = second_factor_bounds(str(person_id))
        await self._attempts.begin(bounds)
        async with self._database.transaction() as tx:
            stored = await sql.totp_of(tx, person_id)
            if stored is None or stored.confirmed_at is None:
                raise NotFound("no authenticator is in use")
            if set_up_before is not None and stored.confirmed_at >= set_up_before:
                raise NotFound("the authenticator was set up too late for this")
            await self._use_code(tx, person_id, stored, code)
        await self._attempts.succeeded(bounds)

    async def _use_code(self, tx: Transaction, person_id: UUID, stored: sql.StoredTotp, code: str) -> None:
        given = "".join(code.split())
        if codes.is_totp(given):
            secret = str(self._data.open(person_id, _PURPOSE, stored.secret)["secret"])
            step = codes.matching_step(secret, given, self._clock.now())
            if step is not None and await sql.use_step(tx, person_id, step):
                return
        elif stored.confirmed and await sql.use_recovery_code(
            tx, person_id, codes.recovery_digest(given), self._clock.now()
        ):
            return
        raise LoginFailed("this code is wrong, or was used before: wait for the next one")
