"""Rule documents in plain words: money, zones and dates exact, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest

from chains.campaign import CampaignPower, TransferPolicy
from primitives.errors import InvalidTerms
from tests.fakes.vouchers import GIFT, MERCHANT, POINTS, SOLANA, STORED_VALUE, every_kind, rules
from vouchers.rules import (
    Base,
    ClaimTerms,
    Delivery,
    Effect,
    Eligibility,
    GiftReturn,
    LimitEntity,
    LimitPeriod,
    PowerTerms,
    RedemptionLimit,
    RefundPolicy,
    RefundTerms,
    SponsorShare,
    Stacking,
    VoucherKind,
    end_of_day,
    moment_of,
    start_of_day,
    summary,
    warnings_of,
)
from vouchers.rules.summary import chinese, english

MAY = {
    "valid_from": start_of_day(date(2027, 5, 1), "Asia/Shanghai"),
    "valid_until": end_of_day(date(2027, 5, 31), "Asia/Shanghai"),
}
RICH = rules(
    VoucherKind.GIFT,
    Effect(12_345, sku="cup", quantity=2, min_quantity=3, max_off=3_000, delivery=Delivery.SHIPPED),
    **MAY,
    claim_until=moment_of(datetime(2027, 5, 20, 18, 30), "Asia/Shanghai", field="x"),
    per_holder=2,
    claim=ClaimTerms(per_identity=1),
    limits=(RedemptionLimit(LimitEntity.HOLDER, LimitPeriod.DAY, 1),),
    eligible=Eligibility(
        frozenset({MERCHANT}), frozenset({"north"}), frozenset({"tea", "cake"}), None, frozenset({"x"})
    ),
    stacking=Stacking("house", frozenset({"bank", "house"}), max_per_order=3, per_campaign=2),
    sponsor_bp=6_250,
    sponsors=(SponsorShare("a", 5_000), SponsorShare("b", 5_000)),
    transfer=TransferPolicy.ONCE,
    refund=RefundTerms(RefundPolicy.FORFEIT, 7 * 86_400, GiftReturn.BACK_OR_PRICE),
    powers=PowerTerms(frozenset({CampaignPower.PAUSE, CampaignPower.VOID}), 36 * 3_600),
)


LEVELS = rules(
    limits=(
        RedemptionLimit(LimitEntity.HOLDER_WALLET, LimitPeriod.EVER, 0),
        RedemptionLimit(LimitEntity.HOLDER_EMAIL, LimitPeriod.WEEK, 1),
        RedemptionLimit(LimitEntity.HOLDER_DOCUMENT, LimitPeriod.WEEK, 3),
    )
)


def test_limits_of_identity_levels():
    told = [line for line in summary(LEVELS, "en") if "holder" in line]
    assert told == [
        "Cannot be used by a holder of whom nothing is verified.",
        "Used at most 1 time a week by each holder with a verified address and no reviewed document.",
        "Used at most 3 times a week by each holder with a reviewed document.",
    ]
    told = [line for line in summary(LEVELS, "zh-CN") if "持有人" in line]
    assert told == [
        "未经任何验证的持有人不可使用。",
        "每位仅验证邮箱的持有人每周最多使用1次。",
        "每位证件已经人工审核的持有人每周最多使用3次。",
    ]


class TestWhole:
    def test_in_english(self):
        assert summary(RICH, "en") == (
            "2 × cup for free when you spend at least 123.45 CNY with at least 3 units in the cart, while stocks last, "
            "sent to you.",
            "Only for these stores: north.",
            "Only for these categories: cake, tea.",
            "Not for: x.",
            "Valid from 1 May 2027 until the end of 31 May 2027 (Asia/Shanghai time). "
            "Claim it until 20 May 2027, 18:30.",
            "At most 2 per account.",
            "At most 1 per person or device.",
            "Used at most 1 time a day by each holder.",
            "Can be combined with vouchers of the groups bank, house, at most 3 in one order, "
            "at most 2 of this kind in one order.",
            "You may hand it on once.",
            "If you return a part, the discount on what you keep is charged and the voucher is gone.",
            "After a full refund within 7 days you get a new voucher, while these are valid.",
            "If you return the goods, the gift comes back too, or its price is charged.",
            "The issuer can still: pause redemption; cancel vouchers "
            "(pauses of 36 hours in all, by which validity is extended); nothing else.",
            "At most 50 vouchers on 1 chain; the sponsor bears 62.5 % of the discount, shared by 2 organisations.",
        )

    def test_in_chinese(self):
        assert summary(RICH, "zh-CN") == (
            "满123.45元满3件赠 cup × 2，邮寄，赠完即止。",
            "仅限以下门店：north。",
            "仅限以下品类：cake、tea。",
            "不适用于：x。",
            "有效期：2027年5月1日至2027年5月31日（含当日）（Asia/Shanghai 时间）。领取截止：2027年5月20日 18:30前。",
            "每个账户限领2张。",
            "每人或每台设备限领1张。",
            "每位持有人每日最多使用1次。",
            "可与以下组的券同用：bank、house，每单最多3张，其中本券最多2张。",
            "可以转赠一次。",
            "部分退货时，补收保留商品的优惠，券不退回。",
            "7天内全额退款且仍在有效期内的，补发新券。",
            "退货时须退回赠品，否则按价补款。",
            "发行方仍可：暂停核销、作废券（累计暂停不超过36小时，有效期相应顺延）；除此之外不能更改。",
            "最多发行50张，分布于1条链；优惠的62.5%由出资方承担（2家机构分担）。",
        )


class TestPauses:
    """Where they move the window on, and where they do not."""

    def test_on_solana_a_pause_extends_nothing(self):
        evm = RICH.lanes[0]
        other = replace(evm, lane=1, chain=SOLANA)
        both = SimpleNamespace(powers=RICH.powers, lanes=(evm, other))
        only = SimpleNamespace(powers=RICH.powers, lanes=(other,))
        assert english._pauses(only) == " (a pause does not extend validity)"
        assert chinese._pauses(only) == "（暂停不延长有效期）"
        assert english._pauses(both).startswith(" (on EVM chains pauses of 36 hours in all, by which validity is")
        assert chinese._pauses(both).endswith("Solana 上暂停不延长有效期）")


class TestEffects:
    @pytest.mark.parametrize(
        ("terms", "english", "chinese"),
        [
            (rules(), "20 CNY off when you spend at least 100 CNY.", "满100元减20元。"),
            (
                rules(effect=Effect(10_000, 2_000, True, max_off=6_000)),
                "20 CNY off for every full 100 CNY that you spend, at most 60 CNY.",
                "每满100元减20元，最多减60元。",
            ),
            (
                rules(VoucherKind.PERCENT, Effect(percent_bp=1_250, max_off=5_050)),
                "12.5 % off, at most 50.50 CNY.",
                "打8.75折（减12.5%），最多减50.50元。",
            ),
            (
                rules(
                    VoucherKind.PERCENT, Effect(500, percent_bp=1_000, max_off=100), currency="JPY", base=Base.ORIGINAL
                ),
                "10 % off of the price before other vouchers, at most 100 JPY when you spend at least 500 JPY.",
                "按使用其他券之前的价格，满500日元打9折（减10%），最多减100日元。",
            ),
            (
                rules(VoucherKind.CASH, Effect(amount_off=1_234_567), currency="KWD"),
                "Worth up to 1,234.567 KWD; what you do not use is lost.",
                "可抵1,234.567科威特第纳尔，未用完部分作废。",
            ),
            (
                rules(VoucherKind.CASH, Effect(amount_off=500), currency="SEK"),
                "Worth up to 5 SEK; what you do not use is lost.",
                "可抵5 SEK，未用完部分作废。",
            ),
            (
                STORED_VALUE,
                "A balance of 100 CNY to pay with; what you do not spend stays on it.",
                "储值100元，可分次使用，余额保留。",
            ),
            (
                POINTS,
                "1 point for each 1 CNY that you pay; 100 points pay 1 CNY; points expire 365 days after you earn "
                "them, the oldest are spent first.",
                "每支付1元得1积分；100积分抵1元；积分自获得起365天后过期，先到期的先用。",
            ),
        ],
    )
    def test_the_first_sentence(self, terms, english, chinese):
        assert (summary(terms, "en")[0], summary(terms, "zh")[0]) == (english, chinese)

    @pytest.mark.parametrize("terms", every_kind(), ids=lambda terms: terms.kind.value)
    def test_every_kind_is_told_in_both_and_always_the_same(self, terms):
        for language in ("en", "zh-CN"):
            assert summary(terms, language) == summary(terms, language)
            assert all(sentence.endswith((".", "。")) for sentence in summary(terms, language))
        assert len(summary(terms, "en")) == len(summary(terms, "zh"))

    def test_an_unknown_language_is_answered_in_english(self):
        assert summary(GIFT, "fr") == summary(GIFT, "en")


class TestMoments:
    @pytest.mark.parametrize(
        ("zone", "until", "english"),
        [
            ("Asia/Shanghai", "2027-05-31T16:00:00+00:00", "until the end of 31 May 2027"),
            ("UTC", "2027-05-31T16:00:00+00:00", "until 31 May 2027, 16:00"),
            ("Europe/Berlin", "2027-03-28T22:00:00+00:00", "until the end of 28 March 2027"),
        ],
    )
    def test_the_same_end_reads_as_the_zone_has_it(self, zone, until, english):
        terms = rules(zone=zone, valid_until=int(datetime.fromisoformat(until).timestamp()), valid_from=1_700_000_000)
        assert english in " ".join(summary(terms, "en"))

    def test_a_time_that_the_clocks_skip_is_refused_with_the_one_to_say(self):
        """Berlin, 28 March 2027: 02:00 becomes 03:00."""
        with pytest.raises(InvalidTerms, match="03:30") as refusal:
            moment_of(datetime(2027, 3, 28, 2, 30), "Europe/Berlin", field="window.valid_from")
        assert refusal.value.pointer == "/window/valid_from"

    def test_a_time_that_happens_twice_is_refused(self):
        with pytest.raises(InvalidTerms, match="twice"):
            moment_of(datetime(2027, 10, 31, 2, 30), "Europe/Berlin", field="window.valid_until")

    def test_an_ordinary_time(self):
        found = moment_of(datetime(2027, 6, 1), "Asia/Shanghai", field="x")
        assert found == int(datetime(2027, 5, 31, 16, tzinfo=UTC).timestamp())

    def test_a_day_without_midnight_begins_after_it(self):
        """Beirut, 28 March 2027: the clocks skip from 00:00 to 01:00."""
        first = datetime.fromtimestamp(start_of_day(date(2027, 3, 28), "Asia/Beirut"), UTC)
        assert first == datetime(2027, 3, 27, 22, tzinfo=UTC)
        assert end_of_day(date(2027, 3, 27), "Asia/Beirut") == start_of_day(date(2027, 3, 28), "Asia/Beirut")

    def test_a_day_of_25_hours_ends_when_the_next_begins(self):
        zone = "Europe/Berlin"
        assert end_of_day(date(2027, 10, 31), zone) - start_of_day(date(2027, 10, 31), zone) == 25 * 3_600


class TestWarnings:
    NOW = 1_750_000_000

    @pytest.mark.parametrize(
        ("terms", "code", "field"),
        [
            (rules(VoucherKind.CASH, Effect(100, 500)), "cash_may_be_lost", "effect.min_spend"),
            (rules(VoucherKind.PERCENT, Effect(percent_bp=10_000, max_off=5)), "everything_free", "effect.percent_bp"),
            (
                rules(VoucherKind.PERCENT, Effect(10_000, percent_bp=5_000, max_off=5)),
                "cap_always_reached",
                "effect.max_off",
            ),
            (
                rules(VoucherKind.GIFT, replace(GIFT.effect, min_spend=0)),
                "gift_for_anything",
                "effect.min_spend",
            ),
            (rules(valid_from=1, valid_until=1_750_000_000), "over_already", "window.valid_until"),
            (rules(valid_until=1_800_000_060), "short_window", "window.valid_until"),
            (rules(refund=RefundTerms(RefundPolicy.FORFEIT)), "no_voucher_back", "refund.window_seconds"),
            (rules(eligible=Eligibility(None, skus=frozenset())), "closed", "eligible"),
            (rules(stacking=Stacking("a", frozenset({"b"}))), "not_with_itself", "stacking.consents"),
            (rules(per_holder=50), "limit_without_effect", "per_holder"),
            (rules(powers=PowerTerms(frozenset({CampaignPower.VOID}))), "holders_see_void", "powers.declared"),
            (rules(per_holder=1, transfer=TransferPolicy.FREE), "limit_can_be_passed_by", "transfer"),
        ],
    )
    def test_odd_terms_are_told_with_their_field(self, terms, code, field):
        assert (code, field) in [(one.code, one.field) for one in warnings_of(terms, self.NOW)]

    @pytest.mark.parametrize("terms", every_kind()[:3], ids=lambda terms: terms.kind.value)
    def test_ordinary_terms_bring_none(self, terms):
        assert warnings_of(terms, self.NOW) == ()
