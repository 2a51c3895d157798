"""What notifications say, in the reader's language and zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from people.notifications.model import Language, Notification, NotificationKind, Preferences


@dataclass(frozen=True, slots=True)
class Text:
    """A line, and what is worth knowing beside it."""

    title: str
    body: str


_Both = tuple[str, str]
"""Chinese, English; where English tells one from several, `|` stands between."""

_TEXTS: Mapping[str, tuple[_Both, _Both]] = {
    "launch": (
        ("{merchant} 发布了新活动", "{merchant} has launched a campaign"),
        ("“{title}”现在可以领取。", "“{title}” can be had now."),
    ),
    "received": (
        ("您收到一张优惠券", "You have received a voucher"),
        ("“{title}”，来自 {merchant}。", "“{title}”, from {merchant}."),
    ),
    "expiring": (
        ("{vouchers} 张优惠券即将到期", "{vouchers} voucher ends soon|{vouchers} vouchers end soon"),
        ("“{title}”可用至 {until}。", "“{title}” can be used until {until}."),
    ),
    "unclaimed": (
        ("{vouchers} 张优惠券等您领取", "{vouchers} voucher waits for you|{vouchers} vouchers wait for you"),
        (
            "“{title}”可领取至 {until}，付款时会自动领取并使用。",
            "“{title}” can be claimed until {until}; paying with it claims it.",
        ),
    ),
    "redeemed": (
        ("订单已支付", "Your order is paid"),
        ("{merchant} 已收款，订单 {order}。", "{merchant} has been paid; order {order}."),
    ),
    "refunded": (
        ("订单已退款", "Your order was refunded"),
        ("{merchant} 已退款，订单 {order}。", "{merchant} has refunded order {order}."),
    ),
    "frozen": (
        ("已冻结，暂停支付", "Frozen: nothing is paid for now"),
        ("{subject} 已被冻结。请查看原因并联系运营方。", "{subject} was frozen. See why, and write to the operator."),
    ),
    "unfrozen": (
        ("已解除冻结", "Free again"),
        ("{subject} 可以正常使用了。", "{subject} can be used again."),
    ),
    "payment_failed": (
        ("一笔付款没有成功", "A payment has failed"),
        (
            "没有扣款以外的后果；编号 {reference}。您可以重试或开工单。",
            "It had no effect but perhaps its fee; reference {reference}. You can try again or open a case.",
        ),
    ),
    "dispute_opened": (
        ("有顾客对核销提出异议", "A customer disputes a redemption"),
        ("订单 {order}。请答复或退款。", "Order {order}. Answer it, or refund."),
    ),
    "dispute_refunded": (
        ("您的异议已获退款", "Your dispute ended in a refund"),
        ("订单 {order} 已退款。", "Order {order} was refunded."),
    ),
    "dispute_refused": (
        ("您的异议未获支持", "Your dispute was refused"),
        ("订单 {order}。商家的理由在工单和订单中。", "Order {order}. The merchant's reasons are with the order."),
    ),
    "case_opened": (
        ("新的工单 {reference}", "A new case, {reference}"),
        ("有人请求帮助，请答复。", "Somebody asks for help: answer it."),
    ),
    "case_answered": (
        ("工单 {reference} 有新答复", "There is an answer in case {reference}"),
        ("请打开工单查看。", "Open the case to read it."),
    ),
    "case_closed": (
        ("工单 {reference} 已关闭", "Case {reference} is closed"),
        ("请用两个问题告诉我们结果如何。", "Two questions: tell us how it went."),
    ),
    "webhook": (
        ("Webhook 已停用", "A webhook was switched off"),
        ("{url} 长时间没有正常应答。修复后请重新启用。", "{url} has not answered for long. Mend it and switch it on."),
    ),
    "organisation_joined": (
        ("您加入了 {merchant}", "You have joined {merchant}"),
        ("您的角色：{role}。", "Your role: {role}."),
    ),
    "organisation_left": (
        ("您已不再是 {merchant} 的成员", "You no longer belong to {merchant}"),
        ("如有疑问，请询问其所有者。", "If this surprises you, ask its owner."),
    ),
    "low_balance": (
        ("账户余额偏低", "An account runs low"),
        ("{account} 的手续费余额不足，请充值。", "{account} is short of money for fees: top it up."),
    ),
}


def text_of(notification: Notification, preferences: Preferences, language: Language) -> Text:
    """The text for a reader, with names and references as people tell them; ids stay among the facts. A fact that is
    unknown is left as a dash."""
    name = str(notification.facts.get("text", notification.kind.value))
    place = 0 if language == "zh-CN" else 1
    facts = _Known({key: _told(value) for key, value in notification.facts.items()})
    if "order_reference" in notification.facts:
        facts["order"] = notification.facts["order_reference"]
    if notification.kind is NotificationKind.EXPIRING and "valid_until" in notification.facts:
        facts["until"] = _last_minute(int(notification.facts["valid_until"]), notification, preferences, place)
    one = notification.facts.get("vouchers") == 1
    title, body = (_form(both[place], one).format_map(facts) for both in _TEXTS[name])
    return Text(title, body)


def _form(text: str, one: bool) -> str:
    singular, _, plural = text.partition("|")
    return singular if one or not plural else plural


def _told(value: object) -> object:
    """An id as it is told: the two ends of an account, the beginning of a long number."""
    if isinstance(value, str):
        if _ACCOUNT.fullmatch(value):
            address = value.rpartition(":")[2]
            return address if len(address) <= _SHORT else f"{address[:6]}…{address[-4:]}"
        if _ID.fullmatch(value):
            return value[:8].upper()
    return value


_SHORT = 14
_ACCOUNT = re.compile(r"[a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:[-.%a-zA-Z0-9]{1,128}")
"""CAIP-10."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{48,64}")
"""A UUID, a campaign's or voucher's number, a hash."""


def _last_minute(valid_until: int, notification: Notification, preferences: Preferences, place: int) -> str:
    """Windows are half-open: what ends on 1 June at 00:00 can be used until 31 May, 23:59."""
    zone = preferences.in_zone(str(notification.facts.get("zone") or "UTC"))
    last = datetime.fromtimestamp(valid_until - 1, UTC).astimezone(zone)
    if place == 0:
        return f"{last.year}年{last.month}月{last.day}日 {last:%H:%M}（{zone.key}）"
    return f"{last.day} {last:%B %Y, %H:%M} ({zone.key})"


class _Known(dict[str, Any]):
    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(facts)

    def __missing__(self, key: str) -> str:
        return "—"
