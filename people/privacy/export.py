"""Everything that is kept about a person, for the person. Built when asked for, and kept nowhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from people.api_keys.service import ApiKeys
from people.consents.sql import answers_of
from people.identity.service import Identity
from people.organisations.service import Organisations
from people.passkeys.service import Passkeys
from people.persons.service import Persons
from people.sessions.service import Sessions
from people.wallet_login.service import WalletLogin
from persistence.database import Database

Exporter = Callable[[UUID], Awaitable[Any]]
"""What another part keeps of a person, as JSON."""

FORMAT = 1


class PersonExport:
    """Joins what the parts say.

    Args:
        exporters: By name, of the parts above, given by the composition root.
    """

    def __init__(
        self,
        database: Database,
        persons: Persons,
        sessions: Sessions,
        organisations: Organisations,
        api_keys: ApiKeys,
        passkeys: Passkeys,
        wallets: WalletLogin,
        identity: Identity,
        exporters: Mapping[str, Exporter] | None = None,
    ) -> None:
        self._database = database
        self._persons = persons
        self._sessions = sessions
        self._organisations = organisations
        self._api_keys = api_keys
        self._passkeys = passkeys
        self._wallets = wallets
        self._identity = identity
        self._exporters = dict(exporters or {})

    async def of(self, person_id: UUID) -> dict[str, Any]:
        """Plain JSON values. Raises NotFound, PersonErased."""
        person = await self._persons.get(person_id)
        state = await self._sessions.second_factor.state(person_id)
        async with self._database.transaction() as tx:
            answers = await answers_of(tx, person_id)
        found: dict[str, Any] = {
            "format": FORMAT,
            "person": {
                "id": person.id,
                "email": person.email,
                "email_verified": person.email_verified,
                "display_name": person.display_name,
                "created_at": person.created_at,
            },
            "second_factor": {"totp": state.totp, "recovery_codes_left": state.recovery_codes_left},
            "sessions": [
                {
                    "device": each.device,
                    "method": each.method.value,
                    "created_at": each.created_at,
                    "last_seen_at": each.last_seen_at,
                    "expires_at": each.expires_at,
                }
                for each in await self._sessions.list(person_id)
            ],
            "passkeys": [
                {"label": each.label, "created_at": each.created_at, "last_used_at": each.last_used_at}
                for each in await self._passkeys.list(person_id)
            ],
            "sign_in_accounts": [
                {"account": each.account, "linked_at": each.linked_at} for each in await self._wallets.list(person_id)
            ],
            "api_keys": [
                {"label": each.label, "scopes": sorted(each.scopes), "created_at": each.created_at}
                for each in await self._api_keys.list(person_id)
            ],
            "organisations": [
                {"id": organisation.id, "name": organisation.name, "role": role.value}
                for organisation, role in await self._organisations.of_person(person_id)
            ],
            "consents": [
                {"purpose": each.purpose, "given": each.given, "version": each.version, "at": each.at}
                for each in answers
            ],
            "identity": [
                {
                    "kind": each.kind,
                    "status": each.status.value,
                    "submitted_at": each.submitted_at,
                    "decided_at": each.decided_at,
                    "reason": each.reason,
                }
                for each in await self._identity.of_person(person_id)
            ],
        }
        for name, export in self._exporters.items():
            found[name] = await export(person_id)
        return found
