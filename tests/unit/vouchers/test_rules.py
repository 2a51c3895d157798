"""Rule documents: one byte form, and every impossible term refused by name."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from codec.order_document import decode_order_document, encode_order_document
from codec.rule_document import decode_rule_document, encode_rule_document, rules_hash
from primitives.errors import InvalidTerms, InvalidValue
from tests.fakes.vouchers import GIFT, POINTS, STORED_VALUE, every_kind, rules
from vouchers.rules import RuleDocument, VoucherKind, pointer_of

KINDS = every_kind()
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "rule_documents.json").read_text())


class TestRoundTrip:
    @pytest.mark.parametrize("terms", KINDS)
    def test_document_and_values_are_inverses(self, terms):
        data = encode_rule_document(terms.to_document())
        assert RuleDocument.from_document(decode_rule_document(data)) == terms

    def test_the_bytes_are_pinned(self):
        """The hash stands on chain: a change of the encoding would orphan every campaign."""
        data = encode_rule_document(rules().to_document())
        assert data.startswith(b'{"base":"running","cap":50,"claim":{"count_on_chain":false,')
        assert rules_hash(data).hex() == "41755af36c0967bb3ee5bf36b6fb568119d56dc26ab6cdfe0b18cf5192266c36"

    @pytest.mark.parametrize("vector", VECTORS["documents"], ids=lambda vector: vector["name"])
    def test_published_documents_have_their_bytes_and_hash(self, vector):
        data = encode_rule_document(vector["document"])
        assert data.decode() == vector["canonical"]
        assert rules_hash(data).hex() == vector["keccak256"]
        assert RuleDocument.from_document(vector["document"]).to_document() == vector["document"]

    def test_every_kind_is_published(self):
        assert {vector["document"]["kind"] for vector in VECTORS["documents"]} == set(VoucherKind)

    def test_bytes_in_another_order_are_refused(self):
        data = encode_rule_document(rules().to_document())
        with pytest.raises(InvalidValue, match="canonical"):
            decode_rule_document(data.replace(b'"base":"running","cap":50', b'"cap":50,"base":"running"'))


def changed(path: str, value: object, terms: RuleDocument | None = None) -> dict:
    document = copy.deepcopy((terms or rules()).to_document())
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
            ("base", "original", "base"),
            ("window.claim_until", 1_900_000_001, "window.claim_until"),
            ("window.claim_until", 1_800_000_000, "window.claim_until"),
            ("effect.max_off", 5, "effect.max_off"),
            ("limits", [{"entity": "holder", "period": "day", "count": 1}] * 2, "limits[1]"),
            ("limits", [{"entity": "holder", "period": "day", "count": 0}], "limits[0].count"),
            ("limits", [{"entity": "holder_email", "period": "day", "count": -1}], "limits[0].count"),
            (
                "limits",
                [{"entity": f"holder_{one}", "period": "day", "count": 0} for one in ("wallet", "email", "document")],
                "limits",
            ),
            ("claim.ways", [], "claim.ways"),
            ("claim.ways", ["ticket"], "claim.ways"),
            ("claim.ways", ["list", "drop"], "claim.ways"),
            ("claim.per_identity", 0, "claim.per_identity"),
            ("claim.count_on_chain", True, "claim.count_on_chain"),
            ("stacking.max_per_order", 6, "stacking.max_per_order"),
            ("stacking.per_campaign", 2, "stacking.consents"),
            ("stacking.consents", ["a"], "stacking.consents"),
            ("sponsors", [{"organisation": "a", "share_bp": 6_000}], "sponsors"),
            ("sponsors", [{"organisation": "a", "share_bp": 5_000}] * 2, "sponsors"),
            ("sponsors", [{"organisation": "a", "share_bp": 0}], "sponsors[0]"),
            ("refund.policy", "perhaps", "refund.policy"),
            ("refund.window_seconds", -1, "refund.window_seconds"),
            ("refund.gift", "kept", "refund.gift"),
            ("powers.declared", ["pause"], "powers.max_pause_seconds"),
            ("powers.max_pause_seconds", 60, "powers.max_pause_seconds"),
            ("lanes.0.delegate", "eip155:31337:0x0000000000000000000000000000000000000001", "lanes[0].delegate"),
            (
                "lanes.0.ticket_signer",
                "eip155:31337:0x0000000000000000000000000000000000000001",
                "lanes[0].ticket_signer",
            ),
        ],
    )
    def test_impossible_terms_name_their_field(self, path, value, field):
        with pytest.raises(InvalidTerms) as refusal:
            RuleDocument.from_document(changed(path, value))
        assert refusal.value.field == field
        assert refusal.value.pointer == pointer_of(field)

    @pytest.mark.parametrize(
        ("terms", "path", "value", "field"),
        [
            (GIFT, "effect.sku", "", "effect.sku"),
            (GIFT, "effect.quantity", 0, "effect.quantity"),
            (GIFT, "effect.max_off", None, "effect.max_off"),
            (GIFT, "effect.delivery", "drone", "effect.delivery"),
            (GIFT, "effect.min_quantity", None, "effect.min_quantity"),
            (GIFT, "refund.gift", None, "refund.gift"),
            (GIFT, "eligible.merchants", None, "eligible.merchants"),
            (STORED_VALUE, "effect.balance", 0, "effect.balance"),
            (STORED_VALUE, "effect.balance", 9_999, "lanes[0].max_payout"),
            (STORED_VALUE, "sponsor_bp", 0, "sponsor_bp"),
            (STORED_VALUE, "base", "original", "base"),
            (POINTS, "effect.earn_rate.minor", 0, "effect.earn_rate"),
            (POINTS, "effect.redeem_rate.points", 0, "effect.redeem_rate"),
            (POINTS, "effect.lifetime_seconds", None, "effect.lifetime_seconds"),
            (POINTS, "per_holder", 1, "claim.ways"),
            (POINTS, "transfer", "free", "transfer"),
            (POINTS, "sponsor_bp", 1, "sponsor_bp"),
            (POINTS, "lanes", rules().to_document()["lanes"], "lanes"),
        ],
    )
    def test_terms_of_the_other_kinds_too(self, terms, path, value, field):
        with pytest.raises(InvalidTerms) as refusal:
            RuleDocument.from_document(changed(path, value, terms))
        assert refusal.value.field == field

    def test_a_pointer_names_the_place_as_json_does(self):
        assert pointer_of("lanes[0].settlement.asset") == "/lanes/0/settlement/asset"
        assert pointer_of("") == ""

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
