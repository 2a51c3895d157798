"""Rule documents: one byte form, and every impossible term refused by name."""

from __future__ import annotations

import copy

import pytest

from codec.order_document import decode_order_document, encode_order_document
from codec.rule_document import decode_rule_document, encode_rule_document, rules_hash
from primitives.errors import InvalidTerms, InvalidValue
from tests.fakes.vouchers import rules
from vouchers.rules import Effect, RuleDocument, VoucherKind

KINDS = [
    rules(),
    rules(effect=Effect(10_000, 2_000, True, max_off=6_000)),
    rules(VoucherKind.PERCENT, Effect(percent_bp=1_500, max_off=5_000)),
    rules(VoucherKind.CASH, Effect(amount_off=500)),
]


class TestRoundTrip:
    @pytest.mark.parametrize("terms", KINDS)
    def test_document_and_values_are_inverses(self, terms):
        data = encode_rule_document(terms.to_document())
        assert RuleDocument.from_document(decode_rule_document(data)) == terms

    def test_the_bytes_are_pinned(self):
        """The hash stands on chain: a change of the encoding would orphan every campaign."""
        data = encode_rule_document(rules().to_document())
        assert data.startswith(b'{"cap":50,"currency":"CNY","effect":{"amount_off":2000,"max_off":null,')
        assert rules_hash(data).hex() == "9f44c60cf0f13a3e1ae60c343f098050de4c45299bb9718be18600aff6d248b5"

    def test_bytes_in_another_order_are_refused(self):
        data = encode_rule_document(rules().to_document())
        with pytest.raises(InvalidValue, match="canonical"):
            decode_rule_document(data.replace(b'"cap":50,"currency":"CNY"', b'"currency":"CNY","cap":50'))


def changed(path: str, value: object) -> dict:
    document = copy.deepcopy(rules().to_document())
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[int(parent)] if isinstance(place, list) else place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return document


class TestRefused:
    @pytest.mark.parametrize(
        ("path", "value", "field"),
        [
            ("schema", "quanbao.rules.v9", "schema"),
            ("title", "", "title"),
            ("title", "x" * 81, "title"),
            ("kind", "lottery", "kind"),
            ("currency", "cny", "currency"),
            ("cap", 0, "cap"),
            ("cap", 51, "lanes"),
            ("cap", 50.0, "cap"),
            ("cap", True, "cap"),
            ("per_holder", 0, "per_holder"),
            ("sponsor_bp", 10_001, "sponsor_bp"),
            ("rules_version", 2, "rules_version"),
            ("window.valid_until", 1_800_000_000, "window.valid_until"),
            ("window.zone", "Mars/Olympus", "window.zone"),
            ("window.zone", "../../etc/passwd", "window.zone"),
            ("effect.min_spend", None, "effect.min_spend"),
            ("effect.amount_off", 0, "effect.amount_off"),
            ("effect.amount_off", 10_001, "effect.amount_off"),
            ("effect.per_each", True, "effect.max_off"),
            ("effect.surprise", 1, "effect.surprise"),
            ("eligible.skus", ["b", "a"], "eligible.skus"),
            ("eligible.skus", ..., "eligible.skus"),
            ("transfer", "sometimes", "transfer"),
            ("lanes", [], "lanes"),
            ("lanes.0.max_payout", "007", "lanes[0].max_payout"),
            ("lanes.0.merchants", [], "lanes[0]"),
            ("lanes.0.issuer", "eip155:1:0x0000000000000000000000000000000000000001", "lanes[0]"),
            ("lanes.0.chain", "nowhere:1", "lanes"),
            ("surprise", 1, "surprise"),
        ],
    )
    def test_impossible_terms_name_their_field(self, path, value, field):
        with pytest.raises(InvalidTerms) as refusal:
            RuleDocument.from_document(changed(path, value))
        assert refusal.value.field == field

    def test_fractions_have_no_canonical_form_here(self):
        with pytest.raises(InvalidValue, match="fractions"):
            encode_rule_document({**rules().to_document(), "cap": 0.5})

    def test_integers_beyond_53_bits_are_refused(self):
        with pytest.raises(InvalidValue):
            encode_rule_document({**rules().to_document(), "cap": 2**53})


class TestOrderDocument:
    def test_a_salt_of_32_bytes_is_required(self):
        with pytest.raises(InvalidValue, match="salt"):
            encode_order_document({"schema": "quanbao.order.v1", "salt": "00"})

    def test_round_trip(self):
        document = {"schema": "quanbao.order.v1", "salt": "ab" * 32, "total_minor": 10_000}
        assert decode_order_document(encode_order_document(document)) == document
