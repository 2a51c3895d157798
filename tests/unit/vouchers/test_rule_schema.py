"""The published JSON Schema accepts what we write and refuses what we refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.fakes.vouchers import rules
from vouchers.rules import Effect, VoucherKind

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "rule-document.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.mark.parametrize(
    "terms",
    [
        rules(),
        rules(effect=Effect(10_000, 2_000, True, max_off=6_000)),
        rules(VoucherKind.PERCENT, Effect(percent_bp=1_500, max_off=5_000)),
        rules(VoucherKind.CASH, Effect(amount_off=500)),
    ],
)
def test_our_documents_conform(terms):
    VALIDATOR.validate(terms.to_document())


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
    ],
)
def test_what_is_refused_does_not_conform(change):
    assert not VALIDATOR.is_valid({**rules().to_document(), **change})
