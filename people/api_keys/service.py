"""Make, check and revoke API keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from people.api_keys import sql
from people.api_keys.model import ApiKey, ApiKeyToken, checked_networks, checked_scopes, is_inside
from people.caller import Caller
from people.privacy.personal_data import PersonalData
from people.roles import PlatformRole
from people.sessions.service import Sessions
from people.sessions.sql import caller_by_person
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, NotAuthenticated, NotFound, NotPermitted

MAX_KEYS = 50
_LABEL = "api_key.label"
_USED_EVERY = timedelta(minutes=1)


class ApiKeys:
    """The keys of all persons. A key may at most what its person may at the same moment."""

    def __init__(
        self, database: Database, data: PersonalData, sessions: Sessions, *, clock: Clock | None = None
    ) -> None:
        self._database = database
        self._data = data
        self._sessions = sessions
        self._clock = clock or SystemClock()

    async def create(
        self,
        caller: Caller,
        label: str,
        scopes: Collection[str],
        *,
        organisation_id: UUID | None,
        networks: Sequence[str],
        lifetime: timedelta,
    ) -> tuple[ApiKeyToken, ApiKey]:
        """A fresh key; its text is shown this once.

        Raises:
            InvalidValue: Scopes or networks are none, or 50 keys exist.
            NotFound: The caller does not belong to the organisation.
        """
        scopes, networks = checked_scopes(scopes), checked_networks(networks)
        if organisation_id is not None and organisation_id not in caller.memberships:
            raise NotFound("no such organisation")
        token = ApiKeyToken.new()
        now = self._clock.now()
        stored = sql.StoredApiKey(
            uuid4(),
            caller.person_id,
            organisation_id,
            self._data.seal(caller.person_id, _LABEL, {"label": label}),
            scopes,
            networks,
            now,
            now + lifetime,
            None,
        )
        async with self._database.transaction() as tx:
            if len(await sql.keys_of(tx, caller.person_id, now)) >= MAX_KEYS:
                raise InvalidValue(f"a person has at most {MAX_KEYS} keys: revoke one first")
            await sql.insert_key(tx, stored, token.digest)
        return token, self._shown(stored)

    async def list(self, person_id: UUID) -> Sequence[ApiKey]:
        """Newest first."""
        async with self._database.transaction() as tx:
            found = await sql.keys_of(tx, person_id, self._clock.now())
        return [self._shown(stored) for stored in found]

    async def revoke(self, person_id: UUID, key_id: UUID) -> None:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.revoke_key(tx, person_id, key_id, self._clock.now()):
                raise NotFound("no such key")

    async def caller(self, token: ApiKeyToken, address: str) -> Caller:
        """Who calls with a key, with no more than its scopes and the one organisation that it is for.

        Raises:
            NotAuthenticated: Unknown, revoked or expired.
            NotPermitted: Used from an address outside its networks.
        """
        now = self._clock.now()
        async with self._database.transaction() as tx:
            stored = await sql.key_by_hash(tx, token.digest, now)
            found = None if stored is None else await caller_by_person(tx, stored.person_id)
            if stored is None or found is None:
                raise NotAuthenticated("this key is unknown, revoked or expired")
            if not is_inside(address, stored.networks):
                raise NotPermitted("this key is not for use from your address", rule="address_range")
            if stored.last_used_at is None or now - stored.last_used_at > _USED_EVERY:
                await sql.mark_used(tx, stored.id, now)
        caller = self._sessions.caller_of(found)
        place = stored.organisation_id
        kept = {} if place is None or place not in caller.memberships else {place: caller.memberships[place]}
        # Running the installation takes a person; a key can at most read what an auditor reads.
        roles = caller.platform_roles & {PlatformRole.AUDITOR} if place is None else frozenset()
        return replace(
            caller,
            session_id=stored.id,
            memberships=kept,
            platform_roles=roles,
            scopes=stored.scopes,
            only_for=place,
            session_expires_at=stored.expires_at,
        )

    def _shown(self, stored: sql.StoredApiKey) -> ApiKey:
        label = str(self._data.open(stored.person_id, _LABEL, stored.label)["label"])
        return ApiKey(
            stored.id,
            stored.person_id,
            stored.organisation_id,
            label,
            stored.scopes,
            stored.networks,
            stored.created_at,
            stored.expires_at,
            stored.last_used_at,
        )
