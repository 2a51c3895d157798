"""Persons' words where nobody registered."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData


class EveryonesWords(PersonalData):
    """Whoever writes has a key: most tests' tenants are numbers that never registered. Everything else is real."""

    def __init__(self, folder: Path) -> None:
        super().__init__(ErasureKeys(folder))

    def seal_words(self, subject: UUID, purpose: str, words: str) -> bytes:
        self._keys.make(subject)
        return super().seal_words(subject, purpose, words)
