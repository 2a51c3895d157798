"""Keys that erase, the journal that remembers, and what is sealed under them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from uuid import UUID, uuid4

import pytest

from people.privacy.journal import Erased, ErasureJournal
from people.privacy.key_files import ErasureKeys
from people.privacy.masking import masked_email, masked_name
from people.privacy.personal_data import PersonalData
from primitives.errors import MissingPart, OperationError, PersonErased, SealBroken

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> ErasureKeys:
    return ErasureKeys(tmp_path / "erasure")


@pytest.fixture
def data(keys: ErasureKeys) -> PersonalData:
    return PersonalData(keys)


class TestKeys:
    def test_files_are_their_owners_alone(self, keys: ErasureKeys) -> None:
        os.umask(0)
        try:
            keys.make(uuid4())
            keys.index_key()
        finally:
            os.umask(0o022)
        for path in keys.folder.rglob("*"):
            assert path.stat().st_mode & 0o777 == (0o600 if path.is_file() else 0o700), path
        keys.check()

    def test_a_folder_that_others_can_enter_is_refused_with_the_mend(self, keys: ErasureKeys) -> None:
        keys.make(uuid4())
        keys.folder.chmod(0o755)
        with pytest.raises(OperationError, match="chmod 700"):
            keys.check()

    def test_a_key_is_made_once(self, keys: ErasureKeys) -> None:
        subject = uuid4()
        keys.make(subject)
        first = keys.read(subject)
        keys.make(subject)
        assert keys.read(subject) == first

    def test_makers_at_once_agree(self, keys: ErasureKeys) -> None:
        subject = uuid4()
        threads = [Thread(target=keys.make, args=(subject,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(keys.read(subject)) == 32
        assert [path.suffix for path in keys.folder.rglob("*") if path.is_file()] == [".key"]

    def test_what_one_process_destroys_is_gone_for_the_other(self, keys: ErasureKeys) -> None:
        subject, other = uuid4(), ErasureKeys(keys.folder)
        keys.make(subject)
        assert other.destroy(subject)
        assert not other.destroy(subject)
        with pytest.raises(PersonErased):
            keys.read(subject)

    def test_a_damaged_key_is_named_and_not_used(self, keys: ErasureKeys) -> None:
        subject = uuid4()
        keys.make(subject)
        (path,) = keys.folder.rglob("*.key")
        path.write_bytes(b"short")
        with pytest.raises(MissingPart, match="damaged"):
            keys.read(subject)


class TestSealing:
    def test_it_opens_for_its_subject_and_purpose_only(self, data: PersonalData, keys: ErasureKeys) -> None:
        mei, li = uuid4(), uuid4()
        keys.make(mei)
        keys.make(li)
        sealed = data.seal(mei, "person.profile", {"email": "mei@example.com"})
        assert data.open(mei, "person.profile", sealed) == {"email": "mei@example.com"}
        assert b"mei" not in sealed
        for subject, purpose, blob in (
            (li, "person.profile", sealed),
            (mei, "session.device", sealed),
            (mei, "person.profile", sealed[:-1] + bytes([sealed[-1] ^ 1])),
            (mei, "person.profile", b"\x02" + sealed[1:]),
            (mei, "person.profile", b""),
            (mei, "person.profile", sealed[:20]),
        ):
            with pytest.raises(SealBroken):
                data.open(subject, purpose, blob)

    async def test_after_the_key_nothing_opens(self, data: PersonalData) -> None:
        mei = uuid4()
        await data.begin(mei)
        sealed = data.seal(mei, "person.profile", {"email": "mei@example.com"})
        assert await data.destroy(mei)
        with pytest.raises(PersonErased):
            data.open(mei, "person.profile", sealed)
        with pytest.raises(PersonErased):
            data.seal(mei, "person.profile", {})
        # A new key for the same subject opens nothing of the older one.
        await data.begin(mei)
        with pytest.raises(SealBroken):
            data.open(mei, "person.profile", sealed)

    def test_a_blind_index_finds_the_same_text_and_belongs_to_the_installation(
        self, data: PersonalData, tmp_path: Path
    ) -> None:
        index = data.index("email", "mei@example.com")
        assert index == data.index("email", "mei@example.com")
        assert index != data.index("email", "li@example.com")
        assert index != data.index("wallet", "mei@example.com")
        assert index != PersonalData(ErasureKeys(tmp_path / "other")).index("email", "mei@example.com")

    def test_tokens_cannot_be_made_from_ids(self, data: PersonalData, tmp_path: Path) -> None:
        row = UUID(int=7)
        token = data.token("invitation", row)
        assert data.subject_of("invitation", token) == row
        other = PersonalData(ErasureKeys(tmp_path / "other")).token("invitation", row)
        for forged in (other, token[:-2] + "AA", token + "A", "", "é", data.token("email.verify", row), "A" * 10_000):
            assert data.subject_of("invitation", forged) is None

    def test_nothing_shows_a_key(self, data: PersonalData, keys: ErasureKeys) -> None:
        keys.make(uuid4())
        (path,) = keys.folder.rglob("*.key")
        for shown in (repr(data), str(data), repr(keys), f"{keys}"):
            assert path.read_bytes().hex() not in shown
            assert "key" not in repr(data).lower() or "hidden" in repr(data)


class TestJournal:
    def test_what_is_written_is_read_again(self, tmp_path: Path) -> None:
        journal = ErasureJournal(tmp_path / "journal.jsonl")
        assert journal.read() == ()
        entries = [Erased(uuid4(), NOW) for _ in range(3)]
        for entry in entries:
            journal.append(entry)
        assert list(journal.read()) == entries
        assert (tmp_path / "journal.jsonl").stat().st_mode & 0o777 == 0o600

    def test_a_line_that_a_crash_cut_off_swallows_no_other(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.jsonl"
        journal, entry = ErasureJournal(path), Erased(uuid4(), NOW)
        journal.append(entry)
        path.write_bytes(path.read_bytes() + b'{"person": "5f')
        assert list(journal.read()) == [entry]
        journal.append(entry)
        assert list(journal.read()) == [entry, entry]

    def test_a_damaged_line_stops_the_start(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.jsonl"
        path.write_text('{"person": "nobody", "at": "2026-06-01T12:00:00+00:00"}\n')
        with pytest.raises(OperationError, match="line 1"):
            ErasureJournal(path).read()


def test_masks() -> None:
    assert masked_email("mei@example.com") == "m•••@example.com"
    assert masked_email(None) is None
    assert masked_name("梅兰") == "梅••"
