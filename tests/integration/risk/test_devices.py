"""Which persons have just come with a device that they never used before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from people.persons.sql import person_table
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.sessions import sql
from people.sessions.devices import KnownDevices
from people.sessions.model import LoginMethod, Session
from people.sessions.service import DEVICE_PURPOSE
from persistence.database import Database
from tests.fakes.clock import StoppedClock


async def test_new_devices_of_several_persons_are_found_at_once(database: Database, tmp_path: Path) -> None:
    clock = StoppedClock()
    data = PersonalData(ErasureKeys(tmp_path / "erasure"))

    async def person(*sessions: tuple[str, int]) -> UUID:
        """Somebody with sessions of devices, each so many hours ago."""
        made = uuid4()
        await data.begin(made)
        async with database.transaction() as tx:
            await tx.execute(person_table.insert().values(id=made, created_at=clock.now()))
            for device, hours in sessions:
                at = clock.now() - timedelta(hours=hours)
                session = Session(uuid4(), made, device, at, at, at + timedelta(days=14), LoginMethod.PASSWORD)
                sealed = data.seal(made, DEVICE_PURPOSE, {"label": device})
                await sql.insert_session(tx, session, sealed, uuid4().bytes * 2)
        return made

    stranger = await person(("phone", 48), ("laptop", 3), ("phone", 2))
    usual = await person(("phone", 48), ("phone", 1))
    newcomer = await person(("phone", 5), ("laptop", 1))
    long_ago = await person(("phone", 72), ("laptop", 48))
    async with database.statements() as tx:
        asked = [stranger, usual, newcomer, long_ago, uuid4()]
        found = await KnownDevices(data, clock=clock).new_since(tx, asked)
    assert found == {stranger: clock.now() - timedelta(hours=3)}
