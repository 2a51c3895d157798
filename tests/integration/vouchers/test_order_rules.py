"""What a holder pays beside vouchers is bound by the holder's own rules: held with the consent, closed at its end.

Of every order here vouchers cover 20 of 100 yuan: 80 leave the holder's account.
"""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import ApprovalNeeded, PolicyRefused, PriceStale, TransactionReverted
from tests.fakes.vouchers import EVM, SOLANA, TEST_CNY, TEST_CNY_ON_SOLANA
from tests.integration.policy.stage import Codes, SetPrices
from tests.integration.vouchers.stage import Stage
from vouchers.orders.beside import RemainderRules
from vouchers.orders.model import AttemptStatus, OrderQuote, OrderStatus
from wallets.engine.model import PaymentStatus
from wallets.policy.approvals import Approvals
from wallets.policy.defaults import default_rules
from wallets.policy.gate import PolicyGate
from wallets.policy.replay import Replay
from wallets.policy.rules import Outcome
from wallets.policy.service import Owner, PolicyService

LEAVES = 80_000_000
MONEY = {EVM: TEST_CNY, SOLANA: TEST_CNY_ON_SOLANA}


class Governed:
    """A holder with rules, and two vouchers on each account."""

    def __init__(self, database: Database, chain: ChainId = EVM) -> None:
        self.money = MONEY[chain]
        decimals = {self.money.id: 6}
        defaults = default_rules([Asset(AssetId.native(chain), "X", 18)], {chain})
        self.prices = SetPrices()
        self.gate = PolicyGate(defaults, self.prices, decimals)
        self.stage = Stage(database, chain=chain, rules=RemainderRules(self.gate))
        self.policies = PolicyService(database, defaults, Replay(self.prices, decimals), Codes(), [chain])
        self.database = database

    async def ready(self, accounts: int) -> Governed:
        campaign = await self.stage.campaign()
        found = [self.stage.holder(10**12) for _ in range(accounts)]
        self.person, self.accounts = found[0][0], [account for _, account in found]
        self.stage.accounts.persons[self.person] = self.accounts
        await self.stage.issue(campaign, *self.accounts * 2)
        self.owner = Owner(self.person, is_organisation=False)
        return self

    async def rules(self, *rules: dict[str, Any]) -> None:
        await self.policies.save(self.owner, self.person, {"zone": "UTC", "rules": list(rules)}, None)

    def limit(self, units: int, window: str = "day") -> dict[str, Any]:
        return {"id": "l", "kind": "limit", "window": window, "asset": str(self.money.id), "at_most": str(units)}

    async def quote(self, *, batch: bool = False, account: AccountId | None = None) -> OrderQuote:
        order = await self.stage.order(10_000, batch=batch)
        found = await self.stage.orders.quote(self.person, order.id, account=account or self.accounts[0])
        assert found.redemption.remainder.base_units == LEAVES
        return found

    async def status(self, quote: OrderQuote) -> OrderStatus:
        return (await self.stage.orders.get(quote.order_id)).status

    async def used(self) -> int:
        (used,) = await self.policies.limits(self.owner)
        return used.used


async def governed(database: Database, chain: ChainId = EVM, *, accounts: int = 1) -> Governed:
    return await Governed(database, chain).ready(accounts)


@pytest.mark.parametrize("chain", [EVM, pytest.param(SOLANA, marks=pytest.mark.long)], ids=["EVM", "Solana"])
async def test_orders_at_once_never_pass_a_limit(database: Database, chain: ChainId) -> None:
    """Four accounts of one holder, each with a voucher: one limit over all of them."""
    holder = await governed(database, chain, accounts=4)
    await holder.rules(holder.limit(2 * LEAVES + 1))
    quotes = [await holder.quote(account=account) for account in holder.accounts]
    answers = await asyncio.gather(
        *(holder.stage.pay(holder.person, quote) for quote in quotes), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in answers) == ["Attempt", "Attempt", "PolicyRefused", "PolicyRefused"]
    assert await holder.used() == 2 * LEAVES
    decisions = await holder.policies.decisions(holder.owner)
    assert sorted(one.outcome for one in decisions) == [Outcome.ALLOW] * 2 + [Outcome.DENY] * 2
    await holder.stage.work()
    ends = sorted([await holder.status(quote) for quote in quotes])
    assert ends == [OrderStatus.OPEN] * 2 + [OrderStatus.PAID] * 2
    assert await holder.used() == 2 * LEAVES


async def test_a_refusal_takes_nothing_and_is_kept(database: Database) -> None:
    holder = await governed(database)
    await holder.rules(holder.limit(LEAVES - 1, "payment"))
    quote = await holder.quote()
    with pytest.raises(PolicyRefused) as caught:
        await holder.stage.pay(holder.person, quote, key="one")
    assert caught.value.facts["rule"] == "l"
    assert holder.stage.signer.requests == []
    order, attempt = await holder.stage.orders.progress(quote.order_id)
    assert (order.status, attempt) == (OrderStatus.OPEN, None)
    (decision,) = await holder.policies.decisions(holder.owner)
    assert (decision.outcome, decision.subject, decision.act) == (
        Outcome.DENY,
        {"order": str(quote.order_id)},
        "order.pay",
    )
    assert decision.leaving[0]["recipient"] == str(quote.merchant)


async def test_a_rule_that_comes_while_the_order_is_taken_is_heard(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the signature the rules are tightened: the order is open again, nothing signed."""
    holder = await governed(database)
    await holder.rules(holder.limit(LEAVES))
    quote = await holder.quote()
    begin = holder.stage.orders._attempts.begin

    async def tighten_first(*args: Any) -> Any:
        await holder.rules(holder.limit(LEAVES - 1))
        return await begin(*args)

    monkeypatch.setattr(holder.stage.orders._attempts, "begin", tighten_first)
    with pytest.raises(PolicyRefused):
        await holder.stage.pay(holder.person, quote)
    assert holder.stage.signer.requests == []
    order, attempt = await holder.stage.orders.progress(quote.order_id)
    assert attempt is not None
    assert (order.status, attempt.status, attempt.payment_id) == (OrderStatus.OPEN, AttemptStatus.FAILED, None)
    assert await holder.used() == 0
    (decision,) = await holder.policies.decisions(holder.owner)
    assert decision.outcome is Outcome.DENY


async def test_a_dead_order_gives_its_share_back_and_a_pending_one_does_not(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await governed(database)
    await holder.rules(holder.limit(LEAVES))
    first, second = await holder.quote(), await holder.quote()
    await holder.stage.pay(holder.person, first)
    with pytest.raises(PolicyRefused):
        await holder.stage.pay(holder.person, second)
    (payment,) = holder.stage.payments.waiting

    def refuse(*args: Any) -> int:
        raise TransactionReverted("the chain refuses", reason="test")

    with monkeypatch.context() as patch:
        patch.setattr(holder.stage.chain, "execute", refuse)
        await holder.stage.work()
    assert (await holder.status(first), await holder.used()) == (OrderStatus.OPEN, 0)
    assert payment.failure is not None
    again = await holder.stage.orders.quote(holder.person, second.order_id)
    await holder.stage.pay(holder.person, again)
    assert await holder.used() == LEAVES
    await holder.stage.work()
    assert (await holder.status(second), await holder.used()) == (OrderStatus.PAID, LEAVES), "what was paid counts on"


async def test_gathered_orders_are_held_and_closed_each_by_itself(database: Database) -> None:
    holder = await governed(database)
    await holder.rules(holder.limit(3 * LEAVES))
    quotes = []
    for _ in range(2):
        quote = await holder.quote(batch=True)
        await holder.stage.pay(holder.person, quote)
        quotes.append(quote)
    assert await holder.used() == 2 * LEAVES
    await holder.stage.work()
    assert [await holder.status(one) for one in quotes] == [OrderStatus.PAID] * 2
    assert await holder.used() == 2 * LEAVES


async def test_a_friend_agrees_and_the_same_request_goes_on(database: Database) -> None:
    holder = await governed(database)
    friend = uuid4()
    async with database.transaction() as tx:
        await tx.exec_driver_sql(f"INSERT INTO person (id, created_at) VALUES ('{friend}', now())")
    await holder.rules(
        {
            "id": "two",
            "kind": "approval",
            "asset": str(holder.money.id),
            "above": "0",
            "approvers": [str(friend)],
            "needed": 1,
            "seconds": 600,
        }
    )
    quote = await holder.quote()
    with pytest.raises(ApprovalNeeded) as caught:
        await holder.stage.pay(holder.person, quote, key="one")
    assert await holder.status(quote) is OrderStatus.OPEN
    approvals = Approvals(database, None, Codes())  # type: ignore[arg-type]
    ((waiting, _),) = await approvals.waiting(friend, {friend})
    assert caught.value.facts["approval"] == str(waiting.payment_id)
    assert waiting.commitment is not None
    assert waiting.commitment["subject"] == {"order": str(quote.order_id)}
    heard = await approvals.agree(friend, {friend}, waiting.payment_id, waiting.payload_hash, None)
    assert heard.status is PaymentStatus.AWAITING_SIGNATURE
    await holder.stage.pay(holder.person, quote, key="one")
    await holder.stage.work()
    assert await holder.status(quote) is OrderStatus.PAID
    other = await holder.quote()
    with pytest.raises(ApprovalNeeded):
        await holder.stage.pay(holder.person, other)


async def test_lists_new_recipients_and_stale_prices(database: Database) -> None:
    holder = await governed(database)
    quote = await holder.quote()
    only = {
        "id": "only",
        "kind": "recipients",
        "mode": "only",
        "accounts": [str(AccountId.from_raw(EVM, b"\x07" * 20))],
    }
    currency = {"id": "cny", "kind": "limit", "window": "day", "currency": "CNY", "at_most": "100000"}
    cooling = {"id": "new", "kind": "cooling", "seconds": 3600}
    holder.prices.prices[holder.money.id] = PriceStale("old")
    for rule, error in ((only, PolicyRefused), (cooling, PolicyRefused), (currency, PriceStale)):
        await _replace(holder, rule)
        with pytest.raises(error):
            await holder.stage.pay(holder.person, quote)
    await _replace(holder, {**only, "accounts": [str(quote.merchant)]})
    await holder.stage.pay(holder.person, quote)


async def _replace(holder: Governed, rule: dict[str, Any]) -> None:
    """As if it had counted from the beginning: dropping rules is a loosening, which waits."""
    async with holder.database.transaction() as tx:
        await tx.exec_driver_sql(f"UPDATE policy_version SET withdrawn_at = now() WHERE tenant_id = '{holder.person}'")
    await holder.rules(rule)
