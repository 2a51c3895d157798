"""The published JSON Schema accepts what we write and refuses what we refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.fakes.vouchers import GIFT, POINTS, STORED_VALUE, every_kind, rules
from vouchers.rules import LimitEntity

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "rule-document.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("terms", every_kind(), ids=lambda terms: terms.kind.value)
def test_our_documents_conform(terms):
    VALIDATOR.validate(terms.to_document())


@pytest.mark.parametrize(
    ("entity", "fewest"), [(one, 0 if one.of_level else 1) for one in LimitEntity], ids=lambda one: str(one)
)
def test_a_limit_is_at_least_one_but_of_a_level(entity, fewest):
    for count in (0, 1):
        limits = [{"entity": entity.value, "period": "ever", "count": count}]
        assert VALIDATOR.is_valid({**rules().to_document(), "limits": limits}) == (count >= fewest)


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"cap": 0},
        {"kind": "cash"},
        {"rules_version": 2},
        {"sponsor_bp": 10_001},
        {"lanes": []},
        {"currency": "cny"},
        {"base": "original"},
        {"payout": "later"},
        {"powers": {"declared": ["drain"], "max_pause_seconds": 0}},
        {"refund": {"policy": "keep", "window_seconds": 0, "gift": "kept"}},
    ],
)
def test_what_is_refused_does_not_conform(change):
    assert not VALIDATOR.is_valid({**rules().to_document(), **change})


@pytest.mark.parametrize(
    ("terms", "change"),
    [
        (GIFT, {"refund": {"policy": "keep", "window_seconds": 0, "gift": None}}),
        (GIFT, {"lanes": []}),
        (STORED_VALUE, {"sponsor_bp": 0}),
        (STORED_VALUE, {"effect": {"balance": 0}}),
        (POINTS, {"lanes": rules().to_document()["lanes"]}),
        (POINTS, {"transfer": "free"}),
    ],
)
def test_nor_what_is_refused_of_the_other_kinds(terms, change):
    assert not VALIDATOR.is_valid({**terms.to_document(), **change})
