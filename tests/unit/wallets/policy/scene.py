"""Payments and rules for the tests of the policy, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from chains.intent import Action, Intent, Transfer
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus, Signs, new_payment
from wallets.policy.facts import PaymentFacts, facts_of

CHAIN, OTHER = ChainId.evm(424242), ChainId.evm(77)
COIN = Asset(AssetId.native(CHAIN), "FAKE", 18)
TOKEN = Asset(AssetId.fungible(CHAIN, "0x1111111111111111111111111111111111111111"), "FTK", 6)
OWNER = UUID(int=7)
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""A Monday, noon in Shanghai."""


def account(number: int, chain: ChainId = CHAIN) -> AccountId:
    return AccountId.from_raw(chain, number.to_bytes(20, "big"))


SENDER = account(0xAA)


def payment(
    action: Action, *, act: str = "transfer", signs: Signs = "person", tenant_id: UUID = OWNER, key: str = "k"
) -> Payment:
    request = PaymentRequest(tenant_id, key, Intent(SENDER, action), act, signs=signs)
    return new_payment(uuid4(), request, PaymentStatus.AWAITING_SIGNATURE, COIN, NOW)


def paying(units: int, to: int = 1, asset: Asset = COIN, **more: object) -> PaymentFacts:
    return facts_of(payment(Transfer(Amount(units, asset), account(to)), **more), {TOKEN.id: 6})  # type: ignore[arg-type]
