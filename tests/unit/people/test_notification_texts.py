"""What a notification says: names and short references, never ids; numbers agree with their words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from people.notifications.model import Notification, NotificationKind, Preferences
from people.notifications.service import RULES, rules_for
from people.notifications.texts import text_of

ORDER = "5b0c4d3e-7f21-4c55-9a0e-0d7d0e6f8a11"
ACCOUNT = "eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
_FACTS: dict[str, Any] = {
    "order": ORDER,
    "refund": ORDER,
    "payment_id": ORDER,
    "dispute": "ab" * 32,
    "account": ACCOUNT,
    "subject": ACCOUNT,
    "campaign": "ab" * 24,
    "voucher": "ab" * 32,
    "title": "满100减20",
    "merchant": "茶馆",
    "vouchers": 2,
    "valid_until": 1_780_243_200,
    "zone": "Asia/Shanghai",
}


def _says(kind: NotificationKind, language: str = "en", **facts: Any) -> str:
    told = Notification(UUID(ORDER), UUID(ORDER), kind, facts, datetime(2026, 5, 1, tzinfo=UTC), None)
    text = text_of(told, Preferences(), language)  # type: ignore[arg-type]
    return f"{text.title}\n{text.body}"


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_id_is_in_any_text(language: str) -> None:
    for rule in [one for kind in (*RULES, "x.frozen", "x.unfrozen") for one in rules_for(kind)]:
        said = _says(rule.kind, language, **{**_FACTS, **({} if rule.text is None else {"text": rule.text})})
        assert not re.search(r"[0-9a-f]{12}|0x[0-9a-fA-F]{8}", said), said


def test_an_order_has_the_shops_reference_or_a_short_one() -> None:
    assert _says(NotificationKind.REDEEMED, order=ORDER, merchant="茶馆").endswith(
        "茶馆 has been paid; order 5B0C4D3E."
    )
    named = _says(NotificationKind.REFUNDED, "zh-CN", order=ORDER, order_reference="桌 7", merchant="茶馆")
    assert named.endswith("茶馆 已退款，订单 桌 7。")


def test_an_account_shows_its_two_ends() -> None:
    assert "0xf39F…2266 was frozen" in _says(NotificationKind.FROZEN, subject=ACCOUNT)
    assert "满100减20 was frozen" in _says(NotificationKind.FROZEN, subject="满100减20")


@pytest.mark.parametrize(
    ("vouchers", "text", "title"),
    [
        (1, "expiring", "1 voucher ends soon"),
        (2, "expiring", "2 vouchers end soon"),
        (1, "unclaimed", "1 voucher waits for you"),
        (3, "unclaimed", "3 vouchers wait for you"),
    ],
)
def test_one_is_one(vouchers: int, text: str, title: str) -> None:
    facts = {**_FACTS, "vouchers": vouchers, "text": text}
    assert _says(NotificationKind.EXPIRING, **facts).startswith(f"{title}\n")
    assert _says(NotificationKind.EXPIRING, "zh-CN", **facts).startswith(f"{vouchers} 张")


def test_the_last_minute_is_written_as_people_write_it() -> None:
    assert "until 31 May 2026, 23:59 (Asia/Shanghai)" in _says(NotificationKind.EXPIRING, **_FACTS)
    assert "可用至 2026年5月31日 23:59（Asia/Shanghai）。" in _says(NotificationKind.EXPIRING, "zh-CN", **_FACTS)
