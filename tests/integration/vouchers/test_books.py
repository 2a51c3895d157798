"""Double entry: posted from final facts alone, once, and taken back when a local chain is rewound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from persistence.jobs import Worker
from primitives.errors import InvalidValue
from tests.fakes.vouchers import EVM, TEST_CNY
from tests.integration.vouchers.stage import Stage
from vouchers.ledger.indexer import Indexer
from vouchers.settlement import sql
from vouchers.settlement.books import Books
from vouchers.settlement.model import BookAccount
from vouchers.settlement.service import SettlementService


@pytest.fixture
def stage(database):
    made = Stage(database, give_up_after=timedelta(hours=1))
    made.indexer = Indexer(made.chains, rewindable=frozenset({EVM}))
    return made


async def sold(stage):
    campaign = await stage.campaign(sponsor_bp=6_000)
    person, account = stage.holder()
    await stage.issue(campaign, account)
    order = await stage.order(10_000)
    await stage.pay(person, await stage.orders.quote(person, order.id))
    await stage.work()
    return campaign


async def posted(stage, books, campaign, rounds=3):
    for _ in range(rounds):
        await stage.scan()
        rewound = await books.rewound(EVM)
        async with stage.database.transaction() as tx:
            while await books.post(tx, EVM, again=rewound):
                rewound = False
    async with stage.database.transaction() as tx:
        sums = await sql.balances(tx, campaign=campaign.id)
    return {account: amount for (account, _), amount in sums.items() if amount}


async def test_a_sale_is_booked_once_with_both_shares(stage):
    campaign = await sold(stage)
    books = Books(stage.database, stage.chains)
    before = await posted(stage, books, campaign)
    assert BookAccount.SPONSOR_SHARE not in before  # included is not final
    stage.chain.mine(200)
    sums = await posted(stage, books, campaign)
    full = campaign.terms(EVM).full_funding
    payout, borne = 12_000_000, 8_000_000
    assert sums == {
        BookAccount.ESCROW: full - payout,
        BookAccount.LIABILITY: payout - full,
        BookAccount.MERCHANT: payout,
        BookAccount.SPONSOR: -payout,
        BookAccount.SPONSOR_SHARE: payout,
        BookAccount.MERCHANT_SHARE: borne,
        BookAccount.DISCOUNT: -payout - borne,
    }
    assert await posted(stage, books, campaign) == sums
    settlement = SettlementService(stage.database, stage.chains, stage.accounts, stage.payments)
    day = datetime.fromtimestamp(await stage.chain.block_time(), UTC).date()
    (line,) = await settlement.payouts(stage.merchant, day - timedelta(days=1), day)
    assert (line.redemptions, line.paid, line.remainders) == (1, payout, 80_000_000)
    assert (line.sponsor_share, line.merchant_share, line.asset) == (payout, borne, str(TEST_CNY.id))
    with pytest.raises(InvalidValue):
        await settlement.payouts(stage.merchant, day, day, "Mars/Olympus")


async def test_what_a_rewound_chain_takes_back_the_books_take_back(stage):
    campaign = await sold(stage)
    books = Books(stage.database, stage.chains)
    depth = 1
    stage.chain.mine(200)
    assert (await posted(stage, books, campaign))[BookAccount.MERCHANT] == 12_000_000
    stage.chain.reorganise(200 + depth)
    stage.chain.mine(200)
    sums = await posted(stage, books, campaign, rounds=6)
    assert sums == {
        BookAccount.ESCROW: campaign.terms(EVM).full_funding,
        BookAccount.LIABILITY: -campaign.terms(EVM).full_funding,
    }


async def test_the_job_comes_back_for_ever(stage):
    books = Books(stage.database, stage.chains)
    await books.start(stage.database)
    for _ in range(2):
        await Worker(stage.database, books.handlers()).run_due(rounds=1)
