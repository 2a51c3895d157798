"""Files of holders, claim codes, delays for guesses, templates and trigger rules."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from api.schemas.campaigns import CampaignDraft
from api.schemas.handouts import TemplateRead
from primitives.errors import InvalidRows, InvalidTerms
from tests.fakes.voucher_chain import FakeAccounts
from tests.fakes.vouchers import EVM, HOLDER, SOLANA, STRANGER, TEST_CNY, TEST_CNY_ON_SOLANA, UNITS_PER_MINOR
from vouchers.campaigns.drafting import Drafting
from vouchers.campaigns.templates import TEMPLATES
from vouchers.claims.guessing import delay
from vouchers.claims.model import ClaimCode
from vouchers.issuance.files import read_holders
from vouchers.ports import Settlement
from vouchers.triggers.rules import checked_rule
from vouchers.triggers.sql import TriggerKind


class TestFile:
    def test_rows_with_counts_heading_and_blank_lines(self) -> None:
        text = f"\ufeffaccount,count\r\n{HOLDER},2\r\n\r\n {STRANGER} \r\n"
        assert read_holders(text, limit=10) == [HOLDER, HOLDER, STRANGER]

    def test_every_bad_row_is_told_with_its_number_and_reason(self) -> None:
        other = f"{SOLANA}:4zvwRjXUKGfvwnParsHAS3HuSVzV5cA4McphgmoCtajS"
        text = f"{HOLDER}\nnonsense\n{HOLDER},0\n{HOLDER},1,2\n{other}\n{EVM}:0x12\n{HOLDER},x\n"
        with pytest.raises(InvalidRows) as refusal:
            read_holders(text, limit=10)
        assert [row["row"] for row in refusal.value.rows] == [2, 3, 4, 5, 6, 7]
        assert all(len(row["reason"]) > 10 for row in refusal.value.rows)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("nonsense,1\n", [(1, "account: read 'nonsense', expected an account with its chain")]),
            (
                "acount,count\n",
                [(1, "or the headings account and count; count: read 'count', expected a whole number")],
            ),
            (f"account,amount\n{HOLDER},50\n", [(1, "heading of the second column: read 'amount', expected count")]),
            (f"account,count,name\n{HOLDER},1,Li\n", [(1, "headings: read 'account, count, name'"), (2, "columns: ")]),
            (f"account;count\n{HOLDER};2\n", [(1, "separated by semicolons"), (2, "separated by semicolons")]),
            (f"{HOLDER}\t2\n", [(1, "separated by tabs")]),
            (f"{HOLDER},1\n{STRANGER}\n\n{HOLDER},1\n", [(4, "it stands in row 1 already")]),
            (f"{HOLDER},00000000199\n", [(1, "count: read '00000000199', expected a whole number from 1 to 100")]),
            (f"{HOLDER},٢\n", [(1, "count: read '٢'")]),
            (f"{EVM}:0x{'ab' * 20},1\n", [(1, "the address as it is written with its checksum: 0xABaB")]),
            (f"{EVM}:0x{'aB' * 20},1\n", [(1, "a character is wrong")]),
            (f"{'x' * 5_000},1\n", [(1, "account: read 'xxxx")]),
            (f'"{HOLDER},1\n{STRANGER},1\n', [(1, "quotation mark")]),
            ("\n\n", [(1, "no account is in the file")]),
        ],
    )
    def test_each_reason_names_the_column_what_was_read_and_what_is_expected(
        self, text: str, told: list[tuple[int, str]]
    ) -> None:
        with pytest.raises(InvalidRows) as refusal:
            read_holders(text, limit=1_000)
        found = refusal.value.rows
        assert [one["row"] for one in found] == [row for row, _ in told]
        for one, (_, words) in zip(found, told, strict=True):
            assert words in one["reason"]
            assert len(one["reason"]) < 400

    def test_a_file_of_excel_with_its_own_separator(self) -> None:
        assert read_holders(f"sep=;\r\naccount;count\r\n{HOLDER};2\r\n;\r\n", limit=10) == [HOLDER, HOLDER]

    @pytest.mark.parametrize("text", ["", "account\n", '"torn', f"{HOLDER},100\n{STRANGER},100\n"])
    def test_nothing_too_much_and_torn_are_refused(self, text: str) -> None:
        with pytest.raises(InvalidRows):
            read_holders(text, limit=150)


class TestCode:
    def test_has_at_least_128_secret_bits_and_survives_reading(self) -> None:
        code = ClaimCode.fresh()
        assert len(code.secret) * 8 >= 128
        text = code.reveal()
        assert len(text) == 40
        assert text.isalnum()
        typed = ClaimCode.read(" ".join(text[at : at + 5] for at in range(0, 40, 5)).lower())
        assert typed == code

    def test_opens_with_its_own_digest_alone_and_shows_itself_nowhere(self) -> None:
        code, other = ClaimCode.fresh(), ClaimCode.fresh()
        assert code.opens(code.digest)
        assert not code.opens(other.digest)
        assert code.reveal() not in f"{code} {code!r}"
        assert code.secret.hex() not in repr(code)

    @pytest.mark.parametrize("text", ["", "A" * 39, "A" * 41, "1" * 40, "é" * 40])
    def test_what_can_be_no_code_is_none(self, text: str) -> None:
        assert ClaimCode.read(text) is None


class TestDelay:
    def test_doubles_after_the_first_few_and_has_an_end(self) -> None:
        seconds = [delay("claim.address", failures).total_seconds() for failures in range(8)]
        assert seconds == [0, 0, 0, 1, 2, 4, 8, 16]
        assert delay("claim.address", 1_000) == timedelta(hours=1)
        assert delay("claim.campaign", 19) == timedelta(0)
        assert delay("claim.campaign", 10_000) == timedelta(minutes=1)


class TestTemplates:
    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
    def test_each_is_a_draft_but_for_dates_and_lanes(self, template) -> None:
        body = {
            "valid_from": "2027-01-01T00:00:00Z",
            "valid_until": "2027-02-01T00:00:00Z",
            "lanes": [{"chain": str(EVM), "cap": 5}],
            **template.draft,
        }
        terms = CampaignDraft.model_validate(body).to_domain()
        assert terms.title == template.names["zh-CN"] or terms.title
        assert set(template.names) == set(template.about) == {"zh-CN", "en"}
        assert template.names["zh-CN"] != template.names["en"]

    @pytest.mark.parametrize("chains", [(EVM,), (SOLANA,), (EVM, SOLANA)], ids=["evm", "solana", "both"])
    @pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.id)
    async def test_each_is_taken_as_it_is_served(self, template, chains, monkeypatch) -> None:
        """With dates and chains alone, of a gift once the shop has it; what a chain cannot have is refused."""

        async def known(tx, tenant_id, skus):
            return [SimpleNamespace(currency="CNY")]

        monkeypatch.setattr("vouchers.campaigns.drafting.gifts_of", known)
        served = TemplateRead.of(template, "en").draft
        body = {
            "lanes": [{"chain": str(chain), "cap": 5} for chain in chains],
            **served,
            "valid_from": "2027-01-01T00:00:00Z",
            "valid_until": "2027-02-01T00:00:00Z",
        }
        shop = uuid4()
        settlements = {
            EVM: [Settlement("CNY", TEST_CNY, UNITS_PER_MINOR)],
            SOLANA: [Settlement("CNY", TEST_CNY_ON_SOLANA, UNITS_PER_MINOR)],
        }
        drafting = Drafting(SimpleNamespace(transaction=nullcontext), FakeAccounts(), settlements)
        if template.id == "stored_value" and SOLANA in chains:
            with pytest.raises(InvalidTerms) as refused:
                await drafting.rules(shop, CampaignDraft.model_validate(body).to_domain())
            assert refused.value.facts["field"].startswith("lanes")
            return
        rules = await drafting.rules(shop, CampaignDraft.model_validate(body).to_domain())
        assert (rules.kind, len(rules.lanes)) == (template.draft["kind"], 0 if template.id == "points" else len(chains))

    def test_every_kind_has_one(self) -> None:
        kinds = {template.draft["kind"] for template in TEMPLATES}
        assert kinds == {"threshold", "percent", "cash", "gift", "stored_value", "points"}


class TestRule:
    def test_defaults_are_filled_in(self) -> None:
        assert checked_rule(TriggerKind.CASHBACK, {}) == {"min_minor": 0, "per_minor": 0, "most": 1}

    @pytest.mark.parametrize(
        ("kind", "rule", "field"),
        [
            (TriggerKind.LOYALTY, {}, "rule.every"),
            (TriggerKind.LOYALTY, {"every": 0}, "rule.every"),
            (TriggerKind.SPEND, {"minor": "100"}, "rule.minor"),
            (TriggerKind.SPEND, {"minor": 100, "repeat": 1}, "rule.repeat"),
            (TriggerKind.WELCOME, {"x": 1}, "rule.x"),
            (TriggerKind.REFERRAL, {"reward_on": "never"}, "rule.reward_on"),
            (TriggerKind.CASHBACK, {"most": 21}, "rule.most"),
            (TriggerKind.DATE, {"at": 1, "segment": None}, "rule.segment"),
        ],
    )
    def test_what_it_may_not_say_is_refused_with_the_field(self, kind, rule, field) -> None:
        with pytest.raises(InvalidTerms) as refusal:
            checked_rule(kind, rule)
        assert refusal.value.field == field
