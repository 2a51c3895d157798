"""Who may redeem how often: by account or person, by how well the holder is known, and again after a full refund."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, text

from people.identity.model import IdentityLevel
from primitives.errors import IdentityLevelTooLow
from tests.integration.vouchers.stage import Stage
from tests.integration.vouchers.test_claim_levels import known
from vouchers.checkout.model import UnusedReason
from vouchers.ledger.sql import ledger_entry_table
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.rules import LimitEntity, LimitPeriod, RedemptionLimit

EVER = LimitPeriod.EVER
WALLET, EMAIL, DOCUMENT = LimitEntity.HOLDER_WALLET, LimitEntity.HOLDER_EMAIL, LimitEntity.HOLDER_DOCUMENT


@pytest.fixture
def stage(database):
    return Stage(database)


async def paid(stage, person):
    """Attempts to use one voucher; what was used, and why the others were not."""
    quote = await stage.quoter.quote(person, (await stage.order(10_000)).id)
    if quote.price.used:
        await stage.pay(person, quote)
        await stage.work()
        await stage.scan()
    return len(quote.price.used), {one.reason for one in quote.price.unused}


async def test_each_level_has_its_own_limit_and_zero_shuts_a_level_out(stage):
    limits = (RedemptionLimit(WALLET, EVER, 0), RedemptionLimit(EMAIL, EVER, 1), RedemptionLimit(DOCUMENT, EVER, 2))
    campaign = await stage.campaign(limits=limits)
    used = {}
    for level in IdentityLevel:
        person, account = await known(stage, level)
        await stage.issue(campaign, account, account, account)
        answers = [await paid(stage, person) for _ in range(3)]
        used[level] = sum(count for count, _ in answers)
        last = UnusedReason.IDENTITY_LEVEL_TOO_LOW if level is IdentityLevel.WALLET else UnusedReason.LIMIT_REACHED
        assert answers[-1][1] == {last}
    assert used == {IdentityLevel.WALLET: 0, IdentityLevel.EMAIL: 1, IdentityLevel.DOCUMENT: 2}


async def test_who_is_known_better_since_may_and_whose_word_was_taken_back_may_not(stage):
    """The level counts when the payment begins, whatever the quote said."""
    campaign = await stage.campaign(limits=(RedemptionLimit(WALLET, EVER, 0),))
    person, account = await known(stage, IdentityLevel.EMAIL)
    await stage.issue(campaign, account)
    quote = await stage.quoter.quote(person, (await stage.order(10_000)).id)
    assert len(quote.price.used) == 1

    async def verified(moment):
        async with stage.database.transaction() as tx:
            await tx.execute(text(f"UPDATE person SET email_verified_at = {moment} WHERE id = :id"), {"id": person})

    await verified("NULL")
    with pytest.raises(IdentityLevelTooLow) as refusal:
        await stage.pay(person, quote)
    assert (refusal.value.needed, refusal.value.have) == ("email", "wallet")
    assert await paid(stage, person) == (0, {UnusedReason.IDENTITY_LEVEL_TOO_LOW})
    await verified("now()")
    assert await paid(stage, person) == (1, set())


async def test_of_many_at_once_a_level_gets_what_it_may(stage):
    campaign = await stage.campaign(limits=(RedemptionLimit(EMAIL, EVER, 2),))
    person, account = await known(stage, IdentityLevel.EMAIL)
    await stage.issue(campaign, *[account] * 5)
    first = [await stage.quoter.quote(person, (await stage.order(10_000)).id) for _ in range(5)]
    ends = await asyncio.gather(*(stage.pay(person, quote) for quote in first), return_exceptions=True)
    assert sum(not isinstance(end, Exception) for end in ends) <= 2
    await stage.work()
    await stage.scan()
    while (await paid(stage, person))[0]:
        pass
    counted = text("SELECT count(*) FROM redemption WHERE status = 'final'")
    async with stage.database.transaction() as tx:
        assert (await tx.execute(counted)).scalar_one() == 2


async def test_neither_another_account_nor_another_person_with_the_account_is_another_holder(stage):
    campaign = await stage.campaign(limits=(RedemptionLimit(LimitEntity.HOLDER, EVER, 1),))
    (mei, hers), (_, second) = stage.holder(), stage.holder()
    (li, his) = stage.holder()
    await stage.issue(campaign, hers, hers, second, his)
    stage.accounts.persons[mei] = [hers]
    assert (await paid(stage, mei))[0] == 1
    stage.accounts.persons[mei] = [second]
    assert await paid(stage, mei) == (0, {UnusedReason.LIMIT_REACHED}), "the same person"
    stage.accounts.persons[li] = [hers]
    assert await paid(stage, li) == (0, {UnusedReason.LIMIT_REACHED}), "the same account"
    stage.accounts.persons[li] = [his]
    assert (await paid(stage, li))[0] == 1


@pytest.mark.parametrize("kind", ["reversed", "undone"])
async def test_what_came_back_by_a_refund_is_the_holders_to_use_again(stage, kind):
    limits = (RedemptionLimit(LimitEntity.HOLDER, EVER, 1), RedemptionLimit(LimitEntity.CAMPAIGN, EVER, 2))
    campaign = await stage.campaign(limits=limits)
    person, account = stage.holder()
    await stage.issue(campaign, account, account, account)
    quote = await stage.quoter.quote(person, (await stage.order(10_000)).id)
    attempt = await stage.pay(person, quote)
    await stage.work()
    await stage.scan()
    assert (await paid(stage, person))[0] == 0
    async with stage.database.transaction() as tx:
        (redemption,) = await redemption_rows.redemptions_of(tx, quote.order_id, attempt.number)

    async def seen(observation):
        async with stage.database.transaction() as tx:
            await tx.execute(
                insert(ledger_entry_table).values(
                    chain=str(stage.chain.chain_id),
                    height=10_000,
                    transaction_index=0,
                    event_index=0,
                    block_hash=bytes(32),
                    observation=observation,
                    tx_hash="0x" + "22" * 32,
                    block_time=1,
                    kind=kind,
                    campaign_id=str(campaign.id),
                    redemption_id=redemption.id,
                    fact={},
                )
            )

    await seen(0)
    await seen(1)
    assert (await paid(stage, person))[0] == 0, "a reorganisation took the refund away"
    await seen(2)
    assert (await paid(stage, person))[0] == 1
    assert (await paid(stage, person))[0] == 0, "the campaign's own limit counts it all the same"


async def test_limits_are_counted_by_indexes(stage):
    campaign = await stage.campaign(limits=(RedemptionLimit(LimitEntity.HOLDER, EVER, 1),))
    async with stage.database.transaction() as tx:
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        found = await tx.execute(
            text("EXPLAIN SELECT id FROM redemption WHERE campaign_id = :campaign AND holder = :holder"),
            {"campaign": str(campaign.id), "holder": "nobody"},
        )
        plan = "\n".join(found.scalars())
    assert "ix_redemption_campaign_id_" in plan, plan
