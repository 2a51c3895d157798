"""The sentence of each kind, in both languages. `{other}` and the like are put in where they are known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from wallets.activity.model import ActivityEntry, ActivityState

Language = Literal["en", "zh-CN"]

SENTENCES: Mapping[str, tuple[str, str]] = {
    "sent": ("Sent {amount} to {other}", "向 {other} 转出 {amount}"),
    "received": ("Received {amount} from {other}", "收到 {other} 转来的 {amount}"),
    "called": ("Called the contract {other}", "调用合约 {other}"),
    "transfer": ("Sent {amount} to {other}", "向 {other} 转出 {amount}"),
    "swap": ("Swapped one asset for another", "兑换资产"),
    "approval.give": ("Let a contract take tokens ({other})", "授权合约使用代币（{other}）"),
    "approval.revoke": ("Ended an approval ({other})", "撤销授权（{other}）"),
    "dapp.send": ("Sent what an app asked for ({other})", "按应用请求发送交易（{other}）"),
    "voucher.transfer": ("Sent the transaction that hands on a voucher", "发送转赠券的交易"),
    "order.pay": ("Paid an order", "支付订单"),
    "order.refund": ("Refunded an order", "退款"),
    "campaign.claim": ("Claimed a voucher", "领取一张券"),
    "payment": ("Made a transaction ({act})", "发起交易（{act}）"),
    "voucher.received": ("Got the voucher “{title}”", "收到券“{title}”"),
    "voucher.moved_in": ("Was given the voucher “{title}” by {other}", "{other} 转赠了券“{title}”"),
    "voucher.moved_out": ("Gave the voucher “{title}” to {other}", "将券“{title}”转赠给 {other}"),
    "voucher.redeemed": ("Used the voucher “{title}” and saved {amount}", "使用券“{title}”，优惠 {amount}"),
    "voucher.spent": ("Spent {amount} of the voucher “{title}”", "使用储值券“{title}”中的 {amount}"),
    "voucher.credited": ("{amount} came back onto the voucher “{title}”", "{amount} 退回储值券“{title}”"),
    "voucher.voided": ("The issuer cancelled the voucher “{title}”", "发行方作废了券“{title}”"),
    "voucher.reversed": ("The use of the voucher “{title}” was taken back", "券“{title}”的使用已撤销"),
    "order.paid": ("Paid {amount} to {other} for an order", "为订单向 {other} 支付 {amount}"),
}
"""English, then Chinese."""

_OF_SHOPS: Mapping[str, tuple[str, str]] = {
    "order.pay": ("Paid an order at {shop}", "在 {shop} 支付订单"),
    "order.paid": ("Paid {amount} at {shop}", "在 {shop} 支付 {amount}"),
    "voucher.redeemed": (
        "Used the voucher “{title}” at {shop} and saved {amount}",
        "在 {shop} 使用券“{title}”，优惠 {amount}",
    ),
    "voucher.spent": (
        "Spent {amount} of the voucher “{title}” at {shop}",
        "在 {shop} 使用储值券“{title}”中的 {amount}",
    ),
}
"""Where the shop is known."""
_GIFT = ("Test money from the local faucet: {amount}", "本地水龙头发放的测试币：{amount}")

MOVEMENTS = frozenset({"sent", "received", "called"})
"""Kinds that say what a chain shows, whatever it means."""

_STATES: Mapping[ActivityState, tuple[str, str]] = {
    ActivityState.WAITING: (" (waits for a signature)", "（待签名）"),
    ActivityState.PENDING: (" (on its way)", "（处理中）"),
    ActivityState.DONE: ("", ""),
    ActivityState.FAILED: (" (failed{reason})", "（失败{reason}）"),
    ActivityState.CANCELLED: (" (cancelled)", "（已取消）"),
    ActivityState.REVERSED: (
        " (did not happen: the chain replaced its block)",
        "（未发生：区块已被链替换）",
    ),
}
_SOMEBODY = ("somebody", "某人")
_PLACE = re.compile(r"\{(other|amount|title|act|reason|shop)\}")


def sentence(entry: ActivityEntry, language: Language) -> str:
    """What happened, as one would tell it."""
    place = 0 if language == "en" else 1
    texts = _OF_SHOPS.get(entry.kind) if "shop" in entry.facts else _GIFT if "faucet" in entry.facts else None
    text = (texts or SENTENCES[entry.kind])[place]
    values = {
        "other": entry.facts.get("known_as")
        or (_SOMEBODY[place] if entry.counterparty is None else _shortened(entry.counterparty)),
        "amount": amount_text(entry),
        "title": entry.facts.get("title", "?"),
        "act": entry.facts.get("act", "?"),
        "shop": entry.facts.get("shop", "?"),
    }
    reason = entry.facts.get("reason")
    values["reason"] = "" if reason is None else (": " if place == 0 else "：") + reason
    # In one pass: a title may look like a place for another value.
    return _PLACE.sub(lambda found: values[found[1]], text + _STATES[entry.state][place])


def amount_text(entry: ActivityEntry) -> str:
    """`1.5 ETH`, or base units where the decimals are not known; `?` without an amount."""
    amount = entry.amount
    if amount is None:
        return "?"
    symbol = amount.symbol or _shortened(amount.asset or "?")
    return f"{decimal_text(amount.units, amount.decimals or 0)} {symbol}"


def decimal_text(units: int, decimals: int) -> str:
    """Exact, without trailing zeros."""
    if not decimals:
        return str(units)
    whole, part = divmod(units, 10**decimals)
    fraction = f"{part:0{decimals}d}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)


def kinds_with(text: str) -> frozenset[str]:
    """Kinds whose sentence holds the text in either language, whatever the case; placeholders are no words."""
    needle = text.casefold()
    found = set()
    gifts = {"received": _GIFT}
    for kind in SENTENCES:
        for one in (*SENTENCES[kind], *_OF_SHOPS.get(kind, ()), *gifts.get(kind, ())):
            if needle in _PLACE.sub("\0", one).casefold():
                found.add(kind)
    return frozenset(found)


def _shortened(text: str) -> str:
    """The address of a CAIP-10 account or the reference of an asset: its two ends."""
    last = text.rpartition(":")[2].rpartition("/")[2]
    return last if len(last) <= 14 else f"{last[:6]}…{last[-4:]}"
