"""Provenance survives erasure: history and proof of a voucher stay the same, and name nobody."""

from __future__ import annotations

from pathlib import Path

from api.people import ERASERS
from audit.access import AUDITOR
from people.persons.profile import Profile, email_index, seal_profile
from people.persons.sql import insert_person
from people.privacy.erasure import Erasure
from people.privacy.journal import ErasureJournal
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from primitives.clock import SystemClock
from tests.integration.audit.installation import PERSON, open_installation

EMAIL = "mei@example.com"


async def test_history_and_proof_are_as_before(database: Database, tmp_path: Path) -> None:
    data = PersonalData(ErasureKeys(tmp_path / "erasure"))
    await data.begin(PERSON)
    async with database.transaction() as tx:
        profile = seal_profile(data, PERSON, Profile(EMAIL, "梅"))
        await insert_person(tx, PERSON, profile, email_index(data, EMAIL), "a hash", SystemClock().now())
    async with open_installation(database) as installation:
        voucher = await installation.redeemed()
        before = await installation.provenance.of_voucher(voucher, AUDITOR)
        await Erasure(database, data, ErasureJournal(tmp_path / "journal.jsonl"), ERASERS).erase(PERSON)
        assert not data.known(PERSON)
        assert await installation.provenance.of_voucher(voucher, AUDITOR) == before
        # Built only now, from what erasure left.
        bundle = await installation.proofs.of_voucher(voucher, AUDITOR)
        report = installation.proofs.check(bundle)
        assert report.claim["voucher"] == str(voucher)
        for personal in (EMAIL, "梅", str(PERSON)):
            assert personal.encode() not in bundle
