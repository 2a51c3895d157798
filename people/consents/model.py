"""The purposes that are asked about one by one, and what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """A use of personal data that needs the person's consent. Each is off until somebody turns it on."""

    SUGGESTIONS = "suggestions"
    """Vouchers and goods are suggested from the person's own history, computed here."""
    SPENDING_PLAN = "spending_plan"
    """A plan is drawn up from the person's own payments."""
    MERCHANT_INSIGHTS = "merchant_insights"
    """A merchant sees this person's visits and redemptions as one customer's, without name."""
    NEWS_BY_EMAIL = "news_by_email"
    """Merchants that the person follows announce campaigns by e-mail."""


TEXTS: dict[Purpose, tuple[str, str]] = {
    Purpose.SUGGESTIONS: (
        "Suggest vouchers from what I did here. It is computed on this server and given to nobody.",
        "根据我在此处的记录推荐优惠券。只在本服务器上计算，不提供给任何人。",
    ),
    Purpose.SPENDING_PLAN: (
        "Draw up a spending plan from my own payments. Only I see it.",
        "根据我自己的付款记录制定消费计划。只有我能看到。",
    ),
    Purpose.MERCHANT_INSIGHTS: (
        "Let merchants see that my visits belong to one customer. They do not learn my name or address.",
        "让商家知道我的多次光顾属于同一位顾客。商家不会得知我的姓名或地址。",
    ),
    Purpose.NEWS_BY_EMAIL: (
        "Send me news of merchants that I follow to my e-mail address.",
        "把我关注的商家的活动消息发到我的邮箱。",
    ),
}
"""English and Chinese; a text that says something else is another version, to which nobody has agreed yet."""

VERSION = 1


@dataclass(frozen=True, slots=True)
class Consent:
    """How things stand with one purpose; `given_at` None: no consent now."""

    purpose: Purpose
    given_at: datetime | None
