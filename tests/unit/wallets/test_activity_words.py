"""Sentences of the activity list: shops by name, test money as what it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from primitives.account_id import AccountId
from wallets.activity.model import ActivityEntry, ActivityState, Direction, Figure
from wallets.activity.words import kinds_with, sentence

ACCOUNT = AccountId.parse("eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
NOBODY = "eip155:31337:0x0000000000000000000000000000000000000000"


def _entry(kind: str, **facts: str) -> ActivityEntry:
    return ActivityEntry(
        id="move:1",
        at=datetime(2026, 5, 1, tzinfo=UTC),
        kind=kind,
        state=ActivityState.DONE,
        direction=Direction.IN,
        account=ACCOUNT,
        chain=ACCOUNT.chain,
        tx_hash=None,
        height=None,
        amount=Figure(250_000_000, "x", "tCNY", 6),
        counterparty=NOBODY,
        facts=facts,
    )


@pytest.mark.parametrize(
    ("kind", "facts", "english", "chinese"),
    [
        (
            "received",
            {"faucet": "local"},
            "Test money from the local faucet: 250 tCNY",
            "本地水龙头发放的测试币：250 tCNY",
        ),
        ("received", {}, "Received 250 tCNY from 0x0000…0000", "收到 0x0000…0000 转来的 250 tCNY"),
        ("received", {"known_as": "茶馆", "shop": "茶馆"}, "Received 250 tCNY from 茶馆", "收到 茶馆 转来的 250 tCNY"),
        ("order.paid", {"shop": "茶馆"}, "Paid 250 tCNY at 茶馆", "在 茶馆 支付 250 tCNY"),
        ("order.paid", {}, "Paid 250 tCNY to 0x0000…0000 for an order", "为订单向 0x0000…0000 支付 250 tCNY"),
        ("order.pay", {"shop": "茶馆", "known_as": "x"}, "Paid an order at 茶馆", "在 茶馆 支付订单"),
        (
            "voucher.redeemed",
            {"shop": "{amount}", "title": "券"},
            "Used the voucher “券” at {amount} and saved 250 tCNY",
            "在 {amount} 使用券“券”，优惠 250 tCNY",
        ),
    ],
)
def test_the_sentence(kind: str, facts: dict[str, str], english: str, chinese: str) -> None:
    entry = _entry(kind, **facts)
    assert (sentence(entry, "en"), sentence(entry, "zh-CN")) == (english, chinese)


def test_what_is_said_is_found() -> None:
    assert "received" in kinds_with("local faucet")
    assert "received" in kinds_with("测试币")
    assert kinds_with("Paid an order at") == {"order.pay"}
