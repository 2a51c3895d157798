"""Whether the folder of erasure keys is the one of this database: a start that goes on without it would make new keys
beside data that nobody can open again, and hide what a copy could still mend."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog

from people.persons.profile import email_index, open_profile
from people.persons.sql import give_up_profile, newest_sealed, sealed_until, set_email_index
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.errors import MissingPart, OperationError, PersonErased, SealBroken

log = structlog.get_logger()

_AT_ONCE = 500
LOOKED_AT = 50
"""Persons, the newest: they are the ones that an older copy of the folder does not know."""


async def unreadable(database: Database, data: PersonalData, keys: ErasureKeys) -> tuple[int, int]:
    """Of the newest persons (since a loss was accepted), how many cannot be opened, and how many were looked at."""
    async with database.transaction() as tx:
        found = await newest_sealed(tx, keys.loss_accepted, LOOKED_AT)
    if not found:
        return 0, 0
    if keys.blank:
        return len(found), len(found)
    lost = 0
    for person_id, sealed, index in found:
        try:
            profile = open_profile(data, person_id, sealed)
        except (PersonErased, SealBroken, MissingPart):
            lost += 1
            continue
        # The key of the indexes is a file of its own: with another one nobody is found by address.
        lost += profile.email is not None and email_index(data, profile.email) != index
    return lost, len(found)


async def give_up(database: Database, data: PersonalData, until: datetime) -> int:
    """Free the addresses of persons whose keys are lost, and find the others by the key of indexes that is there now;
    how many persons are lost. Can be repeated and interrupted.

    Args:
        until: The operator's word: whoever registered later has a key, or the start is refused.
    """
    lost, after = 0, UUID(int=0)
    while True:
        async with database.transaction() as tx:
            found = await sealed_until(tx, until, after, _AT_ONCE)
            for person_id, sealed, index in found:
                try:
                    profile = open_profile(data, person_id, sealed)
                except (PersonErased, SealBroken, MissingPart):
                    await give_up_profile(tx, person_id)
                    lost += 1
                    continue
                fresh = None if profile.email is None else email_index(data, profile.email)
                if fresh != index:
                    await set_email_index(tx, person_id, fresh)
        if not found:
            break
        after = found[-1][0]
    if lost:
        log.warning("erasure_keys_lost", persons=lost, accepted=until.isoformat())
    return lost


async def require_keys(database: Database, data: PersonalData, keys: ErasureKeys) -> None:
    """Raises OperationError: keys of persons are missing, and nobody has accepted that."""
    lost, of = await unreadable(database, data, keys)
    if lost:
        raise OperationError(
            f"{keys.folder} does not hold the erasure keys of this database: of the newest {of} persons {lost} cannot "
            "be read. Put the copy of this folder back, or name the right one in QUANBAO_ERASURE_DIR. If there is no "
            "copy: `quanbao admin accept-lost-keys`; names, notes and logins of these persons are then lost for good",
            folder=str(keys.folder),
            unreadable=lost,
            looked_at=of,
        )
