"""Words that a person writes are sealed columns: a new column of text with a telling name is decided about here."""

from __future__ import annotations

import importlib
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Text

from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from persistence.database import metadata
from persistence.words import Words, every_words_column, is_words
from primitives.errors import MissingPart, PersonErased

ROOT = Path(__file__).parents[3]
TELLING = {"answer", "comment", "description", "label", "message", "name", "note", "reason", "release_reason", "text"}
TELLING |= {"body", "entry", "memo", "title", "shipping", "words"}

NOT_A_PERSONS = {
    "audit_grant.label": "whom the platform lets look",
    "campaign_partner.answer": "an organisation's yes or no",
    "catalogue_item.name": "a shop's goods",
    "claim_link.note": "an organisation's, about a campaign",
    "gift.name": "a shop's goods",
    "gift_delivery.name": "a shop's goods",
    "gift_movement.reason": "an organisation's, about its stock",
    "organisation.name": "an organisation's",
    "payment_attempt.reason": "the engine's",
    "refund.reason": "an organisation's, about an order",
    "solana_pay_request.label": "an organisation's, and shown to payers",
    "solana_pay_request.memo": "an organisation's, and on the chain",
    "solana_pay_request.message": "an organisation's, and shown to payers",
    "store.name": "an organisation's",
    "webhook.reason": "why sending stopped",
    "webhook_delivery.body": "what was sent: ids and states",
    "words_plain.words": "empty after the first start",
}


def _tables() -> None:
    for folder in ("audit", "keystore", "people", "vouchers", "wallets"):
        for path in (ROOT / folder).rglob("sql.py"):
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def test_each_column_of_words_is_sealed_or_nobodys() -> None:
    _tables()
    plain = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name in TELLING and isinstance(column.type, Text) and not is_words(column)
    }
    assert plain == set(NOT_A_PERSONS)
    assert len(every_words_column()) >= 10
    assert all(column.nullable for column in every_words_column()), "erasing empties them"


class TestWords:
    def test_they_open_for_their_person_and_column_only(self, tmp_path: Path) -> None:
        _tables()
        keys = ErasureKeys(tmp_path / "erasure")
        words, (mei, li) = Words(PersonalData(keys)), (uuid4(), uuid4())
        keys.make(mei)
        keys.make(li)
        column, other = every_words_column()[:2]
        sealed = words.sealed(column, mei, "for the tea")
        assert sealed is not None
        assert b"tea" not in sealed
        assert words.text(column, mei, sealed) == "for the tea"
        assert words.text(column, li, sealed) is None
        assert words.text(other, mei, sealed) is None
        assert words.text(column, mei, sealed[:-1]) is None
        assert words.text(column, mei, b"") is None
        assert words.text(column, mei, None) is None
        assert words.sealed(column, mei, None) is None

    def test_without_a_key_nothing_is_stored_and_nothing_is_read(self, tmp_path: Path) -> None:
        _tables()
        keys, mei, column = ErasureKeys(tmp_path / "erasure"), uuid4(), every_words_column()[0]
        keys.make(mei)
        sealed = Words(PersonalData(keys)).sealed(column, mei, "for the tea")
        keys.destroy(mei)
        words = Words(PersonalData(keys))
        assert words.text(column, mei, sealed) is None
        with pytest.raises(PersonErased):
            words.sealed(column, mei, "again")
        assert words.kept(column, mei, "again") is None

    def test_a_process_without_keys_stores_no_words(self) -> None:
        _tables()
        column = every_words_column()[0]
        for store in (Words(None).sealed, Words(None).kept):
            with pytest.raises(MissingPart, match="no erasure keys"):
                store(column, uuid4(), "for the tea")
        assert Words(None).text(column, uuid4(), b"sealed") is None
