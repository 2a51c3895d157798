"""tests/vectors/ids.json, which Forge checks too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codec.evm.campaign_id import derive_campaign_id
from codec.evm.redeem_order import (
    DOMAIN_NAME,
    DOMAIN_VERSION,
    RedeemItem,
    RedeemOrder,
    digest,
    domain_separator,
    order_struct_hash,
    typed_data_json,
)
from codec.evm.redemption_id import redemption_id
from codec.evm.typed_data import parse_typed_data
from primitives.account_id import AccountId
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId

VECTORS: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parents[3] / "vectors" / "ids.json").read_text())


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def order_of(vector: dict[str, Any]) -> RedeemOrder:
    fields = vector["order"]
    return RedeemOrder(
        holder=raw(fields["holder"]),
        merchant=raw(fields["merchant"]),
        order_hash=raw(fields["order_hash"]),
        valid_before=int(fields["valid_before"]),
        remainder_asset=raw(fields["remainder_asset"]),
        remainder_amount=int(fields["remainder_amount"]),
        items=tuple(
            RedeemItem(VoucherId.from_raw(raw(voucher)), int(amount), int(sequence))
            for voucher, amount, sequence in zip(
                vector["voucher_ids"], vector["amounts_minor"], vector["sequences"], strict=True
            )
        ),
    )


@pytest.mark.parametrize("vector", VECTORS["campaign_ids"])
def test_campaign_id(vector: dict[str, str]) -> None:
    derived = derive_campaign_id(
        raw(vector["rules_hash"]), raw(vector["evm_issuer"]), raw(vector["solana_issuer"]), raw(vector["salt"])
    )
    assert derived.raw == raw(vector["campaign_id"])


@pytest.mark.parametrize("vector", VECTORS["voucher_ids"])
def test_voucher_id(vector: dict[str, str]) -> None:
    serial = Serial(int(vector["lane"]), SerialClass(int(vector["serial_class"])), int(vector["number"]))
    voucher = VoucherId(CampaignId(raw(vector["campaign_id"])), serial)
    assert voucher.raw == raw(vector["voucher_id"])
    assert VoucherId.from_token_id(voucher.token_id) == voucher


@pytest.mark.parametrize("vector", VECTORS["redemption_ids"])
def test_redemption_id(vector: dict[str, str]) -> None:
    reckoned = redemption_id(
        VoucherId.from_raw(raw(vector["voucher_id"])),
        AccountId.parse(vector["holder"]),
        AccountId.parse(vector["merchant"]),
        raw(vector["order_hash"]),
        int(vector["amount_minor"]),
        int(vector["sequence"]),
    )
    assert reckoned == raw(vector["redemption_id"])


@pytest.mark.parametrize("vector", VECTORS["redeem_orders"])
def test_order_digest(vector: dict[str, Any]) -> None:
    order, chain_id, book = order_of(vector), int(vector["chain_id"]), raw(vector["book"])
    assert order_struct_hash(order) == raw(vector["struct_hash"])
    assert domain_separator(DOMAIN_NAME, DOMAIN_VERSION, chain_id, book) == raw(vector["domain_separator"])
    assert digest(order, chain_id, book) == raw(vector["digest"])


@pytest.mark.parametrize("vector", VECTORS["redeem_orders"])
def test_order_document_hashes_to_the_digest(vector: dict[str, Any]) -> None:
    """What an outside wallet is shown is what is signed."""
    document = typed_data_json(order_of(vector), int(vector["chain_id"]), raw(vector["book"]))
    assert parse_typed_data(document).signing_hash() == raw(vector["digest"])


@pytest.mark.parametrize(
    ("rules_hash", "issuer", "solana", "salt"), [(31, 20, 32, 32), (32, 21, 32, 32), (32, 20, 0, 32), (32, 20, 32, 33)]
)
def test_wrong_lengths_are_refused(rules_hash: int, issuer: int, solana: int, salt: int) -> None:
    with pytest.raises(InvalidValue, match="bytes, not"):
        derive_campaign_id(bytes(rules_hash), bytes(issuer), bytes(solana), bytes(salt))


def test_amount_that_does_not_fit_is_refused() -> None:
    order = order_of(VECTORS["redeem_orders"][0])
    item = RedeemItem(order.items[0].voucher, 2**128, 0)
    broken = RedeemOrder(
        order.holder, order.merchant, order.order_hash, order.valid_before, order.remainder_asset, 0, (item,)
    )
    with pytest.raises(InvalidValue, match="cannot be encoded"):
        order_struct_hash(broken)
