"""Recognising a payment: one that the reference library makes, and what only looks like it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import decode_base58
from primitives.chain_id import ChainId
from wallets.solana_pay.model import PayRequest
from wallets.solana_pay.payment import paid_by

VECTOR = json.loads((Path(__file__).parents[3] / "vectors" / "solana_pay.json").read_text())
CHAIN = ChainId.parse("solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1")
SOL = Asset(AssetId.native(CHAIN), "SOL", 9)
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
REQUEST = PayRequest(
    id=UUID(int=1),
    tenant_id=UUID(int=2),
    recipient=AccountId.of(CHAIN, VECTOR["recipient"]),
    amount=Amount(VECTOR["lamports"], SOL),
    reference=decode_base58(VECTOR["reference"], length=32),
    label="茶馆",
    message=None,
    memo=VECTOR["memo"],
    since_slot=0,
    created_at=MOMENT,
    expires_at=MOMENT,
)


def document(received: int = VECTOR["lamports"], err: object = None) -> dict[str, Any]:
    """`getTransaction` of the vector; the recipient is the second account."""
    before = [10**9, 10**9, 1, 1, 0]
    after = [10**9 - received - 5_000, 10**9 + received, 1, 1, 0]
    meta = {"err": err, "preBalances": before, "postBalances": after, "preTokenBalances": [], "postTokenBalances": []}
    return {"slot": 7, "meta": meta, "transaction": [VECTOR["transaction"], "base64"]}


def test_the_reference_librarys_payment_is_recognised() -> None:
    seen = paid_by(REQUEST, document(), "signature")
    assert seen is not None
    assert (seen.base_units, seen.slot, seen.final) == (VECTOR["lamports"], 7, False)


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, memo="order 8"),
        replace(REQUEST, reference=bytes([9]) * 32),
        replace(REQUEST, amount=Amount(VECTOR["lamports"] + 1, SOL)),
        replace(REQUEST, recipient=AccountId.from_raw(CHAIN, bytes([7]) * 32)),
        replace(REQUEST, amount=Amount(1, Asset(AssetId.fungible(CHAIN, VECTOR["recipient"]), "X", 0))),
    ],
    ids=["memo", "reference", "amount", "recipient", "asset"],
)
def test_a_payment_for_another_request_is_not(request_: PayRequest) -> None:
    assert paid_by(request_, document(), "signature") is None


def test_a_failed_one_is_not() -> None:
    assert paid_by(REQUEST, document(err={"InstructionError": [1, {"Custom": 1}]}), "signature") is None


def test_money_that_came_back_in_the_same_transaction_does_not_count() -> None:
    """The balance decides, not the instruction."""
    assert paid_by(REQUEST, document(received=VECTOR["lamports"] - 1), "signature") is None


def test_bytes_that_cannot_be_read_pay_nothing() -> None:
    assert paid_by(REQUEST, {**document(), "transaction": ["AAAA", "base64"]}, "signature") is None
